from __future__ import annotations

from typing import Any

import pytest

from tests.ops.families.shape_cases import finding, scalar, shapes_of, value

_ONES = [1, 1, 1, 1]
_TWOS = [1, 2, 2, 1]
SAME: dict[str, Any] = {"padding": b"SAME", "strides": _TWOS}
VALID: dict[str, Any] = {"padding": b"VALID", "strides": _ONES}
EXPLICIT: dict[str, Any] = {
    "padding": b"EXPLICIT",
    "strides": _ONES,
    "explicit_paddings": [0, 0, 1, 2, 0, 1, 0, 0],
}


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("Conv2D", [(None, 9, 8, 4), (3, 3, 4, 6)], SAME, [(None, 5, 4, 6)]),
        ("Conv2D", [(1, 9, 8, 4), (3, 3, 2, 6)], VALID, [(1, 7, 6, 6)]),
        ("Conv2D", [(1, 9, 8, 4), (3, 3, 4, 6)], EXPLICIT, [(1, 10, 7, 6)]),
        (
            "Conv2D",
            [(1, 4, 9, 8), (3, 3, 4, 6)],
            VALID | {"data_format": b"NCHW", "dilations": [1, 1, 2, 3]},
            [(1, 6, 5, 2)],
        ),
        (
            "Conv3D",
            [(1, 5, 6, 7, 4), (2, 2, 2, 4, 3)],
            {"padding": b"VALID", "strides": [1, 1, 2, 1, 1]},
            [(1, 4, 3, 6, 3)],
        ),
        ("DepthwiseConv2dNative", [(1, 9, 8, 4), (3, 3, 4, 2)], SAME, [(1, 5, 4, 8)]),
        (
            "Conv2DBackpropInput",
            [value(1, 9, -1, 4), (3, 3, 4, 6), (1, 5, 4, 6)],
            SAME,
            [(1, 9, None, 4)],
        ),
        ("MaxPool", [(1, 9, 8, 4)], SAME | {"ksize": _TWOS}, [(1, 5, 4, 4)]),
        ("AvgPool", [(1, 9, None, 4)], SAME | {"ksize": _TWOS}, [(1, 5, None, 4)]),
        ("MaxPoolWithArgmax", [(1, 9, 8, 4)], VALID | {"ksize": _TWOS}, [(1, 8, 7, 4)] * 2),
        (
            "Dilation2D",
            [(1, 9, 8, 4), (3, 3, 4)],
            {"padding": b"VALID", "strides": _ONES, "rates": _TWOS},
            [(1, 5, 4, 4)],
        ),
        (
            "FusedBatchNormV3",
            [(1, 9, 8, None), (4,), (4,), (4,), (4,)],
            {"is_training": False},
            [(1, 9, 8, 4), (4,), (4,), (4,), (4,), None],
        ),
        ("BiasAdd", [(1, None, 8), (4,)], {"data_format": b"NCHW"}, [(1, 4, 8)]),
        ("SoftmaxCrossEntropyWithLogits", [(5, 3), (1, 3)], {}, [(5,), (5, 3)]),
        (
            "SpaceToBatchND",
            [(1, 6, 8, 3), value(2, 4), value([[0, 0], [2, 2]])],
            {},
            [(8, 3, 3, 3)],
        ),
        (
            "BatchToSpaceND",
            [(8, 3, 3, 3), value(2, 4), value([[0, 0], [2, 2]])],
            {},
            [(1, 6, 8, 3)],
        ),
        ("SpaceToDepth", [(1, 6, 8, 3)], {"block_size": 2}, [(1, 3, 4, 12)]),
        (
            "DepthToSpace",
            [(1, 12, 3, 4)],
            {"block_size": 2, "data_format": b"NCHW"},
            [(1, 3, 6, 8)],
        ),
        ("ResizeBilinear", [(1, 6, 8, 3), value(4, 5)], {}, [(1, 4, 5, 3)]),
        (
            "CropAndResize",
            [(1, 6, 8, 3), (None, 4), (7,), value(4, 5)],
            {},
            [(7, 4, 5, 3)],
        ),
        ("NonMaxSuppressionV3", [(9, 4), (9,), (), (), ()], {}, [(None,)]),
        (
            "CombinedNonMaxSuppression",
            [(2, 9, 1, 4), (2, 9, 5), scalar(3), scalar(7), (), ()],
            {},
            [(2, 7, 4), (2, 7), (2, 7), (2,)],
        ),
        ("DecodeJpeg", [()], {"channels": 3}, [(None, None, 3)]),
        ("FakeQuantWithMinMaxVars", [(2, 3), (), ()], {}, [(2, 3)]),
        ("QuantizeV2", [(2, 3), (), ()], {}, [(2, 3), (), ()]),
    ],
)
def test_shapes(op: str, inputs: list[Any], attrs: dict[str, Any], expected: list[Any]) -> None:
    assert shapes_of(op, inputs, attrs) == expected


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "says"),
    [
        ("Conv2D", [(1, 9, 8, 5), (3, 3, 4, 6)], SAME, "does not fit the channels of [1,9,8,5]"),
        ("Conv2D", [(1, 2, 8, 4), (3, 3, 4, 6)], VALID, "a window of 3 does not fit"),
        ("Conv2D", [(9, 8, 4), (3, 3, 4, 6)], SAME, "a shape of rank 4 was expected, not [9,8,4]"),
        ("Conv2D", [(1, 9, 8, 4), (3, 3, 4, 6)], SAME | {"strides": [1]}, "list of 4 integers"),
        ("Conv2D", [(1, 9, 8, 4), (3, 3, 4, 6)], SAME | {"strides": [1, 0, 1, 1]}, "positive"),
        ("Conv2D", [(1, 9, 8, 4), (3, 3, 4, 6)], SAME | {"padding": b"x"}, "the padding cannot be"),
        ("MaxPool", [(1, 9, 8, 4)], SAME | {"ksize": [1, 0, 2, 1]}, "a window cannot be"),
        ("BiasAdd", [(1, 8), (4,)], {}, "a bias of 4 does not fit"),
        ("FusedBatchNorm", [(1, 9, 8, 3), (4,), (4,), (3,), (3,)], {}, "3 and 4 must be equal"),
        ("SpaceToDepth", [(1, 5, 8, 3)], {"block_size": 2}, "cannot be divided by 2"),
        ("ResizeBilinear", [(1, 6, 8, 3), (3,)], {}, "height and width are two numbers"),
    ],
)
def test_contradictions(op: str, inputs: list[Any], attrs: dict[str, Any], says: str) -> None:
    assert says in finding(op, inputs, attrs)
