"""What the op TFLite_Detection_PostProcess computes, in numpy, as TensorFlow does not have it.

Of box encodings [1, anchors, 4], scores [1, anchors, classes (+ 1)] and anchors [anchors, 4] it
makes the detections: boxes are decoded, centre and size, and of boxes that overlap the one with the
highest score is kept. Source of the rules: the kernel detection_postprocess.cc of TensorFlow Lite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.graph.node import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

POSTPROCESS = "TFLite_Detection_PostProcess"


class PostprocessOptions(NamedTuple):
    """The attributes of the op.

    Attributes:
        max_detections: Most detections.
        max_classes_per_detection: Classes that one box may be detected as, without regular NMS.
        detections_per_class: Most detections of a class, with regular NMS.
        use_regular_nms: Whether boxes yield to those of their class only.
        nms_score_threshold: Least score.
        nms_iou_threshold: Overlap above which the lower score yields.
        num_classes: Number of classes without background.
        scales: Of the box coder: y, x, height, width.
    """

    max_detections: int
    max_classes_per_detection: int
    detections_per_class: int
    use_regular_nms: bool
    nms_score_threshold: float
    nms_iou_threshold: float
    num_classes: int
    scales: tuple[float, float, float, float]


def options_of(node: Node) -> PostprocessOptions:
    """What the attributes of such a node say; the kernel has defaults for two of them.

    Raises:
        InvalidGraph: One is missing, or of a wrong type.
    """
    values = {name: node.attr(name) for name in (*PostprocessOptions._fields[:-1], *_SCALES)}
    values = {"detections_per_class": 100, "use_regular_nms": False} | {
        name: value for name, value in values.items() if value is not None
    }
    for name in (*PostprocessOptions._fields[:-1], *_SCALES):
        if not isinstance(values.get(name), int | float):
            raise InvalidGraph(f"the node {node.name!r} ({POSTPROCESS}) has no attribute {name!r}")
    return _options(values)


_SCALES = ("y_scale", "x_scale", "h_scale", "w_scale")


def _options(values: Mapping[str, Any]) -> PostprocessOptions:
    y, x, h, w = (float(values[name]) for name in _SCALES)
    return PostprocessOptions(
        int(values["max_detections"]),
        int(values["max_classes_per_detection"]),
        int(values["detections_per_class"]),
        bool(values["use_regular_nms"]),
        float(values["nms_score_threshold"]),
        float(values["nms_iou_threshold"]),
        int(values["num_classes"]),
        (y, x, h, w),
    )


def postprocess(
    encodings: Array, scores: Array, anchors: Array, options: PostprocessOptions
) -> tuple[Array, Array, Array, Array]:
    """The four outputs of the op.

    Args:
        encodings: [1, anchors, 4]: y, x, height and width.
        scores: [1, anchors, classes], or one more, which is the background and comes first.
        anchors: [anchors, 4]: centre y and x, height and width.
        options: The attributes.

    Returns:
        Boxes [1, most, 4] of ymin, xmin, ymax, xmax, classes [1, most] counted from 0, scores
        [1, most] and their number [1], float32; zeros in places without a detection. Where a box
        has several classes, the number is that of the boxes.

    Raises:
        InvalidGraph: The shapes do not fit.
    """
    import numpy as np

    background = scores.shape[-1] - options.num_classes
    if background not in (0, 1) or encodings.shape[:2] != scores.shape[:2]:
        raise InvalidGraph(
            f"{POSTPROCESS} gets boxes {list(encodings.shape)} and scores {list(scores.shape)} for "
            f"{options.num_classes} classes"
        )
    boxes = decode_boxes(encodings[0], anchors, options.scales)
    own = np.asarray(scores[0, :, background:], np.float32)
    regular = options.use_regular_nms
    chosen = (_class_by_class if regular else _all_at_once)(boxes, own, options)
    per_box = 1 if regular else min(options.max_classes_per_detection, options.num_classes)
    most = options.max_detections * per_box
    outputs = [np.zeros((1, most, *shape), np.float32) for shape in ((4,), (), ())]
    for place, (anchor, index, score) in enumerate(chosen[:most]):
        outputs[0][0, place] = boxes[anchor]
        outputs[1][0, place], outputs[2][0, place] = index, score
    count = np.array([min(len(chosen), most) // per_box], np.float32)  # as the kernel has it
    return outputs[0], outputs[1], outputs[2], count


def decode_boxes(
    encodings: Array, anchors: Array, scales: tuple[float, float, float, float]
) -> Array:
    """Boxes [n, 4] of ymin, xmin, ymax, xmax, of what the network says of anchors."""
    import numpy as np

    parts = np.asarray(encodings, np.float32) / np.array(scales, np.float32)
    own = np.asarray(anchors, np.float32)
    centers = parts[:, :2] * own[:, 2:] + own[:, :2]
    halves = np.float32(0.5) * np.exp(parts[:, 2:]) * own[:, 2:]
    return np.concatenate([centers - halves, centers + halves], 1)


def _all_at_once(
    boxes: Array, scores: Array, options: PostprocessOptions
) -> list[tuple[int, int, float]]:
    """Fast NMS: by the highest score of any class; then the best classes of each kept box."""
    import numpy as np

    count = min(options.max_classes_per_detection, options.num_classes)
    kept = _suppress(boxes, scores.max(1), options, options.max_detections)
    found = []
    for anchor in kept:
        best = np.argsort(-scores[anchor], kind="stable")[:count].tolist()
        found += [(anchor, index, float(scores[anchor, index])) for index in best]
    return found


def _class_by_class(
    boxes: Array, scores: Array, options: PostprocessOptions
) -> list[tuple[int, int, float]]:
    """Regular NMS: class by class, of which the best of all are kept."""
    found = [
        (anchor, index, float(scores[anchor, index]))
        for index in range(scores.shape[1])
        for anchor in _suppress(boxes, scores[:, index], options, options.detections_per_class)
    ]
    return sorted(found, key=lambda d: -d[2])[: options.max_detections]


def _suppress(boxes: Array, scores: Array, options: PostprocessOptions, most: int) -> list[int]:
    """Indices of the boxes that are kept, by falling score."""
    import numpy as np

    from graphtools.verify.detections import iou

    (candidates,) = np.nonzero(scores >= np.float32(options.nms_score_threshold))
    order = candidates[np.argsort(-scores[candidates], kind="stable")]
    kept: list[int] = []
    while len(order) and len(kept) < most:
        first, order = int(order[0]), order[1:]
        kept.append(first)
        overlaps = iou(boxes[first : first + 1], boxes[order])[0]
        order = order[overlaps <= options.nms_iou_threshold]
    return kept
