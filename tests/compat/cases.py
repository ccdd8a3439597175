"""Small graphs with what the converter makes of them: tests hold both sides to the same table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.graph import Graph
from graphtools.run.probed_converter import ProbedConverter
from tests.compat.test_prediction import Builder

#: Makes a graph and names its outputs.
Make = Callable[[Builder], list[str]]


class Case(NamedTuple):
    """A graph and what becomes of it.

    Attributes:
        name: Name of the case.
        make: Makes the graph.
        outcome: `builtin`, `select` or `fails`.
        blockers: Names of the nodes that stand in the way, with blanks between.
    """

    name: str
    make: Make
    outcome: str
    blockers: str = ""


def of_cases(cases: list[Case]) -> pytest.MarkDecorator:
    """Marks a test to be run for each case."""
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def ends(case: Case) -> tuple[Graph, list[str], list[str]]:
    """The graph of a case, its inputs and outputs."""
    build = Builder()
    outputs = case.make(build)
    return Graph(build.nodes), [n.name for n in build.nodes if n.op == "Placeholder"], outputs


def check_prediction(case: Case) -> None:
    """The prediction is what the case says."""
    found = predict_conversion(*ends(case))
    outcome = "builtin" if found.builtins else "select" if found.select else "fails"
    assert (outcome, " ".join(sorted(b.node for b in found.blockers))) == case[2:]


def check_converter(converter: ProbedConverter, case: Case) -> None:
    """The converter does what the case says, and names no other nodes."""
    graph, inputs, outputs = ends(case)
    builtins = converter.convert(graph, inputs, outputs)
    if case.outcome == "builtin":
        assert builtins.status == "ok", builtins.message
        return
    assert builtins.status in ("error", "crash")
    select = converter.convert(graph, inputs, outputs, select=True)
    assert (select.status == "ok") == (case.outcome == "select"), select.message
    named = {node for complaint in builtins.complaints for node in complaint.nodes[:1]}
    assert case.outcome == "fails" or named <= set(case.blockers.split())
