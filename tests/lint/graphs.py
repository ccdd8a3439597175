"""Good and bad graphs of the rules: tables of cases, one module of `tests.lint.rules` a family."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Sequence
from typing import Any

from graphtools.findings.finding import Finding
from graphtools.formats.metagraph import Signature
from graphtools.graph import Function, Graph, Shape
from graphtools.lint.subject import Subject
from graphtools.lint.tables import all_rules
from tests.transforms import graphs


@dataclasses.dataclass(frozen=True)
class Case:
    """What one rule is to say of two graphs.

    Attributes:
        code: The rule.
        bad: A graph in which it finds something, as text or as it is.
        good: A graph like it, in which it finds nothing.
        node: Name of the node that it names in the bad one; None for the whole graph.
        says: Part of the message.
        target: What the graphs are meant for; one of the rule's targets.
        inputs: Names of the inputs; the likely ones if None.
        outputs: Names of the outputs; the likely ones if None.
        severity: Severity of what is found; that of the rule if empty.
        functions: Function library of the bad graph.
        good_functions: Function library of the good graph.
        signatures: Signatures that came with both.
        shapes: Shapes of inputs, by tensor.
        cured: Whether the finding names a cure. It is applied then, and the finding has to be gone.
    """

    code: str
    bad: str | Graph
    good: str | Graph
    node: str | None
    says: str = ""
    target: str = ""
    inputs: Sequence[str] | None = None
    outputs: Sequence[str] | None = ("y",)
    severity: str = ""
    functions: Sequence[Function] = ()
    good_functions: Sequence[Function] = ()
    signatures: Sequence[Signature] = ()
    shapes: dict[str, Shape] = dataclasses.field(default_factory=dict)
    cured: bool = False

    def __str__(self) -> str:
        return f"{self.code}-{self.node}"

    def bad_graph(self) -> Graph:
        """The graph in which something is found."""
        return graphs.graph(self.bad, self.functions) if isinstance(self.bad, str) else self.bad

    def good_graph(self) -> Graph:
        """The graph in which nothing is found."""
        if isinstance(self.good, str):
            return graphs.graph(self.good, self.good_functions)
        return self.good

    def subject(self, graph: Graph) -> Subject:
        """A graph as the rule looks at it."""
        rule = all_rules()[self.code]
        target = self.target or ("tflite" if "tflite" in rule.targets else min(rule.targets))
        return Subject(
            graph,
            target,
            inputs=self.inputs,
            outputs=self.outputs,
            signatures=self.signatures,
            input_shapes=self.shapes,
        )

    def findings(self, graph: Graph) -> list[Finding]:
        """What the rule says of a graph."""
        return list(all_rules()[self.code].run(self.subject(graph)))


def all_cases() -> list[Case]:
    """The cases of all families."""
    package = importlib.import_module("tests.lint.rules")
    found: list[Case] = []
    for module in pkgutil.iter_modules(package.__path__):
        cases: Any = getattr(
            importlib.import_module(f"tests.lint.rules.{module.name}"), "CASES", ()
        )
        found += cases
    return found
