"""The variables that a configured model must have, as far as a checkpoint lets one guess.

Without a graph, a detector is taken to have the variables of the detection checkpoint, its class
predictors in the shapes that num_classes gives them; of a classification checkpoint, those of the
classifier without its logits, below the feature extractor's scope.
"""

from __future__ import annotations

import re

from graphtools.idioms.moving_average import AVERAGE
from graphtools.idioms.variables import is_trained_by_name
from graphtools.restore.detection_rules import (
    FIRST,
    SECOND,
    SSD,
    SSD_SCOPE,
    DetectionSettings,
    in_scopes,
)
from graphtools.restore.model_variables import (
    MODEL,
    ModelVariable,
    ModelVariables,
    Tensors,
    kind_of,
)
from graphtools.restore.predictor_fit import configured_shape

#: Scopes of a classifier that no detector has.
_HEAD = re.compile(
    r"(^|/)(Logits|AuxLogits|logits|aux_\d+|aux_logits|final_layer|predictions|Predictions)(/|$)"
)
#: By a part of the extractor's type, the classifier's scope; the first that fits counts.
_BACKBONES = (
    ("inception_resnet_v2", "InceptionResnetV2"),
    ("mobilenet_v1", "MobilenetV1"),
    ("mobilenet_v2", "MobilenetV2"),
    ("inception_v2", "InceptionV2"),
    ("inception_v3", "InceptionV3"),
    ("resnet50", "resnet_v1_50"),
    ("resnet101", "resnet_v1_101"),
    ("resnet152", "resnet_v1_152"),
)
#: What of a classifier is Faster R-CNN's second stage.
_SECOND_STAGE = re.compile(
    r"resnet_v1_\d+/block4/|InceptionV2/Mixed_5|MobilenetV1/Conv2d_1[23]_"
    r"|InceptionResnetV2/(Mixed_7a|Repeat_2|Block8|Conv2d_7b)"
)


def backbone_of(feature_extractor: str) -> str:
    """The scope of the classifier that a feature extractor is made of; empty if not known."""
    return next((scope for part, scope in _BACKBONES if part in feature_extractor), "")


def is_detection_checkpoint(tensors: Tensors, settings: DetectionSettings) -> bool:
    """Whether a checkpoint has variables in the feature extractor's scopes."""
    return any(in_scopes(name, settings.meta_architecture) for name in tensors)


def presumed_model(tensors: Tensors, settings: DetectionSettings) -> ModelVariables:
    """The variables that the configured model has, guessed from a checkpoint.

    There are none where the checkpoint is one of another feature extractor.
    """
    backbone = backbone_of(settings.feature_extractor)
    if backbone and not any(backbone in name for name in tensors):
        return ModelVariables("", "checkpoint", ())
    detector = is_detection_checkpoint(tensors, settings)
    found = []
    for key, (dtype, shape) in tensors.items():
        name = key
        if not detector:
            name = key.removesuffix(AVERAGE)
            # of a variable and its moving average, only one is a variable of the model
            if name != key and name in tensors:
                continue
        if kind_of(name) != MODEL or (not detector and _HEAD.search(name)):
            continue
        if not detector and backbone and not name.startswith(f"{backbone}/"):
            continue
        if not detector:
            name = f"{_scope(name, settings)}/{name}"
        configured = configured_shape(key, shape, tensors, settings)
        found.append(
            ModelVariable(name, dtype, configured or shape, MODEL, is_trained_by_name(name))
        )
    return ModelVariables("", "checkpoint", tuple(found))


def _scope(name: str, settings: DetectionSettings) -> str:
    if settings.meta_architecture == SSD:
        return SSD_SCOPE
    return SECOND if _SECOND_STAGE.match(name) else FIRST
