"""What is in a TFLite model."""

from __future__ import annotations

import dataclasses
from collections import Counter

from graphtools.analysis.inputs_outputs import Candidate, InputsOutputs
from graphtools.formats.tflite.model import Quantization, Subgraph, TFLiteModel, TFLiteTensor


@dataclasses.dataclass(frozen=True)
class OperatorCount:
    """How often an operator of a version occurs in all subgraphs.

    Attributes:
        op: Name, as `CONV_2D`.
        version: Version of the operator.
        count: Number of operators.
        kind: `builtin`, `custom` or `flex`.
    """

    op: str
    version: int
    count: int
    kind: str


@dataclasses.dataclass(frozen=True)
class PortRow:
    """An input or output of a subgraph.

    Attributes:
        name: Name of the tensor.
        dtype: Element type.
        shape: Dimensions, None for those that may change.
        scale: Quantization: real = scale * (stored - zero_point); None if there is none, or one for
            each channel.
        zero_point: The stored value that stands for 0.
    """

    name: str
    dtype: str
    shape: list[int | None] | None
    scale: float | None
    zero_point: int | None


@dataclasses.dataclass(frozen=True)
class SubgraphRow:
    """A subgraph: name, numbers of tensors and operators, inputs and outputs."""

    name: str
    tensors: int
    operators: int
    inputs: tuple[PortRow, ...]
    outputs: tuple[PortRow, ...]


@dataclasses.dataclass(frozen=True)
class TFLiteSummary:
    """What is in a TFLite model.

    Attributes:
        version: Schema version.
        description: What the converter wrote about it.
        subgraphs: The subgraphs.
        operators: Operators with their versions, the most frequent first.
        dtypes: Number of tensors by dtype.
        constant_bytes: Bytes of the constants by dtype, the largest first.
        quantized: Number of tensors with quantization parameters.
        per_channel: Number of those with parameters for each channel.
        signatures: Keys of the signatures.
        metadata: Bytes of each piece of metadata, by name.
    """

    version: int
    description: str
    subgraphs: tuple[SubgraphRow, ...]
    operators: tuple[OperatorCount, ...]
    dtypes: dict[str, int]
    constant_bytes: dict[str, int]
    quantized: int
    per_channel: int
    signatures: tuple[str, ...]
    metadata: dict[str, int]


def summarize_tflite(model: TFLiteModel) -> TFLiteSummary:
    """Say what is in a TFLite model; values of constants are not read."""
    tensors = [t for s in model.subgraphs for t in s.tensors]
    used = Counter(
        (o.op, o.version, "flex" if o.is_flex else "custom" if o.is_custom else "builtin")
        for s in model.subgraphs
        for o in s.operators
    )
    sizes: dict[str, int] = {}
    for tensor in tensors:
        if tensor.is_constant:
            sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.buffer_bytes
    scales = [len(t.quantization.scale) for t in tensors if t.quantization]
    return TFLiteSummary(
        version=model.version,
        description=model.description,
        subgraphs=tuple(_subgraph(s) for s in model.subgraphs),
        operators=tuple(
            OperatorCount(op, version, n, kind) for (op, version, kind), n in used.most_common()
        ),
        dtypes=dict(Counter(t.dtype for t in tensors).most_common()),
        constant_bytes=dict(sorted(sizes.items(), key=lambda kv: -kv[1])),
        quantized=sum(n > 0 for n in scales),
        per_channel=sum(n > 1 for n in scales),
        signatures=tuple(s.key for s in model.signatures),
        metadata={m.name: m.size for m in model.metadata},
    )


def _subgraph(subgraph: Subgraph) -> SubgraphRow:
    return SubgraphRow(
        subgraph.name,
        len(subgraph.tensors),
        len(subgraph.operators),
        tuple(_port(subgraph.tensors[i]) for i in subgraph.inputs if i >= 0),
        tuple(_port(subgraph.tensors[i]) for i in subgraph.outputs if i >= 0),
    )


def _port(tensor: TFLiteTensor) -> PortRow:
    quantization: Quantization | None = tensor.quantization
    plain = quantization is not None and len(quantization.scale) == 1
    return PortRow(
        tensor.name,
        tensor.dtype,
        tensor.shape_signature.to_json(),
        quantization.scale[0] if plain and quantization else None,
        quantization.zero_point[0] if plain and quantization and quantization.zero_point else None,
    )


def tflite_inputs_outputs(model: TFLiteModel) -> InputsOutputs:
    """The inputs and outputs of the first subgraph: a TFLite model states them."""
    main = model.subgraphs[0] if model.subgraphs else None
    if main is None:
        return InputsOutputs((), ())
    producers = {i: o.op for o in main.operators for i in o.outputs}

    def stated(indices: tuple[int, ...], side: str) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(
                t.name,
                producers.get(i, ""),
                t.dtype,
                t.shape_signature.to_json(),
                1.0,
                f"{side} {number} of the model",
            )
            for number, i in enumerate(indices)
            if i >= 0
            for t in [main.tensors[i]]
        )

    return InputsOutputs(stated(main.inputs, "input"), stated(main.outputs, "output"))
