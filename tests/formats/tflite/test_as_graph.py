from __future__ import annotations

from typing import Any

import pytest

from graphtools.formats import open_model, shown_graph
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes
from tests.commands.running import fixture

MODELS = ("quant/model.tflite", "quant/float.tflite", "ssd/detect.tflite")


def read(name: str) -> tuple[TFLiteModel, Graph]:
    model = open_model(fixture(name))
    assert isinstance(model, TFLiteModel)
    return model, shown_graph(model)


def test_operators_constants_and_inputs_are_nodes() -> None:
    _, graph = read("quant/model.tflite")
    ops = [node.op for node in graph if node.op != "Const"]
    assert ops == [
        *("Placeholder", "CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D"),
        *("AVERAGE_POOL_2D", "FULLY_CONNECTED"),
    ]
    logits = graph["logits"]
    assert [graph[name].op for name in logits.inputs] == ["AVERAGE_POOL_2D", "Const", "Const"]
    assert logits.attr("fused_activation_function") == b"NONE"
    assert logits.attr("zero_point") == [128]
    assert logits.attr("shape") == Shape([1, 4])


def test_nodes_are_found_by_the_names_and_indices_of_tensors() -> None:
    _, graph = read("quant/model.tflite")
    assert graph.find("input") is graph.find("input:0") is graph.find("0")
    assert graph.find("13") is graph["logits"]


def test_the_post_processing_of_an_ssd_has_its_options_and_outputs() -> None:
    _, graph = read("ssd/detect.tflite")
    node = next(n for n in graph if n.op == "TFLite_Detection_PostProcess")
    assert node.attr("num_classes") == 2
    outputs = node.attr("_output_types")
    assert isinstance(outputs, list)
    assert len(outputs) == 4
    assert node.attr("dtype_3") == outputs[3]


@pytest.mark.parametrize("name", MODELS)
def test_each_tensor_of_an_edge_is_what_the_file_says(name: str) -> None:
    model, graph = read(name)
    inference = infer_shapes(graph)
    tensors = model.subgraphs[0].tensors
    for node in graph:
        indices: Any = node.attr("_tensors")
        for number, index in enumerate(indices):
            assert inference.shape(node.name, number) == tensors[index].shape_signature
            kind = inference.dtype(node.name, number)
            assert kind is not None
            assert kind.name == tensors[index].dtype
        if node.tensor is not None:
            assert (node.tensor.array() == model.tensor_data(tensors[indices[0]])).all()


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
@pytest.mark.parametrize("name", MODELS)
def test_options_are_those_that_tensorflow_reads(name: str) -> None:
    from tensorflow.lite.python import schema_py_generated as generated

    model, _ = read(name)
    with open(model.path, "rb") as file:
        read_by_tensorflow = generated.ModelT.InitFromPackedBuf(file.read())
    theirs = read_by_tensorflow.subgraphs[0].operators
    for operator, read_by_it in zip(model.subgraphs[0].operators, theirs, strict=True):
        ours = model.options(operator)
        for key, expected in getattr(read_by_it.builtinOptions, "__dict__", {}).items():
            snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in key)
            found = ours[snake]
            if isinstance(found, str) and not isinstance(expected, bytes):
                found = getattr(generated, _enum_of(snake)).__dict__[found.upper()]
            assert found == (0 if expected is None else expected), (operator.op, key)


def _enum_of(field: str) -> str:
    from graphtools.formats.tflite.schema import FieldOfTable

    return FieldOfTable(field, 0, "int8", 0).enum
