"""Images as a network takes them: decoded by Pillow, in its channels and its size.

Whatever a file holds (alpha, greyscale, palette, CMYK, 16 bits, a camera turned on its side), the
result is height x width x channels of uint8. Only formats of photographs and pictures are opened,
not those that run programs, as PostScript does.
"""

from __future__ import annotations

import importlib.util
import struct
import warnings
import zlib
from collections import Counter
from typing import IO, TYPE_CHECKING, Any

from graphtools.errors import Damaged, FileProblem, MissingExtra
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How an image becomes as large as the input: stretched to it; scaled until it covers it, and its
#: middle cut out; scaled until it fits, with black beside it.
RESIZES = ("stretch", "crop", "pad")
#: Ends of names that promise an image.
SUFFIXES = frozenset(".bmp .gif .jfif .jpe .jpeg .jpg .pgm .png .ppm .tif .tiff .webp".split())
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
)
#: Larger images are refused, as damaged ones that claim a size: they take long, and much memory.
_MOST_PIXELS = 1 << 26
#: Pillow's modes by number of channels.
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
#: What to call a mode in a note.
_KINDS = {
    "1": "in black and white",
    "L": "in greyscale",
    "RGB": "in colour",
    "P": "with a palette",
    "CMYK": "in CMYK",
    "F": "of floats",
}
#: What Pillow raises on damaged files.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    NotImplementedError,
    struct.error,
    zlib.error,
)


def require_pillow() -> None:
    """Check that Pillow is installed; it is not imported.

    Raises:
        MissingExtra: It is not.
    """
    if importlib.util.find_spec("PIL") is None:
        raise MissingExtra("reading images", "images")


def is_image(head: bytes) -> bool:
    """Whether a file begins as an image does.

    Args:
        head: Its first 16 bytes, or more.
    """
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


