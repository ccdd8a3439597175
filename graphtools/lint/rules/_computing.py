"""Which nodes are left of a graph in a TFLite model, and what a delegate says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphtools.compat.lowering import VANISHES
from graphtools.findings.rule import Found
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import producer
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.rules._wording import how_to_fix, together
from graphtools.lint.subject import Subject
from graphtools.ops.arithmetic import QUOTIENTS
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.dims import show
from graphtools.wording import and_more, counted

#: From so many ops on one finding stands for all.
_MANY = 8


@per_subject
def computing_nodes(subject: Subject) -> tuple[Node, ...]:
    """The nodes that outputs need and that compute with what is fed.

    What is constant is left out, also what will be when the shapes of the inputs are known, and
    what vanishes in conversion.
    """
    constant = subject.inference.constness.is_constant
    fixed: set[str] = set()
    found = []
    for node in runnable_order(subject.graph)[0]:
        name = node.name
        if name not in subject.live or name in subject.input_nodes:
            continue
        sources = [producer(i) for i in node.data_inputs]
        if node.op in FROM_SHAPES or constant(name) or (sources and fixed.issuperset(sources)):
            fixed.add(name)
        elif node.op not in VANISHES:
            found.append(node)
    return tuple(found)


def divides_by_constant(subject: Subject, node: Node) -> bool:
    """Whether a node is a quotient that the converter writes as a product."""
    source = subject.source(node, 1)
    if node.op not in QUOTIENTS or source is None:
        return False
    return subject.inference.constness.is_constant(source.name)


def inputs_of_unknown_size(subject: Subject) -> Iterator[Found]:
    """A finding for each input of which a dimension, or the rank, is not known."""
    for name in subject.inputs:
        dims = subject.dims(name)
        if dims is None or None in dims:
            message = f"the input {name!r} has the shape {show(dims)}"
            yield Found(producer(name), message, how_to_fix(name, dims))


def by_op(subject: Subject, reason_of: Callable[[Node], str], what: str) -> Iterator[Found]:
    """Findings for the nodes for which there is a reason: one for each op and reason.

    Args:
        subject: The graph.
        reason_of: Gives the reason for a node; empty for none.
        what: What the nodes have in common, where there are so many that one finding has to do.
    """
    groups: dict[tuple[str, str], list[Node]] = {}
    for node in computing_nodes(subject):
        reason = reason_of(node)
        if reason:
            groups.setdefault((node.op, reason), []).append(node)
    if len(groups) <= _MANY:
        for (_, reason), nodes in groups.items():
            yield Found(nodes[0], reason + together([n.name for n in nodes]))
        return
    ops: dict[str, int] = {}
    for (op, _), nodes in groups.items():
        ops[op] = ops.get(op, 0) + len(nodes)
    total = counted(sum(ops.values()), "node")
    shown = ", ".join(f"{op} ({count:,})" for op, count in list(ops.items())[:_MANY])
    rest = and_more(len(ops) - _MANY, "op")
    first = next(iter(groups.values()))[0]
    yield Found(first, f"{total} {what}, this one first: {shown}{rest}")
