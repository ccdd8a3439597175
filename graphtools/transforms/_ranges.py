"""Ranges of quantized values: those that are given, and those that FakeQuant nodes have."""

from __future__ import annotations

import math
from typing import NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.driver import Unfit
from graphtools.rewrite.transform import Job


class Range(NamedTuple):
    """The floats that the lowest and the highest code stand for."""

    low: float
    high: float


def given_range(job: Job, which: str) -> Range | None:
    """The range that two parameters give, `input_min` and `input_max`; None if none is given.

    Raises:
        InvalidValue: Only one is given, or it is no range.
    """
    names = (f"{which}_min", f"{which}_max")
    if not any(map(job.given, names)):
        return None
    if not all(map(job.given, names)):
        raise InvalidValue(f"{names[0]} and {names[1]} belong together", "give both, or neither")
    found = Range(*map(job.number, names))
    if not (math.isfinite(found.low) and math.isfinite(found.high) and found.low < found.high):
        raise InvalidValue(f"{names[0]}={found.low:g} and {names[1]}={found.high:g} are no range")
    return found


def range_constants(
    graph: Graph, prefix: str, found: Range, controls: tuple[str, ...] = (), device: str = ""
) -> tuple[Node, Node]:
    """Constants for a range, `prefixmin` and `prefixmax`."""
    import numpy as np

    nodes = []
    for part, value in (("min", found.low), ("max", found.high)):
        tensor = Tensor.from_array(np.asarray(value, np.float32))
        attrs: dict[str, Attr] = {"dtype": FLOAT32, "value": tensor}
        nodes.append(Node(graph.free_name(prefix + part), "Const", controls, attrs, device))
    return nodes[0], nodes[1]


def fake_quant_range(graph: Graph, node: Node) -> Range:
    """The range of a FakeQuantWithMinMaxVars.

    Raises:
        Unfit: It is not known, or none.
    """
    if len(node.data_inputs) != 3:
        raise Unfit("a FakeQuant has three inputs")
    found = Range(*(_number(graph, text) for text in node.data_inputs[1:]))
    if not (math.isfinite(found.low) and math.isfinite(found.high) and found.low < found.high):
        raise Unfit(f"its range is from {found.low:g} to {found.high:g}")
    return found


def _number(graph: Graph, text: str) -> float:
    node = graph.get(Ref.parse(text).node)
    if node is None or node.op != "Const":
        raise Unfit(f"its range comes from {text!r}, which is no Const: fold_constants first")
    tensor = node.tensor
    if tensor is None or tensor.dtype is not FLOAT32 or tensor.shape.elements != 1:
        raise Unfit(f"{text!r} is not one float")
    try:
        return float(tensor.array().reshape(-1)[0])
    except (Damaged, InvalidValue) as problem:
        raise Unfit(f"{text!r}: {problem.message}") from None


def grid(node: Node, found: Range) -> Range:
    """The lowest and highest value that a FakeQuant gives: its range, moved so that zero is given.

    Source: the kernel of FakeQuantWithMinMaxVars.

    Raises:
        Unfit: Its attributes are damaged.
    """
    bits, narrow = attribute_value(node, "num_bits"), attribute_value(node, "narrow_range")
    if not isinstance(bits, int) or not 2 <= bits <= 16:
        raise Unfit("its num_bits are not between 2 and 16")
    least, most = int(narrow is True), (1 << bits) - 1
    step = (found.high - found.low) / (most - least)
    zero = min(max(round(least - found.low / step), least), most)
    return Range((least - zero) * step, (most - zero) * step)
