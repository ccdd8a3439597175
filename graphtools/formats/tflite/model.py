"""What a TFLite model holds, as dataclasses. `tflite.py` reads them from a file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidValue
from graphtools.graph.shape import Shape
from graphtools.schema.wire import Buffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The index of an input or output that an operator leaves out.
OPTIONAL = -1


@dataclasses.dataclass(frozen=True)
class OperatorCode:
    """A kind of operator that a model uses.

    Attributes:
        name: `CONV_2D`, or the name of a custom operator; `UNKNOWN_300` for a number that is newer
            than the names known here.
        version: Version of the operator that the model needs.
        is_custom: Whether it is none of TFLite's own.
        is_flex: Whether it is TensorFlow's kernel, run by the Flex delegate.
    """

    name: str
    version: int
    is_custom: bool
    is_flex: bool


@dataclasses.dataclass(frozen=True)
class Operator:
    """One step of a subgraph.

    Attributes:
        index: Place in the subgraph, which is the order of execution.
        op: Name, as in `OperatorCode`.
        version: Version of the operator that the model needs.
        is_custom: Whether it is none of TFLite's own.
        is_flex: Whether it is TensorFlow's kernel, run by the Flex delegate.
        inputs: Indices of tensors; -1 for an optional input that is left out.
        outputs: Indices of tensors; -1 for an optional output that is left out.
        position: Where its table stands in the file.
    """

    index: int
    op: str
    version: int
    is_custom: bool
    is_flex: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    position: int = dataclasses.field(default=0, compare=False)


@dataclasses.dataclass(frozen=True)
class Blockwise:
    """Quantization by blocks, the parameters of which are tensors.

    Attributes:
        scales: Index of the tensor of scales, in the same subgraph.
        zero_points: Index of the tensor of zero points; -1 or 0 where there is none.
        block_size: Elements of a block.
    """

    scales: int
    zero_points: int
    block_size: int


@dataclasses.dataclass(frozen=True)
class Quantization:
    """How stored integers q stand for real values: scale * (q - zero_point).

    Attributes:
        scale: One for the tensor, or one for each slice along `quantized_dimension`; empty where
            the file gives a range only.
        zero_point: As many as scales.
        min: Smallest real value, for the tensor or for each slice; often left out.
        max: Largest real value, likewise.
        quantized_dimension: The dimension that the slices are counted along.
        blockwise: Quantization by blocks, where it is used.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    min: tuple[float, ...]
    max: tuple[float, ...]
    quantized_dimension: int
    blockwise: Blockwise | None = None


@dataclasses.dataclass(frozen=True)
class TFLiteTensor:
    """A tensor of a subgraph.

    Attributes:
        index: Place in the subgraph.
        name: Name; need not be unique.
        dtype: Element type, as `float32`; `unknown_77` for a number that is newer than the names
            known here.
        shape: Shape that memory is planned for, before any input is resized; of unknown rank where
            only the running operator knows, as for custom operators.
        shape_signature: The shape with unknown dimensions, where the model was converted with some;
            else the same as `shape`.
        buffer: Index of the buffer that holds the values of a constant.
        buffer_bytes: Bytes of these values; 0 where there are none, as they are computed.
        external_file: Name of the file that holds the values, where this one does not; else empty.
        is_variable: Whether the tensor keeps its values from one run to the next.
        is_sparse: Whether the values are stored without their zeros.
        quantization: What stored integers mean; None where the file says nothing.
    """

    index: int
    name: str
    dtype: str
    shape: Shape
    shape_signature: Shape
    buffer: int
    buffer_bytes: int
    external_file: str
    is_variable: bool
    is_sparse: bool
    quantization: Quantization | None

    @property
    def plain_name(self) -> str:
        """What it is called where one has to be told from another: without `:0`, never empty."""
        return self.name.strip().removesuffix(":0") or f"tensor_{self.index}"

    @property
    def is_constant(self) -> bool:
        """Whether the tensor's values are stored."""
        return self.buffer_bytes > 0


