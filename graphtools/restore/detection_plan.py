"""The restore plan of the Object Detection API for a checkpoint, a configuration and a model."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from graphtools.front_end import param
from graphtools.restore.detection_rules import (
    CLASSIFICATION,
    DETECTION,
    DetectionSettings,
    in_words,
    is_global_step,
    restore_map,
    why_asked,
    why_not_asked,
)
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
    Alternative,
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
from graphtools.restore.predictor_fit import PredictorFit, predictor_fit
from graphtools.restore.presumed_model import backbone_of, is_detection_checkpoint, presumed_model
from graphtools.wording import counted

_OTHER_KINDS = {
    SLOT: "an optimizer slot: model_main asks before the optimizer exists; the old trainer asks "
    "for it, too, and only warns where the checkpoint lacks it",
    AVERAGE: "a moving average: model_main asks before these exist; the old trainer asks for it, "
    "too, and only warns where the checkpoint lacks it",
    STEP: "global_step is dropped: training starts at step 0",
    LOCAL: "a local variable: only global variables are restored",
}


def detection_plan(
    tensors: Tensors,
    settings: DetectionSettings,
    model: ModelVariables | None = None,
    checkpoint: str = "",
) -> RestorePlan:
    """Which variables a pipeline configuration restores from a checkpoint.

    Args:
        tensors: What the checkpoint holds.
        settings: What the configuration says.
        model: The variables of the model; by default those that can be presumed.
        checkpoint: The checkpoint's path.
    """
    known = model if model is not None else presumed_model(tensors, settings)
    planned = _planned(tensors, settings, known)
    counts = counts_of(planned)
    asked = sum(counts.values()) - counts[NOT_ASKED]
    fit = predictor_fit(tensors, settings)
    return RestorePlan(
        tool="object_detection",
        checkpoint=checkpoint,
        model=known.path,
        model_source=known.source,
        settings=dataclasses.asdict(settings),
        in_words=in_words(settings),
        counts=counts,
        complete=asked > 0 and counts[RESTORED] == asked,
        # the layers that a detector adds to a classifier are asked for, too
        decided=not (
            known.source == "checkpoint"
            and settings.checkpoint_type == CLASSIFICATION
            and 0 < asked == counts[RESTORED]
        ),
        variables=planned,
        randomly_initialised=left_random(planned),
        unused=unused_tensors(planned, tensors),
        outcomes=_outcomes(tensors, settings, known, planned),
        warnings=tuple(_warnings(tensors, settings, known, planned, fit, checkpoint)),
        notes=tuple(_notes(settings, known, fit, checkpoint)),
    )


def _planned(
    tensors: Tensors, settings: DetectionSettings, model: ModelVariables
) -> tuple[PlannedVariable, ...]:
    """What becomes of each variable, by name."""
    names = [v.name for v in model.variables if v.kind in (MODEL, STEP)]
    asked = restore_map(names, settings)
    keys = {name: key for key, name in asked.items()}
    own = {n: k for n in names for k in restore_map([n], settings)}
    planned = []
    for variable in model.variables:
        name, trained = variable.name, _is_trained(variable, settings)
        if variable.kind != MODEL:
            planned.append(not_asked(variable, _OTHER_KINDS[variable.kind], trained))
        elif name not in keys:
            reason = why_not_asked(settings)
            if name in own:
                reason = f"its key {own[name]} is that of {asked[own[name]]}, too, which gets it"
            planned.append(not_asked(variable, reason, trained))
        elif is_global_step(keys[name]):
            planned.append(not_asked(variable, _OTHER_KINDS[STEP], trained))
        else:
            why = why_asked(name, keys[name], settings)
            planned.append(compare(variable, keys[name], tensors, why, trained))
    return tuple(sorted(planned, key=lambda v: v.name))


def _is_trained(variable: ModelVariable, settings: DetectionSettings) -> bool:
    """Whether training changes a variable: freeze_variables match from the name's start."""
    if not variable.trainable:
        return False
    included = settings.update_trainable_variables
    if included and not any(re.search(p, variable.name) for p in included):
        return False
    return not any(re.match(p, variable.name) for p in settings.freeze_variables)


