"""The size of the images, and what the model makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule

RESIZERS = (
    "fixed_shape_resizer",
    "keep_aspect_ratio_resizer",
    "identity_resizer",
    "conditional_shape_resizer",
    "pad_to_multiple_resizer",
)
#: The coarsest level that a feature pyramid takes from the backbone; those above are made from it
#: and not upsampled. Source: the SSD FPN feature extractors of the API.
_BACKBONE_LEVEL = 5
#: Beyond this, levels are no levels.
_MAX_LEVEL = 16


class Pyramid(NamedTuple):
    """The levels of a feature pyramid; level n has the stride 2**n.

    Attributes:
        lowest: The finest level.
        top: The coarsest level that is upsampled and added to the one below.
        highest: The coarsest level.
    """

    lowest: int
    top: int
    highest: int


def pyramid(subject: Configuration) -> Pyramid | None:
    """The model's feature pyramid; None if it has none, or strange levels."""
    kind = subject.pipeline.feature_extractor
    if subject.pipeline.meta_architecture not in ("ssd", "faster_rcnn") or "fpn" not in kind:
        return None
    both_ways = "bifpn" in kind
    path = f"{subject.model_path}.feature_extractor.{'bifpn' if both_ways else 'fpn'}"
    lowest, highest = subject.whole(f"{path}.min_level"), subject.whole(f"{path}.max_level")
    if not 0 < lowest <= highest <= _MAX_LEVEL:
        return None
    return Pyramid(lowest, highest if both_ways else min(highest, _BACKBONE_LEVEL), highest)


def resizer(subject: Configuration) -> str:
    """Name of the image resizer; empty where there is none."""
    section = subject.pipeline.model.tree("image_resizer")
    names = [field.name for field in section.fields] if section else []
    return next((name for name in reversed(names) if name in RESIZERS), "")


