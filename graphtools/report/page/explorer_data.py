"""What the script of a page needs of a graph: its nodes. For the form see script/scopes.js."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.analysis.graph_view import TELLING, describe_tensor, hanging_constants, weight_of
from graphtools.analysis.histogram import value_histogram
from graphtools.analysis.model_costs import CostRow
from graphtools.analysis.op_families import family_of
from graphtools.analysis.statistics import preview
from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.tflite.values import real_values
from graphtools.graph.attributes import describe_attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.ops.inference import Inference
from graphtools.report.document import size
from graphtools.report.drawing.style import FAMILY_FILLS, SEVERITY_FILLS, SIZE_FILLS
from graphtools.wording import printable

#: Constants of at least so many elements have a histogram, the largest first, at most so many.
_LEAST_ELEMENTS, _MOST_HISTOGRAMS = 16, 4000
#: Of values that are larger in all, nothing is read.
_MOST_VALUE_BYTES = 1 << 27
#: Stored integers become real values up to this number.
_MOST_REAL_VALUES = 1 << 24
#: Attributes that say nothing of a node, or that are said elsewhere.
_UNSHOWN = frozenset({"_output_shapes", "value"})
_LONGEST = 120
#: What nodes of a TFLite model have, and what their outputs say already.
_OF_TFLITE = "_tensors"
_SAID_OF_TENSORS = frozenset({"_output_types", "dtype", "shape"})


def explorer_data(
    graph: Graph,
    inference: Inference,
    findings: Mapping[str, Sequence[tuple[str, str]]] | None,
    costs: Sequence[CostRow],
) -> dict[str, Any]:
    """What the script shows of a graph.

    Args:
        graph: The graph.
        inference: Its shapes.
        findings: By node, severity and text of what lint has found; None if it was not asked.
        costs: Parameters, bytes and the like by node.
    """
    nodes = graph.nodes
    number = {node.name: n for n, node in reversed(list(enumerate(nodes)))}
    hung = hanging_constants(graph, nodes)
    ops = list(dict.fromkeys(node.op for node in nodes))
    op_number = {op: n for n, op in enumerate(ops)}
    histograms = _with_histograms(nodes)
    rows = [
        [
            printable(node.name),
            op_number[node.op],
            _inputs(node, number),
            _outputs(node, inference),
            _attributes(node),
            _constant(node, node.name in histograms),
            number[hung[node.name].name] if node.name in hung else -1,
        ]
        for node in nodes
    ]
    data: dict[str, Any] = {
        "nodes": rows,
        "ops": [(op, family_of(op)) for op in ops],
        "fills": FAMILY_FILLS,
        "telling": TELLING,
        "severities": SEVERITY_FILLS,
        "sizes": SIZE_FILLS,
        "costs": {
            number[row.name]: [row.parameters, row.parameter_bytes, row.macs]
            for row in costs
            if row.name in number
        },
    }
    if findings is not None:
        worst = list(SEVERITY_FILLS)
        data["marks"] = {
            number[name]: [
                min((severity for severity, _ in found), key=worst.index),
                *(_shortened(text, 400) for _, text in found),
            ]
            for name, found in findings.items()
            if name in number
        }
    return data


def costs_data(graph: Graph, costs: Sequence[CostRow]) -> dict[str, Any]:
    """What the script shows as nested rectangles: the same rows, for a page with the graph."""
    number = {node.name: n for n, node in reversed(list(enumerate(graph.nodes)))}
    return {
        "measures": ["parameters", "bytes", "multiply-accumulates"],
        "rows": [
            [number[r.name], r.parameters, r.parameter_bytes, r.macs]
            for r in costs
            if r.name in number and (r.parameters or r.macs)
        ],
    }


def _outputs(node: Node, inference: Inference) -> list[str]:
    kinds, shapes = inference.dtypes(node.name), inference.shapes(node.name)
    dynamic = ", dynamic" if _OF_TFLITE in node.attrs else ""  # of TensorFlow's, most are
    return [
        describe_tensor(kind, dims) + (dynamic if dims is None or None in dims else "")
        for kind, dims in zip(kinds, shapes, strict=False)
    ]


def _attributes(node: Node) -> list[tuple[str, str]]:
    unshown = _UNSHOWN if _OF_TFLITE not in node.attrs else _UNSHOWN | _SAID_OF_TENSORS
    found = [
        (key.lstrip("_"), _shortened(describe_attr(value, _LONGEST)))
        for key, value in node.attrs.items()
        if key not in unshown
    ]
    if node.device:
        found.append(("device", _shortened(node.device)))
    return found


def _inputs(node: Node, number: Mapping[str, int]) -> list[int | str]:
    found: list[int | str] = []
    for text in node.inputs:
        ref = Ref.parse(text)
        found += [number.get(ref.node, printable(ref.node)), -1 if ref.is_control else ref.index]
    return found


def _with_histograms(nodes: Sequence[Node]) -> set[str]:
    """Names of the constants that get a histogram: the largest, as far as reading them is quick."""
    sized = []
    for node in nodes:
        tensor = node.tensor if node.op == "Const" else None
        if tensor is not None and (tensor.shape.elements or 0) >= _LEAST_ELEMENTS:
            sized.append((tensor.nbytes, node.name))
    chosen: set[str] = set()
    left = _MOST_VALUE_BYTES
    for nbytes, name in sorted(sized, reverse=True)[:_MOST_HISTOGRAMS]:
        if nbytes <= left:
            left -= nbytes
            chosen.add(name)
    return chosen


def _constant(node: Node, with_histogram: bool) -> dict[str, Any] | None:
    tensor = node.tensor if node.op == "Const" else None
    if tensor is None:
        return None
    text = describe_tensor(tensor.dtype, tensor.shape.dims)
    told = {"text": text, "short": _shortened(weight_of(node).text)}
    if tensor.shape.elements is None or not (
        with_histogram or tensor.nbytes <= 1024  # whatever is small is read
    ):
        return {**told, "facts": [("bytes", size(tensor.nbytes))]}
    return told | _values(node, tensor, with_histogram)


def _values(node: Node, tensor: Tensor, with_histogram: bool) -> dict[str, Any]:
    """What is shown of the values of a tensor: the first ones, range, histogram.

    Of stored integers that stand for real values, the histogram is of these.
    """
    try:
        array = tensor.array()
        facts = [("values", _shortened(preview(array))), ("bytes", size(tensor.nbytes))]
        attrs: Mapping[str, Any] = node.attrs if _OF_TFLITE in node.attrs else {}
        if attrs.get("scale") and array.dtype.kind in "iu" and array.size <= _MOST_REAL_VALUES:
            zero, dimension = attrs.get("zero_point", ()), attrs.get("quantized_dimension", 0)
            array = real_values(array, attrs["scale"], zero, dimension)
            facts.insert(0, ("real values", _shortened(preview(array))))
    except (Damaged, InvalidValue) as error:
        return {"facts": [("values", error.message)]}
    histogram = value_histogram(array) if with_histogram else None
    if histogram is None:
        return {"facts": facts}
    if histogram.not_finite:
        facts.append(("NaN or infinite", f"{histogram.not_finite:,}"))
    if histogram.sampled:
        facts.append(("counted", f"{sum(histogram.counts):,} of {array.size:,}"))
    return {
        "facts": facts,
        "bins": histogram.counts,
        "range": [f"{histogram.low:.6g}", f"{histogram.high:.6g}"],
    }


def _shortened(text: str, longest: int = _LONGEST) -> str:
    text = printable(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
