"""What becomes of values in an edited checkpoint; they are read when it is written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidValue
from graphtools.formats.checkpoint import StoredPart, StoredTensor
from graphtools.formats.slice_keys import placed
from graphtools.formats.tensor_bundle_writing import NewTensor, flat_arrays
from graphtools.graph.dtypes import STRING, DType
from graphtools.graph.tensor import content_bytes
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Pieces = Iterator[bytes]
#: Takes what is to be told of values when they have been written.
Remark = Callable[[str], None]


def cast(tensor: NewTensor, kind: DType, remark: Remark) -> NewTensor:
    """A tensor of another floating type, rounded to the nearest even as TensorFlow's Cast does.

    Args:
        tensor: The tensor.
        kind: The type.
        remark: Told of values that are no numbers.
    """
    read = functools.partial(_cast, tensor, kind, remark)
    parts = [StoredPart(p.shape, functools.partial(read, p), p.place) for p in tensor.parts]
    return NewTensor(tensor.name, kind, tensor.shape, parts)


def _cast(tensor: NewTensor, kind: DType, remark: Remark, part: StoredPart) -> _Pieces:
    import numpy as np

    from graphtools.graph.tensor import decode_content

    beyond = none = 0
    for values in flat_arrays(part, tensor.dtype):
        with np.errstate(over="ignore"):
            raw = content_bytes(values, kind)
        beyond += int((np.isinf(decode_content(raw, kind)) & np.isfinite(values)).sum())
        none += int(np.isnan(values).sum())
        yield raw
    if beyond:
        raise InvalidValue(
            f"{counted(beyond, 'value')} of {tensor.name!r} cannot be {kind}: beyond its range",
            "leave this tensor as it is, by a glob that does not mean it",
        )
    if none:
        remark(f"{counted(none, 'value')} of {tensor.name!r} are NaN, and stay so")


def merge(tensor: NewTensor) -> NewTensor:
    """A partitioned variable as one tensor."""
    if tensor.parts[0].place is None:
        return tensor
    whole = StoredPart(tensor.shape, functools.partial(_merged, tensor))
    return tensor._replace(parts=[whole])


def _merged(tensor: NewTensor) -> Iterable[Any]:
    """The values; slices along the first dimension are handed on one behind the other."""
    dims: Any = tensor.shape.dims or ()
    places = [placed(tensor.name, dims, part.place or ()) for part in tensor.parts]
    order = sorted(range(len(places)), key=lambda n: places[n][0].start if places[n] else 0)
    ends = [0, *(places[n][0].stop for n in order if places[n])]
    rows = all(
        s == slice(0, d) for place in places for s, d in zip(place[1:], dims[1:], strict=True)
    )
    if (
        rows
        and [places[n][0].start for n in order if places[n]] == ends[:-1]
        and ends[-1] == dims[0]
    ):
        return (piece for n in order for piece in tensor.parts[n].content())
    flat = tensor.array().reshape(-1)
    return [flat if tensor.dtype is STRING else content_bytes(flat, tensor.dtype)]


def average(tensor: NewTensor, others: Sequence[StoredTensor]) -> NewTensor:
    """The mean of a tensor and of others: summed as float64, rounded once."""
    parts = [
        StoredPart(p.shape, functools.partial(_averaged, tensor, p, others), p.place)
        for p in tensor.parts
    ]
    return tensor._replace(parts=parts)


def _averaged(tensor: NewTensor, part: StoredPart, others: Sequence[StoredTensor]) -> _Pieces:
    wide = "complex128" if tensor.dtype.name.startswith("complex") else "float64"
    streams = [flat_arrays(part, tensor.dtype), *(_stream(tensor, part, o) for o in others)]
    for pieces in _in_step(streams):
        total = pieces[0].astype(wide)
        for piece in pieces[1:]:
            total += piece
        total /= len(pieces)
        yield content_bytes(total.astype(tensor.dtype.numpy()), tensor.dtype)


def _stream(tensor: NewTensor, part: StoredPart, other: StoredTensor) -> Iterator[NDArray[Any]]:
    """The same part of another tensor, which may have other slices."""
    for own in other.parts():
        if own.place == part.place:
            return flat_arrays(own, other.dtype)
    whole = other.array()
    if part.place is not None:
        whole = whole[placed(tensor.name, tensor.shape.dims or (), part.place)]
    return iter([whole.reshape(-1)])


def _in_step(streams: Sequence[Iterator[NDArray[Any]]]) -> Iterator[list[NDArray[Any]]]:
    """Arrays of one length from each, whatever the lengths are in which they come."""
    rest: list[Any] = [None] * len(streams)
    while True:
        for n, stream in enumerate(streams):
            if rest[n] is None or not len(rest[n]):
                rest[n] = next(stream, None)
        if any(r is None for r in rest):
            return
        length = min(map(len, rest))
        yield [r[:length] for r in rest]
        rest = [r[length:] for r in rest]


def in_the_place_of(old: NewTensor, new: NewTensor) -> NewTensor:
    """A whole tensor, in the slices of the one whose place it takes."""
    if old.parts[0].place is None or new.parts[0].place is not None:
        return new._replace(name=old.name)
    dims = old.shape.dims or ()

    def cut(part: StoredPart) -> list[Any]:
        values = new.array()[placed(old.name, dims, part.place or ())].reshape(-1)
        return [values if new.dtype is STRING else content_bytes(values, new.dtype)]

    parts = [StoredPart(p.shape, functools.partial(cut, p), p.place) for p in old.parts]
    return NewTensor(old.name, new.dtype, old.shape, parts)
