"""V2 checkpoints: an index (`PREFIX.index`, a table) and files with the values.

Source: TensorFlow's tensor_bundle. The index maps "" to the header and each name to a
BundleEntryProto, which says in which data file, where and how long the values are, and their masked
CRC-32C. A partitioned variable's entry lists its slices, which have entries of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from graphtools.errors import ChecksumMismatch, Damaged, InvalidValue, NothingFound
from graphtools.formats import places
from graphtools.formats.checkpoint import (
    CHUNK,
    OBJECT_GRAPH,
    Checkpoint,
    StoredBytes,
    StoredPart,
    StoredTensor,
    TrackedVariable,
)
from graphtools.formats.crc32c import extend, mask
from graphtools.formats.format import Format
from graphtools.formats.places import RemoteBuffer, is_remote
from graphtools.formats.slice_keys import Extents, check_cover, extents, placed, slice_key
from graphtools.formats.source import Source, let_go, map_file, open_source
from graphtools.formats.sstable import SSTable, is_table
from graphtools.graph.dtypes import STRING, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, decode_content, in_shape
from graphtools.schema import Message, decode_errors, message_class
from graphtools.schema.wire import Buffer, varint
from graphtools.wording import and_more

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The bundle format's version that this module knows.
_VERSION = 1
_BIG_ENDIAN = 1


class _Bundle:
    """The entries and the data files of a V2 checkpoint."""

    def __init__(self, prefix: str, header: Message, entries: dict[bytes, bytes]) -> None:
        self.prefix = prefix
        self.shards = header.num_shards
        self.big_endian = header.endianness == _BIG_ENDIAN
        self.entries = entries
        self._maps: dict[int, Buffer] = {}

    def data_file(self, shard: int) -> str:
        return f"{self.prefix}.data-{shard:05d}-of-{self.shards:05d}"

    def data(self, shard: int) -> Buffer:
        """A data file, mapped."""
        found = self._maps.get(shard)
        if found is None:
            path = self.data_file(shard)
            try:
                found = self._maps[shard] = map_file(path, exact=True)
            except NothingFound:
                raise NothingFound(
                    f"{path} is not there: the checkpoint's values cannot be read, only its index",
                    "copy the .data files too; they belong beside the .index file",
                ) from None
        return found


class BundleTensor(StoredTensor):
    """A tensor of a V2 checkpoint."""

    __slots__ = ("_bundle", "_crc", "_offset", "_shard", "_size", "_slices")

    def __init__(self, name: str, entry: Message, bundle: _Bundle) -> None:
        """Read a BundleEntryProto."""
        super().__init__(name, dtype(entry.dtype), Shape.from_proto(entry.shape))
        self._bundle = bundle
        self._shard = entry.shard_id
        self._offset = entry.offset
        self._size = entry.size
        self._crc = entry.crc32c
        self._slices: tuple[Extents, ...] = tuple(extents(s) for s in entry.slices)

    @property
    def nbytes(self) -> int:
        """Bytes of the values: in memory for numbers, as stored for strings."""
        return (self.shape.elements or 0) * self.dtype.size or self._size

    @property
    def end(self) -> tuple[int, int]:
        """Number of the data file, and the least size it must have to hold the values."""
        return self._shard, 0 if self._slices else self._offset + self._size

    def refusal(self) -> str:
        """Why TensorFlow refuses the values, as far as the index tells; empty if it does not."""
        if self.dtype.number == 0:
            return "has dtype 0: TensorFlow aborts when it is read"
        if self._slices:
            try:
                for _, part in self._parts():
                    told = part.refusal()
                    if told:
                        return f"has a slice that {told}"
            except Damaged as error:
                return f"cannot be put together: {error.message}"
            return ""
        if not 0 <= self._shard < self._bundle.shards:
            path = self._bundle.data_file(self._shard)
            return f"lies in {path}, which cannot be: TensorFlow says No such file or directory"
        if min(self._offset, self._size) < 0:
            return f"is to have {self._size:,} bytes from {self._offset:,} on, which cannot be"
        # of an unknown rank TensorFlow expects one element
        wanted = (1 if self.shape.dims is None else self.shape.elements or 0) * self.dtype.size
        if self.dtype.size and wanted != self._size:
            return (
                f"is to have {self._size:,} bytes, and {self.dtype} {self.shape} has {wanted:,}: "
                "TensorFlow says Invalid size in bundle entry"
            )
        if not self._crc:
            return "has no checksum: TensorFlow says Checksum does not match"
        return ""

    def array(self) -> NDArray[Any]:
        """The values; see `StoredTensor.array`. The memory is the mapped file's where possible."""
        import numpy as np

        if self._slices:
            dims: Any = self.shape.dims or ()
            parts = list(self._parts())
            check_cover(self.name, self.shape, (place for place, _ in parts))
            for _, stored in parts:
                stored.raw_bytes()  # no array before it is sure that a file has its values
            whole = np.empty(dims, self.dtype.numpy())
            for place, stored in parts:
                whole[place] = stored.array()
            return whole
        raw = self.raw_bytes()
        if self.dtype is STRING:
            return in_shape(self._strings(raw), self.shape)
        if self.dtype.array_name:
            self._verify(extend(0, raw))
        return in_shape(self._decode(raw), self.shape)

    def parts(self) -> list[StoredPart]:
        """The slices of a partitioned variable, or the whole."""
        if not self._slices:
            return [StoredPart(self.shape, self.content, None, self.stored())]
        stored = zip(self._slices, self._parts(), strict=True)
        return [
            StoredPart(tensor.shape, tensor.content, place, tensor.stored())
            for place, (_, tensor) in stored
        ]

    def stored(self) -> StoredBytes | None:
        """The bytes of the file, where a checkpoint of this machine would have the same."""
        return None if self._bundle.big_endian else StoredBytes(self._crc, self._verified)

    def _verified(self) -> Iterable[bytes | memoryview]:
        """The stored bytes; their checksum is verified, of values that are not decoded, too."""
        if self.dtype is STRING:
            raw = self.raw_bytes()
            self._strings(raw)
            return [raw]
        if self.dtype.name == "variant":
            raw = self.raw_bytes()
            self._verify_variants(bytes(raw))
            return [raw]
        return self._pieces()

    def _verify_variants(self, data: bytes) -> None:
        """Variants: the length of each, its bytes, and a checksum of all up to there.

        Source: TensorFlow's `WriteVariantTensor`.
        """
        pos = crc = 0
        for _ in range(self.shape.elements or 0):
            length, pos = varint(data, pos, len(data))
            crc = extend(crc, length.to_bytes(8, "little"))
            crc = extend(crc, data[pos : pos + length])
            pos += length
            crc = extend(crc, mask(crc).to_bytes(4, "little"))
            pos += 4
        self._verify(crc)

    def tensor(self) -> Tensor:
        """The tensor as a constant's value; where it can be, that is the bytes of the file."""
        if self._slices or not self.dtype.size or self._bundle.big_endian:
            return super().tensor()
        raw = self.raw_bytes()
        self._verify(extend(0, raw))
        return Tensor.from_content(self.dtype, self.shape, raw)

    def chunks(self) -> Iterator[NDArray[Any]]:
        """The values as flat arrays; the checksum is verified behind the last one."""
        if self._slices or self.dtype is STRING:
            yield from super().chunks()
            return
        for piece in self._pieces():
            yield self._decode(piece)

    def content(self) -> Iterator[bytes | memoryview | NDArray[Any]]:
        """The stored bytes where they are little-endian, so that no value is decoded."""
        if self._slices or self.dtype is STRING or self._bundle.big_endian:
            yield from super().content()
        else:
            yield from self._pieces()

    def _pieces(self) -> Iterator[memoryview]:
        """The stored bytes in pieces of whole elements; the checksum is verified behind them."""
        raw = self.raw_bytes()
        step = CHUNK // max(1, self.dtype.size) * max(1, self.dtype.size)
        crc, data = 0, self._bundle.data(self._shard)
        for start in range(0, len(raw), step):
            piece = raw[start : start + step]
            crc = extend(crc, piece)
            yield piece
            let_go(data, self._offset + start, self._offset + start + len(piece))
        self._verify(crc)

    def _decode(self, raw: memoryview) -> NDArray[Any]:
        return decode_content(raw, self.dtype, self._bundle.big_endian)

    def raw_bytes(self) -> memoryview:
        """The stored bytes.

        Raises:
            NothingFound: The data file is not there.
            Damaged: It is too short, or the entry does not fit the tensor.
        """
        where = f"tensor {self.name!r} of {self._bundle.prefix}"
        if not 0 <= self._shard < self._bundle.shards:
            raise Damaged(f"{where} is to lie in data file {self._shard}, which cannot be")
        elements = self.shape.elements
        if elements is None or (self.dtype.size and elements * self.dtype.size != self._size):
            raise Damaged(
                f"{where}: {self.dtype} {self.shape} cannot have {self._size:,} bytes: "
                "the index is damaged"
            )
        data = self._bundle.data(self._shard)
        end = self._offset + self._size
        if self._offset < 0 or self._size < 0 or end > len(data):
            raise Damaged(
                f"{where} lies at bytes {self._offset:,} to {end:,} of "
                f"{self._bundle.data_file(self._shard)}, which has {len(data):,}: it is truncated",
                "copy the file again from where it was written",
            )
        if isinstance(data, RemoteBuffer):
            return memoryview(data[self._offset : end])
        return memoryview(data)[self._offset : end]  # type: ignore[arg-type]

    def _verify(self, crc: int) -> None:
        if mask(crc) != self._crc:
            raise ChecksumMismatch(
                f"the checksum of tensor {self.name!r} does not match: its bytes in "
                f"{self._bundle.data_file(self._shard)} are damaged",
                "copy the file again from where it was written, or take another checkpoint",
            )

    def _strings(self, raw: memoryview) -> NDArray[Any]:
        """Decode strings: their lengths, a checksum of these, then the bytes."""
        import numpy as np

        data = bytes(raw)
        count = self.shape.elements or 0
        # each length takes a byte at least
        if count > len(data):
            raise Damaged(f"tensor {self.name!r} of {self._bundle.prefix} has too few bytes")
        pos = 0
        crc = 0
        lengths = []
        for _ in range(count):
            length, pos = varint(data, pos, len(data))
            lengths.append(length)
            # the checksum covers the lengths as fixed-width numbers
            crc = extend(crc, length.to_bytes(4 if length < 1 << 32 else 8, "little"))
        stored = data[pos : pos + 4]
        self_check = mask(crc).to_bytes(4, "little")
        if stored != self_check:
            raise ChecksumMismatch(
                f"the checksum of the string lengths of tensor {self.name!r} does not match: "
                f"{self._bundle.data_file(self._shard)} is damaged"
            )
        pos += 4
        self._verify(extend(extend(crc, stored), data[pos:]))
        values = np.empty(count, object)
        for number, length in enumerate(lengths):
            values[number] = data[pos : pos + length]
            pos += length
        return values

    def _parts(self) -> Iterator[tuple[tuple[slice, ...], BundleTensor]]:
        """The slices of a partitioned variable, each with its place in the whole."""
        dims = self.shape.dims or ()
        for part in self._slices:
            place = placed(self.name, dims, part)
            encoded = self._bundle.entries.get(slice_key(self.name, part))
            if encoded is None:
                raise Damaged(
                    f"slice {part} of tensor {self.name!r} is not in the index of "
                    f"{self._bundle.prefix}"
                )
            stored = BundleTensor(self.name, _entry(encoded, self.name), self._bundle)
            if stored.shape.dims != tuple(s.stop - s.start for s in place):
                raise Damaged(f"slice {part} of tensor {self.name!r} has the shape {stored.shape}")
            yield place, stored


