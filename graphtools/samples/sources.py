"""What kind of samples a path holds."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from graphtools.errors import FileProblem, NothingFound
from graphtools.formats.source import neighbours
from graphtools.formats.tfrecord import is_tfrecord
from graphtools.samples.array_files import ArrayFile, kind_of
from graphtools.samples.array_samples import ArraySamples
from graphtools.samples.image_samples import (
    ImageSamples,
    find_files,
    head_of,
    looks_like_image,
)
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization
from graphtools.samples.pixels import PixelFeed, image_input
from graphtools.samples.record_samples import RecordSamples
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATTERN = re.compile(r"[*?\[]")


class Samples(Protocol):
    """Samples that have been found, but not read.

    Attributes:
        kind: `images`, `npz`, `npy` or `tfrecord`.
        available: Number of samples that there are; None where they are not counted.
    """

    kind: str
    available: int | None

    @property
    def preprocessing(self) -> str:
        """What is done to images; empty for arrays."""
        ...

    def steps(self, limit: int) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
        """Samples, and what to call each; no more than a number."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the samples that were read."""
        ...


def open_samples(
    path: str,
    inputs: Sequence[SampledInput],
    resize: str,
    normalization: Normalization | None,
    keys: Mapping[str, str],
    *,
    any_size: bool = False,
) -> Samples:
    """Find out what a path holds: images, arrays or records.

    Args:
        path: A file, folder or pattern.
        inputs: What is fed.
        resize: How images become as large as the input.
        normalization: What becomes of their pixels.
        keys: By tensor, the feature or array that has its values, where that has another name.
        any_size: Whether images keep their own size where that of the input is open.

    Raises:
        GraphtoolsError: The data cannot be read, or does not fit the inputs.
    """
    if os.path.isdir(path):
        files = find_files(path)
        if not files:
            raise NothingFound(
                f"the folder {path} holds no files", "give a folder of images or TFRecords"
            )
    elif not os.path.exists(path) and _PATTERN.search(path):
        files = sorted(p for p in glob.glob(path, recursive=True) if os.path.isfile(p))
        if not files:
            raise NothingFound(f"no file matches {path}", neighbours(path))
    elif not os.path.exists(path):
        raise NothingFound(f"{path} does not exist", neighbours(path))
    elif not os.path.isfile(path):
        raise FileProblem(f"{path} is no regular file", "samples are read from files")
    else:
        files = [path]
    if len(files) == 1 and kind_of(head_of(files[0])):
        with ArrayFile(files[0]) as arrays:
            return ArraySamples(arrays, inputs, keys)
    images = [p for p in files if looks_like_image(p)]
    if images:
        left = sorted(set(files) - set(images))
        feed = PixelFeed(image_input(inputs), resize, normalization, any_size=any_size)
        return ImageSamples(images, left, feed)
    records = [p for p in files if _is_records(p, alone=len(files) == 1)]
    if records:
        return RecordSamples(records, inputs, resize, normalization, keys, any_size=any_size)
    known = "an image, an .npz or .npy file, or a TFRecord"
    if len(files) == 1 and files[0] == path:
        empty = not os.path.getsize(path)
        raise FileProblem(
            f"{path} is {'empty' if empty else 'no file of samples'}", f"wanted is {known}"
        )
    raise NothingFound(
        f"{path} holds no images and no TFRecords, but {counted(len(files), 'file')} "
        f"as {os.path.basename(files[0])}",
        f"wanted is {known}",
    )


def _is_records(path: str, *, alone: bool) -> bool:
    """Whether a file holds records; one that is called so and does not is for the reader to say."""
    base = os.path.basename(path).lower()
    return is_tfrecord(path) or (alone and ".tfrecord" in base and os.path.getsize(path) > 0)