class ImageReader:
    """Reads images of one size, and keeps count of what had to be done to them.

    Attributes:
        height: Height of the arrays; None where each keeps its own.
        width: Their width, likewise.
        channels: Their channels: 1 (greyscale), 3 (RGB) or 4 (RGBA).
        resize: How an image becomes as large; one of `RESIZES`.
        seen: Number of images that were read.
        converted: How many of them had other channels, by what they had.
        turned: How many a camera had marked as turned.
        animated: How many have several pictures, of which the first counts.
        resized: How many had another size.
    """

    def __init__(
        self, height: int | None, width: int | None, channels: int, resize: str = "stretch"
    ) -> None:
        """Prepare; nothing is read.

        Raises:
            MissingExtra: Pillow is not installed.
        """
        require_pillow()
        from PIL import Image

        Image.init()
        self._formats = tuple(f for f in _FORMATS if f in Image.OPEN)
        self.height = height
        self.width = width
        self.channels = channels
        self.resize = resize
        self.seen = self.turned = self.animated = self.resized = 0
        self.converted: Counter[str] = Counter()

    def read(self, file: IO[bytes], name: str) -> NDArray[Any]:
        """The pixels of an image, uint8 of the shape [height,width,channels].

        Raises:
            Damaged: It cannot be decoded.
            FileProblem: It has too many pixels, or is none that is read here.
        """
        from PIL import Image, UnidentifiedImageError

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged metadata; and large, but not too large
            try:
                with Image.open(file, formats=self._formats) as image:
                    return self._pixels(image, name)
            except UnidentifiedImageError:
                raise Damaged(
                    f"{name} is no image that can be read",
                    f"replace it by one of {', '.join(self._formats)}, or take it out",
                ) from None
            except (Image.DecompressionBombError, MemoryError) as error:
                raise FileProblem(
                    f"{name} is too large an image: {error or 'out of memory'}",
                    "scale it down, or take it out",
                ) from None
            except _DAMAGE as error:
                raise Damaged(
                    f"{name} is a damaged image: {_line(error)}",
                    "replace it, or take it out",
                ) from None

    def notes(self) -> tuple[str, ...]:
        """What was done to the images, for the user."""
        found = []
        if self.converted:
            kinds = ", ".join(f"{n} {k}" for k, n in sorted(self.converted.items()))
            found.append(
                f"{self.converted.total()} of {self.seen} images were brought to "
                f"{counted(self.channels, 'channel')}: {kinds}"
            )
        if self.turned:
            found.append(f"{self.turned} of {self.seen} images were turned as their EXIF data says")
        if self.animated:
            found.append(f"{self.animated} of {self.seen} images are animated: their first picture")
        return tuple(found)

    def _pixels(self, image: Any, name: str) -> NDArray[Any]:
        import numpy as np
        from PIL import ImageOps

        self.seen += 1
        self.animated += getattr(image, "n_frames", 1) > 1
        if self.height and self.width:
            side = 2 * max(self.height, self.width)
            image.draft(None, (side, side))  # a large JPEG is scaled down while it is decoded
        if image.width * image.height > _MOST_PIXELS:
            raise FileProblem(
                f"{name} is too large an image: {image.width}x{image.height} pixels",
                "scale it down, or take it out",
            )
        image.load()
        upright = ImageOps.exif_transpose(image)
        self.turned += upright is not None and _orientation(image) > 1
        fitted = self._fitted(self._in_mode(upright if upright is not None else image))
        array = np.asarray(fitted, np.uint8)
        return array.reshape(fitted.height, fitted.width, self.channels)

    def _in_mode(self, image: Any) -> Any:
        """An image with the channels of the input; alpha is dropped as TensorFlow drops it."""
        wanted = _MODES[self.channels]
        if image.mode == wanted and "transparency" not in image.info:
            return image
        if image.mode != wanted:
            self.converted[_kind(image)] += 1
        if image.mode.startswith("I") or image.mode == "F":
            image = _eight_bits(image)
        if image.mode == "PA":  # is converted by way of RGBA only
            image = image.convert("RGBA")
        return image if image.mode == wanted else image.convert(wanted)

    def _fitted(self, image: Any) -> Any:
        """An image in the size of the input."""
        from PIL import Image, ImageOps

        width, height = size = (self.width or image.width, self.height or image.height)
        if image.size == size:
            return image
        self.resized += 1
        bilinear = Image.Resampling.BILINEAR
        if self.resize == "crop":
            return ImageOps.fit(image, size, bilinear)
        if self.resize == "pad":
            scale = min(width / image.width, height / image.height)
            inner = (
                min(width, max(1, round(image.width * scale))),
                min(height, max(1, round(image.height * scale))),
            )
            black = Image.new(image.mode, size)
            place = ((width - inner[0]) // 2, (height - inner[1]) // 2)
            black.paste(image.resize(inner, bilinear), place)
            return black
        return image.resize(size, bilinear)


def _eight_bits(image: Any) -> Any:
    """A greyscale image of 16 or 32 bits, or of floats, as one of 8 bits.

    Of 16 bits the upper ones count, whatever the image makes of them; floats are from 0 to 1, or
    from 0 to 255 where any is larger.
    """
    import numpy as np
    from PIL import Image

    values: NDArray[Any] = np.nan_to_num(np.asarray(image, np.float32))
    largest = values.max(initial=0)
    if image.mode == "F":
        values = values * 255 if largest <= 1 else values
    elif image.mode != "I" or largest > 255:
        values = values / 257  # 65535 / 255
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _kind(image: Any) -> str:
    """What an image has, in words."""
    if image.mode.startswith("I"):
        return "in 16-bit greyscale"
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        return "with alpha"
    return _KINDS.get(str(image.mode), str(image.mode))


def _orientation(image: Any) -> int:
    value = image.getexif().get(0x0112, 1)
    return value if isinstance(value, int) else 1


def _line(error: BaseException) -> str:
    """What an error says, as one short line."""
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
