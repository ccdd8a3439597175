"""The restore plan of TF-slim's train_image_classifier and of SSD-Tensorflow.

1. Candidates are the model variables: those that slim's layers made, without optimizer slots,
   moving averages and the global step.
2. A candidate is excluded if its name begins with a scope of `checkpoint_exclude_scopes`.
3. With `checkpoint_model_scope`, the key is the name with every `model_name` replaced by it.
4. What the checkpoint lacks is skipped with `ignore_missing_vars`, and fails without.
5. A shape that differs fails always.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.idioms.scope_moves import find_moves
from graphtools.restore.model_variables import (
    AVERAGE,
    LOCAL,
    MODEL,
    SLOT,
    STEP,
    ModelVariable,
    ModelVariables,
    Tensors,
)
from graphtools.restore.plan import (
    MISSING,
    NOT_ASKED,
    OBJECT_BASED,
    RESTORED,
    SHAPE_DIFFERS,
    PlannedVariable,
    RestorePlan,
    compare,
    counts_of,
    dtype_warnings,
    frozen_note,
    is_object_based,
    left_random,
    not_asked,
    unused_tensors,
)
from graphtools.restore.scope_lists import (
    check_patterns,
    exclude_findings,
    excluding_scope,
    shortest_exclude_list,
    split_scopes,
    trainable_findings,
    trained_by,
)
from graphtools.wording import counted

_OTHER_KINDS = {
    SLOT: "an optimizer slot is no model variable",
    AVERAGE: "a moving average is no model variable",
    STEP: "global_step is no model variable: training starts at step 0",
    LOCAL: "a local variable is no model variable",
}


@dataclasses.dataclass(frozen=True)
class SlimSettings:
    """The flags that decide.

    Attributes:
        exclude_scopes: checkpoint_exclude_scopes as it is given; None if unset.
        trainable_scopes: trainable_scopes as it is given; None if unset: all are trained.
        ignore_missing_vars: Whether variables that the checkpoint lacks are skipped.
        checkpoint_model_scope: What stands for the model's name in the checkpoint; None if unset.
        model_name: The model's name; None for the first scope that its variables have in common.

    Example:
        >>> SlimSettings(exclude_scopes="MobilenetV1/Logits").ignore_missing_vars
        False
    """

    exclude_scopes: str | None = None
    trainable_scopes: str | None = None
    ignore_missing_vars: bool = False
    checkpoint_model_scope: str | None = None
    model_name: str | None = None


def slim_plan(
    tensors: Tensors, model: ModelVariables, settings: SlimSettings, checkpoint: str = ""
) -> RestorePlan:
    """Which variables TF-slim or SSD-Tensorflow restores from a checkpoint.

    Args:
        tensors: What the checkpoint holds.
        model: The variables of the model.
        settings: The flags.
        checkpoint: The checkpoint's path.

    Raises:
        InvalidValue: A trainable scope is no regular expression, or no model name is given where
            the variables have no first scope in common.
    """
    check_patterns(split_scopes(settings.trainable_scopes) or [])
    candidates = [v for v in model.variables if _is_candidate(v, model)]
    names = [v.name for v in candidates]
    settings = _with_model_name(settings, names)
    planned = _planned(tensors, model, settings)
    # what would become of the candidates if none were excluded
    free = _planned(tensors, model, dataclasses.replace(settings, exclude_scopes=None))
    counts = counts_of(planned)
    asked = sum(counts.values()) - counts[NOT_ASKED]
    failure = failure_in_words(planned)
    return RestorePlan(
        tool="slim",
        checkpoint=checkpoint,
        model=model.path,
        model_source=model.source,
        settings=dataclasses.asdict(settings),
        in_words=_in_words(settings),
        counts=counts,
        complete=asked > 0 and counts[RESTORED] == asked,
        decided=True,
        variables=planned,
        randomly_initialised=left_random(planned),
        unused=unused_tensors(planned, tensors),
        warnings=(
            *_renaming(tensors, model, planned, settings),
            *_warnings(tensors, model, planned, free, asked, settings),
        ),
        notes=tuple(_notes(model, settings)),
        scopes=(
            *exclude_findings(settings.exclude_scopes, names),
            *trainable_findings(settings.trainable_scopes, [v.name for v in _trainable(model)]),
        ),
        failure=failure,
        proposed_exclude_scopes=_proposal(free) if failure or not asked else None,
    )


def _is_candidate(variable: ModelVariable, model: ModelVariables) -> bool:
    return variable.kind == MODEL and (variable.collected or not model.collections)


def _trainable(model: ModelVariables) -> list[ModelVariable]:
    return [v for v in model.variables if v.trainable]


def _with_model_name(settings: SlimSettings, names: Sequence[str]) -> SlimSettings:
    """The settings with the model's name, which is the first scope of its variables."""
    if settings.checkpoint_model_scope is None or settings.model_name:
        return settings
    scopes = {name.split("/")[0] for name in names}
    if len(scopes) != 1:
        raise InvalidValue(
            "the variables of the model have no first scope in common that "
            f"{param('checkpoint_model_scope')} could stand for",
            f"give the scope to be replaced with {param('model_name')}",
        )
    return dataclasses.replace(settings, model_name=scopes.pop())


