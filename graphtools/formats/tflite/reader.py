"""Reading TFLite models.

Source of the layout: TensorFlow's `lite/schema/schema.fbs`; slots are places in that schema. What
TFLite's interpreter refuses or ignores is taken from `lite/core/interpreter_builder.cc`.

The values of constants stay in the file until `TFLiteModel.tensor_data` is called.
"""

from __future__ import annotations

from graphtools.formats.source import Source
from graphtools.formats.tflite.flatbuffer import (
    INT8,
    INT32,
    INT64,
    UINT8,
    UINT32,
    UINT64,
    FlatBuffer,
    FlatTable,
)
from graphtools.formats.tflite.model import (
    OPTIONAL,
    Blockwise,
    BufferInfo,
    Metadata,
    Operator,
    OperatorCode,
    Quantization,
    Subgraph,
    TFLiteModel,
    TFLiteSignature,
    TFLiteTensor,
)
from graphtools.formats.tflite.names import names
from graphtools.graph.shape import UNKNOWN_SHAPE, Shape

#: The number of all custom operators in the enum BuiltinOperator.
_CUSTOM = 32
#: TensorFlow's own limit, TensorShape::MaxDimensions.
_MOST_DIMENSIONS = 254
#: BlockwiseQuantization in the union QuantizationDetails.
_BLOCKWISE = 2


