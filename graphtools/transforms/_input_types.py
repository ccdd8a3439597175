"""Gives a graph's input another element type; what reads another one gets it by a Cast."""

from __future__ import annotations

from graphtools.errors import InvalidGraph
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.definitions import input_dtypes

#: Types that no Cast takes or gives.
_NEVER_CAST = frozenset({"string", "resource", "variant"})


def give_type(graph: Graph, node: Node, kind: DType) -> str:
    """Let a placeholder be of a type, with a Cast in front of what reads another one.

    Args:
        graph: The graph.
        node: The placeholder.
        kind: The type.

    Returns:
        A remark; empty where nothing reads another type.

    Raises:
        InvalidGraph: A reader needs a type that no Cast gives, or one that is not known.
    """
    needed: dict[DType, list[tuple[Node, int]]] = {}
    is_other = node.attr("dtype") is not kind
    for reader in graph.consumers(node.name):
        for position, text in enumerate(reader.data_inputs):
            if Ref.parse(text) == Ref(node.name):
                wanted = _needed(reader, position, kind, is_other=is_other)
                needed.setdefault(wanted, []).append((reader, position))
    graph.set_attr(node, "dtype", kind)
    graph.remove_attr(node, "_output_shapes")
    casts = []
    for wanted, places in needed.items():
        if wanted is kind:
            continue
        name = graph.free_name(f"{node.name}/to_{wanted.name}")
        attrs: dict[str, Attr] = {"SrcT": kind, "DstT": wanted, "Truncate": False}
        graph.add(Node(name, "Cast", (node.name,), attrs), before=places[0][0])
        for reader, position in places:
            graph.replace_input(reader, position, name)
        casts.append(wanted.name)
    if not casts:
        return ""
    return f"{node.name!r} is {kind.name} now, and a Cast makes it {' and '.join(casts)}"


def _needed(reader: Node, position: int, kind: DType, *, is_other: bool) -> DType:
    """The type that an input of a node is to be of.

    Args:
        reader: The node.
        position: The input.
        kind: The type that is given.
        is_other: Whether that is another than before: the reader has to be known then.
    """
    declared = input_dtypes(reader)
    found = declared[position] if declared is not None and position < len(declared) else None
    if found is None and not is_other:
        return kind
    if found is None:
        raise InvalidGraph(
            f"it is not known which type {reader.name!r} ({reader.op}) reads, so that its input "
            f"cannot become {kind.name}",
            "keep the type that the input has",
        )
    if found.base is not kind and {found.base.name, kind.name} & _NEVER_CAST:
        raise InvalidGraph(
            f"{reader.name!r} ({reader.op}) reads {found.base.name}, and no Cast makes that of "
            f"{kind.name}",
            "give the input a type of numbers, or cut the graph behind this node",
        )
    return found.base
