"""Writes V2 checkpoints, the same bytes as TensorFlow's Saver; see `tensor_bundle` for the format.

Source: TensorFlow's tensor_bundle (`BundleWriter`) and saver.py: one data file, in which the values
lie back to back in the order of the names, the slices of a partitioned variable in theirs.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats.checkpoint import StoredPart, StoredTensor
from graphtools.formats.crc32c import extend, mask
from graphtools.formats.slice_keys import FULL, slice_key
from graphtools.formats.source import STANDARD, atomic_file
from graphtools.formats.sstable_writing import table_pieces
from graphtools.graph.dtypes import STRING, DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import content_bytes
from graphtools.schema import Message, message_class
from graphtools.schema.wire import encode_varint
from graphtools.wording import counted

if TYPE_CHECKING:
    from typing import IO

    from numpy.typing import NDArray

_CONTENT_START = "a checkpoint's prefix is a path, as model.ckpt-1000"


class NewTensor(NamedTuple):
    """A tensor that is to be written.

    Attributes:
        name: Its key.
        dtype: Element type.
        shape: Shape of the whole.
        parts: Its values: one part without a place, or its slices.
    """

    name: str
    dtype: DType
    shape: Shape
    parts: Sequence[StoredPart]

    @classmethod
    def of_array(cls, name: str, array: NDArray[Any], kind: DType | str | None = None) -> NewTensor:
        """A tensor with the values of an array.

        Args:
            name: Its key.
            array: The values; strings as `bytes` in an object array.
            kind: Element type, where it is not the array's own (bfloat16, quantized).
        """
        if kind is None:
            kind = STRING if array.dtype.kind in "OSU" else array.dtype.name
        shape = Shape(array.shape)
        kind = dtype(kind)
        flat = array.reshape(-1)
        return cls(
            name,
            kind,
            shape,
            [StoredPart(shape, lambda: [flat if kind is STRING else content_bytes(flat, kind)])],
        )

    @classmethod
    def of_stored(cls, stored: StoredTensor, name: str | None = None) -> NewTensor:
        """A tensor of another checkpoint, which is read when it is written; slices stay slices.

        Args:
            stored: The tensor.
            name: Its key; the one it has if None.
        """
        return cls(name or stored.name, stored.dtype, stored.shape, stored.parts())


def write_bundle(prefix: str | os.PathLike[str], tensors: Iterable[NewTensor]) -> int:
    """Write a V2 checkpoint of one data file; both files whole, or neither.

    Args:
        prefix: Its prefix: `PREFIX.index` and `PREFIX.data-00000-of-00001` are written.
        tensors: What it is to hold, in any order. Values are read one piece after the other.

    Returns:
        The bytes that were written.

    Raises:
        InvalidValue: Two tensors have one name, or one is of a type that no checkpoint holds.
        FileProblem: The files cannot be written.
        Damaged, NothingFound: Values of another checkpoint cannot be read.

    Example:
        >>> write_bundle("model.ckpt", [NewTensor.of_array("step", np.array(7))])
        8
    """
    path = os.fspath(prefix)
    if path == STANDARD or not os.path.basename(path):
        raise FileProblem(f"{path!r} cannot be a checkpoint: it is several files", _CONTENT_START)
    ordered = sorted(tensors, key=lambda t: t.name.encode())
    _check(ordered)
    header = message_class("BundleHeaderProto")(num_shards=1)
    header.version.producer = 1
    entries = {b"": header.SerializeToString()}
    with (
        atomic_file(f"{path}.index") as index,
        atomic_file(f"{path}.data-00000-of-00001") as data,
    ):
        end = 0
        for tensor in ordered:
            end = _add(tensor, data, end, entries)
        size = sum(index.write(piece) for piece in table_pieces(sorted(entries.items())))
        # all bytes are on the disk before the first file takes its name
        for file in (data, index):
            file.flush()
            os.fsync(file.fileno())
    return end + size


def _check(tensors: Sequence[NewTensor]) -> None:
    for last, this in itertools.pairwise(tensors):
        if last.name == this.name:
            raise InvalidValue(f"two tensors are to have the name {this.name!r}")
    for tensor in tensors:
        if not tensor.name or tensor.name[0] == "\0":
            raise InvalidValue(f"{tensor.name!r} cannot be the name of a tensor")
        if not tensor.dtype.size and tensor.dtype is not STRING:
            raise InvalidValue(f"{tensor.name!r}: values of {tensor.dtype} cannot be written")


def _add(tensor: NewTensor, data: IO[bytes], end: int, entries: dict[bytes, bytes]) -> int:
    """Write the values of a tensor and note its entries; gives where the data ends then."""
    whole = _entry(tensor.dtype, tensor.shape)
    for part in tensor.parts:
        entry = whole if part.place is None else _entry(tensor.dtype, part.shape)
        entry.offset = end
        entry.size, crc = _write(tensor, part, data)
        entry.crc32c = mask(crc)
        end += entry.size
        if part.place is not None:
            stored = whole.slices.add()
            for start, length in part.place:
                extent = stored.extent.add()
                if (start, length) != FULL:
                    extent.start, extent.length = start, length
            entries[slice_key(tensor.name, part.place)] = entry.SerializeToString()
    entries[tensor.name.encode()] = whole.SerializeToString()
    return end


def _entry(kind: DType, shape: Shape) -> Message:
    entry = message_class("BundleEntryProto")(dtype=kind.number)
    shape.to_proto(entry.shape)
    entry.shape.SetInParent()
    return entry


def _write(tensor: NewTensor, part: StoredPart, data: IO[bytes]) -> tuple[int, int]:
    """Write values; gives their bytes and their checksum."""
    if tensor.dtype is STRING:
        arrays: Iterable[Any] = part.content()
        strings = [text for array in arrays for text in array.tolist()]
        _check_count(tensor, part, len(strings))
        raw, crc = _strings(strings)
        data.write(raw)
        return len(raw), crc
    size = crc = 0
    for piece in part.content():
        assert isinstance(piece, bytes | memoryview)
        crc = extend(crc, piece)
        size += len(piece)
        data.write(piece)
    _check_count(tensor, part, size // tensor.dtype.size)
    return size, crc


def _check_count(tensor: NewTensor, part: StoredPart, count: int) -> None:
    if count != part.shape.elements:
        raise InvalidValue(
            f"{tensor.name!r} is to have the shape {part.shape} and has {counted(count, 'value')}"
        )


def _strings(strings: Iterable[bytes | str]) -> tuple[bytes, int]:
    """Strings as they are stored, and their checksum, which covers the lengths as numbers."""
    encoded = [s.encode() if isinstance(s, str) else bytes(s) for s in strings]
    sizes = b"".join(_fixed(len(s)) for s in encoded)
    check = mask(extend(0, sizes)).to_bytes(4, "little")
    body = b"".join(encoded)
    raw = b"".join(encode_varint(len(s)) for s in encoded) + check + body
    return raw, extend(extend(extend(0, sizes), check), body)


def _fixed(size: int) -> bytes:
    return size.to_bytes(4 if size < 1 << 32 else 8, "little")
