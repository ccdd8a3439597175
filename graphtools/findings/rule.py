"""How a rule is declared: one decorated function, whose docstring is its manual.

A module of a table's package holds rules of one family::

    @rule("GT101", "dangling-input", ERROR)
    def dangling_inputs(subject: Subject) -> Iterator[Found]:
        '''What the rule looks for, followed by the sections of its manual.'''
        for defect in subject.defects:
            yield Found(defect.node, defect.message)

The sections are `Why:`, `Example:` and `Remedy:`, each with its text indented below it; the first
paragraph of the remedy is that of the findings.

Families: GT1 structure, GT2 training leftovers, GT3 TFLite, GT4 quantization, GT5 size and speed,
GT6 Edge TPU, GT7 GPU delegate, GT8 what a graph does beside computing. GT9 are the rules for
`.tflite` files, GTC the checks of training configurations.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.registry import Registry

#: What a graph can be meant for. Edge TPU, GPU delegate and TFLite Micro run TFLite models.
#: `untrusted` is for graphs of strangers: what they do beside computing.
TARGETS = ("tflite", "tflite-select", "edgetpu", "gpu", "micro", "tensorflow-cpu", "untrusted")
#: For rules that hold wherever a graph is to run.
ALL = frozenset(TARGETS) - {"untrusted"}
#: For rules of what is converted.
TFLITE_TARGETS = ALL - {"tensorflow-cpu"}

#: Rules of a plug-in have letters of their own before the number.
_CODE = re.compile(r"[A-Z]{2,6}\d{3}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: The sections of a manual behind its first paragraph, in their order.
SECTIONS = ("Why", "Example", "Remedy")


class Named(Protocol):
    """A node, as far as a finding tells of it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def op(self) -> str:
        """Its op."""


class Checked(Protocol):
    """What rules are applied to: a graph, or a configuration."""

    def op_of(self, node: str) -> str:
        """Op of a node by its name; empty where there is none."""

    def line_of(self, node: str) -> int:
        """Line of a node or field in a text, counted from 1; 0 where there is none."""

    def position(self, finding: Finding) -> int:
        """Where a finding stands among those of its severity."""


class Found(NamedTuple):
    """What a rule yields; code, name, severity and cure of the rule are added.

    Attributes:
        node: The node it is about, or its name, as `node@function`; None for the whole graph. In a
            configuration the path of the field.
        message: What is found and why it matters: a line, which names what decides.
        remedy: What to do: a line; the rule's own by default, the first paragraph of `Remedy`.
        severity: Another severity than the rule's; empty for that.
        cure: Another cure than the rule's, empty for none; None for that.
        is_safe_cure: Whether the cure keeps the outputs; None for what the rule says.
        op: Op of the node, where only its name is given and the graph does not have it.
        line: Line that it stands in; -1 for where the node or field is.
    """

    node: Named | str | None
    message: str
    remedy: str = ""
    severity: str = ""
    cure: str | None = None
    is_safe_cure: bool | None = None
    op: str = ""
    line: int = -1


#: A rule looks at one kind of `Checked`.
RuleFunction = Callable[[Any], Iterable[Found]]


@dataclasses.dataclass(frozen=True)
class Manual:
    """A rule's manual, by its sections.

    Attributes:
        what: What the rule looks for.
        why: Why that matters.
        example: An example.
        remedy: What to do about it.
    """

    what: str
    why: str = ""
    example: str = ""
    remedy: str = ""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule; its function's docstring is its manual.

    Attributes:
        code: Stable code.
        name: Stable name.
        severity: Severity of what it finds, unless it says otherwise.
        function: Yields what it finds.
        text: Its manual, as it is written.
        targets: The targets it holds for.
        cure: The pipeline of transforms that removes what it finds; empty if none does.
        is_safe_cure: Whether the cure keeps the outputs, but for rounding.
        is_default: Whether it is applied without being selected.
        subject: What it looks at: a `graph`, a `TFLite model` or a `configuration`.
    """

    code: str
    name: str
    severity: str
    function: RuleFunction
    text: str
    targets: frozenset[str] = ALL
    cure: str = ""
    is_safe_cure: bool = True
    is_default: bool = True
    subject: str = "graph"

    @functools.cached_property
    def manual(self) -> Manual:
        """The manual by its sections."""
        return read_manual(self.text)

    @functools.cached_property
    def remedy(self) -> str:
        """The first paragraph of the manual's remedy, in one line."""
        return " ".join(self.manual.remedy.partition("\n\n")[0].split())

    def run(self, subject: Checked) -> Iterator[Finding]:
        """Apply it."""
        for found in self.function(subject):
            if found.node is None or isinstance(found.node, str):
                name = found.node or ""
                op = found.op or (subject.op_of(name) if name else "")
            else:
                name, op = found.node.name, found.node.op
            cure = self.cure if found.cure is None else found.cure
            is_safe = self.is_safe_cure if found.is_safe_cure is None else found.is_safe_cure
            yield Finding(
                self.code,
                self.name,
                found.severity or self.severity,
                found.message,
                found.remedy or self.remedy,
                name,
                op,
                cure,
                bool(cure) and is_safe,
                subject.line_of(name) if found.line < 0 else found.line,
            )


def read_manual(text: str) -> Manual:
    """Divide a docstring into what comes first and its sections."""
    parts: dict[str, list[str]] = {"What": []}
    current = "What"
    for line in text.splitlines():
        head = line[:-1] if line.endswith(":") and not line.startswith(" ") else ""
        if head in SECTIONS:
            current = head
            parts[current] = []
        else:
            parts[current].append(line)
    texts = {key: inspect.cleandoc("\n" + "\n".join(lines)) for key, lines in parts.items()}
    return Manual(*(texts.get(key, "").strip() for key in ("What", *SECTIONS)))


class RuleTable:
    """The rules of a package's modules, by code. An instance is not needed but for tests."""

    def __init__(self, package: str = "", subject: str = "graph") -> None:
        """A table to be filled by the modules of a package, when it is first asked.

        Args:
            package: Full name of the package; empty for a table that is filled by hand.
            subject: What its rules look at; see `Rule`.
        """
        self._subject = subject
        self._rules: Registry[Rule] = Registry(package)
        self._names: set[str] = set()

    def rule(
        self,
        code: str,
        name: str,
        severity: str,
        *,
        targets: Iterable[str] = ALL,
        cure: str = "",
        is_safe_cure: bool = True,
        is_default: bool = True,
    ) -> Callable[[RuleFunction], RuleFunction]:
        """Declare a rule; see `Rule` for the arguments.

        Raises:
            RuntimeError: Another rule has the code or the name, or one of the arguments is wrong.
        """

        def register(function: RuleFunction) -> RuleFunction:
            self._add(
                Rule(
                    code,
                    name,
                    severity,
                    function,
                    inspect.getdoc(function) or "",
                    frozenset(targets),
                    cure,
                    is_safe_cure,
                    is_default,
                    self._subject,
                )
            )
            return function

        return register

    def _add(self, new: Rule) -> None:
        wrong = (
            not _CODE.fullmatch(new.code)
            or not _NAME.fullmatch(new.name)
            or new.severity not in SEVERITIES
            or not new.targets
            or not new.targets <= set(TARGETS)
        )
        if wrong:
            raise RuntimeError(f"{new.code} {new.name} is declared wrongly")
        if new.name in self._names:
            raise RuntimeError(f"two rules are called {new.name!r}")
        self._rules.add(new.code, new)
        self._names.add(new.name)

    def rules(self) -> Mapping[str, Rule]:
        """All rules by code, sorted."""
        return self._rules.all()
