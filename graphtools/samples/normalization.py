"""What becomes of the pixels of an image before they are fed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue
from graphtools.front_end import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The source of a normalisation that the user has given.
GIVEN = "given"


class Normalization(NamedTuple):
    """What becomes of a pixel, 0 to 255, before it is fed: pixel * scale + offset.

    Attributes:
        scale: One number, or one a channel.
        offset: Likewise.
        source: Where it comes from.
    """

    scale: tuple[float, ...]
    offset: tuple[float, ...]
    source: str = GIVEN

    @classmethod
    def from_mean_std(
        cls, mean: Sequence[float], std: Sequence[float], source: str = GIVEN
    ) -> Normalization:
        """As (pixel - mean) / std.

        Raises:
            InvalidValue: They are not finite, std is not above 0, or their numbers differ.
        """
        if not mean or not std or (len(mean) != len(std) and 1 not in (len(mean), len(std))):
            raise InvalidValue(
                f"there are {len(mean)} mean values and {len(std)} standard deviations",
                "give one of each, or one a channel",
            )
        if not all(map(math.isfinite, (*mean, *std))) or min(std) <= 0:
            raise InvalidValue(
                f"images cannot be normalised by mean {_list(mean)} and std {_list(std)}",
                "both must be finite, and std above 0",
            )
        size = max(len(mean), len(std))
        means, stds = (tuple(v) * (size // len(v)) for v in (mean, std))
        return cls(
            tuple(1 / s for s in stds),
            tuple(-m / s for m, s in zip(means, stds, strict=True)),
            source,
        )

    def apply(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Normalise pixels, whose last dimension is that of the channels; to float32."""
        import numpy as np

        scale, offset = (np.asarray(v, np.float32) for v in (self.scale, self.offset))
        scaled: NDArray[Any] = pixels.astype(np.float32) * scale + offset
        return scaled

    def __str__(self) -> str:
        scaled = f"pixel * {_list(self.scale)}"
        if not any(self.offset):
            return scaled
        offset = _list(self.offset)
        return f"{scaled} - {offset[1:]}" if offset[0] == "-" else f"{scaled} + {offset}"


def channel_values(name: str, text: str | None) -> list[float]:
    """The numbers that a parameter gives for all channels, or for each: `127.5`, `123,117,104`.

    Raises:
        InvalidValue: It is something else.
    """
    try:
        return [float(part) for part in text.split(",")] if text else []
    except ValueError:
        raise InvalidValue(
            f"{param(name)} {text!r} is no number, nor several separated by commas", "as 127.5"
        ) from None


def _list(numbers: Sequence[float]) -> str:
    texts = [f"{n:.6g}" for n in numbers]
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"
