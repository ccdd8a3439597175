"""Keys of the slices of partitioned variables in checkpoints.

Source: TensorFlow's saved_tensor_slice_util (`EncodeTensorNameSlice`) and ordered_code: numbers and
strings are encoded so that the bytes sort as the values do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from graphtools.errors import Damaged
from graphtools.graph.shape import Shape
from graphtools.schema import Message

#: A slice: start and length by dimension; a length of -1 is the whole dimension.
Extents = tuple[tuple[int, int], ...]
FULL = (0, -1)


def extents(message: Message) -> Extents:
    """The start and length of each dimension of a TensorSliceProto."""
    return tuple((e.start, e.length if e.HasField("length") else -1) for e in message.extent)


def placed(name: str, dims: Sequence[int | None], part: Extents) -> tuple[slice, ...]:
    """The place of a slice in the whole tensor.

    Raises:
        Damaged: The slice does not lie within the tensor.
    """
    place = []
    for (start, length), size in zip(part, dims, strict=False):
        stop = size or 0 if (start, length) == FULL else start + length
        if not 0 <= start <= stop <= (size or 0):
            break
        place.append(slice(start, stop))
    if len(place) != len(dims) or len(part) != len(dims):
        raise Damaged(f"tensor {name!r} has no slice {part}: the list of its slices is damaged")
    return tuple(place)


def check_cover(name: str, shape: Shape, places: Iterable[tuple[slice, ...]]) -> None:
    """Check that slices have as many elements as their tensor.

    Raises:
        Damaged: They have fewer or more.
    """
    there = sum(math.prod(s.stop - s.start for s in place) for place in places)
    if there != shape.elements:
        raise Damaged(
            f"tensor {name!r}: its slices have {there:,} elements, its shape {shape} has "
            f"{shape.elements or 0:,}",
            "a file of the checkpoint is missing, or its index is damaged",
        )


def slice_key(name: str, slices: Sequence[tuple[int, int]]) -> bytes:
    """The key under which a slice of a tensor is stored."""
    out = _number(0) + _string(name.encode()) + _number(len(slices))
    for start, length in slices:
        out += _signed(start) + _signed(length)
    return out


def _number(value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _string(value: bytes) -> bytes:
    escapes = {b"\x00": b"\x00\xff", b"\xff": b"\xff\x00"}
    return re.sub(rb"[\x00\xff]", lambda m: escapes[m[0]], value) + b"\x00\x01"


def _signed(value: int) -> bytes:
    magnitude = ~value if value < 0 else value
    length = magnitude.bit_length() // 7 + 1
    raw = bytearray((value & (1 << 8 * 10) - 1).to_bytes(10, "big")[10 - length :])
    header = ((1 << length) - 1) << (16 - length)  # `length` ones at the top of two bytes
    raw[0] ^= header >> 8
    if length > 1:
        raw[1] ^= header & 255
    return bytes(raw)
