from __future__ import annotations

from graphtools.analysis.model_costs import model_costs
from graphtools.analysis.tflite_costs import operator_kinds
from graphtools.formats import load, open_model
from graphtools.formats.tflite.macs import operator_macs
from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel, TFLiteTensor
from graphtools.graph.shape import Shape
from tests.support import FIXTURES


def read(name: str) -> TFLiteModel:
    model = open_model(FIXTURES / name)
    assert isinstance(model, TFLiteModel)
    return model


def test_the_products_are_those_of_the_graph() -> None:
    found = operator_kinds(read("quant/float.tflite"))
    graph = model_costs(
        load(FIXTURES / "classifier/frozen.pb"), input_shapes={"input": Shape([1, 32, 32, 3])}
    )
    assert sum(kind.macs for kind in found) == graph.total.macs
    assert [kind.macs for kind in found] == sorted((k.macs for k in found), reverse=True)


def test_operators_are_counted_by_kind() -> None:
    found = {kind.op: kind for kind in operator_kinds(read("quant/model.tflite"))}
    assert found["CONV_2D"].count == 2
    assert found["AVERAGE_POOL_2D"].macs == 0
    assert found["FULLY_CONNECTED"].weight_bytes > 0


def subgraph(*shapes: list[int | None] | None) -> Subgraph:
    tensors = tuple(
        TFLiteTensor(i, "", "float32", Shape(s), Shape(s), 0, 0, "", False, False, None)
        for i, s in enumerate(shapes)
    )
    return Subgraph("", tensors, (), (), ())


def macs(op: str, *shapes: list[int | None] | None) -> int:
    """Of an operator whose output has the last shape."""
    inputs = tuple(range(len(shapes) - 1))
    operator = Operator(0, op, 1, False, False, inputs, (len(shapes) - 1,))
    return operator_macs(subgraph(*shapes), operator)


def test_the_formulas() -> None:
    assert macs("CONV_2D", [1, 8, 8, 3], [16, 3, 3, 3], [1, 4, 4, 16]) == 16 * 16 * 27
    assert macs("DEPTHWISE_CONV_2D", [1, 8, 8, 4], [1, 3, 3, 8], [1, 8, 8, 8]) == 64 * 8 * 9
    assert macs("FULLY_CONNECTED", [2, 5], [7, 5], [2, 7]) == 2 * 7 * 5
    assert macs("BATCH_MATMUL", [3, 2, 5], [3, 5, 7], [3, 2, 7]) == 3 * 2 * 7 * 5
    assert macs("CONV_3D", [1, 4, 4, 4, 2], [3, 3, 3, 2, 6], [1, 4, 4, 4, 6]) == 64 * 6 * 54
    assert macs("TRANSPOSE_CONV", [4], [6, 2, 2, 3], [1, 4, 4, 3], [1, 8, 8, 6]) == 48 * 6 * 4


def test_what_is_not_known_costs_nothing() -> None:
    assert macs("CONV_2D", [1, 8, 8, 3], [16, 3, 3, 3], None) == 0
    assert macs("CONV_2D", [1, 8, 8, 3], [1, None, 8, 16]) == 0
    assert macs("ADD", [1, 8], [1, 8], [1, 8]) == 0
    assert macs("CONV_2D", [1]) == 0
