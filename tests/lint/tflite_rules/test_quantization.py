"""GT910-GT919: quantization that runtimes refuse, or that computes something else."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from graphtools.formats.tflite.model import TFLiteModel
from tests.lint.tflite_models import Op, Spec, TFLiteCase, model

X = Spec("int8", [1, 4], [0.5])
F = Spec("float32", [1, 4])


def mixed(op: str) -> TFLiteModel:
    steps = [Op("RELU", ["x"], ["a"]), Op("DEQUANTIZE", ["a"], ["b"]), Op(op, ["b"], ["c"]),
             Op("QUANTIZE", ["c"], ["d"]), Op("RELU", ["d"], ["y"])]  # fmt: skip
    return model({"x": X, "a": X, "b": F, "c": F, "d": X, "y": X}, steps)


def one(spec: Spec) -> TFLiteModel:
    return model({"x": spec, "y": spec}, [Op("RELU", ["x"], ["y"])])


def dense(
    scale: Sequence[float] = (0.25,),
    bias_scale: Sequence[float] = (0.125,),
    bias: Sequence[int] = (1, -1, 2, 3),
    dtype: str = "int8",
    dimension: int = 0,
) -> TFLiteModel:
    """A layer of an input with the scale 0.5."""
    given = X._replace(dtype=dtype)
    weights = Spec(dtype, [4, 4], scale, data=bytes(16), dimension=dimension)
    stored = Spec("int32", [4], bias_scale, data=struct.pack("<4i", *bias))
    return model(
        {"x": given, "w": weights, "b": stored, "y": given},
        [Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"])],
    )


def joined(scale: float, dtype: str = "int8") -> TFLiteModel:
    spec = X._replace(dtype=dtype)
    return model(
        {"x": spec, "z": spec._replace(scale=[scale]), "y": spec._replace(shape=[1, 8])},
        [Op("CONCATENATION", ["x", "z"], ["y"], {"axis": 1})],
        inputs=("x", "z"),
    )


def reshaped(scale: float) -> TFLiteModel:
    return model({"x": X, "y": X._replace(scale=[scale])}, [Op("RESHAPE", ["x"], ["y"])])


FOUR = [0.25] * 4
CASES = [
    TFLiteCase("GT911", mixed("SQRT"), mixed("DEQUANTIZE"), "c", says="SQRT computes in float32"),
    TFLiteCase("GT912", one(X._replace(scale=[0.0])), one(X), "x", says="is 0"),
    TFLiteCase("GT912", one(X._replace(scale=[float("inf")])), one(X), "x", says="is inf"),
    TFLiteCase("GT912", dense(FOUR[:3]), dense(FOUR), "w", says="3 scales for 4 channels"),
    TFLiteCase("GT913", dense(FOUR, dtype="uint8"), dense(FOUR), "y", says="which is for int8"),
    TFLiteCase("GT913", dense(FOUR, dimension=1), dense(FOUR), "y", says="along dimension 1"),
    TFLiteCase("GT913", one(X._replace(scale=FOUR, dimension=1)), one(X), "y", says="4 scales"),
    TFLiteCase("GT914", joined(0.75), joined(0.5), "y", says="0.75*(q-0) into 0.5*(q-0)"),
    TFLiteCase("GT914", reshaped(0.25), reshaped(0.5), "y", says="by copying"),
    TFLiteCase("GT915", dense(bias_scale=[0.5]), dense(), "y", says="0.5, its products have 0.125"),
    TFLiteCase("GT916", dense(bias=[1, 2**31 - 1, 0, -(2**31)]), dense(), "y", says="2 of its"),
]


def test_uint8_tensors_are_concatenated_with_their_scales() -> None:
    case = TFLiteCase("GT914", joined(0.75, "uint8"), joined(0.5), "")
    assert not case.findings(case.bad)


def test_a_float_head_behind_integers_is_no_island() -> None:
    steps = [Op("RELU", ["x"], ["a"]), Op("DEQUANTIZE", ["a"], ["b"]), Op("SQRT", ["b"], ["y"])]
    made = model({"x": X, "a": X, "b": F, "y": F}, steps)
    assert not TFLiteCase("GT911", made, made, "").findings(made)


@pytest.mark.parametrize("count", [1, 4])
def test_a_bias_has_the_dimension_of_its_weights(count: int) -> None:
    weights = Spec("int8", [1, 3, 3, 4], [0.5] * count, data=bytes(36), dimension=3)
    bias = Spec("int32", [4], [0.25] * count, data=bytes(16), dimension=3)
    image = Spec("int8", [1, 8, 8, 4], [0.5])
    made = model(
        {"x": image, "w": weights, "b": bias, "y": image},
        [Op("DEPTHWISE_CONV_2D", ["x", "w", "b"], ["y"])],
    )
    for code in ("GT912", "GT913", "GT915"):
        assert not TFLiteCase(code, made, made, "").findings(made)