def _entry(encoded: bytes, name: str) -> Message:
    try:
        return message_class("BundleEntryProto").FromString(encoded)
    except decode_errors():
        raise Damaged(f"the index entry of tensor {name!r} does not decode") from None


def read_bundle(prefix: str, note: str = "", source: Source | None = None) -> Checkpoint:
    """Open a V2 checkpoint by its prefix; reads its index only.

    Args:
        prefix: The path without `.index`.
        note: How the user's path led here.
        source: The index, where it is open already.

    Raises:
        NothingFound: There is no index.
        Damaged: The index is no sound table, or not that of a checkpoint.
    """
    opened = source or open_source(f"{prefix}.index")
    opened.whole()  # all of the index is read; its blocks need not be transferred one by one
    table = SSTable(opened)
    items = list(table)
    entries: dict[bytes, bytes] = {}
    for key, value in items:
        entries.setdefault(key, value)  # of a key that is there twice TensorFlow takes the first
    encoded_header = entries.pop(b"", None)
    if encoded_header is None:
        raise Damaged(
            f"{table.path} is a table, but no checkpoint's: it has no header",
            "TensorFlow opens it, and loses its first variable without a word",
        )
    header = _header(encoded_header, table.path)
    bundle = _Bundle(prefix, header, entries)
    if bundle.big_endian:
        order = f"{table.path} says that its values are big-endian, and they are read so"
        note = f"{note}; {order}" if note else order
    tensors: dict[str, StoredTensor] = {}
    for key, encoded in entries.items():
        if key[:1] != b"\0":  # the key of a slice
            name = key.decode("utf-8", "backslashreplace")
            tensors[name] = BundleTensor(name, _entry(encoded, name), bundle)
    missing, truncated = _survey(bundle, tensors)
    problems = (*_disorder(items, table.path), *_impossible(bundle, tensors), *truncated)
    objects: tuple[TrackedVariable, ...] = ()
    tree: tuple[dict[str, int], ...] = ()
    # behind a URL, listing a checkpoint transfers its index only, and this stands in the data
    if OBJECT_GRAPH in tensors and not missing and not problems and not is_remote(prefix):
        try:
            objects, tree = _objects(tensors[OBJECT_GRAPH])
        except Damaged as error:
            problems = (error.message,)
    return Checkpoint(
        prefix,
        "V2",
        bundle.shards,
        tensors,
        objects=objects,
        tree=tree,
        missing=missing,
        problems=problems,
        note=note,
    )


