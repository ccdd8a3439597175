"""What a rule says of a node; see `graphtools.compat.site`."""

from __future__ import annotations

from typing import NamedTuple, Union


class Builtin:
    """A node converts to builtin operators, or vanishes: `BUILTIN`."""


class Failure(NamedTuple):
    """The conversion fails at a node, whether Select TF ops are allowed or not.

    Attributes:
        kind: `error` or `crash`.
        reason: Why.
        remedy: What to do about it.
        lowering: Whether it fails only where lists of tensors become tensors. With Select TF ops
            they do not if there is an `Early` node.
    """

    kind: str
    reason: str
    remedy: str = ""
    lowering: bool = False


class Early(NamedTuple):
    """A node at which an early pass of the converter stops, which then names no others.

    Attributes:
        reason: Why it does not convert to builtin operators.
    """

    reason: str


BUILTIN = Builtin()

Judgement = Union[Builtin, Failure, Early, str, None]
