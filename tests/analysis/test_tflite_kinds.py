from __future__ import annotations

import pytest

from graphtools.analysis.tflite_kinds import conversion_kind
from graphtools.formats import open_model
from graphtools.formats.tflite.model import (
    Operator,
    Quantization,
    Subgraph,
    TFLiteModel,
    TFLiteTensor,
)
from graphtools.graph.shape import Shape
from tests.support import FIXTURES

SCALED = Quantization((0.1,), (0,), (), (), 0)


def model(op: str, *tensors: tuple[str, bool, bool]) -> TFLiteModel:
    """One operator; tensors by type, whether they are constant, and quantized; the last is out."""
    found = tuple(
        TFLiteTensor(
            i, "", kind, Shape([1]), Shape([1]), 0, int(constant), "", False, False,
            SCALED if quantized else None,
        )
        for i, (kind, constant, quantized) in enumerate(tensors)
    )  # fmt: skip
    last = len(tensors) - 1
    operator = Operator(0, op, 1, False, False, tuple(range(last)), (last,))
    graph = Subgraph("", found, (0,), (last,), (operator,))
    return TFLiteModel("x.tflite", 3, "", (), (graph,), (), (), (), b"")


INPUT, OUTPUT = ("float32", False, False), ("float32", False, False)


@pytest.mark.parametrize(
    ("op", "tensors", "kind"),
    [
        ("CONV_2D", (INPUT, ("float32", True, False), OUTPUT), "float"),
        ("CONV_2D", (INPUT, ("int8", True, True), OUTPUT), "dynamic"),
        ("FULLY_CONNECTED", (INPUT, ("float16", True, False), OUTPUT), "float16"),
        ("DEQUANTIZE", (("float16", True, False), OUTPUT), "float16"),
        ("DEQUANTIZE", (("int8", False, True), OUTPUT), "float"),
        ("ADD", (("int8", False, True), ("int8", True, True), ("int8", False, True)), "int8"),
        ("ADD", (("uint8", False, True), ("uint8", True, True), ("uint8", False, True)), "uint8"),
        ("ADD", (("int16", False, True), ("int8", True, True), ("int16", False, True)), "int16x8"),
        ("GATHER", (INPUT, ("int32", True, False), OUTPUT), "float"),
        ("ARG_MAX", (INPUT, ("int32", True, False), ("int64", False, False)), "float"),
    ],
)
def test_the_types_of_tensors_tell(op: str, tensors: tuple[object, ...], kind: str) -> None:
    assert conversion_kind(model(op, *tensors)) == kind  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("quant/model.tflite", "uint8"), ("quant/float.tflite", "float")],
)
def test_models_are_told(name: str, kind: str) -> None:
    found = open_model(FIXTURES / name)
    assert isinstance(found, TFLiteModel)
    assert conversion_kind(found) == kind
