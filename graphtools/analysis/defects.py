"""What TensorFlow would refuse in a graph: found in one pass over it.

Source of the rules: TensorFlow's GraphConstructor (`import_graph_def`). What needs knowledge of the
ops (types along edges, attributes) is not looked at here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.order import find_cycle

_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_./>-]*")
#: In functions, names of TensorFlow's own making may begin with an underscore.
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9_./>-]*")
#: Longest number of an output that TensorFlow reads as one.
_MAX_INDEX_DIGITS = 10


@dataclasses.dataclass(frozen=True)
class Defect:
    """Something for which TensorFlow refuses a graph.

    Attributes:
        kind: `dangling-input`, `duplicate-name`, `cycle`, `bad-name`, `no-op`, `bad-input`.
        node: Name of the node.
        message: One line saying what is wrong.
        function: Name of the function that the node is in; empty for one of the graph itself.
    """

    kind: str
    node: str
    message: str
    function: str = ""


def find_defects(graph: Graph) -> tuple[Defect, ...]:
    """All defects of a graph and of its functions, in the order of the nodes; a cycle last."""
    found = _check_nodes(graph.nodes, {n.name for n in graph.nodes}, "")
    for node in graph.duplicates:
        found.append(
            Defect("duplicate-name", node.name, f"several nodes have the name {node.name!r}")
        )
    for function in graph.functions.values():
        found += _check_function(function)
    cycle = find_cycle(graph)
    if cycle:
        shown = cycle if len(cycle) <= 6 else [*cycle[:5], "..."]
        found.append(
            Defect(
                "cycle", cycle[0], "a cycle that is not a loop: " + " -> ".join([*shown, cycle[0]])
            )
        )
    return tuple(found)


def _check_function(function: Function) -> list[Defect]:
    names = {n.name for n in function.nodes}
    where = f" in function {function.name!r}"
    found = _check_nodes(function.nodes, names | set(function.inputs), where)
    if len(names) < len(function.nodes):
        seen: set[str] = set()
        for node in function.nodes:
            if node.name in seen:
                message = f"several nodes have the name {node.name!r}{where}"
                found.append(Defect("duplicate-name", node.name, message))
            seen.add(node.name)
    return [dataclasses.replace(defect, function=function.name) for defect in found]


def _check_nodes(nodes: Sequence[Node], known: set[str], where: str) -> list[Defect]:
    found: list[Defect] = []
    valid = (_FUNCTION_NAME if where else _NAME).fullmatch
    for node in nodes:
        name = node.name
        if not node.op:
            found.append(Defect("no-op", name, f"node {name!r}{where} has no op"))
        if not valid(name):
            what = f"has the name {name!r}, which" if name else "has no name, which"
            found.append(Defect("bad-name", name, f"a node{where} {what} TensorFlow refuses"))
        control = False
        for text in node.inputs:
            if text[:1] == "^":
                control = True
                source = text[1:]
            elif ":" in text:
                source, _, index = text.partition(":")
                number = index.isascii() and index.isdigit() and len(index) <= _MAX_INDEX_DIGITS
                if not where and not number:
                    message = f"node {name!r} reads {text!r}, which is no tensor name"
                    found.append(Defect("bad-input", name, message))
            else:
                source = text
            if source not in known:
                message = f"node {name!r}{where} reads {text!r}, which is not in the graph"
                found.append(Defect("dangling-input", name, message))
            if control and text[:1] != "^":
                message = f"node {name!r}{where} has the input {text!r} behind a control input"
                found.append(Defect("bad-input", name, message))
    return found


def describe_defects(defects: Iterable[Defect]) -> str:
    """One line for people: the first defect, and how many more there are."""
    listed = list(defects)
    if not listed:
        return ""
    more = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
    return f"TensorFlow refuses this graph: {listed[0].message}{more}"
