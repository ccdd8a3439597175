"""What converts to TFLite and is then refused by an interpreter: `allocation_problems`.

An interpreter sizes all tensors before the first run, unknown dimensions as 1 and a tensor of
unknown rank as a scalar; kernels that cannot be then refuse the model. Source: the outcomes of
`allocate_tensors()` for some thousand converted graphs, and the checks in TFLite's kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphtools.compat.verdict import Blocker
from graphtools.graph.node import Node
from graphtools.ops.call import Call
from graphtools.ops.dims import Dims, elements
from graphtools.ops.inference import Inference

#: By op, the inputs whose rank the kernel has to know.
_WANTS_RANK: dict[str, tuple[int, ...]] = dict.fromkeys(
    """
    ArgMax ArgMin BatchToSpace BatchToSpaceND Conv3D DepthToSpace Gather LRN MatrixSetDiag
    Max MirrorPad ReverseV2 ScatterNd Slice Softmax SpaceToBatch SpaceToBatchND SpaceToDepth
    StridedSlice TensorScatterAdd Tile TopKV2 Transpose Unique Unpack
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
#: By op, the image and the filters that must agree in channels, and the axis of these.
_CHANNELS = {"Conv2DBackpropInput": (2, 1, 3)}
#: By op, the most dimensions that its kernel takes, with the delegate that is on by default.
_MOST_DIMENSIONS = {"Concat": 6, "ConcatV2": 6, "Mean": 6, "Softmax": 6, "Sum": 6}
_BITS = 8
_STATE_SHAPE = "state the shape of the input: --input-shape"


def allocation_problems(inference: Inference, nodes: Iterable[Node]) -> Iterator[Blocker]:
    """The nodes whose operators an interpreter refuses.

    Args:
        inference: The inferred shapes of the graph.
        nodes: The nodes that are left in the model.
    """
    for node in nodes:
        found = _problem(node, inference.call(node))
        if found:
            reason, remedy = found
            yield Blocker(node.name, node.op, reason, "allocation", remedy)


def _problem(node: Node, call: Call) -> tuple[str, str] | None:
    for position in _WANTS_RANK.get(node.op, ()):
        if position < len(call.inputs) and call.inputs[position] is None:
            return "the rank of its input is not known, and is taken for 0", _STATE_SHAPE
    if node.op in _CHANNELS and _has_open_channels(call, *_CHANNELS[node.op]):
        return "the number of channels of its input is not known, and is taken for 1", _STATE_SHAPE
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
    if node.op in _BLOCKS and call.inputs:
        return _block_problem(node, call)
    if node.op == "Unpack" and call.inputs:
        return _unpack_problem(call)
    if node.op == "Reshape" and len(call.inputs) == 2:
        return _reshape_problem(call)
    if node.op.startswith("FakeQuantWithMinMax"):
        bits = call.attr("num_bits")
        if isinstance(bits, int) and bits < _BITS:
            return f"num_bits={bits}: the kernels take eight bits", "train with num_bits=8"
    return None


_BLOCKS = frozenset(
    {"SpaceToDepth", "DepthToSpace", "SpaceToBatchND", "BatchToSpaceND", "BatchToSpace"}
)


def _block_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why what moves blocks is refused where the extent it divides is not known."""
    dims: Dims = call.inputs[0]
    if dims is None or len(dims) != 4:
        return None
    divided = dims[:1] if node.op.startswith("Batch") else dims[1:3]
    if node.op == "DepthToSpace":
        divided = dims[3:]
    if None in divided:
        return "the extent it divides is not known, and is taken for 1", _STATE_SHAPE
    return None


def _unpack_problem(call: Call) -> tuple[str, str] | None:
    dims, axis, number = call.inputs[0], call.attr("axis"), call.attr("num")
    if dims is None or not isinstance(axis, int) or not -len(dims) <= axis < len(dims):
        return None
    if dims[axis] is None and number != 1:
        return "the extent it unpacks is not known, and is taken for 1", _STATE_SHAPE
    return None


def _reshape_problem(call: Call) -> tuple[str, str] | None:
    """Why a Reshape to a constant shape is refused: its input is smaller before the first run."""
    dims, target = call.inputs[0], call.integers(1)
    if target is None or any(size is None or size < 0 for size in target.items):
        return None
    if dims is not None and None not in dims:
        return None
    if elements(tuple(1 if d is None else d for d in dims or ())) == elements(target.items):
        return None
    return "the size of its input is not known, and its result is of a constant one", _STATE_SHAPE


def _has_open_channels(call: Call, image: int, filters: int, axis: int) -> bool:
    if max(image, filters) >= len(call.inputs):
        return False
    dims, weights = call.inputs[image], call.inputs[filters]
    if not dims or weights is None or axis >= len(weights):
        return False
    return dims[-1] is None and weights[axis] != 1
