"""What is restored from the checkpoint that training starts from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.config_rules.classes import clashing_classes
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule
from graphtools.restore.predictors import is_detector
from graphtools.wording import similar

CHECKPOINT = "train_config.fine_tune_checkpoint"
TYPE = "train_config.fine_tune_checkpoint_type"
VERSION = "train_config.fine_tune_checkpoint_version"
FROM_DETECTION = "train_config.from_detection_checkpoint"
LOAD_ALL = "train_config.load_all_detection_checkpoint_vars"
#: What the type may be; the first two in every version, `full` with V2 only.
_TYPES = ("detection", "classification", "full")
#: Further types that only CenterNet knows.
_CENTER_NET_TYPES = ("fine_tune", "temporal")


def effective_type(subject: Configuration) -> str:
    """The type that counts: an empty one is decided by `from_detection_checkpoint`."""
    given = subject.text(TYPE)
    if given:
        return given
    return "detection" if subject.flag(FROM_DETECTION) else "classification"


def _fine_tunes(subject: Configuration) -> bool:
    return bool(subject.text(CHECKPOINT))


@config_rule("GTC301", "checkpoint-type-unset", WARNING)
def checkpoint_type_unset(subject: Configuration) -> Iterator[Found]:
    """`fine_tune_checkpoint_type` is not set, so that it means `classification`.

    Unless from_detection_checkpoint is true, an empty type is `classification`: names are looked up
    without `FeatureExtractor/`, as a classifier has them. With a detector's checkpoint nothing is
    found, and training starts from scratch without a word. Write the type.
    """
    if not _fine_tunes(subject) or subject.text(TYPE) or subject.flag(FROM_DETECTION):
        return
    kind, outcome, severity = "detection", "that a detector's checkpoint is not restored at all", ""
    if subject.checkpoint is not None:
        if is_detector(subject.checkpoint):
            outcome = f"and of {subject.checkpoint.path}, a detector's, nothing is restored"
        else:
            kind, severity = "classification", INFO
            outcome = "which is right for this checkpoint, a classifier's"
    yield Found(
        CHECKPOINT,
        f"fine_tune_checkpoint_type is not set, which means classification, {outcome}",
        f'write fine_tune_checkpoint_type: "{kind}"',
        severity=severity,
    )


@config_rule("GTC302", "checkpoint-type-unknown", ERROR)
def checkpoint_type_unknown(subject: Configuration) -> Iterator[Found]:
    """`fine_tune_checkpoint_type` is no type that the API knows.

    It knows `detection` and `classification`; with fine_tune_checkpoint_version V2, `full` as well.
    Anything else is refused.
    """
    given = subject.text(TYPE)
    is_center_net = subject.pipeline.meta_architecture == "center_net"
    allowed = (*_TYPES, *(_CENTER_NET_TYPES if is_center_net else ()))
    if given and given not in allowed:
        close = similar(given, allowed, 0.5)
        yield Found(
            TYPE,
            f"there is no fine_tune_checkpoint_type {given!r}",
            f'did you mean "{close}"?' if close else 'write "detection" or "classification"',
        )
    elif given == "full" and subject.text(VERSION) != "V2":
        yield Found(
            TYPE,
            'fine_tune_checkpoint_type "full" is for TensorFlow 2 only; others refuse it',
            "write fine_tune_checkpoint_version: V2, or another type: detection with "
            "load_all_detection_checkpoint_vars: true",
            severity=WARNING,
        )


@config_rule("GTC303", "checkpoint-of-other-kind", ERROR)
def checkpoint_of_other_kind(subject: Configuration) -> Iterator[Found]:
    """The checkpoint is a detector's and the type says classification, or the other way round.

    No variable is found under the names that are looked up. Some versions fail ("No variables to
    save"), others train from scratch without a word.
    """
    checkpoint, kind = subject.checkpoint, effective_type(subject)
    if checkpoint is None or not _fine_tunes(subject):
        return
    if kind == "detection" and not is_detector(checkpoint):
        yield Found(
            TYPE if subject.has(TYPE) else FROM_DETECTION,
            f"the type is detection, but {checkpoint.path} is no detector's: it has no "
            "FeatureExtractor, and nothing is restored from it",
            'write fine_tune_checkpoint_type: "classification", if it is a classifier\'s',
        )
    # a detector's checkpoint may be that of the trained model, not the one it started from
    given = subject.text(TYPE) == "classification" and subject.is_fine_tuned
    if given and is_detector(checkpoint):
        yield Found(
            TYPE,
            f"the type is classification, but {checkpoint.path} is a detector's: nothing is "
            "restored from it",
            'write fine_tune_checkpoint_type: "detection"',
        )


@config_rule("GTC304", "load-all-other-classes", WARNING)
def load_all_other_classes(subject: Configuration) -> Iterator[Found]:
    """All variables are to be loaded, but the checkpoint has another number of classes.

    load_all_detection_checkpoint_vars asks for the predictors, too, whose shapes differ: they are
    left out with a warning, or the restore fails.
    """
    if not subject.flag(LOAD_ALL) or effective_type(subject) != "detection":
        return
    clash = clashing_classes(subject)
    if clash:
        yield Found(
            LOAD_ALL,
            f"load_all_detection_checkpoint_vars asks for the class predictors, too, but {clash}",
            "write load_all_detection_checkpoint_vars: false, or the checkpoint's num_classes",
        )


@config_rule("GTC305", "load-all-ignored", WARNING)
def load_all_ignored(subject: Configuration) -> Iterator[Found]:
    """`load_all_detection_checkpoint_vars` has no effect here.

    It counts for the type `detection` alone. TensorFlow 2 refuses it: there, the type `full` asks
    for all variables.
    """
    if not subject.flag(LOAD_ALL) or not _fine_tunes(subject):
        return
    if subject.text(VERSION) == "V2":
        yield Found(
            LOAD_ALL,
            "load_all_detection_checkpoint_vars is refused with fine_tune_checkpoint_version V2",
            'write fine_tune_checkpoint_type: "full" instead',
            severity=ERROR,
        )
    elif effective_type(subject) != "detection":
        yield Found(
            LOAD_ALL,
            "load_all_detection_checkpoint_vars has no effect: the type is "
            f"{effective_type(subject)}" + ("" if subject.text(TYPE) else ", as it is not set"),
            'write fine_tune_checkpoint_type: "detection"',
        )


@config_rule("GTC306", "trained-from-scratch", INFO)
def trained_from_scratch(subject: Configuration) -> Iterator[Found]:
    """There is no `fine_tune_checkpoint`: training starts from random values.

    That takes far longer, and needs far more images, than fine-tuning.
    """
    if subject.has("train_config") and not _fine_tunes(subject):
        yield Found(
            CHECKPOINT,
            "without fine_tune_checkpoint, training starts from random values",
            "name a checkpoint to start from, if that is not meant",
        )


@config_rule("GTC307", "pattern-invalid", ERROR)
def pattern_invalid(subject: Configuration) -> Iterator[Found]:
    """A pattern of `freeze_variables` or `update_trainable_variables` is no regular expression.

    They are matched from the start of a variable's name.
    """
    for name in ("freeze_variables", "update_trainable_variables"):
        for field in subject.fields(f"train_config.{name}"):
            if not isinstance(field.value, str):
                continue
            try:
                re.compile(field.value)
            except (re.error, OverflowError, RecursionError) as error:
                yield Found(
                    f"train_config.{name}",
                    f"{field.value!r} is no regular expression: {error}",
                    "write one that matches the variables' names from their start",
                    line=field.line,
                )
