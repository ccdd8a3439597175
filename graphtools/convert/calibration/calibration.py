"""Samples that show a converter which values the tensors of a graph have.

They come from images (`images`), arrays (.npz, .npy) or TFRecords of tf.Example. All that is to be
used is read and checked at once, and laid down in a temporary folder, one sample a file: what is
wrong with the data is said before TensorFlow is started, no more than one sample is in memory, and
the process that converts needs to know nothing of formats.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import FileProblem, InvalidValue
from graphtools.front_end import param
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.samples.inputs import (
    SampledInput,
    check_inputs,
    fitted,
    keys_by_tensor,
)
from graphtools.samples.normalization import Normalization
from graphtools.samples.sources import Samples, open_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How many samples are used unless told otherwise; TensorFlow's guide advises 100 to 500.
STEPS = 100


@dataclasses.dataclass(frozen=True)
class CalibratedInput:
    """An input that is fed for calibration.

    Attributes:
        name: Name of the tensor, as `input:0`.
        dtype: Element type of the values, by numpy's name.
        shape: Dimensions of the first sample.
        minimum: The least value of all samples.
        maximum: The greatest.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    minimum: float
    maximum: float


@dataclasses.dataclass(frozen=True)
class CalibrationSummary:
    """What a calibration feeds, without the values.

    Attributes:
        source: Where the samples are from, as `100 of 5000 images in photos`.
        path: The file, folder or pattern.
        kind: `images`, `npz`, `npy` or `tfrecord`.
        steps: Number of samples that are used, each with a whole batch.
        available: Number of those that there are; None where they are not counted.
        inputs: What is fed.
        preprocessing: What is done to images; empty for arrays.
        notes: Remarks for the user.
    """

    source: str
    path: str
    kind: str
    steps: int
    available: int | None
    inputs: tuple[CalibratedInput, ...]
    preprocessing: str = ""
    notes: tuple[str, ...] = ()


class Calibration:
    """Checked samples in a temporary folder, which goes when this goes; a context manager.

    Attributes:
        summary: What they are.
        names: Names of the tensors that are fed, as `input:0`.
        files: One file a sample, whose arrays `read_arrays` gives in the order of `names`.
    """

    def __init__(
        self,
        summary: CalibrationSummary,
        files: Sequence[str],
        folder: tempfile.TemporaryDirectory[str],
    ) -> None:
        """Keep samples that have been written."""
        self.summary = summary
        self.names = tuple(item.name for item in summary.inputs)
        self.files = tuple(files)
        self._folder = folder

    def __enter__(self) -> Calibration:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def samples(self) -> Iterator[dict[str, NDArray[Any]]]:
        """The samples, one after the other: values with their batch, by tensor name."""
        for file in self.files:
            yield dict(zip(self.names, read_arrays(file), strict=True))

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.files)

    @property
    def source(self) -> str:
        """Where they are from, as `100 of 5000 images in photos`."""
        return self.summary.source

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user."""
        return self.summary.notes


def read_calibration(
    path: str | os.PathLike[str],
    inputs: Sequence[SampledInput],
    *,
    steps: int = STEPS,
    resize: str = "stretch",
    normalization: Normalization | None = None,
    keys: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Read samples, and check all that will be used.

    Args:
        path: An image, a folder of images or TFRecords, a pattern for them as `train-*`, an .npz
            file with an array for each input, an .npy file for a single input, or a TFRecord file.
        inputs: What is fed.
        steps: How many samples are used at most, each with a whole batch. Of images and arrays
            they lie evenly over all; of TFRecords they are the first.
        resize: How images are made as large as the input; one of
            `graphtools.samples.images.RESIZES`.
        normalization: What becomes of their pixels for an input of floats; see
            `choose_normalization`. Pixels for an input of integers stay as they are.
        keys: By input, the feature of TFRecords or the array of an .npz file that has its values.
            By default the one with its name, or `image/encoded` for images.
        progress: Called with the number of samples that are read, and of all that will be.

    Raises:
        NothingFound: There is no such file, or no data in the folder.
        FileProblem: A file cannot be read, or is none of these.
        Damaged: A file is damaged.
        InvalidValue: The data does not fit the inputs, is not finite, or it is not known how images
            are normalised.
        MissingExtra: There are images, and Pillow is not installed.
    """
    if steps < 1:
        raise InvalidValue(
            f"{steps} calibration steps feed nothing", f"give 1 or more; {STEPS} is usual"
        )
    check_inputs(inputs)
    name = os.fspath(path)
    samples = open_samples(name, inputs, resize, normalization, keys_by_tensor(keys or {}, inputs))
    expected = steps if samples.available is None else min(steps, samples.available)
    folder = tempfile.TemporaryDirectory(prefix="graphtools-", ignore_cleanup_errors=True)
    files: list[str] = []
    ranges = [_Range() for _ in inputs]
    for where, values in samples.steps(steps):
        arrays = [fitted(item, values[item.tensor], _place(where, item, inputs)) for item in inputs]
        for range_, array in zip(ranges, arrays, strict=True):
            range_.add(array)
        files.append(_write(folder.name, len(files), arrays))
        if progress:
            progress(len(files), expected)
    calibrated = tuple(
        CalibratedInput(
            item.tensor, range_.dtype, range_.shape, float(range_.minimum), float(range_.maximum)
        )
        for item, range_ in zip(inputs, ranges, strict=True)
    )
    summary = CalibrationSummary(
        _source(name, samples, len(files)),
        name,
        samples.kind,
        len(files),
        samples.available,
        calibrated,
        samples.preprocessing,
        _notes(samples, calibrated, len(files), steps),
    )
    return Calibration(summary, files, folder)