def _key(name: str, settings: SlimSettings) -> str:
    if settings.checkpoint_model_scope is None or not settings.model_name:
        return name
    return name.replace(settings.model_name, settings.checkpoint_model_scope)


def _planned(
    tensors: Tensors, model: ModelVariables, settings: SlimSettings
) -> tuple[PlannedVariable, ...]:
    """What becomes of each variable, by name."""
    # an empty text is no list of scopes, but one with a comma is
    excluded = (split_scopes(settings.exclude_scopes) or []) if settings.exclude_scopes else []
    trainable = split_scopes(settings.trainable_scopes)
    keys: dict[str, str] = {}
    for variable in model.variables:
        if _is_candidate(variable, model) and excluding_scope(variable.name, excluded) is None:
            keys[_key(variable.name, settings)] = variable.name
    planned = []
    for variable in model.variables:
        name = variable.name
        trained = variable.trainable and (trainable is None or bool(trained_by(name, trainable)))
        scope = excluding_scope(name, excluded)
        key = _key(name, settings)
        if not _is_candidate(variable, model):
            reason = _OTHER_KINDS.get(
                variable.kind,
                "no slim layer made it: it is not in the collection model_variables",
            )
            planned.append(not_asked(variable, reason, trained))
        elif scope is not None:
            planned.append(not_asked(variable, f"excluded by {scope!r}", trained))
        elif keys[key] != name:
            reason = f"its key {key} is that of {keys[key]}, too, which gets it"
            planned.append(not_asked(variable, reason, trained))
        else:
            why = "no scope excludes it"
            if key != name:
                why += f"; {settings.model_name} is {settings.checkpoint_model_scope} in the key"
            planned.append(with_error(compare(variable, key, tensors, why, trained), settings))
    return tuple(sorted(planned, key=lambda v: v.name))


def with_error(variable: PlannedVariable, settings: SlimSettings) -> PlannedVariable:
    """A variable with what TensorFlow would say where its restoring fails."""
    if variable.status == SHAPE_DIFFERS:
        own, stored = (
            _tensorflow_shape(variable.shape),
            _tensorflow_shape(variable.checkpoint_shape),
        )
        return dataclasses.replace(
            variable,
            error="Assign requires shapes of both tensors to match. "
            f"lhs shape= {own} rhs shape= {stored}",
        )
    if variable.status == MISSING and not settings.ignore_missing_vars:
        return dataclasses.replace(
            variable, error=f"Key {variable.checkpoint_key} not found in checkpoint"
        )
    if variable.status == MISSING:
        return dataclasses.replace(
            variable, reason=f"{variable.reason}; ignore_missing_vars skips it with a warning"
        )
    return variable


def _tensorflow_shape(dims: Sequence[int | None] | None) -> str:
    """A shape as TensorFlow's messages have it."""
    if dims is None:
        return "<unknown>"
    return "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"


def failure_in_words(planned: Sequence[PlannedVariable]) -> str:
    """Why the restore fails, in the words of the error; keys that are missing are met first."""
    lacking = [v for v in planned if v.error and v.status == MISSING]
    clashing = [v for v in planned if v.status == SHAPE_DIFFERS]
    first = (lacking or clashing)[:1]
    if not first:
        return ""
    parts = []
    if lacking:
        parts.append(f"{counted(len(lacking), 'variable')} not in the checkpoint")
    if clashing:
        parts.append(f"{counted(len(clashing), 'variable')} with another shape")
    return f"{first[0].error} ({first[0].name}); {', '.join(parts)}"


def _proposal(free: Sequence[PlannedVariable]) -> tuple[str, ...] | None:
    """The shortest list of scopes with which the restore succeeds; None where none does."""
    candidates = [v for v in free if v.status != NOT_ASKED]
    bad = [v.name for v in candidates if v.error]
    # what is skipped may be excluded or not
    good = [v.name for v in candidates if v.status == RESTORED]
    return shortest_exclude_list(bad, good) if good else None


