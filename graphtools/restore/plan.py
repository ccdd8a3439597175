"""What a restore plan consists of, and the comparison that each variable of one comes down to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from graphtools.display import Displayed
from graphtools.formats.checkpoint import OBJECT_GRAPH
from graphtools.restore.model_variables import ModelVariable, ModelVariables, Tensors, kind_of
from graphtools.wording import and_others

RESTORED, SHAPE_DIFFERS, MISSING, NOT_ASKED = STATUSES = (
    "restored",
    "shape_differs",
    "missing",
    "not_asked",
)


@dataclasses.dataclass(frozen=True)
class PlannedVariable:
    """What becomes of a variable of the model.

    Attributes:
        name: Its name.
        shape: Its dimensions; None for an unknown rank.
        status: `restored`, `shape_differs`, `missing` (in the checkpoint) or `not_asked`.
        checkpoint_key: The key it is looked for by; None where it is not asked for.
        checkpoint_shape: Dimensions of what the checkpoint has under this key, if anything.
        reason: The rule that decided, in words.
        kind: `model`, `optimizer slot`, `moving average`, `global step` or `local`.
        trained: Whether training changes it, as far as that can be told.
        error: What TensorFlow would say, where the restore fails; else empty.
    """

    name: str
    shape: list[int | None] | None
    status: str
    checkpoint_key: str | None
    checkpoint_shape: list[int | None] | None
    reason: str
    kind: str = "model"
    trained: bool = True
    error: str = ""


@dataclasses.dataclass(frozen=True)
class UnusedTensor:
    """A tensor of the checkpoint that no variable asks for.

    Attributes:
        name: Its key.
        shape: Its dimensions.
        kind: What it is there for, by its name: see `PlannedVariable`.
    """

    name: str
    shape: list[int | None] | None
    kind: str


@dataclasses.dataclass(frozen=True)
class Alternative:
    """What other settings would lead to.

    Attributes:
        settings: The settings, as they would be written.
        current: Whether these are the settings of the configuration.
        asked: Number of variables that would be asked for.
        restored: How many of them would be restored.
        shape_differs: How many would clash.
        missing: How many the checkpoint lacks.
        words: The difference to the configuration, in words.
    """

    settings: str
    current: bool
    asked: int
    restored: int
    shape_differs: int
    missing: int
    words: str


@dataclasses.dataclass(frozen=True)
class ScopeFinding:
    """What one of the given scopes does.

    Attributes:
        option: The option it was given with.
        scope: The scope.
        matches: Number of variables that it matches.
        problem: What is wrong with it; empty if nothing is.
        remedy: What to write instead; may be empty.
    """

    option: str
    scope: str
    matches: int
    problem: str
    remedy: str


@dataclasses.dataclass(frozen=True)
class RestorePlan(Displayed):
    """Which variables of a model are restored from a checkpoint.

    Attributes:
        tool: Whose rules decide: `object_detection`, `slim`, or `saver` for the Saver of the graph.
        checkpoint: The checkpoint's path.
        model: The model's path; empty where the variables are presumed.
        model_source: `graph`, `frozen graph` or `checkpoint`.
        settings: The settings that decide.
        in_words: What these settings ask for, in words.
        counts: Number of variables of the model by status; optimizer slots, moving averages and the
            global step are not in it.
        complete: Whether all that is asked for is restored, and something is.
        decided: Whether that can be told: not, where only the model tells what else is asked for.
        variables: All variables of the model, sorted by name.
        randomly_initialised: Variables of the model that keep their initial values.
        unused: What the checkpoint holds that nobody asks for.
        outcomes: What other settings would lead to.
        warnings: What one should know, the most important first.
        notes: What was presumed.
        scopes: What the given scopes do.
        failure: What would make the restore fail, in words; empty if nothing does.
        proposed_exclude_scopes: The shortest list that makes the restore succeed; None where none
            is needed or none helps.
        edit: Where another checkpoint would do better, the command line that makes it of this one,
            and the one that plans its restore.
    """

    tool: str
    checkpoint: str
    model: str
    model_source: str
    settings: Mapping[str, object]
    in_words: str
    counts: Mapping[str, int]
    complete: bool
    decided: bool
    variables: tuple[PlannedVariable, ...]
    randomly_initialised: tuple[str, ...]
    unused: tuple[UnusedTensor, ...]
    outcomes: tuple[Alternative, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scopes: tuple[ScopeFinding, ...] = ()
    failure: str = ""
    proposed_exclude_scopes: tuple[str, ...] | None = None
    edit: tuple[str, ...] = ()


def compare(
    variable: ModelVariable, key: str, tensors: Tensors, why: str, trained: bool
) -> PlannedVariable:
    """Compare a variable with what the checkpoint has under its key.

    Shapes have to be equal, dimension by dimension; dtypes are not compared.
    """
    shape = variable.shape.to_json()
    stored = tensors.get(key)
    if stored is None:
        reason = f"{why}; the checkpoint has no {key}"
        status, stored_shape = MISSING, None
    else:
        stored_shape = stored[1].to_json()
        if shape is not None and stored_shape == shape:
            status, reason = RESTORED, why
        elif shape is None or None in shape:
            status = SHAPE_DIFFERS
            reason = f"{why}; the graph does not tell its whole shape, so that no shape is equal"
        else:
            status = SHAPE_DIFFERS
            reason = (
                f"{why}; the model's shape is {variable.shape}, the checkpoint's is {stored[1]}"
            )
    return PlannedVariable(
        variable.name, shape, status, key, stored_shape, reason, variable.kind, trained
    )


def not_asked(variable: ModelVariable, reason: str, trained: bool) -> PlannedVariable:
    """A variable that is not asked for."""
    shape = variable.shape.to_json()
    return PlannedVariable(
        variable.name, shape, NOT_ASKED, None, None, reason, variable.kind, trained
    )


def counts_of(planned: Iterable[PlannedVariable]) -> dict[str, int]:
    """Number of variables by status; only those of the model itself count."""
    counts = dict.fromkeys(STATUSES, 0)
    for variable in planned:
        if variable.kind == "model":
            counts[variable.status] += 1
    return counts


def unused_tensors(
    planned: Iterable[PlannedVariable], tensors: Tensors
) -> tuple[UnusedTensor, ...]:
    """What the checkpoint holds that nobody asks for."""
    asked = {v.checkpoint_key for v in planned}
    return tuple(
        UnusedTensor(name, shape.to_json(), kind_of(name))
        for name, (_, shape) in tensors.items()
        if name not in asked and name != OBJECT_GRAPH
    )


def left_random(planned: Iterable[PlannedVariable]) -> tuple[str, ...]:
    """Variables of the model that keep their initial values."""
    return tuple(v.name for v in planned if v.kind == "model" and v.status != RESTORED)


def frozen_note(model: ModelVariables) -> str:
    """What is to be known of a model that is given as a frozen graph."""
    return (
        f"{model.path} is frozen: its variables are taken from the constants that they became; "
        "an exporter may have folded or removed some"
    )


def is_object_based(tensors: Tensors) -> bool:
    """Whether a checkpoint was written by TF2's `tf.train.Checkpoint`."""
    return OBJECT_GRAPH in tensors


OBJECT_BASED = (
    "the checkpoint is object-based, as TensorFlow 2 writes: its keys are paths in a tree of "
    "objects, by which no variable of a TensorFlow 1 graph is found"
)


def dtype_warnings(planned: Iterable[PlannedVariable], model: Mapping[str, ModelVariable],
                   tensors: Tensors) -> list[str]:  # fmt: skip
    """What would fail since dtypes are not compared beforehand."""
    clashes = []
    for v in planned:
        own = model[v.name].dtype
        if v.status == RESTORED and v.checkpoint_key and own is not None:
            stored = tensors[v.checkpoint_key][0]
            if stored is not own:
                clashes.append(f"{v.name} is {own}, the checkpoint's {v.checkpoint_key} {stored}")
    if not clashes:
        return []
    first = f"{clashes[0]}{and_others(clashes)}"
    return [f"dtypes are not compared, but restoring fails where they differ: {first}"]
