from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes
from tests.ops.families.shape_cases import finding, scalar, shapes_of, value


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("Fill", [value(2, 3), ()], {}, [(2, 3)]),
        ("Fill", [(2,), ()], {}, [(None, None)]),
        ("Range", [scalar(0), scalar(10), scalar(3)], {"Tidx": dtype("int32")}, [(4,)]),
        ("Range", [scalar(5), scalar(0), scalar(-2)], {"Tidx": dtype("int32")}, [(3,)]),
        ("Range", [(), scalar(0), scalar(-2)], {"Tidx": dtype("int32")}, [(None,)]),
        ("OneHot", [(2, None), scalar(5), (), ()], {"axis": -1}, [(2, None, 5)]),
        ("OneHot", [(2, 3), scalar(5), (), ()], {"axis": 1}, [(2, 5, 3)]),
        ("BroadcastTo", [(3, 1), value(2, -1, 4)], {}, [(2, 3, 4)]),
        ("Where", [(2, 3, 4)], {}, [(None, 3)]),
        ("Unique", [(5,)], {}, [(None,), (5,)]),
        ("UniqueV2", [(5, 3), value(1)], {}, [(5, None), (3,)]),
        ("Reshape", [(2, 6), value(4, -1)], {}, [(4, 3)]),
        ("Reshape", [(None, 6), value(-1, 6)], {}, [(None, 6)]),
        ("Reshape", [None, (3,)], {}, [(None, None, None)]),
        ("Reshape", [(0, 3), value(0, -1)], {}, [(0, None)]),
        ("ExpandDims", [(2, 3), scalar(-1)], {}, [(2, 3, 1)]),
        ("ExpandDims", [(2, 3), ()], {}, [(None, None, None)]),
        ("Squeeze", [(1, 2, 1)], {"squeeze_dims": [0]}, [(2, 1)]),
        ("Squeeze", [(1, 2, 1)], {}, [(2,)]),
        ("Squeeze", [(None, 2, 1)], {}, [None]),
        ("Transpose", [(2, 3, None), value(2, 0, 1)], {}, [(None, 2, 3)]),
        ("Transpose", [None, value(1, 0)], {}, [(None, None)]),
        ("Transpose", [None, value(0)], {}, [None]),
        ("DiagPart", [(2, None, 2, 3)], {}, [(2, 3)]),
        ("Tile", [(2, None), value(3, 0)], {}, [(6, 0)]),
        ("Bitcast", [(2, 4)], {"T": dtype("uint8"), "type": dtype("int32")}, [(2,)]),
        ("Bitcast", [(2,)], {"T": dtype("int32"), "type": dtype("uint8")}, [(2, 4)]),
        ("Pack", [(2, None), (None, 3)], {"N": 2, "axis": -1}, [(2, 3, 2)]),
        ("Unpack", [(2, 3)], {"num": 2}, [(3,), (3,)]),
        ("ConcatV2", [(2, 3), (None, 4), scalar(1)], {"N": 2}, [(2, 7)]),
        ("ConcatV2", [(2, 3), None, scalar(-2)], {"N": 2}, [(None, 3)]),
        ("Concat", [scalar(0), (2, 3), (4, 3)], {"N": 2}, [(6, 3)]),
        ("Split", [scalar(1), (2, 6)], {"num_split": 3}, [(2, 2)] * 3),
        ("SplitV", [(7, 2), value(2, -1), scalar(0)], {"num_split": 2}, [(2, 2), (5, 2)]),
        ("Slice", [(5, 6), value(1, 2), value(-1, 3)], {}, [(4, 3)]),
        ("Slice", [None, (2,), value(-1, 3)], {}, [(None, 3)]),
        ("Gather", [(5, 6), (2, 3)], {}, [(2, 3, 6)]),
        ("GatherV2", [(5, 6), (2, 3), scalar(1)], {}, [(5, 2, 3)]),
        ("GatherV2", [(5, 6, 7), (5, 3), scalar(2)], {"batch_dims": 1}, [(5, 6, 3)]),
        ("GatherNd", [(5, 6, 7), (4, 2)], {}, [(4, 7)]),
        ("ScatterNd", [(4, 1), (4, 3), value(9, 3)], {}, [(9, 3)]),
        ("Pad", [(2, None), value([[1, 1], [0, 2]])], {}, [(4, None)]),
        ("MirrorPadGrad", [(6, 5), value([[1, 1], [0, 2]])], {"mode": b"REFLECT"}, [(4, 3)]),
        ("ReverseSequence", [(None, 5), (4,)], {"seq_dim": 1}, [(4, 5)]),
        ("EnsureShape", [(None, 3)], {"shape": Shape([2, None])}, [(2, 3)]),
    ],
)
def test_shapes(op: str, inputs: list[Any], attrs: dict[str, Any], expected: list[Any]) -> None:
    assert shapes_of(op, inputs, attrs) == expected