class _Range:
    """The range of an input's values."""

    def __init__(self) -> None:
        self.minimum: Any = None
        self.maximum: Any = None
        self.dtype = ""
        self.shape: tuple[int, ...] = ()

    def add(self, array: NDArray[Any]) -> None:
        least, greatest = array.min(), array.max()
        if self.minimum is None:
            self.dtype, self.shape = array.dtype.name, array.shape
            self.minimum, self.maximum = least, greatest
        self.minimum = min(self.minimum, least)
        self.maximum = max(self.maximum, greatest)


def _source(path: str, samples: Samples, used: int) -> str:
    """Where samples are from, in words."""
    kind = {"images": "images", "tfrecord": "records"}.get(samples.kind, "samples")
    of = f" of {samples.available}" if (samples.available or used) != used else ""
    kind = kind[:-1] if used == 1 and not of else kind
    return f"{used}{of} {kind} {'in' if os.path.isdir(path) else 'of'} {path}"


def _place(where: str, item: SampledInput, inputs: Sequence[SampledInput]) -> str:
    return where if len(inputs) == 1 else f"{where}, {str(item.ref)!r}"


def _write(folder: str, number: int, arrays: Sequence[NDArray[Any]]) -> str:
    path = os.path.join(folder, f"{number:06d}.npz")
    try:
        write_arrays(path, arrays)
    except OSError as error:
        raise FileProblem(
            f"calibration data cannot be written to {folder}: {error.strerror or error}",
            f"set TMPDIR to a folder with space left, or use fewer samples: {param('steps')}",
        ) from None
    return path


def _notes(
    samples: Samples, inputs: Sequence[CalibratedInput], used: int, steps: int
) -> tuple[str, ...]:
    found = list(samples.notes())
    if used < steps:
        found.append(f"{steps} samples would be used, there {'is' if used == 1 else 'are'} {used}")
    found += [
        f"all values of {item.name!r} in the calibration data are {item.minimum:g}: that tells "
        "nothing about its range"
        for item in inputs
        if item.minimum == item.maximum and item.shape
    ]
    return tuple(found)
