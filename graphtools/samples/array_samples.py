"""Samples from arrays: .npz and .npy files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue, unknown_name
from graphtools.front_end import param
from graphtools.graph.shape import Shape
from graphtools.samples.array_files import ArrayFile, key_of
from graphtools.samples.image_samples import evenly
from graphtools.samples.inputs import SampledInput, fits
from graphtools.wording import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Column(NamedTuple):
    """The samples of one input.

    Attributes:
        item: The input.
        where: What to call them in messages.
        kind: Element type of the array.
        samples: How many there are; 0 where the same values do for every sample.
        take: Gives one.
    """

    item: SampledInput
    where: str
    kind: str
    samples: int
    take: Callable[[int], NDArray[Any]]


class ArraySamples:
    """Samples from a file of arrays, spread evenly over it.

    Attributes:
        kind: `npz` or `npy`.
        available: Number of samples that there are.
        preprocessing: Empty: arrays are fed as they are.
    """

    preprocessing = ""

    def __init__(
        self, file: ArrayFile, inputs: Sequence[SampledInput], keys: Mapping[str, str]
    ) -> None:
        """Find the arrays of the inputs.

        Args:
            file: The file.
            inputs: The inputs.
            keys: By tensor, the name of its array, where that is another.

        Raises:
            Damaged: An array cannot be read.
            InvalidValue: There is none for an input, its shape does not fit, or the inputs have
                different numbers of samples.
        """
        self.kind = "npy" if file.single else "npz"
        self._path = file.path
        found = [_find(file, item, len(inputs), keys.get(item.tensor)) for item in inputs]
        self._columns = [
            _column(item, file[key], f"{file.path}: {key!r}" if key else file.path)
            for item, key in zip(inputs, found, strict=True)
        ]
        counts = {c.samples for c in self._columns if c.samples}
        if len(counts) > 1:
            told = ", ".join(
                f"{c.where.rpartition(': ')[2]} has {c.samples}" for c in self._columns
            )
            raise InvalidValue(
                f"{file.path} has different numbers of samples: {told}",
                "the first dimension of all arrays must count the same samples",
            )
        self.available: int | None = counts.pop() if counts else 1
        self._unused = sorted(set(file.keys) - set(found))

    def steps(self, limit: int) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
        """Samples, and what to call each; no more than a number."""
        assert self.available is not None
        for number in evenly(self.available, limit):
            yield (
                f"{self._path}, sample {number}",
                {c.item.tensor: c.take(number) for c in self._columns},
            )

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the file."""
        found = [
            f"{c.where} holds {c.kind} values, which the {c.item.dtype.name} input "
            f"{str(c.item.ref)!r} is fed with as they are: not normalised"
            for c in self._columns
            if c.item.dtype.is_floating and "int" in c.kind
        ]
        if self._unused:
            names = listed(self._unused, 3)
            found.append(f"{self._path} also holds {names}, which no input takes")
        return tuple(found)


def _find(file: ArrayFile, item: SampledInput, inputs: int, name: str | None) -> str:
    """The name of the array for an input: the given one, else that of the input."""
    if file.single:
        if inputs > 1:
            raise InvalidValue(
                f"{file.path} is a single array, the graph has {inputs} inputs",
                "save one array each: numpy.savez(file, **{'a:0': first, 'b:0': second})",
            )
        return ""
    if name is not None:
        if name not in file.keys:
            raise unknown_name("array", name, file.keys, file.path)
        return name
    key = key_of(item.ref, file.keys, item.key)
    if key is None:
        listed = ", ".join(repr(k) for k in file.keys[:6]) or "none"
        raise InvalidValue(
            f"{file.path} holds no values for the input {str(item.ref)!r}",
            f"its keys are {listed}; wanted is {str(item.ref)!r} or {item.key or item.tensor!r}, "
            f"or say which is meant: {param(keys={item.ref: 'KEY'})}",
        )
    return key


def _column(item: SampledInput, array: NDArray[Any], where: str) -> _Column:
    """How samples are taken from an array.

    It is one sample, with its batch or without; or a row of samples, each with a batch or without.
    """
    import numpy as np

    dims = item.dims
    shape, kind = array.shape, array.dtype.name
    batch = item.batch
    if not array.size:
        raise InvalidValue(f"{where} is empty: its shape is {Shape(shape)}", "samples are wanted")
    if not dims:
        if not shape:
            return _Column(item, where, kind, 0, lambda _: array)
        if len(shape) == 1:
            return _Column(item, where, kind, shape[0], lambda n: array[n])
    elif len(shape) == len(dims) + 1 and fits((batch, *dims[1:]), shape[1:]):
        return _Column(item, where, kind, shape[0], lambda n: array[n])
    elif len(shape) == len(dims) and fits(dims[1:], shape[1:]) and not shape[0] % batch:
        return _Column(
            item, where, kind, shape[0] // batch, lambda n: array[n * batch : (n + 1) * batch]
        )
    elif batch == 1 and shape and fits(dims[1:], shape):
        return _Column(item, where, kind, 1, lambda _: np.expand_dims(array, 0))
    inner = Shape((batch, *dims[1:])) if dims else "[]"
    raise InvalidValue(
        f"{where} has the shape {Shape(shape)}, which does not fit the input {item}",
        f"wanted are samples of the shape {inner}, in a row along the first dimension",
    )
