"""What converts to TFLite and is then refused by an interpreter: `allocation_problems`.

An interpreter sizes all tensors before the first run, unknown dimensions as 1 and a tensor of
unknown rank as a scalar; kernels that cannot be then refuse the model. Source: the outcomes of
`allocate_tensors()` for some thousand converted graphs, and the checks in TFLite's kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from graphtools.compat.dilation import dilation_of
from graphtools.compat.verdict import Blocker
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.call import Call
from graphtools.ops.dims import Dims, elements
from graphtools.ops.inference import Inference, infer_shapes

#: By op, the inputs whose rank the kernel has to know.
_WANTS_RANK: dict[str, tuple[int, ...]] = dict.fromkeys(
    """
    ArgMax ArgMin BatchToSpace BatchToSpaceND Conv3D Cumsum DepthToSpace Gather GatherNd
    GatherV2 LRN MatMul MatrixSetDiag MaxPool MirrorPad ResizeBilinear
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
#: By op, the most dimensions that its kernel takes, with the delegate that is on by default.
_MOST_DIMENSIONS = {"Concat": 6, "ConcatV2": 6, "Mean": 6, "Softmax": 6, "Sum": 6}
_BITS = 8
_STATE_SHAPE = "state the shape of the input: --input-shape"
_UNRANKED = "the rank of its input is not known, and is taken for 0", _STATE_SHAPE


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
    left = list(nodes)
    needed = {node.name for node in left}
    ends = (n for n in left if n.op == "BatchToSpaceND")
    merged = [d for end in ends if (d := dilation_of(inference, end, needed))]
    gone = {node.name for d in merged for node in (d.start, d.end)}
    # what comes of an input of unknown rank is told by what a scalar in its place gives
    sized = _sized(inference, inputs) if None in inputs.values() else None
    for node in left:
        if node.name in gone:
            continue
        call = inference.call(node)
        found = _problem(node, call)
        if sized is not None and _lacks_rank(node, call, sized.call(node)):
            found = _UNRANKED
        if found is None and node.op in _SIZED and call.inputs:
            sized = sized or _sized(inference, inputs)
            found = _SIZED[node.op](node, sized.call(node))
        if found:
            reason, remedy = found
            yield Blocker(node.name, node.op, reason, "allocation", remedy)


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


def _block_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why what moves blocks is refused: where the extent it divides is not divided by them.

    Args:
        node: The node.
        call: It with the sizes that an interpreter begins with.
    """
    dims = call.inputs[0]
    blocks, margins = _blocks(node, call, None if dims is None else len(dims))
    if dims is None or blocks is None:
        return None
    if node.op.endswith("ND") and len(dims) in (3, 4) and len(blocks) != len(dims) - 2:
        reason = f"its block_shape has {len(blocks)} entries for {len(dims) - 2} spatial dimensions"
        return reason, "convert to NHWC: graphtools transform FILE -o OUT --transforms to_nhwc"
    if len(blocks) != len(dims) - 2:
        return None
    area = math.prod(blocks)
    if node.op == "DepthToSpace":
        divided = [(dims[-1], area)]
    elif node.op.startswith("Batch"):
        divided = [(dims[0], area)]
    else:
        sides = zip(dims[1:-1], margins, strict=True)
        padded = [None if size is None else size + margin for size, margin in sides]
        divided = list(zip(padded, blocks, strict=True))
    if any(size is not None and size % block for size, block in divided):
        return "the extent it divides is not known, and is taken for 1", _STATE_SHAPE
    if node.op.startswith("Batch"):
        cropped = zip(dims[1:-1], blocks, margins, strict=True)
        if any(size is not None and size * block < margin for size, block, margin in cropped):
            return "the extent it crops is not known, and is taken for 1", _STATE_SHAPE
    return None


def _blocks(node: Node, call: Call, rank: int | None) -> tuple[Sequence[int] | None, Sequence[int]]:
    """The sizes of blocks along the spatial dimensions, and how much is padded or cropped there."""
    if not node.op.endswith("ND"):
        size = call.attr("block_size")
        if not isinstance(size, int) or size < 1 or rank != 4:
            return None, ()
        return [size, size], [0, 0]
    blocks, margins = call.integers(1), call.integers(2)
    if blocks is None or margins is None or None in blocks.items or None in margins.items:
        return None, ()
    sizes = [b for b in blocks.items if b]
    ends = [m for m in margins.items if m is not None]
    return sizes, [a + b for a, b in zip(ends[::2], ends[1::2], strict=True)]


def _unpack_problem(node: Node, call: Call) -> tuple[str, str] | None:
    dims, axis, number = call.inputs[0], call.attr("axis"), call.attr("num")
    if dims is None or not isinstance(axis, int) or not -len(dims) <= axis < len(dims):
        return None
    if dims[axis] not in (None, number):
        return "the extent it unpacks is not known, and is taken for 1", _STATE_SHAPE
    return None


def _reshape_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why a Reshape to a constant shape is refused: its input is smaller before the first run."""
    target = call.integers(1) if len(call.inputs) == 2 else None
    if target is None or any(size is None or size < 0 for size in target.items):
        return None
    dims = call.inputs[0]
    if dims is None or None in dims or elements(dims) == elements(target.items):
        return None
    return "the size of its input is not known, and its result is of a constant one", _STATE_SHAPE


