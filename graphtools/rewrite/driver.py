"""Applies rewrite rules until nothing changes any more.

A rule is a pattern, a check that finds out what the rewrite has to know or refuses, and a rewrite:
from a match and what the check has found to the nodes that take its place, one of which has the
name of the matched root. The one way to refuse is to raise `Unfit`, with the reason.

The driver removes what was matched and is used by nobody else. It refuses a match of which an
inner node is read elsewhere, or is to be kept. What had to run before a node that goes, has to run
before the one that takes the root's name; what only waited for it, waits for what it has waited
for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from graphtools.graph.colocations import update_colocations
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers, other_reader
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import SWITCHES
from graphtools.ops.definitions import output_dtypes
from graphtools.rewrite.pattern import Match, Pattern, match
from graphtools.rewrite.transform import Job, Skipped
from graphtools.rewrite.unfit import Unfit

#: So often the rules go over the graph; no rule that ends needs as many.
MOST_ROUNDS = 100

T = TypeVar("T")


class Replacement(NamedTuple):
    """What takes the place of a match.

    Attributes:
        new: Nodes; one has the name of the root, others may have names of nodes that go, or of
            constants, which they then replace.
        gone: What goes beside the match, sought out by the check; that nobody else uses this, the
            check has to see to.
    """

    new: Sequence[Node]
    gone: Sequence[Node] = ()


@dataclasses.dataclass(frozen=True)
class RewriteRule(Generic[T]):
    """What to look for, and what to put in its place.

    Attributes:
        pattern: What is looked for.
        check: From graph and match to what the rewrite has to know; raises `Unfit` to refuse.
        rewrite: From graph, match and what the check has found to what takes the match's place.
            It edits neither; it raises `Unfit` where only the values that it computes tell.
    """

    pattern: Pattern
    check: Callable[[Graph, Match], T]
    rewrite: Callable[[Graph, Match, T], Replacement]


def apply_rules(graph: Graph, rules: Sequence[RewriteRule[Any]], job: Job) -> int:
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
    roots = frozenset[str]().union(*(rule.pattern.roots for rule in rules))
    for _ in range(MOST_ROUNDS):
        changed = 0
        for node in list(graph.nodes):
            if node.op in roots and graph.get(node.name) is node:
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


def would_apply(graph: Graph, rules: Sequence[RewriteRule[Any]], job: Job) -> bool:
    """Whether a rule may apply to a graph as it is: a trial for which nothing is rewritten.

    Where it says no, `apply_rules` changes nothing; after a yes the rewrite may still refuse.
    """
    return any(
        node.op in rule.pattern.roots and _passes(graph, rule, job, node)
        for node in graph
        for rule in rules
    )


def _passes(graph: Graph, rule: RewriteRule[Any], job: Job, node: Node) -> bool:
    found = match(graph, rule.pattern, node)
    if found is None:
        return False
    try:
        require_unused(graph, found, job)
        rule.check(graph, found)
    except Unfit:
        return False
    return True


def _apply_at(
    graph: Graph,
    rules: Sequence[RewriteRule[Any]],
    job: Job,
    node: Node,
    skipped: dict[str, str],
    constants: set[str],
) -> int:
    for rule in rules:
        found = match(graph, rule.pattern, node) if node.op in rule.pattern.roots else None
        if found is None:
            continue
        try:
            require_unused(graph, found, job)
            outcome = rule.rewrite(graph, found, rule.check(graph, found))
            root = next(new for new in outcome.new if new.name == node.name)
            require_outputs(graph, node, root, job)
        except Unfit as refusal:
            skipped[node.name] = refusal.message
            continue
        replace_match(graph, found, outcome, job, constants)
        skipped.pop(node.name, None)
        return 1
    return 0


def require_unused(graph: Graph, found: Match, job: Job) -> None:
    """State that the inner nodes of a match are its own affair.

    Raises:
        Unfit: One is an input or output, or read by others.
    """
    inside = {found.root.name, *(n.name for n in found.interior)}
    for node in (*found.interior, *found.sole):
        if job.is_kept(node.name):
            raise Unfit(f"{node.name!r} is an input or output")
        other = foreign_reader(graph, node, inside)
        if other:
            raise Unfit(f"{node.name!r} is used by {other!r}, too")


def foreign_reader(graph: Graph, node: Node, inside: Collection[str]) -> str:
    """Name of a node that uses another one's values, beside some; empty if none does.

    Who only waits for a node does not use its values; but on a branch of a conditional it learns
    from it whether it runs.
    """
    other = other_reader(graph, node.name, inside)
    if other is None and any(_is_switch(graph, i) for i in node.data_inputs):
        other = next((n for n in graph.consumers(node.name) if n.name not in inside), None)
    return "" if other is None else other.name


def _is_switch(graph: Graph, text: str) -> bool:
    source = graph.get(producer(text))
    return source is not None and source.op in SWITCHES


def replace_match(
    graph: Graph,
    found: Match,
    outcome: Replacement,
    job: Job,
    constants: set[str] | None = None,
) -> None:
    """Put nodes in the place of a match, and remove what nobody reads any more.

    Args:
        graph: The graph.
        found: The match.
        outcome: What takes its place.
        job: Tells which nodes stay.
        constants: Where to note constants that may be unread, instead of removing them.
    """
    root = found.root
    old = {n.name: n for n in (root, *found.interior, *outcome.gone)}
    candidates = list(dict.fromkeys(producer(i) for n in old.values() for i in n.inputs))
    names = {n.name for n in outcome.new}
    gone = {name: n for name, n in old.items() if name not in names}
    _let_wait_for_sources(graph, gone)
    before = dict.fromkeys(c for n in (root, *gone.values()) for c in n.control_inputs)
    beside = []
    for node in outcome.new:
        if node.name == root.name:
            missing = (f"^{c}" for c in before if c not in gone and c != root.name)
            controls = dict.fromkeys((*(f"^{c}" for c in node.control_inputs), *missing))
            beside.append(node.variant(inputs=(*node.data_inputs, *controls)))
        elif node.name in old:
            graph.replace(old[node.name], [node])
        else:
            beside.append(node)
    graph.replace(root, beside)
    remove_unread(graph, [*gone, *candidates], job, constants, heir=root.name)


def _let_wait_for_sources(graph: Graph, gone: Mapping[str, Node]) -> None:
    """Let what only waits for nodes that go wait for what these have waited for."""

    def onward(name: str) -> Iterable[str]:
        node = gone.get(name) or graph.get(name)
        passes = node is not None and (name in gone or node.op == "Const")
        return map(producer, node.inputs) if passes and node is not None else ()

    for node in gone.values():
        for reader in graph.consumers(node.name):
            if reader.name not in gone and f"^{node.name}" in reader.inputs:
                sources = [n for n in reach([node.name], onward) if n not in gone]
                waits = (f"^{n}" for n in sources if n in graph and graph[n].op != "Const")
                others = (i for i in reader.inputs if i[:1] == "^" and i[1:] != node.name)
                graph.set_inputs(reader, (*reader.data_inputs, *dict.fromkeys((*others, *waits))))


def require_outputs(graph: Graph, old: Node, new: Node, job: Job) -> None:
    """State that a node gives all outputs of another one that somebody reads.

    Raises:
        Unfit: It does not.
    """
    given = output_dtypes(new)
    count = 1 if given is None else len(given)
    for ref in job.outputs:
        if ref.node == old.name and ref.index >= count:
            raise Unfit(f"{str(ref)!r} is an output of the graph")
    for reader in data_readers(graph, old.name):
        if reader.output >= count:
            tensor = str(Ref(old.name, reader.output))
            raise Unfit(f"{tensor!r} is used by {reader.node.name!r}")


def remove_unread(
    graph: Graph,
    names: Iterable[str],
    job: Job,
    constants: set[str] | None = None,
    heir: str = "",
) -> None:
    """Remove nodes that nobody reads, and then what only they have read.

    Inputs, outputs and placeholders stay.

    Args:
        graph: The graph.
        names: Names of nodes that may be unread.
        job: Tells which nodes are inputs and outputs.
        constants: Where to note constants instead of looking who reads them.
        heir: Name of the node that waits from now on for what they have waited for; without one
            that need not run any more.
    """
    stack = list(names)
    while stack:
        node = graph.get(stack.pop())
        if node is None or job.is_kept(node.name) or node.op.startswith("Placeholder"):
            continue
        if constants is not None and node.op == "Const":
            constants.add(node.name)
            continue
        if graph.is_read(node.name):
            continue
        graph.remove(node.name)
        if heir in graph and node.op != "Const":
            known = graph[heir].inputs
            runs = {heir, *map(producer, known)}
            more = (f"^{c}" for c in node.control_inputs if c not in runs)
            graph.set_inputs(graph[heir], (*known, *dict.fromkeys(more)))
        stack += [producer(i) for i in node.inputs]