def _outcomes(
    tensors: Tensors,
    settings: DetectionSettings,
    model: ModelVariables,
    planned: Sequence[PlannedVariable],
) -> tuple[Alternative, ...]:
    """What the other types and load_all_detection_checkpoint_vars would lead to."""
    now = {v.name: v.status for v in planned}
    found = []
    for kind, load_all in ((DETECTION, False), (DETECTION, True), (CLASSIFICATION, False)):
        same_load = settings.load_all == load_all or kind == CLASSIFICATION
        current = settings.checkpoint_type == kind and same_load
        other = dataclasses.replace(settings, checkpoint_type=kind, load_all=load_all)
        variables = _planned(tensors, other, model)
        counts = counts_of(variables)
        text = f'fine_tune_checkpoint_type: "{kind}"'
        if load_all:
            text += ", load_all_detection_checkpoint_vars: true"
        asked = sum(counts.values()) - counts[NOT_ASKED]
        words = "as configured" if current else _difference(variables, now)
        found.append(
            Alternative(
                text,
                current,
                asked,
                counts[RESTORED],
                counts[SHAPE_DIFFERS],
                counts[MISSING],
                words,
            )
        )
    return tuple(found)


def _difference(variables: Sequence[PlannedVariable], now: dict[str, str]) -> str:
    """How a plan differs from the one that is configured."""
    more = [v for v in variables if v.status != NOT_ASKED and now[v.name] == NOT_ASKED]
    gained = sum(v.status == RESTORED and now[v.name] != RESTORED for v in variables)
    lost = sum(v.status != RESTORED and now[v.name] == RESTORED for v in variables)
    clashing = sum(v.status == SHAPE_DIFFERS for v in more)
    lacking = sum(v.status == MISSING for v in more)
    parts = []
    if more:
        text = f"{counted(len(more), 'more variable')} asked for"
        if clashing:
            text += f", {_of(clashing, len(more))} with clashing shapes"
        if lacking:
            text += f", {_of(lacking, len(more))} not in the checkpoint"
        parts.append(text)
    if gained and gained == len(more):
        parts[-1] += ", all restored"
    elif gained:
        parts.append(f"{counted(gained, 'more variable')} restored")
    if lost:
        parts.append(f"{counted(lost, 'variable')} no longer restored")
    return "; ".join(parts) or "the same variables restored"


def _of(number: int, total: int) -> str:
    return f"all {number:,}" if number == total else f"{number:,} of them"


def _warnings(
    tensors: Tensors,
    settings: DetectionSettings,
    model: ModelVariables,
    planned: Sequence[PlannedVariable],
    fit: PredictorFit | None,
    checkpoint: str,
) -> list[str]:
    found = []
    counts = counts_of(planned)
    if counts[RESTORED] == 0:
        found.append(
            "nothing is restored: the old trainer stops with 'No variables to save', model_main "
            "says nothing and trains from scratch"
        )
    if is_object_based(tensors):
        found.append(OBJECT_BASED)
    found += _type_warnings(tensors, settings, counts)
    backbone = backbone_of(settings.feature_extractor)
    if backbone and not any(backbone in name for name in tensors):
        found.append(
            f"the checkpoint has no variable of {backbone}, which {settings.feature_extractor} is "
            "made of: it belongs to another feature extractor"
        )
    if fit and fit.fits is False:
        stored = f"{fit.stored:,}" if fit.stored is not None else "another number of"
        consequence = (
            "these clash and start from random values"
            if settings.load_all and settings.checkpoint_type == DETECTION
            else "they are not asked for, so that this does no harm"
        )
        found.append(
            f"the checkpoint's class predictors are for {stored} classes, num_classes is "
            f"{fit.configured:,} ({fit.example}): {consequence}"
        )
    found += _checkpoint_path_warnings(settings, checkpoint)
    found += _freeze_warnings(settings, planned)
    others = [v for v in model.variables if v.kind in (SLOT, AVERAGE)]
    if others:
        found.append(
            f"the model is a training graph with {len(others):,} optimizer slots and moving "
            f"averages, as {others[0].name}: the old trainer asks for those in the scopes, too, "
            "and warns of each that the checkpoint lacks; these warnings are harmless"
        )
    return found + dtype_warnings(planned, {v.name: v for v in model.variables}, tensors)


