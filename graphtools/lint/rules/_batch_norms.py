"""Batch norms that fold_old_batch_norms and fold_batch_norms fold: these are run on a copy.

Functions' bodies are not looked at, as these transforms do not.
"""

from __future__ import annotations

from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.lint.rules._tensors import constant_of
from graphtools.lint.subject import Subject
from graphtools.rewrite.driver import would_apply
from graphtools.rewrite.transform import Job
from graphtools.transforms import fold_batch_norms
from graphtools.transforms._linear import LINEAR_OPS, WEIGHT_AXES

_NORMS = "fold_old_batch_norms"
_PRODUCTS = "fold_batch_norms"
_COMPUTED = f"fold_constants {_PRODUCTS}"


class Foldable(NamedTuple):
    """What can be folded.

    Attributes:
        nodes: Batch norms, or the products that are left of them.
        cure: The transforms that fold them.
    """

    nodes: list[Node]
    cure: str


def foldable_batch_norms(subject: Subject) -> Foldable:
    """The batch norms that fold_old_batch_norms folds."""
    norms = list(subject.nodes_of(*sorted(BATCH_NORMS)))
    return Foldable(changed(subject, norms, _NORMS), _NORMS)


def foldable_products(subject: Subject) -> Foldable:
    """The products that fold_batch_norms folds, after fold_constants where that is needed."""
    products = [n for n in subject.nodes_of("Mul") if len(n.data_inputs) == 2]
    if subject.ops.isdisjoint(WEIGHT_AXES):
        products = []
    plain = [n for n in products if _may_scale(subject, n, computed=False)]
    found = Foldable([], _PRODUCTS)
    if plain and _is_foldable(subject):
        found = Foldable(_scaled(subject, plain, _PRODUCTS), _PRODUCTS)
    if any(_may_scale(subject, n, computed=True) for n in products):
        more = Foldable(_scaled(subject, products, _COMPUTED), _COMPUTED)
        return more if len(more.nodes) > len(found.nodes) else found
    return found


def _is_foldable(subject: Subject) -> bool:
    """Whether fold_batch_norms finds a product to fold: most that may scale do not."""
    job = Job(subject.inputs, subject.outputs)
    try:
        return would_apply(subject.graph, [fold_batch_norms.rule_of(job)], job)
    except GraphtoolsError:  # a graph that no transform takes has other findings
        return False


def _scaled(subject: Subject, products: list[Node], cure: str) -> list[Node]:
    """The products of which a convolution, or what moves its result, has the name afterwards."""
    gone = changed(subject, products, cure)
    after = subject.transformed(cure).graph if gone else subject.graph
    return [n for n in gone if n.name in after and after[n.name].op in LINEAR_OPS]


def _may_scale(subject: Subject, node: Node, *, computed: bool) -> bool:
    """Whether a node multiplies what may come from a convolution by a constant of some kind."""
    for text, other in (node.data_inputs, node.data_inputs[::-1]):
        source = subject.graph.get(producer(text))
        if source is not None and source.op in LINEAR_OPS:
            is_there = constant_of(subject.graph, other) is not None
            if is_there != computed and (
                is_there or subject.inference.constness.is_constant(producer(other))
            ):
                return True
    return False


def changed(subject: Subject, nodes: list[Node], cure: str) -> list[Node]:
    """Those of some nodes that transforms replace or remove."""
    try:
        done = subject.transformed(cure).graph if nodes else Graph()
    except GraphtoolsError:  # a graph that no transform takes has other findings
        return []
    return [n for n in nodes if n.name not in done or done[n.name].op != n.op]
