"""How data becomes samples: `SampleOptions`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class SampleOptions:
    """How images, arrays and records become what a model takes.

    Example:
        >>> SampleOptions(mean=(127.5,), std=(127.5,)).resize
        'stretch'

    Attributes:
        resize: How images are made as large as the input: `stretch`, `crop` or `pad`.
        mean: What is subtracted from pixels: one number, or one a channel.
        std: What the difference is divided by.
        keys: By input, the feature of TFRecords, or the array of an .npz file, that has its values,
            where it has another name.
        limit: How many samples are used at most.
    """

    resize: str = "stretch"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    keys: Mapping[str, str] = dataclasses.field(default_factory=dict)
    limit: int = 100
