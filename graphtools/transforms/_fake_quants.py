"""The ranges of FakeQuant nodes, wherever they stand, and nodes that are made for ranges."""

from __future__ import annotations

import math

from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import sole_reader
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FAKE_QUANT, FAKE_QUANT_ARGS, FAKE_QUANT_PER_CHANNEL
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.driver import Unfit
from graphtools.transforms._ranges import Range, range_constants


def range_of(graph: Graph, node: Node) -> Range:
    """The range of a FakeQuant, whether it stands in inputs or attributes.

    Raises:
        Unfit: It is not constant, not one for the whole tensor, or none.
    """
    if node.op == FAKE_QUANT_ARGS:
        found = Range(*(_attribute(node, name) for name in ("min", "max")))
    elif node.op == FAKE_QUANT and len(node.data_inputs) == 3:
        found = Range(*(_constant(graph, text) for text in node.data_inputs[1:]))
    elif node.op == FAKE_QUANT_PER_CHANNEL:
        raise Unfit("it has a range for each channel")
    else:
        raise Unfit("a FakeQuant has three inputs")
    if not (math.isfinite(found.low) and math.isfinite(found.high) and found.low < found.high):
        raise Unfit(f"its range is from {found.low:g} to {found.high:g}")
    return found


def _attribute(node: Node, name: str) -> float:
    value = attribute_value(node, name)
    if not isinstance(value, float):
        raise Unfit(f"its attribute {name} is no float")
    return value


def _constant(graph: Graph, text: str) -> float:
    found = find_constant(graph, text)
    if found is None:
        raise Unfit(f"its range comes from {text!r}, which is no constant: fold_constants first")
    if found.tensor.dtype.name != "float32" or found.tensor.shape.elements != 1:
        raise Unfit(f"{text!r} is not one float")
    return float(found.array().reshape(-1)[0])


def set_range(graph: Graph, node: Node, wanted: Range) -> list[str]:
    """Give a FakeQuant another range; others that share its constants keep theirs.

    Returns:
        Names of the nodes that its range came from, which may be unread now.
    """
    if node.op == FAKE_QUANT_ARGS:
        graph.set_attr(node, "min", wanted.low)
        graph.set_attr(node, "max", wanted.high)
        return []
    old = [Ref.parse(text).node for text in node.data_inputs[1:]]
    controls = tuple(
        dict.fromkeys(
            control
            for text in node.data_inputs[1:]
            if (constant := find_constant(graph, text)) is not None
            for control in constant.controls
        )
    )
    ends = range_constants(graph, f"{node.name}/", wanted, controls, node.device)
    for end in ends:
        graph.add(end, before=node)
    rest = (text for text in node.inputs if text[:1] == "^")
    graph.set_inputs(node, (node.data_inputs[0], *(end.name for end in ends), *rest))
    return old


def fake_quant_nodes(
    graph: Graph,
    name: str,
    tensor: str,
    wanted: Range,
    *,
    narrow: bool = False,
    controls: tuple[str, ...] = (),
    device: str = "",
) -> list[Node]:
    """A FakeQuant of eight bits and the constants of its range, not yet in the graph.

    Args:
        graph: The graph.
        name: Name of the FakeQuant; it may be taken by the node that it replaces.
        tensor: What it reads.
        wanted: Its range.
        narrow: Whether the lowest code is left out.
        controls: Control inputs of the constants, which tell in which loop they are.
        device: Device of the nodes.
    """
    ends = range_constants(graph, f"{name}/", wanted, controls, device)
    attrs: dict[str, Attr] = {"num_bits": 8, "narrow_range": narrow}
    inputs = (tensor, *(end.name for end in ends))
    return [*ends, Node(name, FAKE_QUANT, inputs, attrs, device)]


def only_reader(graph: Graph, node: Node) -> Node | None:
    """The node that alone reads another one's values, and that only once: its first output."""
    found = sole_reader(graph, node.name)
    return found.node if found is not None and not found.output else None
