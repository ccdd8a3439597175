"""Nodes that the converter merges with their neighbours before it looks for operators.

A comparison that is negated becomes the opposite comparison, a product of a negated number a
difference, two inverse transposes nothing: the type of a node that is merged does not matter then,
and messages name the node that it is merged into. Source: measured with TensorFlow 2.21, whose
canonical forms these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.arithmetic import QUOTIENTS, SUMS

if TYPE_CHECKING:
    from graphtools.compat.site import Site

#: By comparison, the one that tells the opposite.
OPPOSITE = {
    "Equal": "NotEqual",
    "NotEqual": "Equal",
    "Less": "GreaterEqual",
    "GreaterEqual": "Less",
    "Greater": "LessEqual",
    "LessEqual": "Greater",
}
_DIVISIONS = QUOTIENTS | {"TruncateDiv"}


def vanishes(site: Site) -> bool:
    """Whether nothing is left of a node, since it is merged with what reads it, or it reads."""
    undoes = _undoes(site)
    if undoes:
        return True
    test = _MERGED.get(site.node.op)
    if test is None or site.node.name in site.scope.outputs:
        return False
    users = site.users()
    return bool(users) and all(test(site, user, position) for user, position in users)


def compared(site: Site) -> Node | None:
    """The comparison that a LogicalNot makes the opposite of, None for any other node."""
    if site.node.op != "LogicalNot" or not site.sources:
        return None
    source = site.scope.graph.get(site.sources[0][0])
    found = source is not None and source.op in OPPOSITE and source.name not in site.scope.fed
    return source if found else None


def merged_how(op: str) -> str:
    """How nodes of an op are merged with what reads them, as a sentence; empty if they are not."""
    test = _MERGED.get(op)
    return test.__doc__ or "" if test is not None else ""


def _undoes(site: Site) -> bool:
    """Whether a node gives back what the node that it reads was given."""
    op = site.node.op
    if op not in _INVERSE_OF_ITSELF or not site.sources:
        return False
    source = site.scope.graph.get(site.sources[0][0])
    if source is None or source.op != op or source.name in site.scope.fed:
        return False
    return op != "Transpose" or _inverse(site, source)


_INVERSE_OF_ITSELF = frozenset({"Neg", "Reciprocal", "Transpose"})


def _inverse(site: Site, other: Node) -> bool:
    """Whether a transpose and another one change nothing together."""
    first, second = _order(site, site.node), _order(site, other)
    if first is None or second is None or len(first) != len(second):
        return False
    return [first[axis] for axis in second if axis < len(first)] == list(range(len(first)))


def _order(site: Site, node: Node) -> list[int] | None:
    """The order of a transpose's axes, None where it is not constant."""
    ref = Ref.parse(node.data_inputs[1])
    values = site.scope.inference.integers(ref.node, ref.index)
    if values is None or not site.scope.is_constant(ref.node):
        return None
    return [value for value in values.items if value is not None]


def _is_undone(site: Site, user: Node, position: int) -> bool:
    """One that another of the same op undoes vanishes with it, whatever its type."""
    return user.op == site.node.op and not position


def _in_sum(site: Site, user: Node, position: int) -> bool:
    """One that is undone, added or taken away is merged with what reads it, whatever its type."""
    if user.op in SUMS:
        return True
    return _is_undone(site, user, position) or (user.op == "Sub" and position == 1)


def _in_square(site: Site, user: Node, _position: int) -> bool:
    """One of float16 or float32 that only a Square reads is a SquaredDifference with it."""
    alone = len(site.users()) == 1
    return user.op == "Square" and alone and site.type_attr("T") in ("float16", "float32")


def _in_logarithm(_site: Site, user: Node, _position: int) -> bool:
    """One that only Log reads is a LogSoftmax with it, whatever its type."""
    return user.op == "Log"


def _in_division(_site: Site, user: Node, position: int) -> bool:
    """One by which is divided is an Rsqrt with the division, whatever its type."""
    return user.op in _DIVISIONS and position == 1


def _in_other(site: Site, user: Node, position: int) -> bool:
    """One of the second matrix of a MatMul, or that another Transpose reads, is merged with it."""
    order = _order(site, site.node)
    if user.op == "MatMul":
        return position == 1 and order == [1, 0]
    return user.op == "Transpose" and not position and None not in (order, _order(site, user))


def _negated(_site: Site, user: Node, _position: int) -> bool:
    """One that a LogicalNot reads becomes the opposite comparison with it."""
    return user.op == "LogicalNot"


_MERGED: Mapping[str, Callable[[Site, Node, int], bool]] = {
    "Neg": _in_sum,
    "Reciprocal": _is_undone,
    "Sub": _in_square,
    "Softmax": _in_logarithm,
    "Sqrt": _in_division,
    "Transpose": _in_other,
    **dict.fromkeys(OPPOSITE, _negated),
}
