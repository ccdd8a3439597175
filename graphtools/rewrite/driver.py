"""Applies rewrite rules until nothing changes any more.

A rule is a pattern and a function from a match to the nodes that take its place, one of which has
the name of the matched root, or to a `Skip` with the reason why nothing is done. The driver
removes what was matched and is used by nobody else. It refuses a match of which an inner node is
used elsewhere, or is to be kept. What had to run before a node that goes, has to run before the
one that takes the root's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.rewrite.colocations import update_colocations
from graphtools.rewrite.pattern import Match, Pattern, match
from graphtools.rewrite.transform import Job, Skipped

#: So often the rules go over the graph; no rule that ends needs as many.
MOST_ROUNDS = 100


class Skip(NamedTuple):
    """Why a match was not rewritten; empty if nobody needs to be told."""

    reason: str


class Unfit(GraphtoolsError):
    """Raised deep inside a rewrite function, in place of the `Skip` with this message."""


class Rule(NamedTuple):
    """What to look for, and what to put in its place.

    Attributes:
        pattern: What is looked for.
        rewrite: From graph and match to the nodes that take its place, or the reason why not. It
            may add to the match's interior what it has found to go, or to be replaced by a node of
            the same name; that nobody else uses this, it has to see to itself.
    """

    pattern: Pattern
    rewrite: Callable[[Graph, Match], Sequence[Node] | Skip]


def apply_rules(graph: Graph, rules: Sequence[Rule], job: Job) -> int:
    """Rewrite a graph until no rule applies any more.

    Returns:
        The number of matches that were rewritten.
    """
    done = 0
    before = [node.name for node in graph]
    #: By node, why it is left as it is; a later round may still rewrite it.
    skipped: dict[str, str] = {}
    #: Constants that may be unread: others share them, so that each is looked at once a round.
    constants: set[str] = set()
    for _ in range(MOST_ROUNDS):
        changed = 0
        for node in list(graph.nodes):
            if graph.get(node.name) is node:
                changed += _apply_at(graph, rules, job, node, skipped, constants)
        remove_unread(graph, sorted(constants), job)
        constants.clear()
        done += changed
        if not changed:
            break
    known = set(job.skipped)
    entries = (Skipped(*entry) for entry in skipped.items() if entry[0] in graph)
    job.skipped += [entry for entry in entries if entry not in known]
    if done:
        update_colocations(graph, {name: None for name in before if name not in graph})
    return done


def _apply_at(
    graph: Graph,
    rules: Sequence[Rule],
    job: Job,
    node: Node,
    skipped: dict[str, str],
    constants: set[str],
) -> int:
    for rule in rules:
        if node.op not in rule.pattern.ops:
            continue
        found = match(graph, rule.pattern, node)
        if found is None:
            continue
        reason = used_elsewhere(graph, found, job)
        outcome: Sequence[Node] | Skip = Skip(reason)
        if not reason:
            try:
                outcome = rule.rewrite(graph, found)
            except Unfit as refusal:
                outcome = Skip(refusal.message)
        if not isinstance(outcome, Skip):
            replace_match(graph, found, outcome, job, constants)
            skipped.pop(node.name, None)
            return 1
        if outcome.reason:
            skipped[node.name] = outcome.reason
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


def replace_match(
    graph: Graph,
    found: Match,
    new: Sequence[Node],
    job: Job,
    constants: set[str] | None = None,
) -> None:
    """Put nodes in the place of a match, and remove what nobody reads any more.

    Args:
        graph: The graph.
        found: The match.
        new: What takes its place.
        job: Tells which nodes stay.
        constants: Where to note constants that may be unread, instead of removing them.
    """
    old = [found.root, *found.interior]
    candidates = list(dict.fromkeys(producer(i) for n in old for i in n.inputs))
    names = {n.name for n in new}
    gone = [n for n in old if n.name not in names or n is found.root]
    vanished = {n.name for n in gone} | {found.root.name}
    for node in new:
        if node.name == found.root.name:
            controls = dict.fromkeys(c for n in gone for c in n.control_inputs)
            more = [f"^{c}" for c in controls if c not in vanished and f"^{c}" not in node.inputs]
            node.inputs += tuple(more)
    for node in found.interior:
        if node.name in names and graph.get(node.name) is node:
            graph.replace(node, [n for n in new if n.name == node.name])
    rest = [n for n in new if graph.get(n.name) is not n]
    graph.replace(found.root, rest)
    gone_names = [n.name for n in found.interior if n.name not in names]
    remove_unread(graph, gone_names + candidates, job, constants)


def remove_unread(
    graph: Graph, names: Iterable[str], job: Job, constants: set[str] | None = None
) -> None:
    """Remove nodes that nobody reads, and then what only they have read.

    Inputs, outputs and placeholders stay.

    Args:
        graph: The graph.
        names: Names of nodes that may be unread.
        job: Tells which nodes are inputs and outputs.
        constants: Where to note constants instead of looking who reads them.
    """
    stack = list(names)
    while stack:
        node = graph.get(stack.pop())
        if node is None or job.is_kept(node.name) or node.op.startswith("Placeholder"):
            continue
        if constants is not None and node.op == "Const":
            constants.add(node.name)
            continue
        if graph.consumers(node.name):
            continue
        graph.remove(node.name)
        stack += [producer(i) for i in node.inputs]