def _channel_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why a transposed convolution is refused: its image has other channels than its filters."""
    if len(call.inputs) < 3:
        return None
    dims, weights = call.inputs[2], call.inputs[1]
    if not dims or not weights or len(dims) != 4:
        return None
    channels = dims[1] if call.attr("data_format") == b"NCHW" else dims[3]
    if None in (channels, weights[-1]) or channels == weights[-1]:
        return None
    return "the number of channels of its input is not known, and is taken for 1", _STATE_SHAPE


def _pack_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why tensors cannot be packed: some are of another shape before the first run."""
    known = {dims for dims in call.inputs if dims is not None and None not in dims}
    if len(known) < 2:
        return None
    return "a dimension of its inputs is not known, and is taken for 1", _STATE_SHAPE


def _concat_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why tensors cannot be put together: they differ along another axis before the first run."""
    position = 0 if node.op == "Concat" else len(call.inputs) - 1
    axis = call.integer(position)
    parts = [dims for place, dims in enumerate(call.inputs) if place != position]
    known = [dims for dims in parts if dims is not None and None not in dims]
    if axis is None:
        return None
    across = {tuple(s for i, s in enumerate(d) if i - axis not in (0, len(d))) for d in known}
    if len(across) < 2:
        return None
    return "a dimension of its inputs is not known, and is taken for 1", _STATE_SHAPE


def _batch_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why a transposed convolution in 3-D is refused: its image is of another batch."""
    target, dims = call.integers(0), call.inputs[2] if len(call.inputs) > 2 else None
    if target is None or not target.items or not dims or None in (target.items[0], dims[0]):
        return None
    if target.items[0] == dims[0]:
        return None
    return "the batch of its input is not known, and is taken for 1", _STATE_SHAPE


#: By op, why an operator is refused with the sizes that an interpreter begins with.
_SIZED: Mapping[str, Callable[[Node, Call], tuple[str, str] | None]] = {
    **dict.fromkeys(
        ("SpaceToDepth", "DepthToSpace", "SpaceToBatchND", "BatchToSpaceND"), _block_problem
    ),
    "Unpack": _unpack_problem,
    "Pack": _pack_problem,
    "Concat": _concat_problem,
    "ConcatV2": _concat_problem,
    "Conv3DBackpropInputV2": _batch_problem,
    "Reshape": _reshape_problem,
    "Conv2DBackpropInput": _channel_problem,
}