def _header(encoded: bytes, path: str) -> Message:
    try:
        header = message_class("BundleHeaderProto").FromString(encoded)
    except decode_errors():
        raise Damaged(f"{path}: the header does not decode; it may be a V1 checkpoint") from None
    if header.version.min_consumer > _VERSION:
        raise InvalidValue(
            f"{path} was written by a newer TensorFlow: its format version is "
            f"{header.version.min_consumer}, known here is {_VERSION}"
        )
    if not 0 < header.num_shards < 100_000:
        raise Damaged(f"{path}: {header.num_shards} data files cannot be: damaged")
    return header


def _disorder(items: list[tuple[bytes, bytes]], path: str) -> list[str]:
    """That the keys of an index do not ascend, so that TensorFlow does not find them all."""
    for (last, _), (key, _) in itertools.pairwise(items):
        if key < last:
            shown = key.decode("utf-8", "backslashreplace")
            return [
                f"the keys of {path} are not in order from {shown!r} on: TensorFlow lists them, "
                "and does not find them all (Key not found in checkpoint)"
            ]
    return []


def _impossible(bundle: _Bundle, tensors: dict[str, StoredTensor]) -> list[str]:
    """A line on each tensor whose values TensorFlow refuses for what the index says of them."""
    problems = []
    for tensor in tensors.values():
        assert isinstance(tensor, BundleTensor)
        told = tensor.refusal()
        if told:
            problems.append(f"tensor {tensor.name!r} of {bundle.prefix} {told}")
    return problems


