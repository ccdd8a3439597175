"""Applies rewrite rules until nothing changes any more.

A rule is a pattern and a function from a match to the nodes that take its place, one of which has
the name of the matched root, or to a `Skip` with the reason why nothing is done. The driver
removes what was matched and is used by nobody else. It refuses a match of which an inner node is
used elsewhere, or is to be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.rewrite.pattern import Match, Pattern, match
from graphtools.rewrite.transform import Job

#: So often the rules go over the graph; no rule that ends needs as many.
MOST_ROUNDS = 100


class Skip(NamedTuple):
    """Why a match was not rewritten."""

    reason: str


class Rule(NamedTuple):
    """What to look for, and what to put in its place.

    Attributes:
        pattern: What is looked for.
        rewrite: From graph and match to the nodes that take its place, or the reason why not.
    """

    pattern: Pattern
    rewrite: Callable[[Graph, Match], Sequence[Node] | Skip]


def apply_rules(graph: Graph, rules: Sequence[Rule], job: Job) -> int:
    """Rewrite a graph until no rule applies any more.

    Returns:
        The number of matches that were rewritten.
    """
    done = 0
    for _ in range(MOST_ROUNDS):
        changed = 0
        for node in list(graph.nodes):
            if graph.get(node.name) is node:
                changed += _apply_at(graph, rules, job, node)
        done += changed
        if not changed:
            break
    return done


def _apply_at(graph: Graph, rules: Sequence[Rule], job: Job, node: Node) -> int:
    for rule in rules:
        if node.op not in rule.pattern.ops:
            continue
        found = match(graph, rule.pattern, node)
        if found is None:
            continue
        obstacle = used_elsewhere(graph, found, job)
        if obstacle:
            job.skip(node.name, obstacle)
            continue
        outcome = rule.rewrite(graph, found)
        if isinstance(outcome, Skip):
            job.skip(node.name, outcome.reason)
            continue
        replace_match(graph, found, outcome, job)
        return 1
    return 0


def used_elsewhere(graph: Graph, found: Match, job: Job) -> str:
    """Why the inner nodes of a match cannot go; empty if they can."""
    inside = {found.root.name, *(n.name for n in found.interior)}
    for node in found.interior:
        if job.is_kept(node.name):
            return f"{node.name!r} is an input or output"
        for reader in graph.consumers(node.name):
            if reader.name not in inside:
                return f"{node.name!r} is used by {reader.name!r}, too"
    return ""


def replace_match(graph: Graph, found: Match, new: Sequence[Node], job: Job) -> None:
    """Put nodes in the place of a match, and remove what nobody reads any more."""
    old = [found.root, *found.interior]
    candidates = [producer(i) for n in old for i in n.inputs]
    names = {n.name for n in new}
    for node in found.interior:
        if node.name in names and graph.get(node.name) is node:
            graph.replace(node, [n for n in new if n.name == node.name])
    rest = [n for n in new if graph.get(n.name) is not n]
    graph.replace(found.root, rest)
    remove_unread(graph, [n.name for n in found.interior if n.name not in names] + candidates, job)


def remove_unread(graph: Graph, names: Iterable[str], job: Job) -> None:
    """Remove nodes that nobody reads, and then what only they have read.

    Inputs, outputs and placeholders stay.
    """
    stack = list(names)
    while stack:
        node = graph.get(stack.pop())
        if node is None or job.is_kept(node.name) or node.op.startswith("Placeholder"):
            continue
        if graph.consumers(node.name):
            continue
        graph.remove(node.name)
        stack += [producer(i) for i in node.inputs]
