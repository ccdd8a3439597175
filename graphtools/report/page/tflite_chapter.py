"""What a page says of a TFLite model: its operators as a graph, weights, quantization."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.analysis.model_costs import CostRow
from graphtools.analysis.tflite_costs import node_names, operator_rows
from graphtools.formats.tflite.model import TFLiteModel, TFLiteTensor
from graphtools.graph.graph import Graph
from graphtools.report.document import Table
from graphtools.report.html import fill, render_html
from graphtools.report.page.assemble import Section

_LIMITS = {"uint8": (0, 255), "int8": (-128, 127), "int16": (-32768, 32767)}


def rows_of_nodes(model: TFLiteModel, graph: Graph) -> list[CostRow]:
    """What the nodes of a model's graph cost."""
    return [row for row, _ in operator_rows(model, node_names(graph))]


def tflite_sections(model: TFLiteModel) -> list[Section]:
    """Operators in their order, what stored integers mean, and shapes known when it runs only."""
    operators: list[Sequence[str]] = []
    quantized: list[Sequence[str]] = []
    dynamic: list[Sequence[str]] = []
    for number, subgraph in enumerate(model.subgraphs):
        tensors = subgraph.tensors
        prefix = f"{number}:" if len(model.subgraphs) > 1 else ""
        computed = {i for op in subgraph.operators for i in op.outputs} | {*subgraph.inputs}
        for op in subgraph.operators:
            gives = ", ".join(_described(tensors[i]) for i in op.outputs if i >= 0)
            reads = ", ".join(_short_name(tensors[i]) for i in op.inputs if i >= 0)
            operators.append((f"{prefix}{op.index}", op.op, f"{op.version}", gives, reads))
        for tensor in tensors:
            if tensor.quantization is not None and tensor.quantization.scale:
                quantized.append(_quantization_row(tensor))
            if tensor.index in computed and tensor.shape_signature.elements is None:
                shown = (_short_name(tensor), tensor.dtype, str(tensor.shape_signature))
                dynamic.append((*shown, str(tensor.shape)))
    columns = ("number", "operator", "version", "gives", "reads")
    body = render_html([Table(columns, operators, (0, 2))])
    sections = [Section("Operators in order", body, str(len(operators)))]
    if dynamic:
        kept = ("tensor", "dtype", "shape", "memory is planned for")
        body = render_html([Table(kept, dynamic)])
        sections.append(Section("Dynamic tensors", body, str(len(dynamic))))
    if quantized:
        meant = ("tensor", "dtype", "shape", "scale", "zero point", "range")
        body = render_html([Table(meant, quantized, (3, 4))])
        sections.append(Section("Quantization", body, str(len(quantized))))
    return sections


def areas_section() -> Section:
    """The areas of what has bytes, which the script draws."""
    return Section("Where the bytes are", fill("shown.html", source="costs", remark=""))


def _described(tensor: TFLiteTensor) -> str:
    return f"{_short_name(tensor)} {tensor.dtype} {tensor.shape_signature}"


def _short_name(tensor: TFLiteTensor) -> str:
    """The name of a tensor; of a fused one, which has the names of all that it was, the first."""
    first, more, _ = tensor.name.partition(";")
    return f"{first};…" if more else first


def _quantization_row(tensor: TFLiteTensor) -> Sequence[str]:
    q = tensor.quantization
    assert q is not None
    if len(q.scale) > 1:
        scale = f"{min(q.scale):.4g} to {max(q.scale):.4g}, {len(q.scale)} channels"
        return (tensor.name, tensor.dtype, str(tensor.shape), scale, "", "")
    zero = q.zero_point[0] if q.zero_point else 0
    limits = _LIMITS.get(tensor.dtype)
    span = " to ".join(f"{(limit - zero) * q.scale[0]:.4g}" for limit in limits) if limits else ""
    return (tensor.name, tensor.dtype, str(tensor.shape), f"{q.scale[0]:.6g}", f"{zero}", span)
