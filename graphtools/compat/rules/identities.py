"""Ops that the converter drops, since they give one of their inputs; then types do not matter."""

from __future__ import annotations

from graphtools.compat.broadcasting import broadcasting_problem
from graphtools.compat.judgement import BUILTIN, Failure, Judgement
from graphtools.compat.site import Site, rule
from graphtools.ops.dims import is_known


@rule("Add", "AddV2")
def add(site: Site) -> Judgement:
    """A sum with a constant of zeros that does not change the shape is dropped."""
    return _neutral(site, {0: 0, 1: 0})


@rule("Sub")
def subtract(site: Site) -> Judgement:
    """A difference from which zeros are taken is dropped, if the shape stays."""
    return _neutral(site, {1: 0})


@rule("Mul")
def multiply(site: Site) -> Judgement:
    """A product with a constant of ones that does not change the shape is dropped, and so is one
    with a constant of zeros of the shape of the result.
    """
    if not site.types_fit() and any(_is_whole(site, position, 0) for position in (0, 1)):
        return BUILTIN
    return _neutral(site, {0: 1, 1: 1})


@rule("RealDiv", "Div", "DivNoNan", "MulNoNan", "TruncateDiv")
def divide(site: Site) -> Judgement:
    """A division by ones is dropped if the shape stays.

    Where it computes a division of constant integers by 0, the converter crashes.
    """
    divided = site.type_attr("T") in ("int32", "int64") and site.is_constant(0)
    if divided and 0 in (site.constant_values(1) or ()):
        reason = "it divides constant integers by 0, which the converter computes (SIGFPE)"
        return Failure("crash", reason, "change the divisor, or the type to float32")
    return _neutral(site, {1: 1})


@rule("Pow")
def power(site: Site) -> Judgement:
    """A power of one is dropped if the shape stays, but for integers; one of zero is ones."""
    kind = site.dtype(0)
    if kind is None or not kind.is_floating:
        return _neutral(site, {})
    if is_known(site.dims_of(0)) and site.keeps_shape(0) and site.all_equal(1, 0):
        return BUILTIN
    return _neutral(site, {1: 1})


@rule("FloorDiv", "FloorMod", "Maximum", "Minimum", "SquaredDifference", "SelectV2")
@rule("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual")
@rule("Xdivy", "Xlogy", "Xlog1py", "BitwiseXor", "RightShift")
def broadcast(site: Site) -> Judgement:
    """Inputs of different shapes are broadcast, up to a rank that depends on the op."""
    problem = broadcasting_problem(site)
    return problem if problem and site.types_fit() else None


def _is_whole(site: Site, position: int, value: float) -> bool:
    """Whether an input has the known shape of the result, and one value everywhere."""
    known = is_known(site.output_shape) and site.keeps_shape(position)
    return known and site.all_equal(position, value)


def _neutral(site: Site, neutral: dict[int, int]) -> Judgement:
    """Whether an input of a binary op is a constant that leaves the other one unchanged.

    Args:
        site: The node.
        neutral: By position of the constant, the value of all its elements.
    """
    if site.types_fit():
        return broadcasting_problem(site) or None
    if site.type_name(0).startswith("complex"):
        return None
    for position, value in neutral.items():
        if site.keeps_shape(1 - position) and site.all_equal(position, value):
            return BUILTIN
    return None


@rule("Pad", "PadV2")
def pad(site: Site) -> Judgement:
    """A padding of zero width is dropped where the shape is known."""
    if is_known(site.dims_of(0)) and site.keeps_shape(0) and site.all_equal(1, 0):
        return BUILTIN
    if site.node.op == "PadV2" and site.rank(2) not in (None, 0):
        return "constant_values is no scalar"
    return None


@rule("Slice")
def whole_slice(site: Site) -> Judgement:
    """A slice that takes all of an input of known shape is dropped."""
    whole = is_known(site.dims_of(0)) and site.keeps_shape(0) and site.all_equal(1, 0)
    return BUILTIN if whole else None


@rule("Pack", "AddN")
def of_one(site: Site) -> Judgement:
    """One tensor packed is a reshape, and the sum of one tensor is dropped."""
    return BUILTIN if len(site.sources) == 1 else None


@rule("Sum")
def sum_over_nothing(site: Site) -> Judgement:
    """A sum over no axis is dropped."""
    axes = site.constant_values(1)
    return BUILTIN if axes is not None and not axes else None


@rule("BroadcastTo")
def broadcast_to(site: Site) -> Judgement:
    """A broadcast to the shape that the input has is dropped; else it takes up to 8 dimensions.

    Of its types, some are so only where nothing is broadcast.
    """
    if is_known(site.dims_of(0)) and site.keeps_shape(0):
        return BUILTIN
    kind = site.type_attr("T")
    if kind in ("float16", "float64", "uint64"):
        return f"T={kind}: TFLite's BROADCAST_TO does not take it"
    rank = site.rank(0)
    return BUILTIN if site.types_fit() and (rank is None or rank <= 8) else None


