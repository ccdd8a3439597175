"""V1 checkpoints: tables that hold the values of the tensors themselves.

Source: TensorFlow's tensor_slice_writer and saved_tensor_slice.proto. The key "" holds the names,
types, shapes and slices; each slice of a tensor has an entry with its values in the typed fields of
a TensorProto without dtype and shape. `PREFIX-00000-of-00003` and so on are one checkpoint.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged, NothingFound
from graphtools.formats import places
from graphtools.formats.checkpoint import Checkpoint, StoredPart, StoredTensor
from graphtools.formats.format import Format
from graphtools.formats.slice_keys import Extents, check_cover, extents, placed, slice_key
from graphtools.formats.source import Source, open_source
from graphtools.formats.sstable import SSTable, is_table
from graphtools.graph.dtypes import STRING, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, content_bytes
from graphtools.schema import Message, decode_errors, message_class

if TYPE_CHECKING:
    from numpy.typing import NDArray

_META, _DATA = 1, 2
_LEN = 2
_SHARD = re.compile(r"(.+)-\d{5}-of-(\d{5})$")


class SliceTensor(StoredTensor):
    """A tensor of a V1 checkpoint."""

    __slots__ = ("slices",)

    def __init__(self, meta: Message, table: SSTable) -> None:
        """Read a SavedSliceMeta."""
        super().__init__(meta.name, dtype(meta.type), Shape.from_proto(meta.shape))
        self.slices: list[tuple[Extents, SSTable]] = [(extents(s), table) for s in meta.slice]

    @property
    def nbytes(self) -> int:
        """Bytes of the values in memory; 0 for strings, whose lengths the table does not tell."""
        return (self.shape.elements or 0) * self.dtype.size

    def array(self) -> NDArray[Any]:
        """The values; see `StoredTensor.array`."""
        import numpy as np

        dims: Any = self.shape.dims or ()
        places = [placed(self.name, dims, part) for part, _ in self.slices]
        check_cover(self.name, self.shape, places)
        # all slices are read before there is an array of a size that only the shape claims
        parts = [
            self._slice(part, table, place)
            for (part, table), place in zip(self.slices, places, strict=True)
        ]
        if len(parts) == 1:
            return parts[0]
        whole = np.empty(dims, self.dtype.numpy())
        for place, values in zip(places, parts, strict=True):
            whole[place] = values
        return whole

    def parts(self) -> list[StoredPart]:
        """The slices of a partitioned variable, or the whole."""
        dims = self.shape.dims or ()
        if len(self.slices) == 1:
            return super().parts()
        return [
            StoredPart(
                Shape(s.stop - s.start for s in place),
                functools.partial(self._content, part, table, place),
                part,
            )
            for part, table in self.slices
            for place in [placed(self.name, dims, part)]
        ]

    def _content(
        self, part: Extents, table: SSTable, place: tuple[slice, ...]
    ) -> list[bytes | NDArray[Any]]:
        values = self._slice(part, table, place).reshape(-1)
        return [values if self.dtype is STRING else content_bytes(values, self.dtype)]

    def _slice(self, part: Extents, table: SSTable, place: tuple[slice, ...]) -> NDArray[Any]:
        where = f"tensor {self.name!r} of {table.path}"
        encoded = table.get(slice_key(self.name, part))
        if encoded is None:
            raise Damaged(f"{where} has no values: the file is damaged")
        try:
            message = message_class("SavedTensorSlices").FromString(encoded).data.data
        except decode_errors():
            raise Damaged(f"{where} does not decode: the file is damaged") from None
        message.dtype = self.dtype.number
        Shape(s.stop - s.start for s in place).to_proto(message.tensor_shape)
        try:
            return Tensor(message).array()
        except Damaged as error:
            raise Damaged(f"{where}: {error.message}") from None


def is_v1(source: Source) -> bool:
    """Whether a table is a V1 checkpoint: its first value holds a list of tensors.

    A V2 checkpoint's holds a BundleHeaderProto, which begins with a number.
    """
    key, value = next(iter(SSTable(source)), (None, b""))
    return key == b"" and value[:1] == bytes([_META << 3 | _LEN])


def read_slices(paths: list[str], note: str = "", source: Source | None = None) -> Checkpoint:
    """Open a V1 checkpoint of one or several files.

    Args:
        paths: The files, in order.
        note: How the user's path led here.
        source: The only file, where it is open already.

    Raises:
        NothingFound: A file is not there.
        Damaged: A file is no sound table, or not that of a V1 checkpoint.
    """
    tensors: dict[str, StoredTensor] = {}
    missing = tuple(p for p in paths if not places.exists(p))
    if len(missing) == len(paths):
        raise NothingFound(f"no file of the checkpoint {paths[0]} is there")
    for path in paths:
        if path in missing:
            continue
        table = SSTable(source or open_source(path))
        encoded = table.get(b"")
        try:
            meta = message_class("SavedTensorSlices").FromString(encoded or b"").meta
        except decode_errors():
            raise Damaged(f"{path}: the list of tensors does not decode: damaged") from None
        if encoded is None:
            raise Damaged(f"{path} is a table, but no checkpoint's: it lists no tensors")
        for item in meta.tensor:
            tensor = SliceTensor(item, table)
            known = tensors.setdefault(tensor.name, tensor)
            if known is not tensor:
                assert isinstance(known, SliceTensor)
                if (known.dtype, known.shape) != (tensor.dtype, tensor.shape):
                    raise Damaged(
                        f"tensor {tensor.name!r} is {known.dtype} {known.shape} in one file and "
                        f"{tensor.dtype} {tensor.shape} in {path}: not of one checkpoint"
                    )
                known.slices += tensor.slices
    ordered = dict(sorted(tensors.items()))
    prefix = paths[0] if len(paths) == 1 else paths[0].rsplit("-", 3)[0]
    return Checkpoint(prefix, "V1", len(paths), ordered, missing=missing, note=note)


def _recognises(source: Source) -> bool:
    return is_table(source) and is_v1(source)


def shard_paths(prefix: str, count: int) -> list[str]:
    """The files of a checkpoint in several files."""
    return [f"{prefix}-{number:05d}-of-{count:05d}" for number in range(count)]


def _read(source: Source) -> Checkpoint:
    shard = _SHARD.match(source.path)
    if shard:
        return read_slices(shard_paths(shard.group(1), int(shard.group(2))))
    return read_slices([source.path], source=source)


FORMAT = Format("V1 checkpoint", _recognises, _read)
