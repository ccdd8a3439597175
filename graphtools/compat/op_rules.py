"""What is known of one op: its entry in the table, and what the rule for it says."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence

from graphtools.compat.merging import merged_how
from graphtools.compat.site import rule
from graphtools.compat.table import OpEntry, Types, table
from graphtools.errors import unknown_name
from graphtools.ops.definitions import op_names


@dataclasses.dataclass(frozen=True)
class TypeSet:
    """Types that a node's attributes may have together.

    Attributes:
        types: By attribute, the names of the types, sorted.
        outcome: `builtin`, or `error` or `crash` where the conversion fails.
    """

    types: dict[str, list[str]]
    outcome: str


@dataclasses.dataclass(frozen=True)
class OpRules:
    """When an op converts to TFLite.

    Attributes:
        op: The op.
        tf_version: TensorFlow version whose converter is meant.
        is_known: Whether this TensorFlow has the op.
        flex: Whether Select TF ops may run it.
        types: Types with which it converts to builtin operators, or fails; others go to Select TF
            ops or need a custom operator.
        ranks: By input number, the highest rank for builtin operators.
        constant: Inputs that must be constant for builtin operators.
        lost: By attribute, values for which there is no builtin operator.
        rule: What decides beside, as text; empty where types alone do.
    """

    op: str
    tf_version: str
    is_known: bool
    flex: bool
    types: tuple[TypeSet, ...]
    ranks: dict[int, int]
    constant: tuple[str, ...]
    lost: dict[str, list[str]]
    rule: str


def rules_of(op: str, tf_version: str | None = None) -> OpRules:
    """What is known of an op.

    Args:
        op: Its name.
        tf_version: TensorFlow version whose converter is meant; the newest known one if None.

    Raises:
        UnknownName: No known TensorFlow has the op.
        InvalidValue: There is no table for the version.
    """
    known = table(tf_version)
    entry = known.ops.get(op)
    if entry is None and op not in set(op_names()):
        raise unknown_name("op", op, known.ops, f"TensorFlow {known.version}")
    function = rule.get(op)
    told = [function.__doc__ or "" if function is not None else "", merged_how(op)]
    text = "\n\n".join(inspect.cleandoc(part) for part in told if part)
    if entry is None:
        return OpRules(op, known.version, False, False, (), {}, (), {}, text)
    return OpRules(
        op,
        known.version,
        True,
        entry.flex,
        _type_sets(entry),
        dict(entry.ranks),
        tuple(dict.fromkeys(entry.constant)),
        {name: list(values) for name, values in entry.lost.items()},
        text,
    )


def _type_sets(entry: OpEntry) -> tuple[TypeSet, ...]:
    found: Sequence[tuple[Types, str]] = [(types, "builtin") for types in entry.builtin]
    return tuple(
        TypeSet({name: sorted(values) for name, values in types.items()}, outcome)
        for types, outcome in [*found, *entry.fails]
    )
