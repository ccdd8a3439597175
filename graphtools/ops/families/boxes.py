"""Shapes of ops on boxes in images."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    merge,
    merge_dim,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import like_input, told_by_input
from graphtools.ops.families.resizing.shapes import given_size

# Boxes


@shape_function("DrawBoundingBoxes", "DrawBoundingBoxesV2")
def draw_bounding_boxes(call: Call) -> Dims:
    """The input, [batch, height, width, channels]."""
    if call.node.op == "DrawBoundingBoxesV2":
        return with_rank_at_least(call.input(0), 3)
    dims = with_rank(call.input(0), 4)
    if dims[3] not in (None, 1, 3, 4):
        raise Contradiction(f"an image cannot have {dims[3]} channels")
    merge_dim(with_rank(call.input(1), 3)[2], 4)
    return dims


@shape_function("SampleDistortedBoundingBox", "SampleDistortedBoundingBoxV2",
                "StatelessSampleDistortedBoundingBox")  # fmt: skip
def sample_distorted_bounding_box(call: Call) -> list[Dims]:
    """Beginning and size of a slice, and one box."""
    merge(call.input(0), (3,))
    boxes = with_rank(call.input(1), 3)
    merge_dim(boxes[2], 4)
    return [(3,), (3,), (1, 1, 4)]


@shape_function("CropAndResize")
def crop_and_resize(call: Call) -> Dims:
    """An image for each box, of the size that the last input says."""
    dims = with_rank(call.input(0), 4)
    boxes = with_rank(call.input(1), 2)
    places = with_rank(call.input(2), 1)
    merge_dim(boxes[1], 4)
    count = merge_dim(boxes[0], places[0])
    return (count, *given_size(call, 3), dims[3])


shape_function("CropAndResizeGradImage")(told_by_input(3, rank=4))


# As the boxes are.
shape_function("CropAndResizeGradBoxes")(like_input(2))


def _boxes_and_scores(call: Call) -> None:
    boxes = with_rank(call.input(0), 2)
    (scores,) = with_rank(call.input(1), 1)
    with_rank(call.input(2), 0)
    if scores is not None:
        merge_dim(boxes[0], scores)
    if boxes[1] not in (None, 4):
        raise Contradiction(f"a box is four numbers, not those of {show(boxes)}")


@shape_function("NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3")
def non_max_suppression(call: Call) -> Dims:
    """The places of an unknown number of boxes."""
    _boxes_and_scores(call)
    for position in range(3, len(call.inputs)):
        with_rank(call.input(position), 0)
    return (None,)


@shape_function("NonMaxSuppressionV4")
def non_max_suppression_v4(call: Call) -> list[Dims]:
    """The places of boxes, padded where the attribute says so, and their number."""
    _boxes_and_scores(call)
    for position in (3, 4):
        with_rank(call.input(position), 0)
    return [(_padded_count(call, "pad_to_max_output_size"),), SCALAR]


@shape_function("NonMaxSuppressionV5")
def non_max_suppression_v5(call: Call) -> list[Dims]:
    """The places of boxes and their scores, padded where the attribute says so; their number."""
    _boxes_and_scores(call)
    for position in (3, 4, 5):
        with_rank(call.input(position), 0)
    count = _padded_count(call, "pad_to_max_output_size")
    return [(count,), (count,), SCALAR]


def _padded_count(call: Call, flag: str) -> Dim:
    count = call.integer(2) if call.bool_attr(flag) else None
    if count is not None and count < 0:
        raise Contradiction(f"there cannot be {count} boxes")
    return count


@shape_function("NonMaxSuppressionWithOverlaps")
def non_max_suppression_with_overlaps(call: Call) -> Dims:
    """As `non_max_suppression`; the overlaps are a square matrix."""
    overlaps = with_rank(call.input(0), 2)
    (scores,) = with_rank(call.input(1), 1)
    for position in (2, 3, 4):
        with_rank(call.input(position), 0)
    merge_dim(merge_dim(overlaps[0], scores), overlaps[1])
    return (None,)


@shape_function("CombinedNonMaxSuppression")
def combined_non_max_suppression(call: Call) -> list[Dims]:
    """For each image boxes, scores, classes and the number of those that are no padding.

    Their number is the total, or by an attribute what the classes together give if that is less.
    """
    boxes = with_rank(call.input(0), 4)
    scores = with_rank(call.input(1), 3)
    for position in (2, 3, 4, 5):
        with_rank(call.input(position), 0)
    merge_dim(boxes[3], 4)
    if boxes[2] not in (None, 1) and scores[2] is not None and boxes[2] != scores[2]:
        raise Contradiction(f"{show(boxes)} and {show(scores)} are for other numbers of classes")
    merge_dim(boxes[1], scores[1])
    batch = merge_dim(boxes[0], scores[0])
    total = call.integer(3)
    if total is not None and total <= 0:
        raise Contradiction(f"there cannot be {total} boxes")
    if total is not None and call.bool_attr("pad_per_class"):
        each, classes = call.integer(2), scores[2]
        total = None if each is None or classes is None else min(total, each * classes)
    return [(batch, total, 4), (batch, total), (batch, total), (batch,)]


@shape_function("GenerateBoundingBoxProposals")
def generate_bounding_box_proposals(call: Call) -> list[Dims]:
    """Boxes and their probabilities for each image."""
    scores = with_rank(call.input(0), 4)
    count = call.int_attr("post_nms_topn")
    return [(scores[0], count, 4), (scores[0], count)]
