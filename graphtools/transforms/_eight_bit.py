"""The ops that have an eight-bit version, and when that computes the same but for its steps.

What a version cannot do is read from TensorFlow's kernels (quantized_*_op.cc), and was tried with
them: some fail, and QuantizedAdd and QuantizedMul give wrong sums where the smaller tensor is not
simply repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.definitions import attribute_value, input_dtypes, output_dtypes
from graphtools.ops.dims import Dims, elements
from graphtools.ops.inference import Inference
from graphtools.rewrite.constants import find_constant

QUINT8 = dtype("quint8")
QINT32 = dtype("qint32")
MIN_FIRST = b"MIN_FIRST"


class EightBit(NamedTuple):
    """An op's eight-bit version.

    Attributes:
        op: Its name.
        copied: Attributes that it has from the float op.
        types: Attributes that tell the types of what it reads.
        result: The attribute that tells the type of what it gives, where these are 32-bit numbers.
        plain: Inputs that stay as they are.
        grouped: Whether all minima stand before all maxima.
    """

    op: str
    copied: tuple[str, ...] = ()
    types: tuple[str, ...] = ("T",)
    result: str = ""
    plain: frozenset[int] = frozenset()
    grouped: bool = False

    def attributes(self, node: Node) -> dict[str, Attr]:
        """The attributes of the version of a node."""
        found: dict[str, Attr] = {name: attribute_value(node, name) for name in self.copied}
        found.update(dict.fromkeys(self.types, QUINT8))
        if self.result:
            found[self.result] = QINT32
        if attribute_value(node, "half_pixel_centers") is True:
            found["half_pixel_centers"] = True
        return found


_POOL = ("ksize", "strides", "padding")
EIGHT_BIT: Mapping[str, EightBit] = {
    "Add": EightBit("QuantizedAdd", (), ("T1", "T2"), "Toutput"),
    "AvgPool": EightBit("QuantizedAvgPool", _POOL),
    "BiasAdd": EightBit("QuantizedBiasAdd", (), ("T1", "T2"), "out_type"),
    "Concat": EightBit("QuantizedConcat", ("N",), plain=frozenset({0}), grouped=True),
    "Conv2D": EightBit(
        "QuantizedConv2D", ("strides", "padding"), ("Tinput", "Tfilter"), "out_type"
    ),
    "Conv2DBackpropInput": EightBit("QuantizedConv2DTranspose"),
    "MatMul": EightBit("QuantizedMatMul", ("transpose_a", "transpose_b"), ("T1", "T2"), "Toutput"),
    "MaxPool": EightBit("QuantizedMaxPool", _POOL),
    "Mul": EightBit("QuantizedMul", (), ("T1", "T2"), "Toutput"),
    "Relu": EightBit("QuantizedRelu", (), ("Tinput",)),
    "Relu6": EightBit("QuantizedRelu6", (), ("Tinput",)),
    "Reshape": EightBit("QuantizedReshape", plain=frozenset({1})),
    "ResizeBilinear": EightBit("QuantizedResizeBilinear", ("align_corners",), plain=frozenset({1})),
}


def is_float(node: Node, version: EightBit) -> bool:
    """Whether a node computes with float32 only, but for inputs that stay as they are."""
    inputs, outputs = input_dtypes(node), output_dtypes(node)
    if inputs is None or outputs != [FLOAT32] or len(inputs) != len(node.data_inputs):
        return False
    return all(kind is FLOAT32 for i, kind in enumerate(inputs) if i not in version.plain)


def refusal(graph: Graph, inference: Inference, node: Node, version: EightBit) -> str:
    """Why the eight-bit version of a node would not do; empty if it does."""
    missing = [name for name in version.copied if attribute_value(node, name) is None]
    if missing:
        return f"it has no attribute {missing[0]}"
    if node.op == "Conv2DBackpropInput":
        return "no TensorFlow has an eight-bit version of it"
    if attribute_value(node, "data_format") not in (None, b"NHWC"):
        return f"the eight-bit {node.op} computes in NHWC only"
    for text in node.data_inputs:
        if elements(inference.dims(*_output(text))) == 0:
            return f"{text!r} is empty and has no range"
    if node.op in ("Add", "Mul"):
        sides = [inference.dims(*_output(text)) for text in node.data_inputs]
        return "" if _repeats(*sides) else f"the eight-bit {node.op} cannot combine these shapes"
    if node.op in ("Conv2D", "MaxPool", "AvgPool"):
        return _window_refusal(node)
    if node.op == "Concat":
        axis = find_constant(graph, node.data_inputs[0])
        values = axis.tensor.integers(1) if axis is not None else None
        if not values or values[0] < 0:
            return "the eight-bit Concat needs a constant axis that is not negative"
    return ""


def _output(text: str) -> tuple[str, int]:
    ref = Ref.parse(text)
    return ref.node, ref.index


def _window_refusal(node: Node) -> str:
    if attribute_value(node, "padding") not in (b"SAME", b"VALID"):
        return f"the eight-bit {node.op} has no explicit padding"
    strides = attribute_value(node, "strides")
    window = attribute_value(node, "ksize") if node.op != "Conv2D" else [1, 1, 1, 1]
    rates = attribute_value(node, "dilations") if node.op == "Conv2D" else None
    lists = [strides, window, rates or [1, 1, 1, 1]]
    for values in lists:
        if not isinstance(values, list) or len(values) != 4:
            return "an attribute of its window is damaged"
        if values[0] != 1 or values[3] != 1:
            return f"the eight-bit {node.op} goes along height and width only"
    if node.op == "Conv2D":
        assert isinstance(strides, list)
        if strides[1] != strides[2]:
            return "the eight-bit Conv2D has the same stride both ways"
        if lists[2] != [1, 1, 1, 1]:
            return "the eight-bit Conv2D has no dilation"
    return ""


def _repeats(left: Dims, right: Dims) -> bool:
    """Whether one of two tensors is certain to be repeated as a whole, perhaps once.

    That is so if it has the other's last dimensions and ones before. A dimension that is not known
    is 1 or the other's.
    """
    if left is None or right is None:
        return False
    rank = max(len(left), len(right))
    left, right = (1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right
    while left and left[-1] == right[-1] and left[-1] is not None:
        left, right = left[:-1], right[:-1]
    if _ones(left) or _ones(right):
        return True
    if _ones(left[:-1]) and _ones(right[:-1]):
        return None in (left[-1], right[-1])
    return any(
        _ones(small[:-1]) and small[-1] is None and large[-1] not in (None, 1)
        for small, large in ((left, right), (right, left))
    )


def _ones(dims: tuple[int | None, ...]) -> bool:
    return all(dim == 1 for dim in dims)


def is_min_first(node: Node, kind: DType) -> bool:
    """Whether a QuantizeV2 or Dequantize has codes of a type in the mode that is used here."""
    plain: dict[str, Attr] = {"mode": MIN_FIRST, "narrow_range": False, "axis": -1, "T": kind}
    if node.op == "Dequantize":
        plain["dtype"] = FLOAT32
    return all(attribute_value(node, name) == value for name, value in plain.items())
