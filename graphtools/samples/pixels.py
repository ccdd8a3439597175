"""How an image becomes what an input takes: its size, its channels, their place, their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.samples.images import RESIZES, ImageReader
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import GIVEN, Normalization

if TYPE_CHECKING:
    from typing import IO

    from numpy.typing import NDArray

_CHANNELS = (1, 3, 4)
#: Most bytes of one image as the input takes it: a shape that nobody means would fill the memory.
_LARGEST = 1 << 30


class ImageLayout(NamedTuple):
    """How an input takes images.

    Attributes:
        height: Height of an image; None where it may be any.
        width: Its width, likewise.
        channels: Its channels.
        channels_first: Whether they stand before height and width.
        batched: Whether the input has a dimension for the batch.
    """

    height: int | None
    width: int | None
    channels: int
    channels_first: bool
    batched: bool


def layout_of(item: SampledInput, *, any_size: bool = False) -> ImageLayout:
    """How an input takes images.

    Args:
        item: The input.
        any_size: Whether images may keep their own size where that of the input is open.

    Raises:
        InvalidValue: It takes none, or its size is open.
    """
    inner = item.dims[1:] if len(item.dims) == 4 else item.dims
    if len(inner) != 3:
        raise InvalidValue(
            f"images cannot be fed to the input {item}: it has no height, width and channels",
            "give the samples as arrays: numpy.savez(file, **{'input:0': array})",
        )
    last, first = inner[2], inner[0]
    channels_first = last not in _CHANNELS and first in _CHANNELS
    channels = first if channels_first else last
    height, width = inner[1:] if channels_first else inner[:2]
    if channels is not None and channels not in _CHANNELS:
        raise InvalidValue(
            f"images cannot be fed to the input {item}: it has {channels} channels, an image has "
            "1, 3 or 4",
            "give the samples as arrays: numpy.savez(file, **{'input:0': array})",
        )
    if channels is None or (None in (height, width) and not any_size):
        raise InvalidValue(
            f"the size of images is not known: the input is {item}",
            f"give it: {param(input_shapes={item.ref: [1, 224, 224, 3]})}",
        )
    if (height or 1) * (width or 1) * channels * item.dtype.numpy().itemsize > _LARGEST:
        raise InvalidValue(f"one image for the input {item} has more than a gigabyte")
    return ImageLayout(height, width, channels, channels_first, len(item.dims) == 4)


def image_input(inputs: Sequence[SampledInput]) -> SampledInput:
    """The input that images are fed to.

    Raises:
        InvalidValue: There are several inputs, which images alone do not fill.
    """
    if len(inputs) > 1:
        raise InvalidValue(
            f"images feed one input, the graph has {len(inputs)}: {', '.join(map(str, inputs))}",
            "give all in one file: numpy.savez(file, **{'image:0': images, 'size:0': sizes})",
        )
    return inputs[0]


class PixelFeed:
    """Makes images into values of an input, not yet in batches.

    Attributes:
        item: The input.
        layout: How it takes images.
        normalization: What becomes of the pixels; None where they are taken as they are.
        reader: Reads the images, and knows what it did to them.
    """

    def __init__(
        self,
        item: SampledInput,
        resize: str,
        normalization: Normalization | None,
        *,
        any_size: bool = False,
    ) -> None:
        """Prepare; nothing is read.

        Args:
            item: The input.
            resize: How images become as large as the input; one of `RESIZES`.
            normalization: What becomes of the pixels for an input of floats.
            any_size: Whether images keep their own size where that of the input is open.

        Raises:
            InvalidValue: The input takes no images, or it is not known how they are normalised.
            MissingExtra: Pillow is not installed.
        """
        if resize not in RESIZES:
            raise InvalidValue(
                f"images cannot be resized by {resize!r}", f"it can be: {', '.join(RESIZES)}"
            )
        self.item = item
        self.layout = layout_of(item, any_size=any_size)
        self.reader = ImageReader(
            self.layout.height, self.layout.width, self.layout.channels, resize
        )
        self._ignored = normalization if item.dtype.numpy().kind != "f" else None
        self.normalization = self._checked(normalization)

    def read(self, file: IO[bytes], name: str) -> NDArray[Any]:
        """The values of an image, without a batch.

        Raises:
            FileProblem: See `ImageReader.read`.
        """
        pixels = self.reader.read(file, name)
        values = pixels if self.normalization is None else self.normalization.apply(pixels)
        return values.transpose(2, 0, 1) if self.layout.channels_first else values

    @property
    def preprocessing(self) -> str:
        """What is done to the images, as one line."""
        sides = (self.layout.height or "?", self.layout.width or "?")
        size = f"{sides[0]}x{sides[1]}x{self.layout.channels}"
        if self.normalization is None:
            return f"images to {size} ({self.reader.resize}), pixels as they are, 0 to 255"
        kept = set(self.normalization.scale) == {1.0} and not any(self.normalization.offset)
        told = "pixels as they are, 0 to 255" if kept else str(self.normalization)
        return f"images to {size} ({self.reader.resize}), {told} ({self.normalization.source})"

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the images."""
        found = list(self.reader.notes())
        if self.normalization is not None and self.normalization.source != GIVEN:
            found.insert(0, self.preprocessing)  # what was found is to be looked at
        if self._ignored is not None:
            found.append(
                f"the input {str(self.item.ref)!r} is {self.item.dtype.base.name}: pixels are fed "
                "as they are, 0 to 255, without mean and standard deviation"
            )
        return tuple(found)

    def _checked(self, given: Normalization | None) -> Normalization | None:
        kind = self.item.dtype.numpy()
        if kind.kind == "b" or (kind.kind in "iu" and kind.name == "int8"):
            raise InvalidValue(
                f"images cannot be fed to the input {self.item}: pixels are 0 to 255",
                "give the samples as arrays: numpy.savez(file, **{'input:0': array})",
            )
        if kind.kind != "f":
            return None
        if given is None:
            raise InvalidValue(
                f"how images are normalised for the input {self.item} is not known, and the graph "
                "does not tell",
                "give what training did: "
                f"{param(mean=127.5, std=127.5)} for -1 to 1, "
                "0 and 255 for 0 to 1, 0 and 1 for 0 to 255",
            )
        sizes = {len(given.scale), len(given.offset)} - {1}
        if sizes - {self.layout.channels}:
            raise InvalidValue(
                f"mean and std are given for {max(sizes)} channels, the input {self.item} has "
                f"{self.layout.channels}",
                "give one number for all channels, or one for each",
            )
        return given
