"""What the class predictors in a checkpoint tell of the model it was written by.

Their last dimension is anchors x classes, the background being one of them. Where the box predictor
beside it has anchors x box code size, the anchors are known. Source: class_head.py, box_head.py and
their Keras twins in the Object Detection API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from graphtools.formats.checkpoint import Checkpoint
from graphtools.graph.shape import Shape

_LEAF = r"(?:biases|weights|pointwise_weights|bias|kernel|pointwise_kernel)"
_CLASS = re.compile(rf"(?:^|/)(?:ClassPredictor(?:_dense)?|_class_predictor_layers/\d+)/{_LEAF}$")
#: How the name of a class predictor becomes that of the box predictor beside it.
_TO_BOX = (
    (("/ClassPredictor/", "/BoxEncodingPredictor/"),),
    (("/ClassPredictor/", "/BoxPredictor/"),),
    (("ClassHead", "BoxHead"), ("/ClassPredictor/", "/BoxEncodingPredictor/")),
    (("ClassHead", "BoxHead"), ("/ClassPredictor/", "/BoxPredictor/")),
    (
        ("class_predictions_with_background", "box_encodings"),
        ("_class_predictor_layers", "_box_encoder_layers"),
    ),
)
#: Parts of the names of predictors that look at one box, not at all boxes of a location.
_OF_BOXES = ("SecondStage", "second_stage", "mask_rcnn", "_dense/")
_RANGES = re.compile(r"(?:_quant/(?:min|max)|/(?:min|max)_var)$")
_DETECTION = re.compile(
    r"^FeatureExtractor/|(?:First|Second)StageFeatureExtractor|(?:^|/)_feature_extractor/"
    r"|(?:^|/)_box_predictor/"
)


class ClassPredictor(NamedTuple):
    """A class predictor in a checkpoint.

    Attributes:
        name: Its variable.
        shape: Dimensions of that.
        slots: Classes it tells apart, the background among them.
    """

    name: str
    shape: list[int | None]
    slots: int


def class_predictors(checkpoint: Checkpoint, box_code_size: int = 4) -> list[ClassPredictor]:
    """The class predictors whose number of classes can be told, one per head."""
    shapes = dict(_shapes(checkpoint))
    found: dict[str, ClassPredictor] = {}
    for name, shape in shapes.items():
        if not _CLASS.search(name) or "first_stage" in name.lower() or "FirstStage" in name:
            continue
        channels = shape.dims[-1] if shape.dims else None
        anchors = anchors_of(name, shapes.get, box_code_size)
        if not channels or not anchors or channels % anchors:
            continue
        head = name.rpartition("/")[0]
        # all tensors of a head say the same
        found.setdefault(head, ClassPredictor(name, shape.to_json() or [], channels // anchors))
    return list(found.values())


def anchors_of(name: str, shape_of: Callable[[str], Shape | None], box_code_size: int) -> int:
    """Boxes per location of a class predictor; 0 where it cannot be told.

    Args:
        name: The class predictor's variable.
        shape_of: The shape of a variable, None where there is none.
        box_code_size: Numbers that describe a box.
    """
    if any(part in name for part in _OF_BOXES):
        return 1
    for replacements in _TO_BOX:
        box = name
        for old, new in replacements:
            box = box.replace(old, new)
        shape = shape_of(box) if box != name else None
        channels = shape.dims[-1] if shape and shape.dims else None
        if channels and box_code_size > 0 and channels % box_code_size == 0:
            return channels // box_code_size
    return 0


def _shapes(checkpoint: Checkpoint) -> Iterator[tuple[str, Shape]]:
    """Shapes by name; of an object-based checkpoint by the names of its program, too."""
    for variable in checkpoint.objects:
        if variable.key in checkpoint and "/slot:" not in variable.path:
            shape = checkpoint[variable.key].shape
            yield variable.path, shape
            if variable.full_name:
                yield variable.full_name, shape
    for name, tensor in checkpoint.items():
        if "/.ATTRIBUTES/" not in name:
            yield name, tensor.shape


def names(checkpoint: Checkpoint) -> Iterator[str]:
    """All names of its tensors: keys, and for an object-based one those of its program."""
    yield from checkpoint
    for variable in checkpoint.objects:
        yield variable.path
        yield variable.full_name


def has_ranges(checkpoint: Checkpoint) -> bool:
    """Whether it has the ranges that quantization-aware training learns."""
    return any(_RANGES.search(name) for name in names(checkpoint))


def is_detector(checkpoint: Checkpoint) -> bool:
    """Whether it was written by a detector, and not by a classifier."""
    return any(_DETECTION.search(name) for name in names(checkpoint))
