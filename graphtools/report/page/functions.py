"""What a page says of the functions of a graph: their bodies, shown as the graph itself is."""

from __future__ import annotations

from typing import Any

from graphtools.graph.graph import Function, Graph
from graphtools.ops.bodies import body_of
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.report.html import fill
from graphtools.report.page.assemble import Section
from graphtools.report.page.explorer_data import explorer_data
from graphtools.wording import counted

#: Bodies that can be looked at: the first functions, up to so many nodes in all.
_MOST_NODES = 20_000


def function_section(graph: Graph, inference: Inference) -> tuple[Section, list[dict[str, Any]]]:
    """The functions of a graph, and what the script shows of those that have something to show.

    Args:
        graph: The graph.
        inference: Its shapes, and with them those in the bodies of functions that are called.
    """
    called = _called(inference)
    told: list[tuple[str, str, int | None]] = []
    data: list[dict[str, Any]] = []
    left = _MOST_NODES
    for function in graph.functions.values():
        left -= len(function.nodes)
        inner = called.get(function.name) if left >= 0 else None
        if inner is None and left >= 0:
            body = body_of(function, graph.functions, {}, graph.versions)
            inner = infer_shapes(body.graph) if body is not None else None
        number = None if inner is None else len(data)
        told.append((function.name, _told(function), number))
        if inner is not None:
            data.append(explorer_data(inner.graph, inner, None, ()))
    html = fill("functions.html", functions=told)
    return Section("Functions", html, str(len(told))), data


def _told(function: Function) -> str:
    takes = ", ".join(function.inputs) or "nothing"
    gives = ", ".join(function.outputs) or "nothing"
    return f"{counted(len(function.nodes), 'node')}; takes {takes}; gives {gives}"


def _called(inference: Inference) -> dict[str, Inference]:
    """Bodies by name of the function, with the shapes of their first call."""
    found: dict[str, Inference] = {}
    waiting = [inference]
    while waiting:
        outer = waiting.pop()
        for node in outer.graph:
            for name, inner in outer.bodies(node.name).items():
                if name not in found:
                    found[name] = inner
                    waiting.append(inner)
    return found
