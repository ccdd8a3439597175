"""Shapes of ops on images: decoding, resizing, colours, boxes."""

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
from graphtools.ops.shapes._outputs import like_input, told_by_attr, told_by_input

# Decoded and encoded


@shape_function("DecodeJpeg", "DecodePng", "DecodeBmp", "DecodeWebP", "DecodeJxl",
                "DecodeAndCropJpeg")  # fmt: skip
def decode(call: Call) -> Dims:
    """[height, width, channels]; the attribute tells the channels unless it is 0.

    What WebP gives may be an animation, [frames, height, width, channels].
    """
    with_rank(call.input(0), 0)
    channels = call.int_attr("channels")
    if channels < 0:
        raise Contradiction(f"an image cannot have {channels} channels")
    height: Dim = None
    width: Dim = None
    if call.node.op == "DecodeAndCropJpeg":
        (four,) = with_rank(call.input(1), 1)
        merge_dim(four, 4)
        window = call.vector(1)
        if window is not None:
            height, width = window[2:4]
    if call.node.op == "DecodeWebP":
        return (None, None, None, channels or None)
    return (height, width, channels or None)


@shape_function("DecodeImage")
def decode_image(call: Call) -> Dims:
    """[height, width, channels]; unknown where an animation gives a list of them."""
    with_rank(call.input(0), 0)
    channels = call.int_attr("channels")
    if channels < 0:
        raise Contradiction(f"an image cannot have {channels} channels")
    return None if call.bool_attr("expand_animations") else (None, None, channels or None)


@shape_function("DecodeGif")
def decode_gif(call: Call) -> Dims:
    """[frames, height, width, 3]."""
    with_rank(call.input(0), 0)
    return (None, None, None, 3)


@shape_function("ExtractJpegShape")
def extract_jpeg_shape(call: Call) -> Dims:
    """Height, width and channels."""
    with_rank(call.input(0), 0)
    return (3,)


@shape_function("EncodeJpeg", "EncodeJpegVariableQuality")
def encode_jpeg(call: Call) -> Dims:
    """A text."""
    with_rank(call.input(0), 3)
    return SCALAR


@shape_function("EncodePng")
def encode_png(call: Call) -> Dims:
    """A text for each image."""
    dims = with_rank_at_least(call.input(0), 3)
    return None if dims is None else dims[:-3]


# Resized


@shape_function("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor",
                "ResizeNearestNeighborGrad", "QuantizedResizeBilinear",
                "ScaleAndTranslate")  # fmt: skip
def resize(call: Call) -> Dims | list[Dims]:
    """Height and width as the second input says."""
    dims = with_rank(call.input(0), 4)
    found = (dims[0], *_size(call, 1), dims[3])
    if call.node.op[0] == "Q":
        for position in (2, 3):
            with_rank(call.input(position), 0)
        return [found, SCALAR, SCALAR]
    return found


def _size(call: Call, position: int) -> tuple[Dim, Dim]:
    """Height and width that an input holds."""
    (two,) = with_rank(call.input(position), 1)
    if two not in (None, 2):
        raise Contradiction(f"height and width are two numbers, not {two}")
    found = call.vector(position)
    if found is None or len(found) != 2:
        return (None, None)
    if any(v is not None and v < -1 for v in found):
        raise Contradiction(f"an image cannot have the size {list(found)}")
    height, width = (None if v == -1 else v for v in found)
    return (height, width)


# As the second input is, the image that was resized.
shape_function("ResizeBilinearGrad", "ResizeBicubicGrad")(like_input(1))
shape_function("ScaleAndTranslateGrad")(like_input(1))


@shape_function("ImageProjectiveTransformV2", "ImageProjectiveTransformV3",
                "ImageProjectiveTransform")  # fmt: skip
def projective_transform(call: Call) -> Dims:
    """Height and width as the third input says."""
    if call.node.op == "ImageProjectiveTransform":
        return call.input(0)
    dims = with_rank(call.input(0), 4)
    return (dims[0], *_size(call, 2), dims[3])


@shape_function("RandomCrop")
def random_crop(call: Call) -> Dims:
    """Height and width as the second input says."""
    dims = with_rank(call.input(0), 3)
    return (*_size(call, 1), dims[2])


@shape_function("ExtractGlimpse", "ExtractGlimpseV2")
def extract_glimpse(call: Call) -> Dims:
    """Height and width as the second input says; a place for each image."""
    dims = with_rank(call.input(0), 4)
    places = with_rank(call.input(2), 2)
    if places[1] not in (None, 2):
        raise Contradiction(f"a place is two numbers, not {places[1]}")
    return (merge_dim(dims[0], places[0]), *_size(call, 1), dims[3])


# Colours


@shape_function("RGBToHSV", "HSVToRGB")
def colour_space(call: Call) -> Dims:
    """The input, whose last dimension is 3."""
    dims = with_rank_at_least(call.input(0), 1)
    if dims is None:
        return None
    return (*dims[:-1], merge_dim(dims[-1], 3))


@shape_function("AdjustContrast", "AdjustContrastv2", "AdjustHue", "AdjustSaturation")
def adjust(call: Call) -> Dims:
    """The input, of at least three dimensions."""
    if call.node.op.startswith("AdjustContrast"):
        for position in range(1, len(call.inputs)):
            with_rank(call.input(position), 0)
    return with_rank_at_least(call.input(0), 3)


shape_function("AdjustHsvInYiq")(like_input(0))


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
    return (count, *_size(call, 3), dims[3])


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


shape_function("SingleImageRandomDotStereograms")(told_by_attr("output_image_shape"))
