"""Rules that are not applied to graphs whose names cannot be told apart from tensors and edges."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from graphtools.errors import InvalidValue
from graphtools.findings.rule import Found, RuleFunction
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES


@per_subject
def has_broken_names(subject: Subject) -> bool:
    """Whether names of nodes or inputs are such that nothing can be found out by them.

    That is damage, which GT104 reports: a node named `a:1` or `^a`, an input named `:`.
    """
    bodies = [subject.graph.nodes, *(f.nodes for f in subject.graph.functions.values())]
    return any(_is_broken(node) for nodes in bodies for node in nodes)


def _is_broken(node: Node) -> bool:
    name = node.name
    if not name or ":" in name or name[0] == "^":
        return True
    return any(text[-1:] in ("", ":", "^") or _is_no_tensor(text) for text in node.inputs)


def _is_no_tensor(text: str) -> bool:
    if ":" not in text:
        return False
    try:
        return not Ref.parse(text).node
    except InvalidValue:
        return True


def rule(*args: Any, **options: Any) -> Callable[[RuleFunction], RuleFunction]:
    """Declare a rule that is silent where names are broken; see `RuleTable.rule`."""
    declare = GRAPH_RULES.rule(*args, **options)

    def register(function: RuleFunction) -> RuleFunction:
        @functools.wraps(function)
        def guarded(subject: Subject) -> Iterator[Found]:
            if not has_broken_names(subject):
                yield from function(subject)

        return declare(guarded)

    return register
