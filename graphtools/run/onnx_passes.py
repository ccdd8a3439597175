"""What pnnx wants of an ONNX model otherwise than tf2onnx writes it: passes over the file.

Each takes the package onnx and a model, which it changes, and gives the number of nodes that it has
rewritten. They compute the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_TO_THE_END = 2**31 - 1


def explicit_pad_values(onnx: Any, model: Any) -> int:
    """Give every Pad of zeros its value and its mode, which tf2onnx leaves out.

    pnnx recognises only what has both, and else leaves a layer that ncnn does not have.
    """
    graph = model.graph
    inferred = onnx.shape_inference.infer_shapes(model).graph
    kinds = {
        value.name: value.type.tensor_type.elem_type
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }
    done = 0
    for node in graph.node:
        modes = [a.s for a in node.attribute if a.name == "mode"]
        if node.op_type != "Pad" or modes not in ([], [b"constant"]) or len(node.input) < 2:
            continue
        has_value = len(node.input) > 2 and bool(node.input[2])
        if has_value and modes:
            continue
        kind = kinds.get(node.input[0], onnx.TensorProto.FLOAT)
        if not has_value:
            name = _free(graph, f"{node.name}_value")
            graph.initializer.append(onnx.helper.make_tensor(name, kind, [], [0]))
            rest = list(node.input)[3:]
            del node.input[2:]
            node.input.extend([name, *rest])
        if not modes:
            node.attribute.append(onnx.helper.make_attribute("mode", "constant"))
        done += 1
    return done


def cropped_transposed_convolutions(onnx: Any, model: Any) -> int:
    """Put a Slice that crops behind a ConvTranspose whose padding is uneven.

    That is TensorFlow's SAME with strides; pnnx knows even padding alone.
    """
    graph = model.graph
    made = []
    done = 0
    for node in graph.node:
        made.append(node)
        attributes = {a.name: a for a in node.attribute}
        pads = list(attributes["pads"].ints) if "pads" in attributes else []
        rank = len(pads) // 2
        if (
            node.op_type != "ConvTranspose"
            or pads[:rank] == pads[rank:]
            or min(pads) < 0
            or "output_shape" in attributes
            or any(attributes["output_padding"].ints if "output_padding" in attributes else ())
        ):
            continue
        output = node.output[0]
        node.output[0] = _free(graph, f"{output}_uncropped")
        attributes["pads"].ints[:] = [0] * len(pads)
        starts, ends = pads[:rank], [-p if p else _TO_THE_END for p in pads[rank:]]
        names = []
        for what, numbers in (("starts", starts), ("ends", ends), ("axes", range(2, 2 + rank))):
            name = _free(graph, f"{node.name}_{what}")
            values = list(numbers)
            int64 = onnx.TensorProto.INT64
            graph.initializer.append(onnx.helper.make_tensor(name, int64, [rank], values))
            names.append(name)
        made.append(onnx.helper.make_node("Slice", [node.output[0], *names], [output]))
        done += 1
    if done:
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in made]
        del graph.node[:]
        graph.node.extend(copies)
    return done


def _free(graph: Any, wanted: str) -> str:
    """A name that no value has yet."""
    taken = {v.name for v in (*graph.initializer, *graph.input)}
    taken |= {name for node in graph.node for name in node.output}
    while wanted in taken:
        wanted += "_"
    return wanted


#: In the order in which they are applied.
PASSES: tuple[Callable[[Any, Any], int], ...] = (
    explicit_pad_values,
    cropped_transposed_convolutions,
)
