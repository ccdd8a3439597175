"""Ops that move values, for random graphs: shapes, slices, joints, indices, and strings."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.random_maker import FLOATS, INTS, Maker
from tests.benchmarks.random_ops import NUMBERS, family, index_type

MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
SCATTERS = """
ScatterNd TensorScatterUpdate TensorScatterAdd TensorScatterMax SegmentSum SegmentMean
UnsortedSegmentSum UnsortedSegmentMax UnsortedSegmentProd SparseToDense MatrixSetDiag
MatrixBandPart ReverseSequence MatrixDiagV3 MatrixDiagPartV3 DynamicStitch
""".split()
DRAWS = """
RandomUniform RandomStandardNormal TruncatedNormal RandomUniformInt Multinomial
StatelessRandomUniform StatelessRandomNormal RandomShuffle
""".split()


@family(3)
def reshaping(make: Maker) -> Any:
    """Reshape, Transpose, ExpandDims, Squeeze."""
    op = make.choice(["Reshape", "Reshape", "Transpose", "ExpandDims", "Squeeze"])
    x = make.pick()
    if op == "Transpose" and x.rank > 0:
        return make.add(op, [x, make.operand(make.random.sample(range(x.rank), x.rank))])
    if op == "ExpandDims" and x.rank >= 0:
        return make.add(op, [x, make.operand(make.choice([0, -1, x.rank]), index_type(make))])
    if op == "Squeeze" and x.rank > 0:
        ones = [i for i, d in enumerate(x.dims or ()) if d == 1]
        return make.add(op, [x], squeeze_dims=ones if make.chance(0.7) else [])
    if x.rank > 1 and make.chance(0.3):  # flattened behind the first dimension, as in many networks
        shape = make.add("Shape", [x])[0]
        first = make.add("StridedSlice", [shape, make.const([0]), make.const([1]), make.const([1])],
                         shrink_axis_mask=1)  # fmt: skip
        target = first and make.add("Pack", [first[0], make.const(-1)])
        return target and make.add("Reshape", [x, target[0]])
    last = x.dims[-1] if x.rank > 0 and x.dims and x.dims[-1] else 1
    return make.add("Reshape", [x, make.operand(make.choice([[-1], [-1, last], [1, -1, last]]))])


@family(2)
def padding(make: Maker) -> Any:
    """Pad, PadV2, MirrorPad."""
    op = make.choice(["Pad", "PadV2", "MirrorPad"])
    x = make.pick(("float32", *NUMBERS, "bool"))
    if x.rank < 1:
        return []
    pads = make.operand(
        [[1, 1] if i in (1, 2) else [0, 0] for i in range(x.rank)], index_type(make)
    )
    if op == "PadV2":
        return make.add(op, [x, pads, make.weights(kind=x.dtype)])
    return make.add(
        op, [x, pads], **({"mode": make.choice(["REFLECT", "SYMMETRIC"])} if op[0] == "M" else {})
    )


@family(3)
def slicing(make: Maker) -> Any:
    """Slice and StridedSlice."""
    x = make.pick()
    if x.rank < 1:
        return []
    kind = index_type(make)
    if make.chance(0.4):
        begin = [0] * x.rank
        return make.add("Slice", [x, make.operand(begin, kind), make.operand([1] * x.rank, kind)])
    count = make.choice(range(1, x.rank + 1))
    steps = [make.choice([1, 1, 1, 2, -1]) for _ in range(count)]
    operands = [make.operand(v, kind) for v in ([0] * count, [1] * count, steps)]
    masks = {m: make.choice([0, 0, make.choice(range(1 << count))])
             for m in MASKS}  # fmt: skip
    masks["ellipsis_mask"] = make.choice([0, 0, 0, 1])
    if any(s < 0 for s in steps):
        masks.update(begin_mask=(1 << count) - 1, end_mask=(1 << count) - 1, shrink_axis_mask=0)
    return make.add("StridedSlice", [x, *operands], **masks)


@family(3)
def joining(make: Maker) -> Any:
    """Concat, Pack, AddN."""
    op = make.choice(["ConcatV2", "ConcatV2", "Concat", "Pack", "AddN"])
    x = make.pick(())
    others = [
        make.input(x.dtype, x.dims) if make.chance(0.3) else x for _ in range(make.choice([1, 2]))
    ]
    if op in ("Pack", "AddN"):
        extra = {"axis": make.choice([0, -1])} if op == "Pack" else {}
        return make.add(op, [x, *others], **extra)
    if x.rank < 1:
        return []
    axis = make.operand(make.choice([0, x.rank - 1, -1]))
    return make.add(op, [axis, x, *others] if op == "Concat" else [x, *others, axis])


@family(3)
def parting(make: Maker) -> Any:
    """Split, SplitV, Unpack."""
    x = make.pick()
    places = [i for i, d in enumerate(x.dims or ()) if d and d % 2 == 0]
    if not places:
        return []
    axis = make.choice(places)
    size = (x.dims or ())[axis] or 0
    op = make.choice(["Split", "SplitV", "Unpack"])
    if op == "Split":
        return make.add(op, [make.operand(axis), x], num_split=2)
    if op == "SplitV":
        sizes = make.const([1, size - 1], index_type(make))
        return make.add(op, [x, sizes, make.const(axis)], num_split=2)
    return make.add(op, [x], num=size, axis=axis)


@family(3)
def gathering(make: Maker) -> Any:
    """Gather, GatherV2, GatherNd, OneHot, ReverseV2, Tile, BroadcastTo, Fill, Range."""
    op = make.choice(
        "GatherV2 Gather GatherNd OneHot ReverseV2 Tile BroadcastTo Fill Range LinSpace".split()
    )
    kind = index_type(make)
    if op == "OneHot":
        index = make.pick(("int32", "int64", "uint8"), (0, 1, 2))
        value = make.choice(["float32", "float32", "int32", "bool", "float16"])
        return make.add(
            op, [index, make.operand(4), make.weights(kind=value), make.weights(kind=value)]
        )
    if op == "Range":
        scalar = make.pick(("int32", "float32", "int64"), (0,))
        return make.add(op, [make.const(0, scalar.dtype), scalar, make.const(1, scalar.dtype)])
    if op == "LinSpace":
        return make.add(
            op, [make.pick(("float32",), (0,)), make.const(1.0, "float32"), make.const(4)]
        )
    if op == "Fill":
        shape = make.operand([2, 3], kind)
        return make.add(op, [shape, make.pick((), (0,))])
    x = make.pick()
    if x.rank < 1:
        return []
    if op == "ReverseV2":
        return make.add(op, [x, make.operand([make.choice(range(x.rank))], kind)])
    if op == "Tile":
        return make.add(op, [x, make.operand([1] * (x.rank - 1) + [2], kind)])
    if op == "BroadcastTo":
        return make.add(op, [x, make.operand([2, *(d or 1 for d in x.dims or ())], kind)])
    index = make.operand([0], kind) if make.chance(0.5) else make.pick((kind,), (0, 1, 2))
    if op == "GatherV2":
        return make.add(op, [x, index, make.operand(make.choice(range(x.rank)))], batch_dims=0)
    return make.add(op, [x, index])


@family(3)
def selecting(make: Maker) -> Any:
    """Select, SelectV2, ClipByValue, Cast."""
    op = make.choice(["Select", "SelectV2", "ClipByValue", "Cast", "Cast", "Cast"])
    x = make.pick()
    if op == "Cast":
        return make.add(
            op, [x], DstT=make.choice([*FLOATS, *INTS, "float32", "int32", "bool", "complex64"])
        )
    if op == "ClipByValue":
        return make.add(op, [x, make.weights(kind=x.dtype), make.weights(kind=x.dtype)])
    condition = make.input("bool", x.dims) if make.chance(0.6) else make.pick(("bool",))
    return make.add(op, [condition, x, make.input(x.dtype, x.dims) if make.chance(0.5) else x])


@family(2)
def blocks(make: Maker) -> Any:
    """SpaceToDepth, DepthToSpace, SpaceToBatchND, BatchToSpaceND."""
    op = make.choice(["SpaceToDepth", "DepthToSpace", "SpaceToBatchND", "BatchToSpaceND"])
    x = make.pick(NUMBERS, (4,))
    if op.endswith("Depth") or op.startswith("Depth"):
        return make.add(op, [x], block_size=2)
    crops = make.operand([[0, 0], [0, 0]])
    if op == "BatchToSpaceND":
        x = make.input(x.dtype, [4, 4, 4, 2])
    return make.add(op, [x, make.const([2, 2]), crops])


@family(2)
def scattering(make: Maker) -> Any:
    """ScatterNd, TensorScatterUpdate and the like, segments."""
    op = make.choice(SCATTERS)
    kind = make.choice(NUMBERS)
    rows = make.input(kind, [2, 3])
    index = index_type(make)
    if op == "ScatterNd":
        return make.add(op, [make.operand([[0], [1]], index), rows, make.operand([4, 3], index)])
    if op.startswith("TensorScatter"):
        return make.add(op, [make.input(kind, [4, 3]), make.operand([[0], [1]], index), rows])
    if op.startswith("Segment"):
        return make.add(op, [rows, make.operand([0, 0], index)])
    if op.startswith("Unsorted"):
        return make.add(op, [rows, make.operand([0, 1], index), make.operand(2)])
    if op == "SparseToDense":
        return make.add(op, [make.operand([[0, 1]], index), make.operand([2, 3], index),
                             make.weights(1, kind=kind), make.weights(kind=kind)])  # fmt: skip
    if op == "MatrixSetDiag":
        return make.add(op, [rows, make.input(kind, [2])])
    if op == "MatrixBandPart":
        return make.add(op, [rows, make.const(0, "int64"), make.const(-1, "int64")])
    if op == "ReverseSequence":
        return make.add(op, [rows, make.operand([1, 2], index)], seq_dim=1, batch_dim=0)
    if op == "MatrixDiagV3":
        return make.add(
            op, [rows, make.const(0), make.const(-1), make.const(-1), make.weights(kind=kind)]
        )
    if op == "MatrixDiagPartV3":
        return make.add(op, [rows, make.const(0), make.weights(kind=kind)])
    return make.add(op, [make.operand([0, 1]), make.operand([2, 3]), rows, rows])


@family(2)
def drawing(make: Maker) -> Any:
    """Random numbers."""
    op = make.choice(DRAWS)
    shape = make.operand([2, 3], index_type(make))
    if op == "RandomShuffle":
        return make.add(op, [make.pick()])
    if op == "Multinomial":
        return make.add(op, [make.pick(("float32",), (2,)), make.const(3)])
    if op == "RandomUniformInt":
        return make.add(op, [shape, make.const(0), make.const(5)])
    if op.startswith("Stateless"):
        return make.add(op, [shape, make.const([1, 2])], dtype="float32")
    return make.add(op, [shape], dtype=make.choice(["float32", "float32", "float64"]))


@family(1)
def texts(make: Maker) -> Any:
    """Strings."""
    op = make.choice("StringJoin ReduceJoin StringToNumber AsString RegexReplace Substr".split())
    if op == "AsString":
        return make.add(op, [make.pick(("float32", "int32"))])
    x = make.pick(("string",))
    if op == "StringJoin":
        return make.add(op, [x, x])
    if op == "ReduceJoin":
        return make.add(op, [x, make.const(0)]) if x.rank > 0 else []
    if op == "StringToNumber":
        return make.add(op, [x])
    if op == "RegexReplace":
        return make.add(op, [x, make.const(b"a", "string"), make.const(b"b", "string")])
    return make.add(op, [x, make.const(0), make.const(1)])