def _type_warnings(
    tensors: Tensors, settings: DetectionSettings, counts: dict[str, int]
) -> list[str]:
    """What the type of checkpoint gets wrong."""
    detector = is_detection_checkpoint(tensors, settings)
    found = []
    if detector and settings.checkpoint_type == CLASSIFICATION and not counts[RESTORED]:
        found.append(
            f"the checkpoint is a detector's, but is read as a classifier's{_since(settings)}: "
            'set fine_tune_checkpoint_type: "detection"'
        )
    if not detector and settings.checkpoint_type == DETECTION:
        found.append(
            f"the checkpoint is no detector's (nothing in it is in the feature extractor's "
            f"scopes), but is read as one{_since(settings)}: set fine_tune_checkpoint_type: "
            '"classification"'
        )
    if settings.load_all and settings.checkpoint_type == CLASSIFICATION:
        found.append("load_all_detection_checkpoint_vars has no effect on classification")
    return found


def _since(settings: DetectionSettings) -> str:
    return f", since {settings.type_origin}" if settings.type_origin else ""


def _checkpoint_path_warnings(settings: DetectionSettings, checkpoint: str) -> list[str]:
    """What the configuration says about the checkpoint to start from."""
    named = settings.fine_tune_checkpoint
    if not named:
        return [
            "the configuration sets no fine_tune_checkpoint: as it stands nothing at all is "
            f'restored; this is the plan for fine_tune_checkpoint: "{checkpoint}"'
        ]
    if "PATH_TO_BE_CONFIGURED" in named:
        return [f'fine_tune_checkpoint is still "{named}"; set it to "{checkpoint}"']
    return []


def _freeze_warnings(settings: DetectionSettings, planned: Sequence[PlannedVariable]) -> list[str]:
    """What freeze_variables freeze that they had better not, or not at all."""
    found = []
    for pattern in settings.freeze_variables:
        matched = [v for v in planned if v.kind == MODEL and re.match(pattern, v.name)]
        inner = [v for v in planned if v.kind == MODEL and re.search(pattern, v.name)]
        if not planned or matched:
            pass
        elif inner:
            found.append(
                f"freeze_variables: {pattern!r} matches no variable from its start, but "
                f"{len(inner):,} inside, as {inner[0].name}: the old trainer freezes none of them, "
                f"model_main all; write '.*{pattern}' to mean them"
            )
        else:
            found.append(f"freeze_variables: {pattern!r} matches no variable")
    stuck = [
        v
        for v in planned
        if v.kind == MODEL
        and v.status != RESTORED
        and any(re.match(p, v.name) for p in settings.freeze_variables)
    ]
    if stuck:
        found.append(
            f"{counted(len(stuck), 'variable')} in freeze_variables "
            f"{'is' if len(stuck) == 1 else 'are'} not restored, as {stuck[0].name}: "
            "frozen at random values"
        )
    return found


def _notes(
    settings: DetectionSettings, model: ModelVariables, fit: PredictorFit | None, checkpoint: str
) -> list[str]:
    """What was presumed."""
    found = []
    named = settings.fine_tune_checkpoint
    if named and "PATH_TO_BE_CONFIGURED" not in named and named != checkpoint:
        found.append(f"the configuration names {named}; this is the plan for {checkpoint}")
    if model.source == "checkpoint":
        found.append(
            f"without {param('model')} the variables of the model are presumed from the "
            "checkpoint and the "
            "configuration; layers that only the model has, and shapes that the configuration "
            "changes (depth_multiplier, min_depth), are not seen"
        )
        if fit and fit.fits:
            found.append(f"the class predictors fit num_classes: {fit.configured}")
        elif fit is None or fit.fits is None:
            found.append("the checkpoint does not tell the number of classes")
    if model.source == "frozen graph":
        found.append(frozen_note(model))
    return found
