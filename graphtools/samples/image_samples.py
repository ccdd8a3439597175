"""Samples from image files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats.source import reading
from graphtools.front_end import param
from graphtools.samples.images import SUFFIXES, is_image
from graphtools.samples.pixels import PixelFeed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD = 16


class ImageSamples:
    """Samples from image files, of which those that are used lie evenly over the list.

    Folders are often sorted by class: the first hundred images may show the same thing.

    Attributes:
        kind: `images`.
        available: Number of samples that there are.
    """

    kind = "images"

    def __init__(self, paths: Sequence[str], others: Sequence[str], feed: PixelFeed) -> None:
        """Prepare; nothing is read.

        Args:
            paths: The images, sorted.
            others: Files beside them that are no images.
            feed: Makes images into values.

        Raises:
            InvalidValue: There are fewer images than the input takes at once.
        """
        self._paths = paths
        self._others = others
        self._feed = feed
        self._batch = feed.item.batch if feed.layout.batched else 1
        self.available: int | None = len(paths) // self._batch
        if not self.available:
            raise InvalidValue(
                f"the input {feed.item} takes {self._batch} images at once, there are {len(paths)}",
                "give more images, or another shape: "
                f"{param(input_shapes={feed.item.ref: [1, '...']})}",
            )

    @property
    def preprocessing(self) -> str:
        """What is done to the samples."""
        return self._feed.preprocessing

    def steps(self, limit: int) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
        """Samples, and what to call each; no more than a number."""
        import numpy as np

        assert self.available is not None
        for group in evenly(self.available, limit):
            paths = self._paths[group * self._batch : (group + 1) * self._batch]
            values = [self._read(path) for path in paths]
            whole = np.stack(values) if self._feed.layout.batched else values[0]
            yield paths[0], {self._feed.item.tensor: whole}

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the samples that were read."""
        found = list(self._feed.notes())
        if self._others:
            count = len(self._others)
            files = (
                "1 file that is no image was"
                if count == 1
                else f"{count} files that are no images were"
            )
            found.append(f"{files} left out, as {os.path.basename(self._others[0])}")
        if over := len(self._paths) % self._batch:
            found.append(
                f"the last {over} of the images do not fill a batch of {self._batch}, and "
                "were left out"
            )
        return tuple(found)

    def _read(self, path: str) -> NDArray[Any]:
        with reading(path), open(path, "rb") as file:
            return self._feed.read(file, path)


def evenly(total: int, limit: int) -> list[int]:
    """Numbers below a total, spread evenly; all of them if there are no more than the limit."""
    count = min(total, limit)
    return [number * total // count for number in range(count)]


def find_files(folder: str) -> list[str]:
    """The files in a folder and the folders in it, sorted, without hidden ones.

    Links to folders are followed, but into no folder twice.

    Raises:
        FileProblem: A folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise FileProblem(
            f"{error.filename} cannot be read: {error.strerror or error}",
            "make it readable, or move it away",
        )

    found = []
    seen = {os.path.realpath(folder)}
    for where, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        inner = []
        for name in sorted(f for f in folders if not f.startswith(".")):
            real = os.path.realpath(os.path.join(where, name))
            if real not in seen:
                seen.add(real)
                inner.append(name)
        folders[:] = inner
        found += [os.path.join(where, f) for f in files if not f.startswith(".")]
    return sorted(p for p in found if _is_regular(p))


def head_of(path: str) -> bytes:
    """The first bytes of a file.

    Raises:
        FileProblem: It cannot be read.
    """
    with reading(path), open(path, "rb") as file:
        return file.read(_HEAD)


def looks_like_image(path: str) -> bool:
    """Whether a file is an image, or its name promises one.

    Raises:
        FileProblem: It cannot be read.
    """
    return os.path.splitext(path)[1].lower() in SUFFIXES or is_image(head_of(path))


def _is_regular(path: str) -> bool:
    """Whether a path is a file; a pipe would make the reader wait for ever."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError as error:  # a link to nowhere
        raise FileProblem(
            f"{path} cannot be read: {error.strerror or error}", "take it out, or mend the link"
        ) from None