@rule("Roll")
def roll(site: Site) -> Judgement:
    """A roll by constants is slices and a concatenation, or nothing where it moves nothing.

    Its input must be of a known shape.
    """
    if not (site.is_constant(1) and site.is_constant(2)):
        return "shift and axis are not constant, as TFLite wants them"
    if not is_known(site.dims_of(0)):
        return "the shape of its input is not known"
    if _moves_nothing(site):
        return BUILTIN
    return None


def _moves_nothing(site: Site) -> bool:
    """Whether a Roll by constants moves every axis by a multiple of its length."""
    dims, shifts, axes = site.dims_of(0), site.constant_values(1), site.constant_values(2)
    if dims is None or shifts is None or axes is None:
        return False
    moves = [0] * len(dims)
    for shift, axis in zip(shifts, axes, strict=False):
        moves[axis] += shift
    return all(not size or move % size == 0 for size, move in zip(dims, moves, strict=True))


@rule("Tile")
def tile(site: Site) -> Judgement:
    """A tiling by ones is dropped; else TFLite's TILE takes some types."""
    if site.all_equal(1, 1):
        return BUILTIN
    kind = site.type_attr("T")
    return None if kind in _TILED else f"T={kind}: TFLite's TILE takes {', '.join(sorted(_TILED))}"


_TILED = frozenset("bool float32 int32 int64 string uint8".split())


@rule("Transpose")
def transpose(site: Site) -> Judgement:
    """A transpose that changes nothing is dropped; dimensions of 1 do not count for the rank."""
    order, dims = site.constant_values(1), site.dims_of(0)
    if order is not None and list(order) == list(range(len(order))):
        return BUILTIN
    if order is not None and site.types_fit() and dims is not None and is_known(dims):
        return BUILTIN if sum(d != 1 for d in dims) <= _TRANSPOSED else None
    return None


#: The most dimensions that TFLite's TRANSPOSE takes.
_TRANSPOSED = 6


@rule("EnsureShape")
def ensure_shape(site: Site) -> Judgement:
    """EnsureShape is dropped where it adds nothing to what is known of its input."""
    wanted, dims = site.shape_attr("shape"), site.dims_of(0)
    if wanted is None:
        return BUILTIN
    if dims is not None and all(w is None or w == d for w, d in zip(wanted, dims, strict=False)):
        return BUILTIN
    return "it adds to the shape of its input, of which less is known"


@rule("PlaceholderWithDefault")
def placeholder_with_default(site: Site) -> Judgement:
    """An input with a default that is not fed is its default.

    As an output of the graph it stays, as an Identity, where its default is of another shape.
    """
    if site.dims_of(0) == site.shape_attr("shape") or site.node.name not in site.scope.outputs:
        return BUILTIN
    return "its default is of another shape than it states"


@rule("ZerosLike", "OnesLike")
def filled_like(site: Site) -> Judgement:
    """Of a known shape they are constants; some types are taken only then."""
    kind = site.type_attr("T")
    if kind in ("uint16", "uint64") and (not site.dims_of(0) or not is_known(site.dims_of(0))):
        return f"T={kind}: TFLite takes it only of a known shape"
    return None


@rule("Empty")
def empty(site: Site) -> Judgement:
    """With init it is zeros of the shape that is asked for; else its shape must be constant."""
    if site.attr("init") is True and site.type_attr("dtype") in _INITIAL:
        return BUILTIN
    return None


_INITIAL = frozenset("float32 int8 int16 int32 int64".split())


@rule("StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "IdentityN", "Identity")
def identity(_site: Site) -> Judgement:
    """These are dropped, whatever their types."""
    return BUILTIN


@rule("Assert", "NoOp", "_Retval", "ControlTrigger")
def no_result(_site: Site) -> Judgement:
    """These are dropped: they give nothing."""
    return BUILTIN


@rule("XlaSharding")
def sharding(_site: Site) -> Judgement:
    """A note on where to compute is dropped."""
    return BUILTIN


@rule("ShapeN")
def shape_n(site: Site) -> Judgement:
    """The shapes of several tensors: those that are known are computed, one more may be left."""
    open_ones = sum(not is_known(dims) for dims in site.inputs)
    if open_ones <= 1:
        return BUILTIN
    return f"the shapes of {open_ones} of its inputs are not known"


@rule("Bitcast")
def bitcast(site: Site) -> Judgement:
    """TFLite's BITCAST takes all real types; one to the same type is dropped."""
    source, target = site.type_attr("T"), site.type_attr("type")
    if source == target:
        return BUILTIN
    odd = [k for k in (source, target) if k not in _REAL]
    return f"{odd[0]}: TFLite's BITCAST takes real numbers" if odd else BUILTIN


_REAL = frozenset(
    "bfloat16 float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8".split()
)


@rule("Cast")
def cast(site: Site) -> Judgement:
    """A cast to the same type is dropped."""
    return BUILTIN if site.type_attr("SrcT") == site.type_attr("DstT") else None


@rule("LogicalOr", "LogicalAnd")
def logical(_site: Site) -> Judgement:
    """TFLite has it."""
    return BUILTIN


@rule("LogicalNot")
def negation(_site: Site) -> Judgement:
    """TFLite has it; of a comparison that is negated, the opposite comparison decides."""
    return BUILTIN
