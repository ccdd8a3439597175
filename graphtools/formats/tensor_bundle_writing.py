"""Writes V2 checkpoints, the same bytes as TensorFlow's Saver; see `tensor_bundle` for the format.

Source: TensorFlow's tensor_bundle (`BundleWriter`) and saver.py: one data file, in which the values
lie back to back in the order of the names, the slices of a partitioned variable in theirs.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import FileProblem, GraphtoolsError, InvalidValue
from graphtools.formats import places
from graphtools.formats.checkpoint import StoredPart, StoredTensor
from graphtools.formats.crc32c import extend, mask
from graphtools.formats.slice_keys import FULL, check_cover, placed, slice_key
from graphtools.formats.source import STANDARD, atomic_file, open_source, write_file
from graphtools.formats.sstable import SSTable
from graphtools.formats.sstable_writing import table_pieces
from graphtools.graph.dtypes import STRING, DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import content_bytes, decode_content, in_shape
from graphtools.schema import Message, decode_errors, message_class
from graphtools.schema.wire import encode_varint
from graphtools.wording import counted

if TYPE_CHECKING:
    from typing import IO

    from numpy.typing import NDArray

_CONTENT_START = "a checkpoint's prefix is a path, as model.ckpt-1000"
_MOST_SHARDS = 99_999


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

    @property
    def nbytes(self) -> int:
        """Bytes of the values in memory; 0 for strings."""
        return (self.shape.elements or 0) * self.dtype.size

    def array(self) -> NDArray[Any]:
        """The values, in one array; raises as `StoredTensor.array` does."""
        import numpy as np

        if len(self.parts) == 1 and self.parts[0].place is None:
            return in_shape(joined(self.parts[0], self.dtype), self.shape)
        dims: Any = self.shape.dims or ()
        places = [placed(self.name, dims, part.place or ()) for part in self.parts]
        check_cover(self.name, self.shape, places)
        whole = np.empty(dims, self.dtype.numpy())
        for place, part in zip(places, self.parts, strict=True):
            whole[place] = in_shape(joined(part, self.dtype), part.shape)
        return whole

    def __repr__(self) -> str:
        return f"NewTensor({self.name!r}, {self.dtype}, {self.shape})"

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


def flat_arrays(part: StoredPart, kind: DType) -> Iterator[NDArray[Any]]:
    """The values of a part, as flat arrays of limited size."""
    for piece in part.content():
        yield decode_content(piece, kind) if isinstance(piece, bytes | memoryview) else piece


def joined(part: StoredPart, kind: DType) -> NDArray[Any]:
    """The values of a part, as one flat array."""
    import numpy as np

    found = list(flat_arrays(part, kind))
    if not found:
        return np.empty(0, kind.numpy())
    return found[0] if len(found) == 1 else np.concatenate(found)


def write_bundle(
    prefix: str | os.PathLike[str],
    tensors: Iterable[NewTensor],
    *,
    shards: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a V2 checkpoint: all of its files whole, or none, and the index last.

    A checkpoint that has the prefix already stays whole until the new one takes its place, so that
    what is killed at any moment leaves the one or the other.

    Args:
        prefix: Its prefix: `PREFIX.index` and `PREFIX.data-00000-of-00001` are written.
        tensors: What it is to hold, in any order. Values are read one piece after the other.
        shards: Number of data files, of about one size.
        progress: Called with the number of bytes written and their total.

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
    if not 0 < shards <= _MOST_SHARDS:
        raise InvalidValue(f"a checkpoint has 1 to {_MOST_SHARDS} data files, not {shards}")
    ordered = sorted(tensors, key=lambda t: t.name.encode())
    _check(ordered)
    header = message_class("BundleHeaderProto")(num_shards=shards)
    header.version.producer = 1
    entries = {b"": header.SerializeToString()}
    names = [data_file(path, n, shards) for n in range(shards)]
    with contextlib.ExitStack() as files:
        index = files.enter_context(atomic_file(f"{path}.index"))  # left last
        data = [_DataFile(files.enter_context(atomic_file(name))) for name in names]
        total, done = sum(t.nbytes for t in ordered), 0
        for tensor in ordered:
            shard = min(shards - 1, done * shards // max(1, total))
            _add(tensor, data[shard], shard, entries)
            done += tensor.nbytes
            if progress:
                progress(done, total)
        size = sum(index.write(piece) for piece in table_pieces(sorted(entries.items())))
        # all bytes are on the disk before the first file takes its name
        for file in (*(d.file for d in data), index):
            file.flush()
            os.fsync(file.fileno())
        aside = _set_aside(path, names)
    for name in aside:
        os.unlink(name)
    return size + sum(d.end for d in data)


def data_file(prefix: str, shard: int, shards: int) -> str:
    """The name of a data file."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


