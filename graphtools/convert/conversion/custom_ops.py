"""Definitions of custom ops, which the converter wants to know before it reads the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.front_end import param
from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.dtypes import FLOAT32, DType
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import op_definition
from graphtools.ops.inference import Inference

#: The custom op that the converter knows by itself.
POSTPROCESS = "TFLite_Detection_PostProcess"


def custom_op_definitions(asked: ConverterInput, options: ConversionOptions) -> tuple[str, ...]:
    """OpDefs in protobuf's text format of the ops that TensorFlow does not know.

    What stands in the options comes first; for other ops a definition is made from the node.

    Raises:
        ConversionBlocked: There are such ops, and custom ops are not allowed.
    """
    functions = asked.graph.functions
    unknown: dict[str, Node] = {}
    for node in asked.graph:
        if node.op not in functions and op_definition(node.op) is None:
            unknown.setdefault(node.op, node)
    nodes = [n for n in asked.graph if n.op in unknown]
    if nodes and not options.allow_custom_ops:
        allowed = param(allow_custom_ops=True)
        cure = f"{allowed}; LiteRT has it"  # of the postprocessing
        blockers = [
            Blocker(
                n.name,
                n.op,
                "a custom op"
                if n.op == POSTPROCESS
                else "TensorFlow has no such op: it can only be a custom op",
                "custom",
                cure if n.op == POSTPROCESS else f"{allowed}, and register it in the app",
            )
            for n in nodes
        ]
        raise ConversionBlocked(
            f"{nodes[0].name!r} is a custom op, {nodes[0].op}",
            f"keep it as one: {cure if nodes[0].op == POSTPROCESS else allowed}",
            blockers,
        )
    given = [text for text in options.op_definitions if text.strip()]
    stated = {op for op in unknown if any(f'"{op}"' in t or f"'{op}'" in t for t in given)}
    made = [
        _definition(node, asked)
        for op, node in unknown.items()
        if op != POSTPROCESS and op not in stated
    ]
    return (*given, *made)


def _definition(node: Node, asked: ConverterInput) -> str:
    """An OpDef that fits a node: inputs and outputs with fixed types, attributes by their kind."""
    parts = [f'name: "{node.op}"']
    for number, text in enumerate(node.data_inputs):
        ref = Ref.parse(text)
        kind = asked.inference.dtype(ref.node, ref.index)
        parts.append(_argument("input_arg", f"input{number}", kind))
    for number, kind in enumerate(_output_types(node, asked)):
        parts.append(_argument("output_arg", f"output{number}", kind))
    for name, value in node.attrs.items():
        kind_name = _attribute_type(value)
        if not name.startswith("_") and kind_name:
            parts.append(f'attr {{ name: "{name}" type: "{kind_name}" }}')
    return " ".join(parts)


def _argument(kind: str, name: str, dtype: DType | None) -> str:
    return f'{kind} {{ name: "{name}" type: {(dtype or FLOAT32).base.proto_name} }}'


def _output_types(node: Node, asked: ConverterInput) -> list[DType | None]:
    """Types of the outputs: those that the node states, else as many as are read.

    The type of one that is read follows from the reader, and is that of the first input otherwise.
    """
    stated = node.attr("_output_types")
    if isinstance(stated, list) and stated and all(isinstance(s, DType) for s in stated):
        return [s for s in stated if isinstance(s, DType)]
    wanted = [Ref.parse(t).index for t in asked.outputs if Ref.parse(t).node == node.name]
    readers = list(_read_types(node, asked))
    count = max([*wanted, *(index for index, _ in readers)], default=0) + 1
    found: list[DType | None] = [None] * count
    for index, kind in readers:
        found[index] = found[index] or kind
    default = _input_type(node, asked.inference)
    return [kind or default for kind in found]


def _read_types(node: Node, asked: ConverterInput) -> Iterator[tuple[int, DType | None]]:
    """By reader, the number of the output that it reads, and the type it takes."""
    for reader in asked.graph.consumers(node.name):
        kind = reader.attr("T") or reader.attr("SrcT")
        for text in reader.data_inputs:
            ref = Ref.parse(text)
            if ref.node == node.name:
                yield ref.index, kind if isinstance(kind, DType) else None


def _input_type(node: Node, inference: Inference) -> DType | None:
    if not node.data_inputs:
        return None
    ref = Ref.parse(node.data_inputs[0])
    return inference.dtype(ref.node, ref.index)


def _attribute_type(value: Attr | Sequence[Attr]) -> str:
    """What an OpDef calls the type of an attribute with some value; empty for none that it has."""
    if isinstance(value, list):
        inner = _attribute_type(value[0]) if value else "int"
        return f"list({inner})" if inner else ""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        ((bytes, str), "string"),
        (DType, "type"),
        (Shape, "shape"),
        (Tensor, "tensor"),
        (FunctionRef, "func"),
    )
    return next((name for types, name in kinds if isinstance(value, types)), "")
