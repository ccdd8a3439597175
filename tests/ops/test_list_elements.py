"""What tells the shape of all elements of a list."""

from __future__ import annotations

import pytest

from graphtools.ops.dims import Dims
from graphtools.ops.inference import infer_shapes
from graphtools.ops.list_elements import element_dims
from tests.transforms.graphs import function, graph

LIST = """
    x = Placeholder dtype=float shape=[2,6]
    open = Placeholder dtype=float shape=[?,6]
    stated = Const value=int32:[-1,6]
    i = Const value=int32:0
    list = TensorListReserve(stated, i) element_dtype=float shape_type=int32
"""
LOOP = "loop = While(i, list, x) cond=@cond body=@body T={int32, variant, float}"
COND = function(
    "cond", "i int32, l variant, x float", "go bool = go_on:z:0", "go_on = Less(i, i) T=int32"
)
SETS = "set = TensorListSetItem(l, i, x) element_dtype=float"
ELSE = "else = TensorListSetItem(set:output_handle:0, i, row:output:0) element_dtype=float"
RESULTS = "j int32 = i, m variant = {}, y float = x"
ROW = "row = Const value=float:[[1,2,3,4,5,6]]"


def dims_of(rest: str, *bodies: str, results: str = RESULTS) -> Dims:
    """What is proven of a list, for what reads it and what the body of a loop does."""
    last = bodies[-1].split(" = ")[0] + ":output_handle:0" if bodies else "l"
    body = function(
        "body", "i int32, l variant, x float", results.format(last), "\n".join([ROW, *bodies])
    )
    source = graph(LIST + rest, [COND, body])
    return element_dims(infer_shapes(source), "list")


def test_what_is_put_in_tells_the_shape() -> None:
    assert dims_of("set = TensorListSetItem(list, i, x) element_dtype=float") == (2, 6)
    assert dims_of("push = TensorListPushBack(list, x) element_dtype=float") == (2, 6)
    assert dims_of(LOOP, SETS) == (2, 6)
    assert dims_of(f"{LOOP}\nagain = TensorListSetItem(loop:1, i, x) element_dtype=float", SETS)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "set = TensorListSetItem(list, i, open) element_dtype=float",
        f"{LOOP}\nset = TensorListSetItem(loop:1, i, open) element_dtype=float",
        f"{LOOP}\nmore = TensorListResize(loop:1, i)",
        f"{LOOP}\ncall = PartitionedCall(loop:1) f=@cond",
    ],
)
def test_what_is_not_proven_stays_open(rest: str) -> None:
    assert dims_of(rest, SETS) is None


def test_items_of_two_shapes_and_other_lists_tell_nothing() -> None:
    assert dims_of(LOOP, SETS, ELSE) is None
    other = "other = TensorListReserve(s, i) element_dtype=float\ns = Const value=int32:[-1,6]"
    swapped = "j int32 = i, m variant = other:handle:0, y float = x"
    assert dims_of(LOOP, SETS, other, results=swapped) is None
