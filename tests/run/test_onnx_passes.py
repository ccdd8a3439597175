"""What is done to an ONNX model before pnnx: the model computes the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphtools.run.onnx_passes import cropped_transposed_convolutions, explicit_pad_values

Array = np.ndarray[Any, Any]


def model(onnx: Any, nodes: list[Any], constants: dict[str, Array], shape: list[int]) -> Any:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    x = helper.make_tensor_value_info("x", kind, shape)
    y = helper.make_tensor_value_info("y", kind, [None] * 4)
    weights = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "g", [x], [y], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def same(
    onnx: Any, made: Any, change: Callable[[Any, Any], int], shape: list[int], count: int
) -> None:
    """Whether a pass changes so many nodes, and nothing that the model computes."""
    runtime = pytest.importorskip("onnxruntime")
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)

    def run() -> Array:
        onnx.checker.check_model(made)
        session = runtime.InferenceSession(made.SerializeToString())
        return np.asarray(session.run(None, {"x": x})[0])

    before = run()
    assert change(onnx, made) == count
    after = run()
    np.testing.assert_allclose(after, before, rtol=1e-6)
    assert change(onnx, made) == 0


@pytest.mark.onnx
@pytest.mark.parametrize("mode", [None, "constant", "reflect"])
def test_pads_say_their_value(onnx: Any, mode: str | None) -> None:
    attributes = {"mode": mode} if mode else {}
    pads = np.array([0, 0, 0, 1, 0, 0, 1, 1], np.int64)
    pad = onnx.helper.make_node("Pad", ["x", "p"], ["y"], "pad", **attributes)
    made = model(onnx, [pad], {"p": pads}, [1, 2, 4, 5])
    same(onnx, made, explicit_pad_values, [1, 2, 4, 5], 0 if mode == "reflect" else 1)


@pytest.mark.onnx
@pytest.mark.parametrize(
    ("pads", "count"), [([0, 0, 1, 1], 1), ([1, 0, 0, 1], 1), ([1, 1, 1, 1], 0), ([0, 0, 0, 0], 0)]
)
def test_uneven_padding_is_cropped(onnx: Any, pads: list[int], count: int) -> None:
    weights = np.random.default_rng(1).normal(size=(2, 3, 3, 3)).astype(np.float32)
    node = onnx.helper.make_node("ConvTranspose", ["x", "w"], ["c"], strides=[2, 2], pads=pads)
    end = onnx.helper.make_node("Relu", ["c"], ["y"])
    made = model(onnx, [node, end], {"w": weights}, [1, 2, 4, 5])
    same(onnx, made, cropped_transposed_convolutions, [1, 2, 4, 5], count)