class _Reader:
    """Reads the tables of one file: what is referred to first, so that references are checked."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.file = FlatBuffer(source.whole(), source.path)
        self.model = self.file.root()
        # buffer 0 stands for "no values", also in a file that has no buffers at all
        self.buffers = tuple(map(self.buffer, self.model.tables(4))) or (BufferInfo(0, 0),)
        self.external = self.external_buffers()
        self.codes = tuple(self.operator_code(t) for t in self.model.tables(1))
        self.subgraphs = tuple(self.subgraph(t, i) for i, t in enumerate(self.model.tables(2)))

    def read(self) -> TFLiteModel:
        return TFLiteModel(
            path=self.source.path,
            version=self.model.integer(0, UINT32),
            description=self.model.string(3),
            operator_codes=self.codes,
            subgraphs=self.subgraphs,
            signatures=tuple(self.signature(t) for t in self.model.tables(7)),
            metadata=tuple(self.metadata(t) for t in self.model.tables(6)),
            buffers=self.buffers,
            bytes_of_file=self.source.buffer,
        )

    def buffer(self, table: FlatTable) -> BufferInfo:
        # a model above 2 GB has its constants behind the FlatBuffer; 1 is what the converter
        # writes before it knows the place
        offset, size = table.integer(1, UINT64), table.integer(2, UINT64)
        found = table.extent(0)
        if found is None and offset > 1:
            self.file.check(offset, size, "a buffer")
            return BufferInfo(offset, size)
        return BufferInfo(*found) if found else BufferInfo(0, 0)

    def external_buffers(self) -> dict[int, tuple[str, int]]:
        """Name of the file and number of bytes by the number of an external buffer."""
        groups = [table.string(0) for table in self.model.tables(8)]
        found = {}
        for table in self.model.tables(9):
            group = self.known(table.integer(1, UINT32), len(groups), "an external buffer", "group")
            size = table.integer(3, UINT64)
            found[table.integer(0, UINT32)] = (groups[group] or "unnamed", size)
        return found

    def operator_code(self, table: FlatTable) -> OperatorCode:
        # the number once was a byte, which newer models fill with at most 127
        number = max(table.integer(0, INT8), table.integer(3, INT32))
        custom = table.string(1) if number == _CUSTOM else ""
        name = custom or names().operators.get(number, f"UNKNOWN_{number}")
        flex = custom.startswith("Flex")
        return OperatorCode(name, table.integer(2, INT32, 1), number == _CUSTOM, flex)

    def subgraph(self, table: FlatTable, index: int) -> Subgraph:
        where = f"subgraph {index}"
        tables = list(table.tables(0))
        count = len(tables)
        operators = tuple(self.operator(t, i, count, where) for i, t in enumerate(table.tables(3)))
        # Newer converters mark each tensor whose rank they know. Before them an empty shape was a
        # scalar's, except for operators that the converter could not compute the shape of.
        marked = any(t.flag(8) for t in tables)
        opaque = {output for op in operators if op.is_custom for output in op.outputs}
        return Subgraph(
            name=table.string(4),
            tensors=tuple(
                self.tensor(t, i, where, t.flag(8) if marked else i not in opaque)
                for i, t in enumerate(tables)
            ),
            inputs=self.indices(table, 1, count, f"an input of {where}", 0),
            outputs=self.indices(table, 2, count, f"an output of {where}", 0),
            operators=operators,
        )

    def tensor(self, table: FlatTable, index: int, where: str, has_rank: bool) -> TFLiteTensor:
        label = f"tensor {index} of {where}"
        number = table.integer(1, INT8)
        buffer = self.known(table.integer(2, UINT32), len(self.buffers), label, "buffer")
        external, size = "", self.buffers[buffer].size
        if table.has(10):
            key = table.integer(10, UINT32)
            if key not in self.external:
                raise self.file.damaged(f"{label} points to no external buffer: {key}")
            external, size = self.external[key]
        shape = self.shape(table, 0, label)
        if not shape.dims and not has_rank and not size:
            shape = UNKNOWN_SHAPE
        signature = self.shape(table, 7, label)
        return TFLiteTensor(
            index=index,
            name=table.string(3),
            dtype=names().types.get(number, f"unknown_{number}"),
            shape=shape,
            shape_signature=signature if signature.dims else shape,
            buffer=buffer,
            buffer_bytes=size,
            external_file=external,
            is_variable=table.flag(5),
            is_sparse=table.has(6),
            quantization=self.quantization(table.table(4)),
        )

    def shape(self, table: FlatTable, slot: int, label: str) -> Shape:
        dims = table.integers(slot, INT32)
        if len(dims) > _MOST_DIMENSIONS:
            raise self.file.damaged(
                f"{label} has {len(dims):,} dimensions, TensorFlow admits {_MOST_DIMENSIONS}"
            )
        return Shape(dims)

    def quantization(self, table: FlatTable | None) -> Quantization | None:
        if table is None:
            return None
        low, high, scale = table.floats(0), table.floats(1), table.floats(2)
        zero_point = table.integers(3, INT64)
        blockwise = None
        details = table.table(5) if table.integer(4, UINT8) == _BLOCKWISE else None
        if details:
            blockwise = Blockwise(*(details.integer(slot, INT32) for slot in range(3)))
        if not (low or high or scale or zero_point or blockwise):
            return None  # converters write an empty table for each tensor
        return Quantization(scale, zero_point, low, high, table.integer(6, INT32), blockwise)

    def operator(self, table: FlatTable, index: int, tensors: int, where: str) -> Operator:
        label = f"operator {index} of {where}"
        number = table.integer(0, UINT32)
        code = self.codes[self.known(number, len(self.codes), label, "operator code")]
        return Operator(
            index=index,
            op=code.name,
            version=code.version,
            is_custom=code.is_custom,
            is_flex=code.is_flex,
            inputs=self.indices(table, 1, tensors, f"an input of {label}", OPTIONAL),
            outputs=self.indices(table, 2, tensors, f"an output of {label}", OPTIONAL),
            position=table.position,
        )

    def signature(self, table: FlatTable) -> TFLiteSignature:
        key = table.string(2)
        label = f"signature {key!r}"
        subgraph = self.known(table.integer(4, UINT32), len(self.subgraphs), label, "subgraph")
        count = len(self.subgraphs[subgraph].tensors)
        inputs, outputs = (self.named(table, slot, count, label) for slot in (0, 1))
        return TFLiteSignature(key, inputs, outputs, subgraph)

    def named(self, table: FlatTable, slot: int, count: int, label: str) -> dict[str, int]:
        """Indices of tensors by name."""
        found = {}
        for entry in table.tables(slot):
            index = entry.integer(1, UINT32)
            found[entry.string(0)] = self.known(index, count, label, "tensor")
        return found

    def metadata(self, table: FlatTable) -> Metadata:
        name = table.string(0)
        label = f"metadata {name!r}"
        buffer = self.known(table.integer(1, UINT32), len(self.buffers), label, "buffer")
        return Metadata(name, buffer, self.buffers[buffer].size)

    def indices(
        self, table: FlatTable, slot: int, count: int, label: str, least: int
    ) -> tuple[int, ...]:
        """A list of indices of tensors, none of which points nowhere."""
        found = table.integers(slot, INT32)
        for index in found:
            self.known(index, count, label, "tensor", least)
        return found

    def known(self, index: int, count: int, label: str, what: str, least: int = 0) -> int:
        """An index that was checked."""
        if not least <= index < count:
            raise self.file.damaged(f"{label} points to {what} {index:,}, there are {count:,}")
        return index


def read(source: Source) -> TFLiteModel:
    """Read a TFLite model; the values of its constants stay in the file.

    Raises:
        Damaged: The file breaks the rules of FlatBuffers or of TFLite; the place is named.
    """
    return _Reader(source).read()
