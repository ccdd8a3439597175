"""Frozen graphs of the size and make of well-known networks, with random weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphtools import Graph, Node, Shape, Tensor
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, INT32


class Builder:
    """Puts layers one behind the other; each gives the name of its output."""

    def __init__(self, image: list[int | None], batch_norm: str = "FusedBatchNorm") -> None:
        self.nodes: list[Node] = []
        self._random = np.random.default_rng(1)
        self._batch_norm = batch_norm
        self.add("input", "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(image)})

    def add(self, name: str, op: str, inputs: tuple[str, ...], attrs: dict[str, Attr]) -> str:
        self.nodes.append(Node(name, op, inputs, attrs))
        return name

    def weights(self, name: str, values: np.ndarray[Any, Any]) -> str:
        """A constant with the node that has read the variable."""
        kind = INT32 if values.dtype == np.int32 else FLOAT32
        self.add(name, "Const", (), {"dtype": kind, "value": Tensor.from_array(values)})
        return self.add(f"{name}/read", "Identity", (name,), {"T": kind})

    def normal(self, *shape: int) -> np.ndarray[Any, Any]:
        return (self._random.standard_normal(shape) * 0.05).astype("float32")

    def conv(
        self, name: str, source: str, kernel: int, depth: tuple[int, int], stride: int = 1,
        *, depthwise: bool = False, bare: bool = False,
    ) -> str:  # fmt: skip
        """A convolution with batch norm and Relu6, or with a bias alone."""
        shape = (kernel, kernel, depth[0], 1 if depthwise else depth[1])
        weights = self.weights(f"{name}/weights", self.normal(*shape))
        op = "DepthwiseConv2dNative" if depthwise else "Conv2D"
        attrs: dict[str, Attr] = {
            "T": FLOAT32,
            "strides": [1, stride, stride, 1],
            "padding": b"SAME",
            "data_format": b"NHWC",
        }
        found = self.add(f"{name}/{op}", op, (source, weights), attrs)
        out = depth[0] if depthwise else depth[1]
        if bare:
            bias = self.weights(f"{name}/biases", self.normal(out))
            return self.add(f"{name}/BiasAdd", "BiasAdd", (found, bias), {"T": FLOAT32})
        parts = [
            self.weights(f"{name}/BatchNorm/{part}", np.abs(self.normal(out)) + 0.5)
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        ]
        attrs = {"T": FLOAT32, "epsilon": 0.001, "is_training": False, "data_format": b"NHWC"}
        if self._batch_norm != "FusedBatchNorm":
            attrs["U"] = FLOAT32
        norm = self.add(
            f"{name}/BatchNorm/FusedBatchNorm", self._batch_norm, (found, *parts), attrs
        )
        return self.add(f"{name}/Relu6", "Relu6", (norm,), {"T": FLOAT32})

    def concat(self, name: str, sources: list[str], axis: int) -> str:
        self.add(
            f"{name}/axis", "Const", (),
            {"dtype": INT32, "value": Tensor.from_array(np.array(axis, "int32"))},
        )  # fmt: skip
        attrs: dict[str, Attr] = {"N": len(sources), "T": FLOAT32, "Tidx": INT32}
        return self.add(name, "ConcatV2", (*sources, f"{name}/axis"), attrs)

    def reshape(self, name: str, source: str, shape: list[int]) -> str:
        self.add(
            f"{name}/shape", "Const", (),
            {"dtype": INT32, "value": Tensor.from_array(np.array(shape, "int32"))},
        )  # fmt: skip
        attrs: dict[str, Attr] = {"T": FLOAT32, "Tshape": INT32}
        return self.add(name, "Reshape", (source, f"{name}/shape"), attrs)


def ssd_mobilenet(classes: int = 91) -> Graph:
    """An SSD with MobileNet v1 of full size, from image to raw boxes and scores; 27 MB."""
    build = Builder([1, 300, 300, 3])
    current, depth = build.conv("Conv2d_0", "input", 3, (3, 32), 2), 32
    layers = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    maps: list[tuple[str, int]] = []
    for number, (out, stride) in enumerate([*layers, (1024, 2), (1024, 1)], 1):
        name = f"Conv2d_{number}"
        current = build.conv(
            f"{name}_depthwise", current, 3, (depth, depth), stride, depthwise=True
        )
        current = build.conv(f"{name}_pointwise", current, 1, (depth, out))
        depth = out
        if number in (11, 13):
            maps.append((current, depth))
    for number, (inner, out) in enumerate([(256, 512), (128, 256), (128, 256), (64, 128)], 2):
        current = build.conv(f"extra_{number}_1x1", current, 1, (depth, inner))
        current = build.conv(f"extra_{number}_3x3", current, 3, (inner, out), 2)
        depth = out
        maps.append((current, depth))
    boxes: list[str] = []
    scores: list[str] = []
    for number, (source, channels) in enumerate(maps):
        anchors = 3 if number == 0 else 6
        for kind, size, found in (("box", 4, boxes), ("class", classes, scores)):
            name = f"BoxPredictor_{number}/{kind}"
            head = build.conv(name, source, 1, (channels, anchors * size), bare=True)
            found.append(build.reshape(f"{name}/Reshape", head, [1, -1, size]))
    build.concat("boxes", boxes, 1)
    build.concat("scores", scores, 1)
    return Graph(build.nodes)


def inception(width: int = 8, blocks: int = 14) -> Graph:
    """Blocks of four branches that are concatenated, as in Inception; 96 MB."""
    build = Builder([1, 299, 299, 3])
    current = build.conv("stem_1", "input", 3, (3, 32), 2)
    current = build.conv("stem_2", current, 3, (32, 64), 2)
    current, depth = build.conv("stem_3", current, 3, (64, 192), 2), 192
    for number in range(blocks):
        name, unit = f"Mixed_{number}", 24 * width
        parts = [build.conv(f"{name}/Branch_0", current, 1, (depth, unit))]
        inner = build.conv(f"{name}/Branch_1a", current, 1, (depth, unit))
        parts.append(build.conv(f"{name}/Branch_1b", inner, 3, (unit, 2 * unit)))
        inner = build.conv(f"{name}/Branch_2a", current, 1, (depth, unit // 2))
        inner = build.conv(f"{name}/Branch_2b", inner, 3, (unit // 2, unit))
        parts.append(build.conv(f"{name}/Branch_2c", inner, 3, (unit, unit)))
        parts.append(build.conv(f"{name}/Branch_3", current, 1, (depth, unit // 2)))
        current = build.concat(name, parts, 3)
        depth = 4 * unit + unit // 2
    build.conv("logits", current, 1, (depth, 1001), bare=True)
    return Graph(build.nodes)
