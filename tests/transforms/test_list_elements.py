"""The shapes of the elements of lists are stated to the converter where they are proven."""

from __future__ import annotations

from graphtools.graph import Graph, Shape
from graphtools.transforms.input_shapes import state_elements
from tests.transforms.graphs import graph

LISTS = """
    x = Placeholder dtype=float shape=[?,6]
    stated = Const value=int32:[-1,6]
    i = Const value=int32:0
    list = TensorListReserve(stated, i) element_dtype=float shape_type=int32
    set = TensorListSetItem(list, i, x) element_dtype=float
    y = TensorListStack(set, stated) element_dtype=float num_elements=1
    rows = TensorListFromTensor(y, stated) element_dtype=float shape_type=int32
    z = TensorListStack(rows, any) element_dtype=float num_elements=1
    any = Const value=int32:-1
"""


def settled(shapes: dict[str, Shape]) -> Graph:
    source = graph(LISTS)
    state_elements(source, shapes)
    return source


def test_a_fixed_batch_reaches_the_elements_of_lists() -> None:
    done = settled({"x:0": Shape((3, 6))})
    for name, position in (("list", 0), ("y", 1), ("rows", 1)):
        constant = done[done[name].data_inputs[position]]
        assert constant.tensor is not None
        assert constant.tensor.array().tolist() == [3, 6], name
    assert done["z"].inputs == ("rows", "any")  # a single -1 is told by the items


def test_an_open_batch_stays_open() -> None:
    assert settled({}).edits == 0
