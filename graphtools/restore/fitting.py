"""The edit of a checkpoint that its restore plan implies, so that the restore succeeds.

What the model asks for and finds stays; a scope that has another name in the checkpoint moves;
what has another shape leaves, so that the model initialises it; and so does what nobody asks for,
such as slots and global_step.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping

from graphtools.graph.dtypes import DType
from graphtools.graph.shape import Shape
from graphtools.idioms.scope_moves import find_moves
from graphtools.restore.model_variables import ModelVariables, Tensors
from graphtools.restore.plan import MISSING, RESTORED, SHAPE_DIFFERS, RestorePlan, unused_tensors


@dataclasses.dataclass(frozen=True)
class Fitting:
    """An edit that makes a checkpoint fit.

    Attributes:
        names: Of what stays, the new name by the old one.
        casts: Of what stays, the dtype that it needs, by its new name.
        clashing: What leaves as it does not fit, with the reason.
        unused: What leaves as nobody asks for it.
    """

    names: Mapping[str, str]
    casts: Mapping[str, DType]
    clashing: Mapping[str, str]
    unused: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether something has another name then."""
        return any(old != new for old, new in self.names.items())


def fitting(plan: RestorePlan, tensors: Tensors, model: ModelVariables | None) -> Fitting:
    """The edit that a restore plan implies.

    Args:
        plan: The plan.
        tensors: What the checkpoint holds.
        model: The variables of the model, which tell the dtypes; None where they are presumed.
    """
    asked = {v.checkpoint_key: v.name for v in plan.variables if v.checkpoint_key}
    names = {k: k for v in plan.variables if v.status == RESTORED and (k := v.checkpoint_key)}
    clashing = {
        v.checkpoint_key: f"{_shown(v.checkpoint_shape)}, the model's is {_shown(v.shape)}"
        for v in plan.variables
        if v.status == SHAPE_DIFFERS and v.checkpoint_key
    }
    missing = {v.checkpoint_key: v.shape for v in plan.variables if v.status == MISSING
               if v.checkpoint_key}  # fmt: skip
    left = {t.name: t.shape for t in unused_tensors(plan.variables, tensors)}
    moves, _ = find_moves(missing, left, lambda a, b: missing[a] == left[b])
    for move in moves:
        if move.kind == "scope":
            names |= {theirs: ours for ours, theirs in move.variables}
    known = {v.name: v.dtype for v in model.variables} if model else {}
    casts = {}
    for old, new in list(names.items()):
        own, wanted = tensors[old][0], known.get(asked[new])
        if wanted is None or own is wanted:
            continue
        if own.is_floating and wanted.is_floating:
            casts[new] = wanted
        else:
            clashing[old] = f"{own}, the model's is {wanted}"
            del names[old]
    unused = tuple(n for n in tensors if n not in names and n not in clashing)
    return Fitting(names, casts, clashing, unused)


def program_names(full_names: Mapping[str, str]) -> dict[str, str]:
    """By key the names that variables of objects had in their programs, those of one alone."""
    counts = Counter(full_names.values())
    return {key: name for key, name in full_names.items() if name and counts[name] == 1}


def fitted(tensors: Tensors, edit: Fitting) -> dict[str, tuple[DType, Shape]]:
    """What the checkpoint holds when it has been edited so."""
    kept = {new: tensors[old] for old, new in edit.names.items()}
    return {new: (edit.casts.get(new, kind), shape) for new, (kind, shape) in kept.items()}


def _shown(dims: list[int | None] | None) -> str:
    return str(Shape(dims))