@dataclasses.dataclass(frozen=True)
class Subgraph:
    """A subgraph; the first is the model, others are bodies of loops, branches and signatures.

    Attributes:
        name: Name, often empty.
        tensors: Its tensors.
        inputs: Indices of the tensors that are fed.
        outputs: Indices of the tensors that are fetched.
        operators: Its operators, in the order of execution.
    """

    name: str
    tensors: tuple[TFLiteTensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclasses.dataclass(frozen=True)
class TFLiteSignature:
    """A signature: names for the inputs and outputs of a subgraph.

    Attributes:
        key: Name, as `serving_default`.
        inputs: Index of a tensor by the name of an input.
        outputs: Index of a tensor by the name of an output.
        subgraph: Index of the subgraph.
    """

    key: str
    inputs: dict[str, int]
    outputs: dict[str, int]
    subgraph: int


@dataclasses.dataclass(frozen=True)
class Metadata:
    """Something attached to a model, as `min_runtime_version`.

    Attributes:
        name: What it is.
        buffer: Index of the buffer that holds it.
        size: Bytes.
    """

    name: str
    buffer: int
    size: int


@dataclasses.dataclass(frozen=True)
class BufferInfo:
    """Where a buffer lies in the file.

    Attributes:
        start: Position of the first byte.
        size: Bytes; 0 for an empty buffer, as the first one always is.
    """

    start: int
    size: int


@dataclasses.dataclass(frozen=True)
class TFLiteModel:
    """A TFLite model.

    Attributes:
        path: Where it is.
        version: Version of the schema: 3 in all models that TFLite runs.
        description: Who made it, as `MLIR Converted.` or `TOCO Converted.`
        operator_codes: The kinds of operators that the model declares.
        subgraphs: The subgraphs.
        signatures: The signatures; older models have none.
        metadata: What is attached.
        buffers: Where the constants lie.

    Example:
        >>> import graphtools
        >>> model = graphtools.open_model("fixtures/quant/model.tflite")
        >>> model.subgraphs[0].tensors[0].name, model.subgraphs[0].operators[0].op
        ('input', 'CONV_2D')
    """

    path: str
    version: int
    description: str
    operator_codes: tuple[OperatorCode, ...]
    subgraphs: tuple[Subgraph, ...]
    signatures: tuple[TFLiteSignature, ...]
    metadata: tuple[Metadata, ...]
    buffers: tuple[BufferInfo, ...]
    #: The file's bytes; no field, so that a model can be printed and turned into a dictionary.
    bytes_of_file: dataclasses.InitVar[Buffer]
    kind: str = "TFLite model"

    def __post_init__(self, bytes_of_file: Buffer) -> None:
        object.__setattr__(self, "_content", bytes_of_file)

    @property
    def content(self) -> Any:
        """The bytes of the file, mapped."""
        return vars(self)["_content"]

    def buffer_data(self, index: int) -> memoryview:
        """The bytes of a buffer, as they stand in the mapped file.

        Args:
            index: Index of the buffer, as tensors and metadata give it.
        """
        info = self.buffers[index]
        return memoryview(self.content)[info.start : info.start + info.size]

    def options(self, operator: Operator) -> dict[str, Any]:
        """What is set of an operator, by name: `{"padding": "SAME", "stride_w": 2, ...}`.

        Raises:
            Damaged: Its table leaves the file.
        """
        from graphtools.formats.tflite.flatbuffer import FlatBuffer, FlatTable
        from graphtools.formats.tflite.options import operator_options

        table = FlatTable(FlatBuffer(self.content, self.path), operator.position)
        return operator_options(table, self.content)

    def tensor_data(self, tensor: TFLiteTensor) -> NDArray[Any]:
        """The values of a constant; read-only where the array shares memory with the file.

        Returns:
            An array of the tensor's shape, of integers where it is quantized; bfloat16 as float32,
            strings as `bytes` in an object array, int4 and the like one element a byte.

        Raises:
            InvalidValue: The file has no values of this tensor, or they cannot be shown.
            Damaged: The bytes do not fit the shape.
        """
        from graphtools.formats.tflite.values import decode

        label = f"{self.path}: tensor {tensor.index} {tensor.name!r}"
        if tensor.external_file:
            raise InvalidValue(f"{label} has its values in another file, {tensor.external_file!r}")
        if not tensor.is_constant and tensor.shape.elements != 0:
            raise InvalidValue(f"{label} has no values in the file: they are computed")
        if tensor.is_sparse:
            raise InvalidValue(f"{label} is stored sparse, which is not decoded")
        return decode(self.buffer_data(tensor.buffer), tensor.dtype, tensor.shape, label)
