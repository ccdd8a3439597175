"""cast_to_float16."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, DType, dtype
from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import topological_order
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.batch_norm import FUSED
from graphtools.ops.definitions import attribute_value, input_dtypes, output_dtypes
from graphtools.ops.handing_on import SAME_TENSOR
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform

#: Ops whose attribute T may be half, of which TensorFlow 1.15 and 2.21 have kernels for the CPU.
_COMPUTES = frozenset(
    "Conv2D DepthwiseConv2dNative Conv2DBackpropInput MatMul BatchMatMul BatchMatMulV2 BiasAdd"
    " MaxPool AvgPool Relu Relu6 Elu Selu LeakyRelu Softplus Softmax LRN Mean Sum Max Min Add AddV2"
    " Sub Mul RealDiv Maximum Minimum SquaredDifference Square Sqrt Rsqrt Exp Log Tanh Sigmoid Neg"
    " Abs AddN ResizeNearestNeighbor".split()
) | (FUSED - {"FusedBatchNorm"})
#: Ops that only move values, and that are half where what they move is.
_MOVES = SAME_TENSOR | frozenset(
    "Reshape Squeeze ExpandDims Transpose Slice StridedSlice ConcatV2 Pack Unpack Split"
    " SplitV Pad PadV2 MirrorPad Tile SpaceToBatchND BatchToSpaceND SpaceToDepth DepthToSpace"
    " GatherV2".split()
)
#: Ops of layers with weights, and what chooses among boxes that were computed of what these give.
_LAYERS = frozenset({"Conv2D", "DepthwiseConv2dNative", "MatMul"})
_SUPPRESSES = "NonMaxSuppression"
_HALF = dtype("float16")
_LARGEST = 65504.0
#: A constant of so few values is one that is chosen, as an epsilon: none of them may become 0.
_FEW = 16


class _Half(NamedTuple):
    """A node that is to compute in half, and which of its inputs and outputs are so then."""

    node: Node
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def run(graph: Graph, job: Job) -> None:
    """Let what can compute in float16."""
    check_names(graph)
    halves: dict[str, _Half] = {}
    exact = _around_suppression(graph)
    for node in topological_order(graph):
        found = _half(node, halves) if node.name not in exact else None
        reason = _reason(graph, node, found, job) if found else ""
        if reason:
            job.skip(node.name, reason)
        elif found:
            halves[node.name] = found
    if not halves:
        job.note("no node can compute in float16")
        return
    _rewrite(graph, halves, job)
    job.note("values that are computed and are beyond 65504 become infinite: compare the outputs")


def _around_suppression(graph: Graph) -> set[str]:
    """What a suppression of boxes needs, from the last layers on, and what it gives.

    Half tells boxes that overlap as much as the threshold from those that do not no more, and other
    boxes are found.
    """
    starts = [node.name for node in graph if _SUPPRESSES in node.op]
    layers = {node.name for node in graph if node.op in _LAYERS}
    behind = reach(starts, lambda name: (reader.name for reader in graph.consumers(name)))
    return (ancestors_of(graph, starts, ends=layers) - layers) | set(behind)


def _half(node: Node, halves: Mapping[str, _Half]) -> _Half | None:
    """The node in half, None for one that stays as it is."""
    if node.op not in _COMPUTES | _MOVES or attribute_value(node, "T") is not FLOAT32:
        return None
    before, twin = node, node.variant(attrs={"T": _HALF})
    sides = []
    for dtypes in (input_dtypes, output_dtypes):
        was, now = dtypes(before), dtypes(twin)
        if was is None or now is None:
            return None
        sides.append(tuple(i for i, (a, b) in enumerate(zip(was, now, strict=True)) if a is not b))
    if len(before.data_inputs) != len(input_dtypes(before) or ()):
        return None
    if node.op in _MOVES:
        moved = [Ref.parse(before.data_inputs[i]) for i in sides[0]]
        if not any(r.node in halves and r.index in halves[r.node].outputs for r in moved):
            return None
    return _Half(node, *sides)


def _reason(graph: Graph, node: Node, found: _Half, job: Job) -> str:
    """Why a node cannot be half; empty if it can."""
    is_end = job.is_kept(node.name) or not graph.is_read(node.name)
    if is_end and len(output_dtypes(node) or ()) != 1:
        return "it is an output, and gives several tensors"
    for position in found.inputs:
        value = _constant(graph, node.data_inputs[position])
        problem = _misfit(value) if value is not None else ""
        if problem:
            return f"its constant {node.data_inputs[position]!r} {problem}"
    return ""


def _constant(graph: Graph, text: str) -> Tensor | None:
    node = graph.get(Ref.parse(text).node)
    return node.tensor if node is not None and node.tensor is not None else None


def _misfit(value: Tensor) -> str:
    """What half would make of a constant; empty if nothing bad."""
    import numpy as np

    values = value.array()
    finite = np.abs(values[np.isfinite(values)])
    if finite.size and finite.max() > _LARGEST:
        return f"holds {finite.max():g}, which is beyond {_LARGEST:g}"
    with np.errstate(under="ignore"):
        lost = (values != 0) & (values.astype(np.float16) == 0)
    if values.size <= _FEW and lost.any():
        return f"holds {values[lost].flat[0]:g}, which would be 0"
    return ""


def _rewrite(graph: Graph, halves: Mapping[str, _Half], job: Job) -> None:
    """Give nodes the type half, with a Cast wherever types part; ends keep name and type."""
    ends = {
        name: graph.free_name(f"{name}/half")
        for name in halves
        if job.is_kept(name) or not graph.is_read(name)
    }
    casts: dict[tuple[Ref, DType], str] = {}
    for reader in list(graph):
        wanted = halves[reader.name].inputs if reader.name in halves else ()
        inputs = list(reader.inputs)
        for position, text in enumerate(reader.data_inputs):
            ref = Ref.parse(text)
            is_half = ref.node in halves and ref.index in halves[ref.node].outputs
            if is_half and ref.node in ends:
                inputs[position] = ends[ref.node] if position in wanted else text
            elif is_half != (position in wanted):
                key = ref, FLOAT32 if is_half else _HALF
                if key not in casts:
                    casts[key] = _cast(graph, *key)
                inputs[position] = casts[key]
        graph.set_inputs(reader, inputs)
    for name, half in halves.items():
        if name in ends:
            twin = half.node.variant(name=ends[name], attrs={"T": _HALF})
            attrs: dict[str, Attr] = {"SrcT": _HALF, "DstT": FLOAT32}
            graph.replace(half.node, [twin, Node(name, "Cast", [twin.name], attrs, twin.device)])
        else:
            graph.set_attr(half.node, "T", _HALF)
    for node in [graph[ref.node] for ref, kind in casts if kind is _HALF]:
        if node.op == "Const" and not (graph.is_read(node.name) or job.is_kept(node.name)):
            graph.remove(node)


def _cast(graph: Graph, ref: Ref, kind: DType) -> str:
    """A tensor in another type: a Cast, or another constant."""
    node = graph[ref.node]
    name = graph.free_name(f"{ref.node}/to_{kind.name}")
    if node.tensor is not None:
        value = Tensor.from_array(node.tensor.array().astype("float16"), kind)
        made = node.variant(
            name=name, attrs={"dtype": kind, "value": value, "_output_shapes": None}
        )
    else:
        attrs: dict[str, Attr] = {"SrcT": _HALF if kind is FLOAT32 else FLOAT32, "DstT": kind}
        made = Node(name, "Cast", [str(ref)], attrs, node.device)
    graph.add(made)
    return name


TRANSFORM = Transform(
    "cast_to_float16",
    run,
    """Let what can compute in float16, with weights of half the size; inputs and outputs stay.

    Ops that have no half (resizing, TensorArrays, FakeQuants, variables, old batch norms) go on in
    float32, with a Cast in between; so do nodes of which a constant is beyond 65504, or is so small
    that it would be 0, and all around a NonMaxSuppression behind the last layer with weights.
    Scale, offset, mean and variance of a batch norm stay float32. The functions of the library are
    left as they are. Results differ by rounding: compare them. For weights of half size that
    compute in float32, see convert --quantize float16.
    """,
    "cast_to_float16",
    aliases=("convert_to_float16", "float16", "half"),
    keeps_meaning=False,
)
