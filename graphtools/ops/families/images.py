"""Shapes of ops on images: decoded, encoded, moved, coloured."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    merge_dim,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import like_input, told_by_attr
from graphtools.ops.families.resizing.shapes import given_size


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


@shape_function("ImageProjectiveTransformV2", "ImageProjectiveTransformV3",
                "ImageProjectiveTransform")  # fmt: skip
def projective_transform(call: Call) -> Dims:
    """Height and width as the third input says."""
    if call.node.op == "ImageProjectiveTransform":
        return call.input(0)
    dims = with_rank(call.input(0), 4)
    return (dims[0], *given_size(call, 2), dims[3])


@shape_function("RandomCrop")
def random_crop(call: Call) -> Dims:
    """Height and width as the second input says."""
    dims = with_rank(call.input(0), 3)
    return (*given_size(call, 1), dims[2])


@shape_function("ExtractGlimpse", "ExtractGlimpseV2")
def extract_glimpse(call: Call) -> Dims:
    """Height and width as the second input says; a place for each image."""
    dims = with_rank(call.input(0), 4)
    places = with_rank(call.input(2), 2)
    if places[1] not in (None, 2):
        raise Contradiction(f"a place is two numbers, not {places[1]}")
    return (merge_dim(dims[0], places[0]), *given_size(call, 1), dims[3])


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

shape_function("SingleImageRandomDotStereograms")(told_by_attr("output_image_shape"))
