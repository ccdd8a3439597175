"""Which values an integer input may have, so that random ones do: told by what reads it.

What looks something up by a number wants one from 0 to the size of what it looks in. A number that
is only compared, or becomes a float, may be any. The way there is followed through casts, shapes,
slices and joins, into loops and branches, and into the functions that are called.

Source: the documentation of the ops, and the kernels' checks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graphtools.graph.following import reach
from graphtools.graph.functions import CALLS, CASES, CONDITIONALS, LOOPS
from graphtools.graph.node import Node
from graphtools.graph.readers import Reader, data_readers
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import CONCATS
from graphtools.ops.call import Call
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.control_flow import CONTROL_FLOW
from graphtools.ops.handing_on import CHECKED, CONVERTED, REARRANGED, SAME_TENSOR
from graphtools.ops.inference import Inference

#: Ops that give values of their first input; what else they read says where.
_GIVES_SOME = SAME_TENSOR | CHECKED | REARRANGED | CONVERTED | frozenset(
    {
        "BroadcastTo", "EnsureShape", "Gather", "GatherNd", "GatherV2", "Max", "Min", "MirrorPad",
        "Pad", "ResizeNearestNeighbor", "ReverseV2", "Slice", "SpaceToBatchND", "SpaceToDepth",
        "SplitV", "StridedSlice", "Tile", "Unique", "UniqueV2", "Unpack",
    }
)  # fmt: skip
#: Ops that give values of several inputs: their numbers, counted from the end where negative.
_GIVES_OF: dict[str, range] = {
    "IdentityN": range(1 << 16),
    "Pack": range(1 << 16),
    "Maximum": range(2),
    "Minimum": range(2),
    "Select": range(1, 3),
    "SelectV2": range(1, 3),
    "Split": range(1, 2),
    "ConcatV2": range(1 << 16),
    "Concat": range(1, 1 << 16),
    **dict.fromkeys(CONTROL_FLOW, range(1 << 16)),
}
#: Ops that take any number, and give none that depends on it as an index would.
_TAKES_ANY = FROM_SHAPES | {
    "Equal", "FloorMod", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalNot", "Mod",
    "NotEqual", "OnesLike", "ZerosLike",
}  # fmt: skip
#: Ops that give other integers than they read.
_COMPUTES = frozenset(
    {
        "Abs", "Add", "AddN", "AddV2", "AvgPool", "BatchMatMul", "BatchMatMulV2", "BitwiseAnd",
        "BitwiseOr", "BitwiseXor", "Conv2D", "Cumsum", "Div", "FloorDiv", "LeftShift", "MatMul",
        "MaxPool", "Mean", "Mul", "Neg", "Prod", "RealDiv", "Relu", "Relu6", "ResizeBilinear",
        "RightShift", "Square", "SquaredDifference", "Sub", "Sum", "TruncateDiv",
    }
)  # fmt: skip
#: Ops that want several indices in order, which random ones are not.
_IN_ORDER = frozenset({"SparseToDense"})
#: By op that calls functions, the number of the input that is their first argument.
_FIRST_ARGUMENTS = {
    **dict.fromkeys(CALLS | LOOPS, 0),
    **dict.fromkeys(CONDITIONALS | CASES, 1),
}


class IntegerRange(NamedTuple):
    """Which values an integer input may have.

    Attributes:
        size: They go from 0 to one less than this; None where nothing bounds them.
        is_known: Whether all that reads the input is understood. Otherwise other values than these
            may be wrong, or none of them right.
    """

    size: int | None
    is_known: bool


class _Reached(NamedTuple):
    """A tensor on the way from an input, in the graph or in the body of a function."""

    inference: Inference
    ref: Ref
    is_other: bool = False


def integer_range(inference: Inference, tensor: str) -> IntegerRange:
    """Which values an integer input may have.

    Args:
        inference: The shapes of the graph.
        tensor: The input, `node` or `node:1`.

    Example:
        >>> integer_range(infer_shapes(graph), "word_ids")
        IntegerRange(size=30522, is_known=True)
    """
    sizes: list[int] = []
    unknown: list[str] = []

    def onward(place: _Reached) -> list[_Reached]:
        found: list[_Reached] = []
        for reader in data_readers(place.inference.graph, place.ref.node, place.ref.index):
            looked_up = _SIZES.get((reader.node.op, reader.position))
            if looked_up is not None:
                size = looked_up(place.inference.call(reader.node))
                if size is None or place.is_other or reader.node.op in _IN_ORDER:
                    unknown.append(reader.node.name)
                if size is not None and not place.is_other:
                    sizes.append(size)
                continue
            following = _behind(place, reader)
            if following is None:
                unknown.append(reader.node.name)
            found += following or ()
        return found

    for _ in reach([_Reached(inference, Ref.parse(tensor))], onward):
        pass
    return IntegerRange(min(sizes, default=None), not unknown)


def _behind(place: _Reached, reader: Reader) -> list[_Reached] | None:
    """Where the numbers are behind a reader; None where it is not known what they are for it."""
    node, inference = reader.node, place.inference
    if _is_float(place) or node.op in _TAKES_ANY:
        return []
    first = _FIRST_ARGUMENTS.get(node.op)
    if first is not None and reader.position >= first:
        return _arguments(place, node, reader.position - first)
    gives = reader.position == 0 if node.op in _GIVES_SOME else False
    gives = gives or reader.position in _GIVES_OF.get(node.op, ())
    if node.op in CONCATS and reader.position == (len(node.data_inputs) - 1) * (node.op[-1] == "2"):
        gives = False  # the axis
    if not gives and node.op not in _COMPUTES:
        return None
    other = place.is_other or node.op in _COMPUTES
    count = max(len(inference.shapes(node.name)), 1)
    return [_Reached(inference, Ref(node.name, index), other) for index in range(count)]


def _is_float(place: _Reached) -> bool:
    """Whether the numbers have become floats, which are no indices any more."""
    kind = place.inference.dtype(place.ref.node, place.ref.index)
    return kind is not None and not kind.is_integer


def _arguments(place: _Reached, node: Node, number: int) -> list[_Reached] | None:
    """The arguments of the functions that a node calls; None where these are not known."""
    found = []
    for body in place.inference.bodies(node.name).values():
        names = [inner.name for inner in body.graph if inner.op == "_Arg"]
        if number < len(names):
            found.append(_Reached(body, Ref(names[number]), place.is_other))
    return found or None


def _sizes_of(position: int, axis: int | None = 0) -> Callable[[Call], int | None]:
    """The size of an input along an axis."""

    def size(call: Call) -> int | None:
        dims = call.inputs[position] if position < len(call.inputs) else None
        place = call.integer(2) if axis is None else axis
        if dims is None or place is None or not -len(dims) <= place < len(dims):
            return None
        return dims[place]

    return size


def _of_handle(call: Call) -> int | None:
    """The first size of the variable that is looked into."""
    held = call.handle(0)
    dims = held[0][1] if held else None
    return dims[0] if dims else None


def _least(position: int) -> Callable[[Call], int | None]:
    """The smallest of the numbers in an input: for several indices at once, or the only size."""

    def size(call: Call) -> int | None:
        found = call.integers(position)
        known = [item for item in found.items if item is not None] if found is not None else []
        return (
            min(known) if found is not None and known and len(known) == len(found.items) else None
        )

    return size


def _of_indexed_dims(call: Call) -> int | None:
    """The smallest size of the dimensions that GatherNd looks up in."""
    params, indices = (*call.inputs, None, None)[:2]
    if params is None or not indices or indices[-1] is None:
        return None
    sizes = params[: indices[-1]]
    known = [size for size in sizes if size is not None]
    return min(known) if known and len(known) == len(sizes) else None


#: By op and number of the input: how many values an index there may have.
_SIZES: dict[tuple[str, int], Callable[[Call], int | None]] = {
    ("Gather", 1): _sizes_of(0),
    ("GatherV2", 1): _sizes_of(0, None),
    ("GatherNd", 1): _of_indexed_dims,
    ("ResourceGather", 1): _of_handle,
    ("OneHot", 0): _least(1),
    ("SparseToDense", 0): _least(1),
    ("ScatterNd", 0): _least(2),
    ("UnsortedSegmentSum", 1): _least(2),
    ("UnsortedSegmentMax", 1): _least(2),
    ("UnsortedSegmentMin", 1): _least(2),
    ("UnsortedSegmentProd", 1): _least(2),
    ("SparseSoftmaxCrossEntropyWithLogits", 1): _sizes_of(0, -1),
    ("InTopK", 1): _sizes_of(0, -1),
    ("InTopKV2", 1): _sizes_of(0, -1),
}
