"""How many classes the predictors of a detector's checkpoint are for.

A class predictor has, for each anchor, an output per class and mostly one for the background; the
box predictor beside it has four for each anchor, which tells the number of anchors.
"""

from __future__ import annotations

import dataclasses
import re

from graphtools.graph.shape import Shape
from graphtools.restore.detection_rules import DetectionSettings
from graphtools.restore.model_variables import Tensors
from graphtools.restore.predictors import anchors_of

_CLASS = re.compile(
    r"^(BoxPredictor_\d+|WeightShared\w*BoxPredictor(_\d+)?|SecondStageBoxPredictor)/"
    r"ClassPredictor/(weights|biases|kernel|bias)$"
)
_BOX = re.compile(r"^SecondStageBoxPredictor/BoxEncodingPredictor/(weights|biases|kernel|bias)$")


@dataclasses.dataclass(frozen=True)
class PredictorFit:
    """Whether the class predictors of a checkpoint fit a configuration.

    Attributes:
        configured: num_classes of the configuration.
        stored: Number of classes of the checkpoint's predictors, None if it cannot be told.
        fits: Whether these are one, None if that cannot be told.
        example: A predictor of the checkpoint, with its shape.
    """

    configured: int
    stored: int | None
    fits: bool | None
    example: str


def predictor_fit(tensors: Tensors, settings: DetectionSettings) -> PredictorFit | None:
    """Compare the class predictors of a checkpoint with num_classes; None where it has none."""
    if settings.num_classes is None or settings.class_slots is None:
        return None
    background = settings.class_slots - settings.num_classes
    found = []
    for name, (_, shape) in tensors.items():
        if _CLASS.match(name) and shape.dims and shape.dims[-1] is not None:
            wanted = configured_shape(name, shape, tensors, settings)
            anchors = _anchors(name, tensors, settings)
            slots, rest = divmod(shape.dims[-1], anchors) if anchors else (0, 1)
            stored = slots - background if slots and not rest else None
            fits = None if wanted is None else wanted == shape
            found.append(PredictorFit(settings.num_classes, stored, fits, f"{name} {shape}"))
    # one that does not fit says more than one that does
    return min(found, key=lambda f: (f.fits is not False, f.stored is None), default=None)


def configured_shape(
    name: str, shape: Shape, tensors: Tensors, settings: DetectionSettings
) -> Shape | None:
    """The shape that a variable of the predictors has in the configured model.

    Returns:
        The shape, equal to the stored one for what does not depend on the number of classes; None
        where it cannot be told.
    """
    slots = settings.class_slots
    if slots is None or settings.num_classes is None or not shape.dims:
        return shape
    if _BOX.match(name):
        # a box for each class, or one for all of them
        outputs = shape.dims[-1] or 0
        if outputs == settings.box_code_size:
            return shape
        return Shape((*shape.dims[:-1], settings.box_code_size * settings.num_classes))
    if not _CLASS.match(name):
        return shape
    anchors = _anchors(name, tensors, settings)
    if anchors is None:
        return None
    return Shape((*shape.dims[:-1], anchors * slots))


def _anchors(name: str, tensors: Tensors, settings: DetectionSettings) -> int | None:
    """Number of anchors that a class predictor predicts for at each place."""

    def shape_of(other: str) -> Shape | None:
        return tensors[other][1] if other in tensors else None

    return anchors_of(name, shape_of, settings.box_code_size) or None