def image_size(subject: Configuration) -> tuple[int, int] | None:
    """Height and width of all images, as they enter the feature extractor; None if they vary."""
    name = resizer(subject)
    path = f"{subject.model_path}.image_resizer.{name}"
    if name == "fixed_shape_resizer":
        size = subject.whole(f"{path}.height"), subject.whole(f"{path}.width")
    elif name == "keep_aspect_ratio_resizer" and subject.flag(f"{path}.pad_to_max_dimension"):
        size = (subject.whole(f"{path}.max_dimension"),) * 2
    else:
        return None
    multiple = max(1, subject.whole(f"{subject.model_path}.feature_extractor.pad_to_multiple"))
    return -(-size[0] // multiple) * multiple, -(-size[1] // multiple) * multiple


def halved(size: int, level: int) -> int:
    """Size of a feature map: each of the strides of 2 rounds up ("SAME" padding)."""
    return -(-size // (1 << level))


@config_rule("GTC401", "image-resizer-missing", ERROR)
def image_resizer_missing(subject: Configuration) -> Iterator[Found]:
    """The model has no image resizer that it can work with.

    Without one the model cannot be built: "Invalid image resizer option". An SSD needs images of
    one size for TFLite: the exporter of TensorFlow 1 takes nothing but a fixed_shape_resizer.
    """
    if subject.pipeline.meta_architecture not in ("ssd", "faster_rcnn", "center_net"):
        return
    field = f"{subject.model_path}.image_resizer"
    name = resizer(subject)
    if not name:
        yield Found(
            field,
            "the model has no image_resizer",
            "write image_resizer { fixed_shape_resizer { height: 300 width: 300 } }",
        )
        return
    varies = image_size(subject) is None
    # what is built by Keras is exported by TensorFlow 2, which needs a size that does not vary
    padded = "keras" in subject.pipeline.feature_extractor and not varies
    is_ssd = subject.pipeline.meta_architecture == "ssd"
    if is_ssd and name != "fixed_shape_resizer" and not padded:
        yield Found(
            f"{field}.{name}",
            f"an SSD has a {name}"
            + (", which leaves images of many sizes" if varies else "")
            + ": it cannot be exported to TFLite",
            "write a fixed_shape_resizer, if the model is for TFLite",
            severity=INFO,
        )


@config_rule("GTC402", "fpn-image-size", ERROR)
def fpn_image_size(subject: Configuration) -> Iterator[Found]:
    """The image size cannot be halved evenly down to the levels of the feature pyramid.

    A feature map of a level is upsampled by two and added to that of the level below. Where a size
    was rounded up when it was halved, the two differ: 300 gives 38, 19 and 10, and 10 upsampled is
    20: "Dimensions must be equal, but are 20 and 19". Take a size that the coarsest stride divides,
    or let pad_to_multiple make it so.
    """
    levels = pyramid(subject)
    if levels is None:
        return
    stride = 2**levels.top
    size = image_size(subject)
    extractor = f"{subject.model_path}.feature_extractor"
    section = f"{subject.model_path}.image_resizer.{resizer(subject)}"
    if size is None:
        padded = subject.whole(f"{extractor}.pad_to_multiple")
        if resizer(subject) == "keep_aspect_ratio_resizer" and padded % stride:
            yield Found(
                section,
                "images keep their aspect ratio, so that their sizes are no multiples of "
                f"{stride}, as the feature pyramid needs",
                f"write pad_to_max_dimension: true, or feature_extractor pad_to_multiple: {stride}",
                severity=WARNING,
            )
        return
    # the MobileNet pyramids cut the upsampled map to size if they pad by themselves
    cuts = "mobilenet" in subject.pipeline.feature_extractor
    cuts = cuts and subject.flag(f"{extractor}.use_explicit_padding")
    uneven = [clash for s in dict.fromkeys(size) for clash in _clashes(s, levels)]
    if not uneven or cuts or min(size) < 1:
        return
    upsampled, below = uneven[0]
    strides = range(levels.lowest, levels.highest + 1)
    maps = [f"{halved(size[0], n)}x{halved(size[1], n)}" for n in strides]
    near = ", ".join(
        dict.fromkeys(str(max(1, s // stride + more) * stride) for s in size for more in (0, 1))
    )
    yield Found(
        section,
        f"images of {size[0]}x{size[1]} give feature maps of {', '.join(maps)} with the strides "
        f"{', '.join(str(2**n) for n in strides)}; {upsampled // 2} upsampled is {upsampled}, and "
        f'is to be added to {below}: "Dimensions must be equal, but are {upsampled} and {below}"',
        f"take a multiple of {stride} (as {near}), or write feature_extractor pad_to_multiple: "
        f"{stride}",
    )


def _clashes(size: int, levels: Pyramid) -> list[tuple[int, int]]:
    """Upsampled size and size below of each level that does not fit, the coarsest first."""
    pairs = [
        (2 * halved(size, level), halved(size, level - 1))
        for level in range(levels.top, levels.lowest, -1)
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


@config_rule("GTC403", "images-of-many-sizes-in-a-batch", WARNING)
def images_of_many_sizes_in_a_batch(subject: Configuration) -> Iterator[Found]:
    """Images of different sizes cannot be in one batch.

    keep_aspect_ratio_resizer leaves each image its own shape unless pad_to_max_dimension is true. A
    batch of more than one per device fails: "Dimensions of inputs should match".
    """
    path = f"{subject.model_path}.image_resizer.keep_aspect_ratio_resizer"
    batch = subject.whole("train_config.batch_size")
    if not subject.has("train_config") or resizer(subject) != "keep_aspect_ratio_resizer":
        return
    sizes = subject.whole(f"{path}.min_dimension"), subject.whole(f"{path}.max_dimension")
    if batch > 1 and not subject.flag(f"{path}.pad_to_max_dimension"):
        yield Found(
            path,
            f"batches of {batch}"
            + ("" if subject.has("train_config.batch_size") else " (the default)")
            + f" hold images of different sizes: sides of {sizes[0]} to {sizes[1]}",
            "write pad_to_max_dimension: true, or batch_size: 1 per device",
        )