def _survey(
    bundle: _Bundle, tensors: dict[str, StoredTensor]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Data files that are not there, and a line on each that is too short for its tensors."""
    sizes: dict[int, int] = {}
    missing = []
    for shard in range(bundle.shards):
        path = bundle.data_file(shard)
        size = places.size(path)
        if size is None:
            missing.append(path)
        else:
            sizes[shard] = size
    behind: dict[int, list[BundleTensor]] = {}
    for tensor in tensors.values():
        assert isinstance(tensor, BundleTensor)
        shard, end = tensor.end
        if shard in sizes and end > sizes[shard]:
            behind.setdefault(shard, []).append(tensor)
    problems = []
    for shard, cut in sorted(behind.items()):
        more = and_more(len(cut) - 1)
        problems.append(
            f"{bundle.data_file(shard)} is truncated: it has {sizes[shard]:,} bytes, "
            f"{max(t.end[1] for t in cut):,} are needed; lost: tensor {cut[0].name!r}{more}"
        )
    return tuple(missing), tuple(problems)


def _objects(
    stored: StoredTensor,
) -> tuple[tuple[TrackedVariable, ...], tuple[dict[str, int], ...]]:
    """The variables of an object-based checkpoint, by walking its graph of objects, and this."""
    try:
        graph = message_class("TrackableObjectGraph").FromString(stored.array().item())
    except decode_errors(ValueError, TypeError, InvalidValue):
        raise Damaged(f"tensor {stored.name!r} holds no graph of objects: damaged") from None
    nodes = graph.nodes
    paths = {0: ""}
    queue = [0]
    for number in queue:  # grows while it is walked
        for child in nodes[number].children if number < len(nodes) else ():
            if child.node_id not in paths and 0 <= child.node_id < len(nodes):
                paths[child.node_id] = f"{paths[number]}/{child.local_name}".lstrip("/")
                queue.append(child.node_id)
    for number in queue:
        for slot in nodes[number].slot_variables if number < len(nodes) else ():
            variable = paths.get(slot.original_variable_node_id, "?")
            paths.setdefault(slot.slot_variable_node_id, f"{variable}/slot:{slot.slot_name}")
    found = []
    for number, path in paths.items():
        for attribute in nodes[number].attributes if 0 <= number < len(nodes) else ():
            suffix = "" if attribute.name == "VARIABLE_VALUE" else f"/{attribute.name}"
            where = (path or ".") + suffix
            found.append(
                TrackedVariable(where, attribute.checkpoint_key, attribute.full_name, number)
            )
    tree = tuple({c.local_name: c.node_id for c in node.children} for node in nodes)
    return tuple(found), tree


def _recognises(source: Source) -> bool:
    if not is_table(source):
        return False
    from graphtools.formats.tensor_slices import is_v1

    return not is_v1(source)


def _read(source: Source) -> Checkpoint:
    return read_bundle(source.path.removesuffix(".index"), source=source)


FORMAT = Format("V2 checkpoint", _recognises, _read)
