"""Detections of a model matched with those of another: boxes by their overlap, then the scores.

Outputs of detectors cannot be compared place by place: a score that changes a little makes two
detections change places. So each detection of one model is looked for among those of the other.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: What the four outputs are called: those of the op for TFLite, and those of the API's exports.
OUTPUT_NAMES = {
    "boxes": ("TFLite_Detection_PostProcess", "detection_boxes"),
    "classes": ("TFLite_Detection_PostProcess:1", "detection_classes"),
    "scores": ("TFLite_Detection_PostProcess:2", "detection_scores"),
    "count": ("TFLite_Detection_PostProcess:3", "num_detections"),
}
#: Overlap (intersection over union) above which two boxes of a class are the same detection.
SAME_BOX = 0.5


class DetectionTolerance(NamedTuple):
    """How far detections may lie apart.

    Attributes:
        score: By how much the scores of a pair may differ.
        mean_iou: Least mean overlap of pairs.
    """

    score: float
    mean_iou: float


#: By kind of conversion. Quantized scores have 256 steps, and the logits behind them may be off by
#: some; of boxes 256 steps are left for sizes and places between the anchors.
_TOLERANCES = {
    "float": DetectionTolerance(1e-3, 0.99),
    "float16": DetectionTolerance(0.01, 0.97),
    "int16x8": DetectionTolerance(0.03, 0.95),
}
_QUANTIZED = DetectionTolerance(0.1, 0.85)
#: At least this share of the detections of the one that has fewer is to have a partner.
_LEAST_MATCHED = 0.5


class Detections(NamedTuple):
    """What a model has detected in an image, the surest first.

    Attributes:
        boxes: [n, 4] of ymin, xmin, ymax, xmax, as parts of the image.
        classes: [n], counted from 0.
        scores: [n].
    """

    boxes: Array
    classes: Array
    scores: Array


@dataclasses.dataclass(frozen=True)
class LostDetection:
    """A detection of one model that the other does not have.

    Attributes:
        model: `A` or `B`: which has it.
        class_index: Its class, counted from 0.
        score: Its score.
        box: ymin, xmin, ymax, xmax.
    """

    model: str
    class_index: int
    score: float
    box: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class DetectionComparison:
    """Detections of two models compared.

    Attributes:
        equal: Whether they are the same within the tolerance: none is lost, half of them have a
            partner, scores and boxes agree.
        count_a: Number of detections of the reference.
        count_b: Number of the other's.
        matched: Number of pairs: of one class, boxes overlapping by half.
        borderline: Number of those without partner that may well have none: their score is about
            the least that the other has kept, or a box of another class took their place.
        lost: The other ones without partner.
        mean_iou: Mean overlap of pairs; None without any.
        min_iou: The least.
        max_score_difference: Largest difference of the scores of a pair; None without any.
        tolerance: What is tolerated.
    """

    equal: bool
    count_a: int
    count_b: int
    matched: int
    borderline: int
    lost: tuple[LostDetection, ...]
    mean_iou: float | None
    min_iou: float | None
    max_score_difference: float | None
    tolerance: DetectionTolerance


def detection_tolerance(kind: str) -> DetectionTolerance:
    """How far detections may lie apart after a kind of conversion."""
    return _TOLERANCES.get(kind, _QUANTIZED)


def detections_of(
    boxes: Array, classes: Array, scores: Array, count: Array, first_class: int = 0
) -> Detections:
    """The detections in the first image of a detector's four outputs.

    Args:
        boxes: [images, most, 4].
        classes: [images, most].
        scores: [images, most].
        count: [images]: how many of the most are there.
        first_class: Number of the first class: the API's exports count from 1.
    """
    import numpy as np

    number = int(np.clip(count.reshape(-1)[0], 0, scores.reshape(-1, scores.shape[-1]).shape[1]))
    shaped = (boxes.reshape(-1, boxes.shape[-2], 4), classes, scores)
    found = [np.asarray(x[0].reshape(-1, *x.shape[2:])[:number], np.float64) for x in shaped]
    kept = found[2] > 0  # places without a detection
    order = np.argsort(-found[2][kept], kind="stable")
    return Detections(
        found[0][kept][order],
        found[1][kept][order].astype(np.int64) - first_class,
        found[2][kept][order],
    )


def compare_detections(
    a: Detections,
    b: Detections,
    tolerance: DetectionTolerance,
    most: tuple[int, int],
    *,
    suppress_across: bool = False,
) -> DetectionComparison:
    """Compare the detections of two models.

    Args:
        a: Those of the reference.
        b: Those of the other.
        tolerance: What is tolerated.
        most: How many detections either can give.
        suppress_across: Whether one of the models keeps one class a box only (fast NMS).
    """
    import numpy as np

    overlaps = iou(a.boxes, b.boxes)
    allowed = (a.classes[:, None] == b.classes[None, :]) & (overlaps >= SAME_BOX)
    pairs = _pairs(overlaps, allowed, a.scores, b.scores)
    mean_iou = min_iou = difference = 0.0
    if pairs:
        left, right = (list(side) for side in zip(*pairs, strict=True))
        chosen = overlaps[left, right]
        mean_iou, min_iou = float(chosen.mean()), float(chosen.min())
        difference = float(np.abs(a.scores[left] - b.scores[right]).max())
    lost: list[LostDetection] = []
    borderline = 0
    for model, own, other, room, taken, crossed in (
        ("A", a, b, most[1], {i for i, _ in pairs}, overlaps),
        ("B", b, a, most[0], {j for _, j in pairs}, overlaps.T),
    ):
        least = other.scores[-1] if len(other.scores) >= room else 0.0
        for i in range(len(own.scores)):
            if i in taken:
                continue
            close = crossed[i] >= SAME_BOX
            rivals = other.scores[close & (suppress_across | (other.classes == own.classes[i]))]
            score = own.scores[i]
            if score <= least + tolerance.score or np.any(rivals >= score - tolerance.score):
                borderline += 1
                continue
            box = tuple(float(x) for x in own.boxes[i])
            lost.append(LostDetection(model, int(own.classes[i]), float(own.scores[i]), box))
    enough = len(pairs) >= _LEAST_MATCHED * min(len(a.scores), len(b.scores))
    agree = not pairs or bool(difference <= tolerance.score and mean_iou >= tolerance.mean_iou)
    return DetectionComparison(
        equal=not lost and enough and agree,
        count_a=len(a.scores),
        count_b=len(b.scores),
        matched=len(pairs),
        borderline=borderline,
        lost=tuple(lost),
        mean_iou=mean_iou if pairs else None,
        min_iou=min_iou if pairs else None,
        max_score_difference=difference if pairs else None,
        tolerance=tolerance,
    )


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of each box of one list with each of another.

    Args:
        a: [n, 4] of ymin, xmin, ymax, xmax.
        b: [m, 4].

    Returns:
        [n, m]; 0 where a box has no area.
    """
    import numpy as np

    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inside = np.prod(np.maximum(high - low, 0), 2)
    areas = [np.prod(x[:, 2:] - x[:, :2], 1) for x in (a, b)]
    union = areas[0][:, None] + areas[1][None, :] - inside
    is_sound = (areas[0][:, None] > 0) & (areas[1][None, :] > 0)
    return np.where(is_sound, inside / np.where(union > 0, union, 1), 0.0)


def _pairs(
    overlaps: Array, allowed: Array, a_scores: Array, b_scores: Array
) -> list[tuple[int, int]]:
    """Pairs of detections, the most overlapping first; of equal ones those of nearest scores."""
    import numpy as np

    left, right = np.nonzero(allowed)
    nearness = np.abs(a_scores[left] - b_scores[right])
    found: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for k in np.lexsort((nearness, -overlaps[left, right])).tolist():
        i, j = int(left[k]), int(right[k])
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            found.append((i, j))
    return found
