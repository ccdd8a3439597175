"""Several samples for models that take one at a time: run one by one, and compared together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidValue
from graphtools.verify.model_sides import End, EndValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def number_of_samples(given: Sequence[tuple[Sequence[End], Array]]) -> int:
    """How many samples there are for inputs of which a model takes one at a time; else 1.

    Args:
        given: Values, and the inputs of both models that take them.

    Raises:
        InvalidValue: There are different numbers for several inputs.
    """
    counts = {
        array.shape[0]: ends[0].name
        for ends, array in given
        if array.ndim and array.shape[0] > 1 and any(_takes_one_of(end, array) for end in ends)
    }
    if len(counts) > 1:
        told = ", ".join(f"{name!r} has {count}" for count, name in counts.items())
        raise InvalidValue(
            f"there are different numbers of samples: {told}",
            "the first dimension of the values of all inputs must count the same samples",
        )
    return next(iter(counts), 1)


def _takes_one_of(end: End, array: Array) -> bool:
    """Whether an input takes one of the rows of an array as its batch."""
    dims = end.dims
    if not dims or dims[0] != 1 or len(dims) != array.ndim:
        return False
    pairs = zip(dims[1:], array.shape[1:], strict=True)
    return all(known is None or known == size for known, size in pairs)


def has_samples(ends: Sequence[End], array: Array, count: int) -> bool:
    """Whether the values of an input are those of so many samples, not the same for each."""
    firsts = {end.dims[0] for end in ends if end.dims}
    return bool(array.ndim and array.shape[0] == count > 1 and firsts and firsts <= {1, None})


def loosened(end: End) -> End:
    """An input that takes any number of samples, as they are run one by one."""
    if not end.dims:
        return end
    tensor = end.tensor
    if tensor is not None:
        tensor = dataclasses.replace(tensor, signature=(None, *tensor.signature[1:]))
    return end._replace(dims=(None, *end.dims[1:]), tensor=tensor)


def sample_feeds(
    feeds: Mapping[str, Array], split: frozenset[str], count: int
) -> Iterator[dict[str, Array]]:
    """What a model is fed with, run by run.

    Args:
        feeds: Values by input.
        split: The inputs whose values are those of all samples.
        count: How many samples there are.
    """
    for n in range(count):
        yield {name: a[n : n + 1] if name in split else a for name, a in feeds.items()}


def joined(runs: Sequence[Mapping[str, EndValue]]) -> dict[str, EndValue]:
    """The outputs of several runs in one: one behind the other along the first dimension."""
    import numpy as np

    if len(runs) == 1:
        return dict(runs[0])
    found = {}
    for name, first in runs[0].items():
        arrays = [np.atleast_1d(run[name].real) for run in runs]
        if len({a.shape[1:] for a in arrays}) > 1:
            raise InvalidValue(
                f"the output {name!r} has another shape for each sample",
                "feed one sample at a time",
            )
        found[name] = first._replace(real=np.concatenate(arrays))
    return found
