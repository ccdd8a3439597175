"""What is in a TFLite model."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphtools.analysis.inputs_outputs import Candidate, InputsOutputs
from graphtools.errors import GraphtoolsError
from graphtools.formats.tflite.metadata import associated_files, model_metadata
from graphtools.formats.tflite.model import Quantization, Subgraph, TFLiteModel, TFLiteTensor
from graphtools.formats.tflite.runtimes import minimum_runtime, missing_kernel


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
class SignatureRow:
    """A signature: its key, and the names of its inputs and outputs with their tensors."""

    key: str
    inputs: dict[str, str]
    outputs: dict[str, str]


@dataclasses.dataclass(frozen=True)
class DescribedPort:
    """What the metadata say of an input or output.

    Attributes:
        name: What it is called there.
        description: What it is.
        content: What it holds, as `ImageProperties RGB`.
        normalization: How it is prepared, as `(x - 127.5) / 127.5`; empty where nothing is said.
        files: Files that belong to it, as labels, with what they are.
    """

    name: str
    description: str
    content: str
    normalization: str
    files: dict[str, str]


@dataclasses.dataclass(frozen=True)
class DescribedModel:
    """What the metadata say of a model, for MediaPipe and the Task Library.

    Attributes:
        name: Its name.
        description: What it does.
        version: Its own version.
        author: Who made it.
        license: Under which license it is.
        inputs: Its inputs, in their order.
        outputs: Its outputs, in their order.
        files: Bytes of the files that are behind the model, by name.
        problem: Why the metadata cannot be read; empty if they can.
    """

    name: str = ""
    description: str = ""
    version: str = ""
    author: str = ""
    license: str = ""
    inputs: tuple[DescribedPort, ...] = ()
    outputs: tuple[DescribedPort, ...] = ()
    files: dict[str, int] = dataclasses.field(default_factory=dict)
    problem: str = ""


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
        minimum_runtime: The first TensorFlow Lite that has all its operators, as `2.5`; empty where
            nothing is known.
        dynamic: Names of the tensors of the first subgraph whose size may change, those of inputs
            first.
        obstacles: Why an interpreter may not take it: which operators it has no kernel for.
        named: Its signatures with their inputs and outputs.
        described: What its metadata say; None where it has none.
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
    minimum_runtime: str = ""
    dynamic: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    named: tuple[SignatureRow, ...] = ()
    described: DescribedModel | None = None


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
        minimum_runtime=".".join(map(str, minimum_runtime(model) or ())),
        dynamic=_dynamic(model),
        obstacles=_obstacles(model),
        named=tuple(_signatures(model)),
        described=described_model(model),
    )


def _dynamic(model: TFLiteModel) -> tuple[str, ...]:
    if not model.subgraphs:
        return ()
    main = model.subgraphs[0]
    order = [*main.inputs, *(i for o in main.operators for i in o.outputs)]
    tensors = [main.tensors[i] for i in dict.fromkeys(order) if i >= 0]
    return tuple(t.plain_name for t in tensors if t.shape_signature.elements is None)


def _obstacles(model: TFLiteModel) -> tuple[str, ...]:
    found: dict[str, dict[str, None]] = {}
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            reason = missing_kernel(operator)
            if reason:
                found.setdefault(reason, {})[operator.op] = None
    told = [f"{', '.join(ops)}: {reason}" for reason, ops in found.items()]
    if any(t.external_file for s in model.subgraphs for t in s.tensors):
        told.append("some of its constants are in other files, which have to lie beside")
    return tuple(told)


def _signatures(model: TFLiteModel) -> list[SignatureRow]:
    rows = []
    for signature in model.signatures:
        in_range = 0 <= signature.subgraph < len(model.subgraphs)
        tensors = model.subgraphs[signature.subgraph].tensors if in_range else ()
        sides = [
            {name: tensors[i].name for name, i in side.items() if 0 <= i < len(tensors)}
            for side in (signature.inputs, signature.outputs)
        ]
        rows.append(SignatureRow(signature.key, *sides))
    return rows


def described_model(model: TFLiteModel) -> DescribedModel | None:
    """What the metadata say of a model; None where it has none.

    Example:
        >>> described_model(open_model("fixtures/quant/model.tflite")) is None
        True
    """
    try:
        metadata = model_metadata(model)
        files = {name: len(raw) for name, raw in associated_files(model).items()}
    except GraphtoolsError as error:
        return DescribedModel(problem=error.message)
    if metadata is None:
        return DescribedModel(files=files) if files else None
    graphs: Any = metadata.get("subgraph_metadata") or [{}]
    inputs = map(_described, graphs[0].get("input_tensor_metadata", ()))
    outputs = map(_described, graphs[0].get("output_tensor_metadata", ()))
    return DescribedModel(
        str(metadata.get("name", "")),
        str(metadata.get("description", "")),
        str(metadata.get("version", "")),
        str(metadata.get("author", "")),
        str(metadata.get("license", "")),
        tuple(inputs),
        tuple(outputs),
        files,
    )


def _described(tensor: Mapping[str, Any]) -> DescribedPort:
    content = tensor.get("content") or {}
    properties = content.get("content_properties") or {}
    kind = [content.get("content_properties_type", ""), properties.get("color_space", "")]
    units = tensor.get("process_units", ())
    steps = (u["options"] for u in units if u.get("options_type") == "NormalizationOptions")
    found = next(steps, None) or {}
    mean, std = found.get("mean") or [], found.get("std") or []
    return DescribedPort(
        str(tensor.get("name", "")),
        str(tensor.get("description", "")),
        " ".join(str(part) for part in kind if part),
        f"(x - {_numbers(mean)}) / {_numbers(std)}" if mean and std else "",
        {str(f.get("name")): str(f.get("type", "")) for f in tensor.get("associated_files", ())},
    )


def _numbers(values: list[float]) -> str:
    shown = [f"{value:g}" for value in values]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


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
