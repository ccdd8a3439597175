from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.ops import dims
from graphtools.ops.dims import Contradiction, Dims

N = None
shapes: st.SearchStrategy[Dims] = st.none() | st.lists(
    st.none() | st.integers(0, 3), max_size=3
).map(tuple)


def holds(known: Dims, true: tuple[int, ...]) -> bool:
    """Whether what is known of a shape is true of one."""
    return known is None or (
        len(known) == len(true)
        and all(a is None or a == b for a, b in zip(known, true, strict=True))
    )


@pytest.mark.parametrize(
    ("shape", "number"),
    [(N, N), ((), 1), ((2, 3), 6), ((2, N), N), ((0, N), 0), ((N, N, 0), 0), ((2**40, 4), 2**42)],
)
def test_elements(shape: Dims, number: int | None) -> None:
    assert dims.elements(shape) == number
    assert dims.product(shape or ()) == (1 if shape is None else number)


@pytest.mark.parametrize(
    ("function", "a", "b", "result"),
    [
        (dims.merge, N, (1, N), (1, N)),
        (dims.merge, (1, N), (N, 2), (1, 2)),
        (dims.merge, (1, N), N, (1, N)),
        (dims.relax, (1, 2), (1, 3), (1, N)),
        (dims.relax, (1, 2), (1,), N),
        (dims.relax, (1, 2), N, N),
        (dims.relax, N, N, N),
        (dims.broadcast, (3, 1), (2,), (3, 2)),
        (dims.broadcast, (), (2, N), (2, N)),
        (dims.broadcast, (N,), (1,), (N,)),
        (dims.broadcast, (N,), (5,), (5,)),
        (dims.broadcast, (N,), (N,), (N,)),
        (dims.broadcast, N, (5,), N),
        (dims.broadcast, (0,), (1,), (0,)),
        (dims.concatenate, (1,), (N, 2), (1, N, 2)),
        (dims.concatenate, (1,), N, N),
        (dims.add, 2, 3, 5),
        (dims.add, 2, N, N),
        (dims.multiply, 0, N, 0),
        (dims.multiply, 2, N, N),
        (dims.dim, (4, 5), -1, 5),
        (dims.dim, N, 7, N),
        (dims.with_rank, N, 2, (N, N)),
        (dims.with_rank, (1, 2), 2, (1, 2)),
        (dims.with_rank_at_least, N, 2, N),
        (dims.with_rank_at_most, (1,), 2, (1,)),
        (dims.canonical_axis, -1, 3, 2),
        (dims.part, (1, 2, 3), 1, (2, 3)),
        (dims.part, N, 1, N),
    ],
)
def test_arithmetic(function: Callable[..., Any], a: Any, b: Any, result: Any) -> None:
    assert function(a, b) == result


@pytest.mark.parametrize(
    ("function", "a", "b", "message"),
    [
        (dims.merge, (1, 2), (1, 3), r"the shapes \[1,2\] and \[1,3\] must be equal"),
        (dims.merge, (1,), (1, 1), r"the shapes \[1\] and \[1,1\] must be equal"),
        (dims.merge_dim, 1, 2, "the dimensions 1 and 2 must be equal"),
        (dims.broadcast, (2, 3), (4,), r"the shapes \[2,3\] and \[4\] cannot be broadcast"),
        (dims.dim, (4, 5), 2, r"a shape of rank 3 or more was expected, not \[4,5\]"),
        (dims.dim, (4, 5), -3, r"a shape of rank 3 or more was expected, not \[4,5\]"),
        (dims.with_rank, (4,), 2, r"a shape of rank 2 was expected, not \[4\]"),
        (dims.with_rank_at_least, (), 1, r"a shape of rank 1 or more was expected, not \[\]"),
        (dims.with_rank_at_most, (1, N), 1, r"a shape of rank 1 or less was expected, not \[1,\?"),
        (dims.canonical_axis, 2, 2, "a tensor of rank 2 has no axis 2"),
        (dims.canonical_axis, -3, 2, "a tensor of rank 2 has no axis -3"),
    ],
)
def test_contradictions_say_what_and_what_else(
    function: Callable[..., Any], a: Any, b: Any, message: str
) -> None:
    with pytest.raises(Contradiction, match=message):
        function(a, b)


def test_replaced_counts_from_either_end() -> None:
    assert dims.replaced((1, 2, 3), -1, None) == (1, 2, None)
    assert dims.replaced(None, 5, 1) is None
    with pytest.raises(Contradiction):
        dims.replaced((1,), 1, 2)


def test_several_shapes_of_one_tensor() -> None:
    assert dims.merge_all([None, (None, 2), (1, None)]) == (1, 2)
    assert dims.merge_all([]) is None


@given(st.lists(st.integers(0, 3), max_size=3), st.lists(st.integers(0, 3), max_size=3))
def test_known_shapes_broadcast_as_in_numpy(a: list[int], b: list[int]) -> None:
    try:
        expected: Dims = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        with pytest.raises(Contradiction):
            dims.broadcast(tuple(a), tuple(b))
    else:
        assert dims.broadcast(tuple(a), tuple(b)) == expected


@given(st.data(), st.lists(st.integers(1, 3), max_size=3), st.lists(st.integers(1, 3), max_size=3))
def test_what_is_said_of_shapes_known_in_part_is_true(
    data: st.DataObject, a: list[int], b: list[int]
) -> None:
    def blurred(shape: list[int]) -> Dims:
        keep = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        known = tuple(d if k else None for d, k in zip(shape, keep, strict=True))
        return data.draw(st.sampled_from([known, known, None]))

    try:
        true = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return
    assert holds(dims.broadcast(blurred(a), blurred(b)), true)
    assert holds(dims.merge(blurred(a), blurred(a)), tuple(a))
    assert holds(dims.relax(blurred(a), blurred(b)), tuple(a))
    assert holds(dims.relax(blurred(a), blurred(b)), tuple(b))


@given(shapes, shapes)
def test_relax_does_not_care_for_order(a: Dims, b: Dims) -> None:
    assert dims.relax(a, b) == dims.relax(b, a)
    assert dims.relax(a, a) == a


WINDOWS: list[tuple[tuple[Any, ...], dict[str, Any], int | None]] = [
    ((7, 3, 2, b"SAME"), {}, 4),
    ((7, 3, 2, b"VALID"), {}, 3),
    ((7, 3, 1, b"VALID", 2), {}, 3),
    ((7, 3, 1, b"EXPLICIT", 1, (1, 1)), {}, 7),
    ((N, 3, 2, b"SAME"), {}, N),
    ((7, N, 2, b"SAME"), {}, 4),
    ((7, N, 2, b"VALID"), {}, N),
    ((2, 3, 1, b"VALID"), {"may_be_empty": True}, 0),
]


@pytest.mark.parametrize(("args", "options", "expected"), WINDOWS)
def test_windows(args: tuple[Any, ...], options: dict[str, Any], expected: int | None) -> None:
    assert dims.window_output(*args, **options) == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((2, 3, 1, b"VALID"), "a window of 3 does not fit into an extent of 2"),
        ((7, 3, 0, b"SAME"), "stride 0 and dilation 1 must be positive"),
        ((7, 3, 1, b"VALID", -1), "stride 1 and dilation -1 must be positive"),
        ((7, 5, 1, b"VALID", 2), "a window of 9 does not fit into an extent of 7"),
    ],
)
def test_windows_that_do_not_fit(args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(Contradiction, match=message):
        dims.window_output(*args)
