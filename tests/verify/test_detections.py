from __future__ import annotations

import numpy as np
import pytest

from graphtools.verify.detections import (
    Detections,
    DetectionTolerance,
    compare_detections,
    detection_tolerance,
    detections_of,
    iou,
)

TOLERANCE = DetectionTolerance(0.01, 0.9)


def found(*rows: tuple[float, ...]) -> Detections:
    """Detections of rows of class, score and box."""
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(table[:, 2:], table[:, 0].astype(np.int64), table[:, 1])


LEFT = (1, 0.9, 0.0, 0.0, 0.5, 0.5)
RIGHT = (2, 0.8, 0.5, 0.5, 1.0, 1.0)


def test_overlap_is_intersection_over_union() -> None:
    a = np.array([[0, 0, 1, 1], [0, 0, 0, 0]], np.float64)
    b = np.array([[0, 0, 1, 1], [0.5, 0, 1.5, 1], [2, 2, 3, 3], [1, 1, 0, 0]], np.float64)
    wanted = np.array([[1, 1 / 3, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(iou(a, b), wanted, atol=1e-12)


def test_the_order_does_not_count() -> None:
    same = compare_detections(found(LEFT, RIGHT), found(RIGHT, LEFT), TOLERANCE, (10, 10))
    assert same.equal
    assert (same.matched, same.mean_iou, same.max_score_difference) == (2, 1.0, 0.0)
    assert not same.lost


def test_a_lost_detection_is_named() -> None:
    one = compare_detections(found(LEFT, RIGHT), found(LEFT), TOLERANCE, (10, 10))
    assert not one.equal
    (lost,) = one.lost
    assert (lost.model, lost.class_index, lost.score) == ("A", 2, 0.8)
    other = compare_detections(found(LEFT), found(LEFT, RIGHT), TOLERANCE, (10, 10))
    assert [d.model for d in other.lost] == ["B"]


def test_another_class_is_another_detection() -> None:
    wrong = (3, *LEFT[1:])
    compared = compare_detections(found(LEFT), found(wrong), TOLERANCE, (10, 10))
    assert not compared.equal
    assert len(compared.lost) == 2
    both = compare_detections(
        found(LEFT, (3, 0.85, *LEFT[2:])), found(LEFT), TOLERANCE, (9, 9), suppress_across=True
    )
    assert (both.equal, both.borderline) == (True, 1)  # the box has one class there


def test_what_the_other_has_no_room_for_is_borderline() -> None:
    full = compare_detections(found(LEFT, RIGHT), found(LEFT), TOLERANCE, (10, 1))
    assert (full.equal, full.borderline, full.lost) == (True, 1, ())
    low = (5, 0.005, 0.2, 0.2, 0.3, 0.3)
    threshold = compare_detections(found(LEFT, low), found(LEFT), TOLERANCE, (10, 10))
    assert (threshold.equal, threshold.borderline) == (True, 1)


def test_scores_and_boxes_have_to_agree() -> None:
    lower = (1, 0.85, *LEFT[2:])
    assert not compare_detections(found(LEFT), found(lower), TOLERANCE, (9, 9)).equal
    moved = (*LEFT[:2], 0.0, 0.1, 0.5, 0.6)
    compared = compare_detections(found(LEFT), found(moved), TOLERANCE, (9, 9))
    assert compared.matched == 1
    assert compared.mean_iou == pytest.approx(2 / 3)
    assert not compared.equal


def test_borderline_detections_alone_prove_nothing() -> None:
    low = [(k, 0.005, 0.1 * k, 0.0, 0.1 * k + 0.05, 0.1) for k in range(4)]
    high = [(k, 0.005, 0.1 * k, 0.5, 0.1 * k + 0.05, 0.6) for k in range(4)]
    compared = compare_detections(found(*low), found(*high), TOLERANCE, (9, 9))
    assert not compared.lost
    assert not compared.equal


def test_no_detections_are_equal() -> None:
    none = compare_detections(found(), found(), TOLERANCE, (10, 10))
    assert none.equal
    assert none.mean_iou is None


def test_pairs_are_those_that_overlap_most() -> None:
    near = (1, 0.7, 0.0, 0.05, 0.5, 0.55)
    compared = compare_detections(found(LEFT, near), found(near, LEFT), TOLERANCE, (9, 9))
    assert (compared.matched, compared.min_iou) == (2, 1.0)


def test_outputs_are_read_up_to_their_number() -> None:
    boxes = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    classes = np.array([[1, 2, 3]], np.float32)
    scores = np.array([[0.2, 0.9, 0.5]], np.float32)
    read = detections_of(boxes, classes, scores, np.array([2.0]), first_class=1)
    assert read.classes.tolist() == [1, 0]
    assert read.scores.tolist() == pytest.approx([0.9, 0.2])
    assert read.boxes.tolist() == [[4, 5, 6, 7], [0, 1, 2, 3]]
    assert not len(detections_of(boxes, classes, scores, np.array([0.0])).scores)
    assert len(detections_of(boxes, classes, scores, np.array([99.0])).scores) == 3


def test_quantized_models_are_given_more() -> None:
    assert detection_tolerance("float").score < detection_tolerance("uint8").score
    assert detection_tolerance("float").mean_iou > detection_tolerance("dynamic").mean_iou
