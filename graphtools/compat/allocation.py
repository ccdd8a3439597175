"""What converts to TFLite and is then refused by an interpreter: `allocation_problems`.

An interpreter sizes all tensors before the first run, unknown dimensions as 1 and a tensor of
unknown rank as a scalar; kernels that cannot be then refuse the model. Source: the outcomes of
`allocate_tensors()` for some thousand converted graphs, and the checks in TFLite's kernels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from graphtools.compat.dilation import dilation_of
from graphtools.compat.kernel_checks import SIZED, state_shape
from graphtools.compat.verdict import Blocker
from graphtools.front_end import param
from graphtools.graph.following import reach
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.call import Call
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.dims import Dims, is_known
from graphtools.ops.inference import Inference, infer_shapes

#: By op, the inputs whose rank the kernel has to know.
_WANTS_RANK: dict[str, tuple[int, ...]] = dict.fromkeys(
    """
    ArgMax ArgMin BatchToSpace BatchToSpaceND Conv3D Cumsum DepthToSpace Gather GatherNd
    GatherV2 LRN MatMul MatrixSetDiag MirrorPad ResizeBilinear
    ResizeNearestNeighbor ReverseV2 ScatterNd Slice Softmax SpaceToBatch SpaceToBatchND SpaceToDepth
    SplitV TensorScatterAdd Tile TopKV2 Transpose Unique Unpack
    """.split(),
    (0,),
) | {
    "BatchMatMul": (0, 1),
    "BatchMatMulV2": (0, 1),
    "Concat": (1,),
    "ConcatV2": (0,),
    "Conv2DBackpropInput": (2,),
    "Split": (1,),
}
#: By op, the inputs that tell the size of the result: if one is computed, this is known late.
_SIZED_BY: dict[str, tuple[int, ...]] = {
    **dict.fromkeys("Tile Pad PadV2 MirrorPad TopKV2".split(), (1,)),
    **dict.fromkeys("ResizeBilinear ResizeNearestNeighbor".split(), (1,)),
    "Slice": (1, 2),
    "Conv2DBackpropInput": (0,),
}
#: Ops whose kernels compute sizes before the model runs.
_AT_ONCE = FROM_SHAPES | {"Reshape", "ConcatV2", "Mul", "Pack"}
#: Ops whose result is as large as the values of their input say.
_BY_VALUES = frozenset({"Where", "Unique"})
#: By op, the most dimensions that its kernel takes, with the delegate that is on by default.
_MOST_DIMENSIONS = {"Concat": 6, "ConcatV2": 6, "Mean": 6, "Softmax": 6, "Sum": 6}
_BITS = 8
_UNRANKED = "the rank of its input is not known, and is taken for 0"


def allocation_problems(
    inference: Inference, nodes: Iterable[Node], fed: Iterable[str] = ()
) -> Iterator[Blocker]:
    """The nodes whose operators an interpreter refuses.

    Args:
        inference: The inferred shapes of the graph.
        nodes: The nodes that are left in the model.
        fed: Names of the nodes that are inputs, beside placeholders.
    """
    inputs = _inputs(inference, frozenset(fed))
    is_stated = all(is_known(dims) for dims in inputs.values())
    left = list(nodes)
    needed = {node.name for node in left}
    ends = (n for n in left if n.op == "BatchToSpaceND")
    merged = [d for end in ends if (d := dilation_of(inference, end, needed))]
    gone = {node.name for d in merged for node in (d.start, d.end)}
    windows = {d.convolution.name for d in merged}
    # what comes of an input of unknown rank is told by what a scalar in its place gives
    sized = _sized(inference, inputs) if None in inputs.values() else None
    late: set[str] = set()
    for node in left:
        if node.name in gone:
            continue
        call = inference.call(node)
        found = _problem(node, call)
        if _is_late(inference, node, late):
            late.add(node.name)
        elif sized is not None and _lacks_rank(node, call, sized.call(node)):
            found = _UNRANKED, state_shape()
        elif found is None and node.op in SIZED and call.inputs and node.name not in windows:
            sized = sized or _sized(inference, inputs)
            found = SIZED[node.op](node, sized.call(node))
        if found:
            reason, remedy = found
            if remedy == state_shape() and is_stated:
                remedy = f"cut the graph before it: {param('outputs')}"
            yield Blocker(node.name, node.op, reason, "allocation", remedy)


def _is_late(inference: Inference, node: Node, late: Collection[str]) -> bool:
    """Whether an operator is sized while the model runs, as what it reads may be.

    Args:
        inference: The inferred shapes of the graph.
        node: The node.
        late: Names of those nodes before it that are sized so late.
    """
    if any(producer(text) in late for text in node.data_inputs):
        return True
    if node.op in _BY_VALUES:
        return True
    if node.op not in _SIZED_BY:
        return False
    data, is_constant = node.data_inputs, inference.constness.is_constant

    def computed_from(name: str) -> list[str]:
        source = inference.graph.get(name)
        if source is None or is_constant(name) or source.op in FROM_SHAPES:
            return []
        return [producer(text) for text in source.data_inputs]

    sizes = [producer(data[i]) for i in _SIZED_BY[node.op] if i < len(data)]
    found = [inference.graph.get(name) for name in reach(sizes, computed_from)]
    return any(n is None or not (n.op in _AT_ONCE or is_constant(n.name)) for n in found)


def _inputs(inference: Inference, fed: Collection[str]) -> Mapping[str, Dims]:
    """The shapes of the inputs, by tensor; and of transposed convolutions, whose batch is that of
    their image, whatever shape they are asked for.
    """
    found: dict[str, Dims] = {}
    for node in inference.graph:
        if node.name in fed or node.op.startswith("Placeholder"):
            for index, dims in enumerate(inference.shapes(node.name)):
                found[Ref(node.name, index).tensor] = dims
        elif node.op == "Conv2DBackpropInput":
            image, dims = inference.call(node).inputs[-1:], inference.dims(node.name)
            if dims and image and image[0] and image[0][0] is None:
                found[Ref(node.name).tensor] = (None, *dims[1:])
    return found


def _sized(inference: Inference, inputs: Mapping[str, Dims]) -> Inference:
    """Shapes with the sizes that an interpreter begins with: what is unknown of inputs is 1."""
    begun = {
        tensor: Shape([d or 1 for d in dims or ()])
        for tensor, dims in inputs.items()
        if dims is None or None in dims
    }
    return infer_shapes(inference.graph, begun) if begun else inference


def _lacks_rank(node: Node, call: Call, sized: Call) -> bool:
    """Whether the kernel has to know a rank that is not known, and is 0 before the first run."""
    lost = [a is None and not b for a, b in zip(call.inputs, sized.inputs, strict=True)]
    if node.op in ("AvgPool", "MaxPool"):
        window = call.attr("ksize"), call.attr("strides")  # one of 1 by 1 vanishes
        return bool(lost and lost[0]) and window != ([1] * 4, [1] * 4)
    if any(lost[position] for position in _WANTS_RANK.get(node.op, ()) if position < len(lost)):
        return True
    if not lost or not lost[0]:
        return False
    if node.op in ("Max", "Mean", "Sum"):  # the only axis of a scalar is taken
        axes = call.integers(1)
        return axes is not None and not set(axes.items) <= {0, -1, None}
    if node.op == "StridedSlice":  # that of a plain SLICE only
        strides = call.integers(3)
        plain = strides is not None and set(strides.items) == {1}
        return plain and not any(call.attr(f"{name}_mask") for name in _MASKS)
    if node.op == "Squeeze":
        return bool(call.attr("squeeze_dims"))
    return node.op == "BiasAdd" and call.attr("data_format") == b"NCHW"


def _problem(node: Node, call: Call) -> tuple[str, str] | None:
    most = _MOST_DIMENSIONS.get(node.op)
    if most is not None and call.inputs:
        rank = max([len(dims) for dims in call.inputs if dims is not None], default=0)
        if rank > most:
            return (
                f"rank {rank}: its kernel takes up to {most} dimensions",
                "put dimensions together",
            )
    if node.op in ("ArgMax", "ArgMin") and call.inputs and call.inputs[0] == ():
        return "its input is a scalar", "give it a dimension"
    if node.op in FAKE_QUANTS:
        bits = call.attr("num_bits")
        if isinstance(bits, int) and bits > _BITS:
            return f"num_bits={bits}: the kernels take up to eight bits", "train with num_bits=8"
    return None


_MASKS = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