def other_data_files(prefix: str, shards: int) -> list[str]:
    """Data files of a prefix that belong to no checkpoint of so many: an older one left them."""
    folder, base = os.path.split(prefix)
    own = re.compile(re.escape(base) + r"\.data-\d{5}-of-(\d{5})")
    return [
        os.path.join(folder, name)
        for name in places.names(folder)
        if (found := own.fullmatch(name)) and int(found[1]) != shards
    ]


def _set_aside(prefix: str, taken: Sequence[str]) -> list[str]:
    """Give the data files of a checkpoint other names, where new ones are to take theirs.

    No system changes two names at once: between the data and the index, an old index would stand
    beside new data. So the old files get names of a checkpoint of more data files, which are links,
    and an index that says so.

    Returns:
        The names, which may go when the new index is there.
    """
    index = f"{prefix}.index"
    if not (os.path.isfile(index) and any(os.path.lexists(name) for name in taken)):
        return []
    with contextlib.suppress(OSError, GraphtoolsError, *decode_errors()):
        items = list(SSTable(open_source(index)))
        header = message_class("BundleHeaderProto").FromString(dict(items)[b""])
        shards = header.num_shards
        old = [data_file(prefix, n, shards) for n in range(shards)]
        more = shards + 1
        while any(os.path.lexists(data_file(prefix, n, more)) for n in range(more)):
            more += 1
        aside = [data_file(prefix, n, more) for n in range(more)]
        for name, other in itertools.zip_longest(old, aside):
            if name is None:
                write_file(other, [])
            else:
                os.link(name, other)
        header.num_shards = more
        changed = [(key, value if key else header.SerializeToString()) for key, value in items]
        write_file(index, table_pieces(changed))
        return aside
    return []  # it was damaged, or links cannot be made: there is nothing to keep, or no way


class _DataFile:
    """A data file that is being written, and where it ends."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.end = 0


def _check(tensors: Sequence[NewTensor]) -> None:
    for last, this in itertools.pairwise(tensors):
        if last.name == this.name:
            raise InvalidValue(f"two tensors are to have the name {this.name!r}")
    for tensor in tensors:
        if not tensor.name or tensor.name[0] == "\0":
            raise InvalidValue(f"{tensor.name!r} cannot be the name of a tensor")
        copied = all(part.stored for part in tensor.parts)
        if not (tensor.dtype.size or tensor.dtype is STRING or (copied and tensor.dtype.number)):
            raise InvalidValue(f"{tensor.name!r}: values of {tensor.dtype} cannot be written")


def _add(tensor: NewTensor, data: _DataFile, shard: int, entries: dict[bytes, bytes]) -> None:
    """Write the values of a tensor and note its entries."""
    whole = _entry(tensor.dtype, tensor.shape)
    for part in tensor.parts:
        entry = whole if part.place is None else _entry(tensor.dtype, part.shape)
        entry.shard_id, entry.offset = shard, data.end
        entry.size, entry.crc32c = _write(tensor, part, data.file)
        data.end += entry.size
        if part.place is not None:
            stored = whole.slices.add()
            for start, length in part.place:
                extent = stored.extent.add()
                if (start, length) != FULL:
                    extent.start, extent.length = start, length
            entries[slice_key(tensor.name, part.place)] = entry.SerializeToString()
    entries[tensor.name.encode()] = whole.SerializeToString()


def _entry(kind: DType, shape: Shape) -> Message:
    entry = message_class("BundleEntryProto")(dtype=kind.number)
    shape.to_proto(entry.shape)
    entry.shape.SetInParent()
    return entry


def _write(tensor: NewTensor, part: StoredPart, data: IO[bytes]) -> tuple[int, int]:
    """Write values; gives their bytes and their checksum as it is stored."""
    if part.stored:
        return sum(data.write(piece) for piece in part.stored.pieces()), part.stored.crc
    if tensor.dtype is STRING:
        arrays: Iterable[Any] = part.content()
        strings = [text for array in arrays for text in array.tolist()]
        _check_count(tensor, part, len(strings))
        raw, crc = _strings(strings)
        data.write(raw)
        return len(raw), mask(crc)
    size = crc = 0
    for piece in part.content():
        assert isinstance(piece, bytes | memoryview)
        crc = extend(crc, piece)
        size += len(piece)
        data.write(piece)
    _check_count(tensor, part, size // tensor.dtype.size)
    return size, mask(crc)


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
