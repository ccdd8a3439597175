"""By which key each variable of a detector is looked for in a fine-tuning checkpoint.

The rules of the Object Detection API, as its models state them (release 1.13):

1. `fine_tune_checkpoint_type` is `detection` or `classification`. Where it is empty,
   `from_detection_checkpoint: true` means detection, anything else classification.
2. SSD, detection: names that begin with `FeatureExtractor` (with or without a slash behind), under
   the same names; all of them with `load_all_detection_checkpoint_vars`.
3. SSD, classification: names that begin with `FeatureExtractor/`; the key is the name with every
   occurrence of that text removed. `load_all_detection_checkpoint_vars` has no effect.
   PNASNet appends `/ExponentialMovingAverage`, and needs no slash.
4. Faster R-CNN, detection: names that contain `FirstStageFeatureExtractor` or
   `SecondStageFeatureExtractor` anywhere; all with `load_all_detection_checkpoint_vars`.
5. Faster R-CNN, classification: names that begin with one of the two; the key is the name with
   every occurrence of the scope and its slash removed. Inception-ResNet-v2's second stage has its
   repeated blocks under `Repeat`, the classifier under `Repeat_2`; NASNet and PNASNet append
   `/ExponentialMovingAverage`.
6. `global_step` is never restored.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from graphtools.errors import InvalidValue
from graphtools.formats.pipeline_config import Pipeline
from graphtools.formats.text_tree import Field, Tree
from graphtools.graph.variables import GLOBAL_STEP
from graphtools.idioms.moving_average import AVERAGE

DETECTION, CLASSIFICATION = "detection", "classification"
SSD, FASTER_RCNN = "ssd", "faster_rcnn"
SSD_SCOPE = "FeatureExtractor"
FIRST, SECOND = "FirstStageFeatureExtractor", "SecondStageFeatureExtractor"
_EITHER_STAGE = re.compile(f"{FIRST}|{SECOND}")
#: Extractors whose classification checkpoints are read by their moving averages.
_AVERAGED = frozenset({"ssd_pnasnet", "faster_rcnn_nas", "faster_rcnn_pnas"})
_INCEPTION_RESNET_V2 = frozenset({"faster_rcnn_inception_resnet_v2"})


@dataclasses.dataclass(frozen=True)
class DetectionSettings:
    """What a pipeline configuration says about restoring.

    Attributes:
        meta_architecture: `ssd` or `faster_rcnn`.
        feature_extractor: The extractor's type, as `ssd_mobilenet_v1`.
        num_classes: Number of classes, None if it is not said.
        checkpoint_type: `detection` or `classification`.
        type_origin: Which field led to this type, in words.
        load_all: Whether load_all_detection_checkpoint_vars is set.
        fine_tune_checkpoint: The checkpoint that it names; empty if none.
        freeze_variables: Regular expressions of variables that are not trained.
        update_trainable_variables: Regular expressions of the only variables that are trained.
        class_slots: Outputs of a class predictor for each anchor, None if not known.
        box_code_size: Outputs of a box predictor for each anchor.
    """

    meta_architecture: str
    feature_extractor: str
    num_classes: int | None
    checkpoint_type: str
    type_origin: str = ""
    load_all: bool = False
    fine_tune_checkpoint: str = ""
    freeze_variables: tuple[str, ...] = ()
    update_trainable_variables: tuple[str, ...] = ()
    class_slots: int | None = None
    box_code_size: int = 4


def detection_settings(pipeline: Pipeline) -> DetectionSettings:
    """What a pipeline configuration says about restoring.

    Raises:
        InvalidValue: The meta architecture is not one of the API's two, a type of checkpoint is one
            that the API refuses, or a regular expression is none.
    """
    if pipeline.meta_architecture not in (SSD, FASTER_RCNN):
        what = pipeline.meta_architecture or "no model"
        raise InvalidValue(
            f"{pipeline.path} configures {what}; the rules are known for ssd and faster_rcnn",
            "give the pipeline.config that the model is trained with",
        )
    train, model = pipeline.train_config, pipeline.model
    stated = train.text("fine_tune_checkpoint_type")
    from_detection = train.flag("from_detection_checkpoint")
    if stated not in ("", DETECTION, CLASSIFICATION):
        raise InvalidValue(
            f"{pipeline.path}: Not supported fine_tune_checkpoint_type: {stated}",
            "it is 'detection' or 'classification', with small letters",
        )
    if stated:
        kind, origin = stated, f'fine_tune_checkpoint_type is "{stated}"'
    elif from_detection:
        kind = DETECTION
        origin = "from_detection_checkpoint is true and fine_tune_checkpoint_type unset"
    else:
        kind = CLASSIFICATION
        origin = "neither fine_tune_checkpoint_type nor from_detection_checkpoint is set"
    classes = model.number("num_classes")
    background = model.flag("add_background_class", True)
    if not isinstance(classes, int):  # a float can be no number of classes
        classes = None
    return DetectionSettings(
        meta_architecture=pipeline.meta_architecture,
        feature_extractor=pipeline.feature_extractor,
        num_classes=classes,
        checkpoint_type=kind,
        type_origin=origin,
        load_all=train.flag("load_all_detection_checkpoint_vars"),
        fine_tune_checkpoint=train.text("fine_tune_checkpoint"),
        freeze_variables=_patterns(pipeline, train, "freeze_variables"),
        update_trainable_variables=_patterns(pipeline, train, "update_trainable_variables"),
        class_slots=None if classes is None else classes + bool(background),
        box_code_size=_box_code_size(model),
    )


def _box_code_size(model: Tree) -> int:
    """The last box_code_size of any box predictor."""
    size = 4
    for path, field in model.walk():
        if path.startswith("box_predictor.") and field.name == "box_code_size":
            value = field.value
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                size = value
    return size


def _patterns(pipeline: Pipeline, train: Tree, name: str) -> tuple[str, ...]:
    """The regular expressions of a field; empty ones have no effect in the API either."""
    found = []
    fields: list[Field] = train.all(name)
    for field in fields:
        if not isinstance(field.value, str) or not field.value:
            continue
        try:
            re.compile(field.value)
        except re.error as error:
            raise InvalidValue(
                f"{pipeline.path}, line {field.line}: {name}: {field.value!r} is no regular "
                f"expression: {error}"
            ) from None
        found.append(str(field.value))
    return tuple(found)


def key_of(name: str, settings: DetectionSettings) -> str | None:
    """The key that a variable is looked for by, None where it is not asked for."""
    if settings.checkpoint_type == DETECTION:
        if settings.load_all or in_scopes(name, settings.meta_architecture):
            return name
        return None
    averaged = settings.feature_extractor in _AVERAGED
    suffix = AVERAGE if averaged else ""
    if settings.meta_architecture == SSD:
        if not name.startswith(SSD_SCOPE if averaged else f"{SSD_SCOPE}/"):
            return None
        return name.replace(f"{SSD_SCOPE}/", "") + suffix
    if name.startswith(FIRST):
        return name.replace(f"{FIRST}/", "") + suffix
    if not name.startswith(SECOND):
        return None
    if settings.feature_extractor in _INCEPTION_RESNET_V2:
        name = name.replace(f"{SECOND}/InceptionResnetV2/Repeat", "InceptionResnetV2/Repeat_2")
    return name.replace(f"{SECOND}/", "") + suffix


def in_scopes(name: str, meta_architecture: str) -> bool:
    """Whether a variable is in the scopes that detection checkpoints are restored by."""
    if meta_architecture == SSD:
        return name.startswith(SSD_SCOPE)
    return bool(_EITHER_STAGE.search(name))


def restore_map(names: Iterable[str], settings: DetectionSettings) -> dict[str, str]:
    """By key of the checkpoint, the variable that is asked for.

    Where two variables have one key, only the last of them is asked for, as the API's map has it.
    """
    asked = {}
    for name in names:
        key = key_of(name, settings)
        if key is not None:
            asked[key] = name
    return asked


def is_global_step(key: str) -> bool:
    """Whether a key is dropped from what the checkpoint holds."""
    return key == GLOBAL_STEP


def why_asked(name: str, key: str, settings: DetectionSettings) -> str:
    """The rule by which a variable is asked for."""
    if settings.checkpoint_type == DETECTION:
        if settings.load_all:
            return "load_all_detection_checkpoint_vars: every variable, under its own name"
        if settings.meta_architecture == SSD:
            return f"the name begins with {SSD_SCOPE}"
        found = _EITHER_STAGE.search(name)
        return f"the name contains {found[0] if found else FIRST}"
    removed = SSD_SCOPE
    if settings.meta_architecture == FASTER_RCNN:
        removed = FIRST if name.startswith(FIRST) else SECOND
    text = f"classification: looked for without {removed}/"
    if "InceptionResnetV2/Repeat_2" in key and removed == SECOND:
        text += ", Repeat as Repeat_2"
    if settings.feature_extractor in _AVERAGED:
        text += f", with {AVERAGE}"
    return text


def why_not_asked(settings: DetectionSettings) -> str:
    """The rule by which a variable is not asked for."""
    scopes = SSD_SCOPE if settings.meta_architecture == SSD else f"{FIRST} or {SECOND}"
    if settings.checkpoint_type == DETECTION:
        verb = "begin with" if settings.meta_architecture == SSD else "contain"
        return f"the name does not {verb} {scopes}, and load_all_detection_checkpoint_vars is false"
    slash = "/" if settings.meta_architecture == SSD else ""
    return f"classification: the name does not begin with {scopes}{slash}"


def in_words(settings: DetectionSettings) -> str:
    """What the settings ask for, in words."""
    ssd = settings.meta_architecture == SSD
    extractor = settings.feature_extractor or "this feature extractor"
    start = f"Read as a {settings.checkpoint_type} checkpoint"
    start += f", since {settings.type_origin}. " if settings.type_origin else ". "
    if settings.checkpoint_type == DETECTION:
        if settings.load_all:
            return start + (
                "With load_all_detection_checkpoint_vars every variable of the model is looked for "
                "under its own name, box and class predictors among them; it is restored if its "
                "shape is equal."
            )
        scopes = f"begin with {SSD_SCOPE}" if ssd else f"contain {FIRST} or {SECOND}"
        return start + (
            f"The 'appropriate scopes' of {extractor} are the variables whose names {scopes}, "
            "under the same names. Box and class predictors are not among them and start from "
            "random values."
        )
    scopes = f"{SSD_SCOPE}/" if ssd else f"{FIRST}/ or {SECOND}/"
    text = start + (
        f"The 'appropriate scopes' of {extractor} are the variables in {scopes}, looked for "
        "without that scope, as the classifier was trained without it"
    )
    if settings.feature_extractor in _INCEPTION_RESNET_V2:
        text += ", the second stage's Repeat as Repeat_2"
    if settings.feature_extractor in _AVERAGED:
        text += f", and by their moving averages (...{AVERAGE})"
    text += ". Predictors and layers that the detector adds start from random values."
    if settings.load_all:
        text += " load_all_detection_checkpoint_vars has no effect on it."
    return text