def _in_words(settings: SlimSettings) -> str:
    text = "All model variables are restored"
    scopes = split_scopes(settings.exclude_scopes) if settings.exclude_scopes else None
    if scopes:
        text += " but those whose names begin with " + " or ".join(repr(s) for s in scopes)
    if settings.checkpoint_model_scope is not None:
        text += (
            f", by keys in which {settings.model_name} is replaced by "
            f"{settings.checkpoint_model_scope!r}"
        )
    text += ". A shape that differs makes the restore fail; a variable that the checkpoint lacks "
    text += "is skipped" if settings.ignore_missing_vars else "does, too"
    text += "."
    trainable = split_scopes(settings.trainable_scopes)
    if trainable is None:
        return f"{text} All trainable variables are trained."
    shown = " or ".join(repr(s) for s in trainable)
    return f"{text} Trained are the trainable variables whose names begin as {shown}."


def _warnings(
    tensors: Tensors,
    model: ModelVariables,
    planned: Sequence[PlannedVariable],
    free: Sequence[PlannedVariable],
    asked: int,
    settings: SlimSettings,
) -> list[str]:
    found = []
    if not asked:
        found.append("No Variables to restore: a warning, and training starts from scratch")
    elif not any(v.status == RESTORED for v in planned):
        found.append("nothing is restored")
    if model.collects_others:
        found.append(
            f"{model.path} has no collection model_variables, in which slim's layers enter theirs: "
            "unless other code does, the programs find no variable to restore"
        )
    if is_object_based(tensors):
        found.append(f"{OBJECT_BASED}; a Saver may fall back to the names that its objects record")
    found += _scope_warnings(tensors, planned, settings)
    unrestored = {v.name for v in planned if v.status == NOT_ASKED}
    could = [v.name for v in free if v.status == RESTORED and v.name in unrestored]
    if could and asked:
        found.append(
            f"{counted(len(could), 'variable')} that would fit "
            f"{'is' if len(could) == 1 else 'are'} excluded, as {could[0]}"
        )
    natural = {v.name for v in model.variables if v.trainable}
    stuck = [
        v.name
        for v in planned
        if v.kind == MODEL and v.status != RESTORED and not v.trained and v.name in natural
    ]
    if stuck:
        found.append(
            f"{counted(len(stuck), 'variable')} {'is' if len(stuck) == 1 else 'are'} neither "
            f"restored nor trained, as {stuck[0]}: frozen at random values"
        )
    return found + dtype_warnings(planned, {v.name: v for v in model.variables}, tensors)


def _renaming(
    tensors: Tensors,
    model: ModelVariables,
    planned: Sequence[PlannedVariable],
    settings: SlimSettings,
) -> list[str]:
    """That a scope has another name in the checkpoint, with the options that say so."""
    missing = {v.name: v.shape for v in planned if v.status == MISSING}
    left = {t.name: t.shape for t in unused_tensors(planned, tensors)}
    moves, _ = find_moves(missing, left, lambda a, b: missing[a] == left[b])
    moves = [move for move in moves if move.kind == "scope"]
    if not moves or settings.checkpoint_model_scope is not None:
        return []
    ours, theirs = moves[0].from_, moves[0].to
    told = (
        f"{counted(len(moves[0].variables), 'variable')} of the scope {ours or '(none)'} have the "
        f"scope {theirs or '(none)'} in the checkpoint"
    )
    if not ours:
        return [f"{told}, which no option says: rename them in the one or the other"]
    name = ours if theirs else f"{ours}/"  # a scope that goes takes its slash along
    there = dataclasses.replace(settings, checkpoint_model_scope=theirs, model_name=name)
    restored = counts_of(_planned(tensors, model, there))[RESTORED]
    if restored <= counts_of(planned)[RESTORED]:
        return [told]
    options = param(checkpoint_model_scope=theirs, model_name=name)
    return [f"{told}: with {options} {counted(restored, 'variable')} are restored"]


def _scope_warnings(
    tensors: Tensors, planned: Sequence[PlannedVariable], settings: SlimSettings
) -> list[str]:
    """What is wrong with checkpoint_model_scope."""
    scope, name = settings.checkpoint_model_scope, settings.model_name
    if scope is None or not name:
        return []
    if not any(name in v.name for v in planned):
        return [
            f"no variable has {name!r} in its name: {param('checkpoint_model_scope')} has no effect"
        ]
    if tensors and not any(scope in key for key in tensors):
        first = sorted({key.split("/")[0] for key in tensors if "/" in key})[:3]
        return [
            f"the checkpoint has no {scope!r}, which stands for {name!r} in the keys; "
            f"its scopes are {', '.join(first) or 'none'}"
        ]
    return []


def _notes(model: ModelVariables, settings: SlimSettings) -> list[str]:
    found = ["a checkpoint in train_dir takes precedence: this one is then ignored"]
    if model.source == "frozen graph":
        found.append(frozen_note(model))
    elif not (model.collections or model.collects_others):
        found.append(
            f"{model.path} has no collections: which variables are model variables, and which are "
            "trained, is told by their names"
        )
    if settings.checkpoint_model_scope is not None:
        found.append(f"the model's name is taken to be {settings.model_name}")
    return found