@pytest.mark.parametrize(
    ("begin", "end", "strides", "masks", "expected"),
    [
        ((1,), (4,), (2,), {}, (2, 6, None)),
        ((0, 0), (0, 3), (1, 1), {"begin_mask": 1, "end_mask": 1}, (5, 3, None)),
        ((-1,), (0,), (1,), {"shrink_axis_mask": 1}, (6, None)),
        ((0,), (0,), (-1,), {"begin_mask": 1, "end_mask": 1}, (5, 6, None)),
        ((0, 0), (0, 0), (1, 1), {"ellipsis_mask": 1, "new_axis_mask": 2}, (5, 6, None, 1)),
        ((0, 1), (0, 2), (1, 1), {"ellipsis_mask": 1, "shrink_axis_mask": 2}, (5, 6)),
        ((9,), (12,), (1,), {}, (0, 6, None)),
    ],
)
def test_strided_slices(begin: Any, end: Any, strides: Any, masks: Any, expected: Any) -> None:
    inputs = [(5, 6, None), value(*begin), value(*end), value(*strides)]
    assert shapes_of("StridedSlice", inputs, masks) == [expected]


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "says"),
    [
        ("Reshape", [(2, 3), value(4, -1)], {}, "[2,3] cannot be reshaped to [4,?]"),
        ("Reshape", [(2, 3), value(7)], {}, "cannot be reshaped"),
        ("Squeeze", [(2, 3)], {"squeeze_dims": [0]}, "axis 0 of [2,3] is not 1"),
        ("Transpose", [(2, 3), value(0, 5)], {}, "has no axis 5"),
        ("Pack", [(2,), (3,)], {"N": 2}, "the shapes [2] and [3] must be equal"),
        ("Unpack", [(4,)], {"num": 3}, "does not give 3 tensors"),
        ("Unpack", [(4,)], {"num": 10**9}, "cannot be the number of outputs"),
        ("ConcatV2", [(2, 3), (4, 4), scalar(0)], {"N": 2}, "must be equal"),
        ("Split", [scalar(0), (5,)], {"num_split": 2}, "cannot be cut into 2 equal parts"),
        ("SplitV", [(7,), value(2, 3), scalar(0)], {"num_split": 2}, "do not add up to 7"),
        ("Slice", [(5,), value(6), value(-1)], {}, "a slice cannot start at 6"),
        ("GatherNd", [(5,), (4, 2)], {}, "2 indices lead nowhere in [5]"),
        ("Pad", [(2,), value([[-1, 1]])], {}, "a padding cannot be negative"),
        ("Range", [scalar(0), scalar(4), scalar(0)], {"Tidx": dtype("int32")}, "steps of 0"),
        ("StridedSlice", [(5,), value(7), value(8), value(1)], {"shrink_axis_mask": 1}, "index 7"),
        ("StridedSlice", [(5,), value(0), value(3), value(0)], {}, "steps of 0"),
        ("BroadcastTo", [(3,), value(2, 4)], {}, "cannot be broadcast to [2,4]"),
        ("Reshape", [(2,)], {}, "inputs are too few for Reshape"),
    ],
)
def test_contradictions(op: str, inputs: list[Any], attrs: dict[str, Any], says: str) -> None:
    assert says in finding(op, inputs, attrs)


def test_old_graphs_state_a_scalar_for_an_unknown_shape() -> None:
    graph = Graph([Node("x", "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(())})])
    assert infer_shapes(graph).dims("x") is None
