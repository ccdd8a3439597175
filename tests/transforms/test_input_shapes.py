"""Constants follow the new shape of an input where that is proven; else it is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidGraph
from graphtools.graph import Graph, Shape
from graphtools.transforms.input_shapes import give_shapes, own_functions
from tests.transforms.graphs import graph
from tests.transforms.numerics import random, run

RESHAPE = """
    x = Placeholder dtype=float shape=[8,6,2]
    shape = Const value=int32:{shape}
    y = Reshape(x, shape) T=float Tshape=int32
"""


def given(text: str, *dims: int | None) -> Graph:
    source = graph(text)
    give_shapes(source, {"x": Shape(dims)})
    assert source["x"].attr("shape") == Shape(dims)
    return source


def held(source: Graph, name: str) -> object:
    tensor = source[name].tensor
    assert tensor is not None
    return tensor.array().tolist()


@pytest.mark.parametrize(
    ("before", "dims", "after"),
    [
        ("[8,12]", (1, 6, 2), [1, 12]),
        ("[8,-1]", (3, 6, 2), [3, -1]),
        ("[-1,12]", (3, 6, 2), [-1, 12]),
        ("[48,2]", (3, 6, 2), [18, 2]),
        ("[1,8,3,4]", (5, 6, 2), [1, 5, 3, 4]),
        ("[1,8,1,12]", (3, 6, 2), [1, 3, 1, 12]),
        ("[8,12]", (None, 6, 2), [-1, 12]),
        ("[8,12]", (8, 5, 2), [8, 10]),
    ],
)
def test_a_reshape_follows(before: str, dims: tuple[int | None, ...], after: list[int]) -> None:
    assert held(given(RESHAPE.format(shape=before), *dims), "shape") == after


@pytest.mark.parametrize("before", ["[4,2,12]", "[16,6]", "[6,8,2]", "[2,6,8]"])
def test_a_reshape_that_may_mean_several_things_is_refused(before: str) -> None:
    with pytest.raises(InvalidGraph, match=r"cannot take the shape x=\[3,5,2\]") as raised:
        given(RESHAPE.format(shape=before), 3, 5, 2)
    assert "'shape'" in raised.value.message


def test_an_open_batch_of_which_only_one_size_goes_is_that() -> None:
    text = RESHAPE.format(shape="[8,-1]").replace("[8,6,2]", "[?,6,2]")
    text += "w = Const value=float:zeros[12,1]\n z = MatMul(y, w) T=float"
    assert held(given(text, 5, 6, 2), "shape") == [5, -1]


def test_what_is_filled_joined_and_compared_has_the_new_size() -> None:
    source = given(
        """
        x = Placeholder dtype=float shape=[8,2]
        dims = Const value=int32:[8,3]
        zero = Const value=float:0
        state = Fill(dims, zero) T=float index_type=int32
        axis = Const value=int32:1
        both = ConcatV2(x, state, axis) N=2 T=float Tidx=int32
        most = Const value=float:[[1],[1],[1],[1],[1],[1],[1],[1]]
        y = Minimum(both, most) T=float
        """,
        3, 2,
    )  # fmt: skip
    assert held(source, "dims") == [3, 3]
    assert held(source, "most") == [[1], [1], [1]]


def test_rows_that_differ_do_not_follow() -> None:
    text = """
        x = Placeholder dtype=float shape=[2,1]
        rows = Const value=float:[[1],[2]]
        y = Add(x, rows) T=float
    """
    with pytest.raises(InvalidGraph, match="'rows' has 2 different rows"):
        given(text, 3, 1)


def test_a_constant_that_others_read_stays_for_them() -> None:
    text = RESHAPE.format(shape="[8,12]") + "other = Identity(shape) T=int32"
    source = given(text, 1, 6, 2)
    assert held(source, "shape") == [8, 12]
    assert held(source, source["y"].inputs[1]) == [1, 12]


def test_a_slice_that_reaches_the_end_follows() -> None:
    text = """
        x = Placeholder dtype=float shape=[{rows},2]
        begin = Const value=int32:[0,0]
        size = Const value=int32:[{rows},1]
        y = Slice(x, begin, size) T=float Index=int32
    """
    assert held(given(text.format(rows=8), 3, 2), "size") == [3, 1]
    with pytest.raises(InvalidGraph, match="'y' reads 'size', which keeps its size"):
        given(text.format(rows=1), 3, 2)  # the first row, or all?


def test_a_second_input_that_keeps_its_size_is_named() -> None:
    text = """
        x = Placeholder dtype=float shape=[8,2]
        z = Placeholder dtype=float shape=[8,2]
        axis = Const value=int32:1
        y = ConcatV2(x, z, axis) N=2 T=float Tidx=int32
    """
    with pytest.raises(InvalidGraph, match=r"inputs: x \[1,2\], z \[8,2\]"):
        given(text, 1, 2)
    source = graph(text)
    give_shapes(source, {"x": Shape((1, 2)), "z": Shape((1, 2))})


def test_the_same_shape_changes_nothing() -> None:
    source = graph(RESHAPE.format(shape="[8,12]"))
    assert give_shapes(source, {"x": Shape((8, 6, 2))}) == []
    assert not source.edits


def test_without_functions_nothing_is_told_apart() -> None:
    source = graph(RESHAPE.format(shape="[8,12]"))
    own_functions(source)
    assert not source.edits


@pytest.mark.tensorflow
def test_tensorflow_computes_the_rows_as_before(tf: Any) -> None:
    text = """
        x = Placeholder dtype=float shape=[4,2,2,3]
        kernel = Const value=float:zeros[3,3,2,3]
        one = Const value=float:1
        weights = AddV2(kernel, one) T=float
        size = Const value=int32:[4,4,4,2]
        up = Conv2DBackpropInput(size, weights, x) T=float strides={1, 2, 2, 1} padding="SAME"
        shape = Const value=int32:[4,32]
        y = Reshape(up, shape) T=float Tshape=int32
    """
    x = random(4, 2, 2, 3)
    (before,) = run(tf, graph(text), {"x:0": x}, ["y:0"])
    (after,) = run(tf, given(text, 2, 2, 2, 3), {"x:0": x[:2]}, ["y:0"])
    np.testing.assert_array_equal(after, before[:2])


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("kind", "array"),
    [("half", "float16"), ("double", "float64"), ("int32", "int32"), ("uint8", "uint8"),
     ("bool", "bool"), ("int64", "int64")],
)  # fmt: skip
def test_rows_of_other_dtypes_and_channels_first_are_computed_as_before(
    kind: str, array: str, tf: Any
) -> None:
    text = f"""
        x = Placeholder dtype={kind} shape=[4,3,2,2]
        flat = Const value=int32:[12,4]
        rows = Reshape(x, flat) T={kind} Tshape=int32
        back = Const value=int32:[4,3,4]
        again = Reshape(rows, back) T={kind} Tshape=int32
        begin = Const value=int32:[0,1,0]
        size = Const value=int32:[4,2,3]
        y = Slice(again, begin, size) T={kind} Index=int32
    """
    x = (random(4, 3, 2, 2) * 3).astype(array)
    (before,) = run(tf, graph(text), {"x:0": x}, ["y:0"])
    (after,) = run(tf, given(text, 2, 3, 2, 2), {"x:0": x[:2]}, ["y:0"])
    np.testing.assert_array_equal(after, before[:2])
