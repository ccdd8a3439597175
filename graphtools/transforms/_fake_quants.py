"""Gives FakeQuant nodes other ranges, and makes new ones."""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import sole_reader
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FAKE_QUANT, FAKE_QUANT_ARGS, Range
from graphtools.rewrite.constants import find_constant
from graphtools.transforms._ranges import range_constants


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
