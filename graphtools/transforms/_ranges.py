"""Ranges of quantized values that are given, and the constants that hold a range."""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.idioms.fake_quant import Range
from graphtools.rewrite.transform import Job


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
    if not found.is_sound:
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
