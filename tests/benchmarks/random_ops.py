"""Single ops for random graphs: each function adds one op of its family, with what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.random_maker import FLOATS, INTS, Made, Maker, Value

NUMBERS = (
    "float32",
    *["float32"] * 4,
    "int32",
    "int64",
    "float16",
    "float64",
    "int8",
    "int16",
    "uint8",
)
UNARY = """Relu Relu6 Elu Selu Sigmoid Tanh Exp Log Log1p Expm1 Sqrt Rsqrt Square Abs Neg Floor Ceil
Round Rint Sign Sin Cos Tan Atan Asin Acos Sinh Cosh Asinh Acosh Atanh Erf Erfc Softplus Softsign
LeakyRelu Reciprocal Inv Digamma Lgamma IsNan IsInf IsFinite Softmax LogSoftmax L2Loss Identity
StopGradient PreventGradient CheckNumerics ZerosLike OnesLike Snapshot LRN Invert LogicalNot Conj
Real Imag ComplexAbs Angle Shape Size Rank DebugIdentity BesselI0e Erfinv Ndtri FFT IFFT Where
Unique UniqueWithCounts MatrixDiag MatrixDiagPart MatrixInverse Cholesky MatrixDeterminant Diag
DiagPart InvertPermutation DeepCopy EnsureShape StringLower StringLength AsString PopulationCount
Qr SelfAdjointEigV2 Svd Roll Bucketize Bitcast""".split()
BINARY = """Add AddV2 Sub Mul Div RealDiv FloorDiv FloorMod TruncateDiv TruncateMod Mod Maximum
Minimum Pow SquaredDifference Atan2 DivNoNan MulNoNan Xdivy Xlogy Xlog1py Less LessEqual Greater
GreaterEqual Equal NotEqual LogicalAnd LogicalOr BitwiseAnd BitwiseOr BitwiseXor LeftShift
RightShift ApproximateEqual NextAfter Igamma Zeta Complex Cross SquaredDifference Betainc ReluGrad
Relu6Grad TanhGrad SigmoidGrad SoftplusGrad BiasAddGrad Polygamma""".split()
REDUCTIONS = "Sum Mean Max Min Prod All Any EuclideanNorm".split()

FAMILIES: list[Callable[[Maker], Any]] = []


def family(weight: int = 1) -> Callable[[Callable[[Maker], Any]], Callable[[Maker], Any]]:
    """Declare a function that adds an op; drawn as often as its weight says."""

    def declare(function: Callable[[Maker], Any]) -> Callable[[Maker], Any]:
        FAMILIES.extend([function] * weight)
        return function

    return declare


def dag(make: Maker) -> Made:
    """Two to fifteen ops of all families."""
    for _ in range(make.choice([1, 1, 2])):
        make.pick(INTS[:1] + ("float32",) * 3, (2, 3, 4, 4))
    # an op that was not added may leave its operands: dead constants and inputs
    wanted = make.choice(range(2, 16))
    for _ in range(5 * wanted):
        if wanted and make.keep(make.choice(FAMILIES)(make)):
            wanted -= 1
    return make.finish("dag")


def single(make: Maker) -> Made:
    """One op, with operands constant or fed, unknown dimensions, and any type."""
    make.fed = make.choice([0.0, 0.0, 0.5])
    for _ in range(40):
        found = make.choice(FAMILIES)(make)
        if found:
            make.keep(found)
            op = make.graph[found[0].ref.partition(":")[0]].op
            return make.finish("single", op)
        make = _anew(make)
    make.keep(make.add("Relu", [make.pick(FLOATS)]))
    return make.finish("single")


def _anew(make: Maker) -> Maker:
    other = Maker(make.random.getrandbits(40))
    other.fed = make.fed
    return other


def _axes(make: Maker, x: Value) -> list[int]:
    count = max(1, make.choice(range(x.rank))) if x.rank > 0 else 0
    return sorted(make.random.sample(range(x.rank), count)) if count else []


def index_type(make: Maker) -> str:
    return str(make.choice(["int32", "int32", "int32", "int64"]))


@family(8)
def unary(make: Maker) -> Any:
    """An op of one input."""
    op = make.choice(UNARY)
    attrs: dict[str, Any] = {}
    if op == "EnsureShape":
        x = make.pick()
        return make.add(op, [x], shape=x.dims)
    if op == "Bucketize":
        return make.add(op, [make.pick(("float32", "int32"))], boundaries=[0.0, 1.0])
    if op == "Roll":
        x = make.pick()
        if x.rank < 1:
            return []
        return make.add(op, [x, make.operand([1]), make.operand([0])])
    if op == "Bitcast":
        pair = make.choice(
            [("float32", "int32"), ("int32", "float32"), ("uint8", "int8"), ("int64", "float64")]
        )
        return make.add(op, [make.pick(pair[:1])], type=pair[1])
    if op in ("CheckNumerics", "PreventGradient"):
        attrs["message"] = "checked"
    if op in ("FFT", "IFFT", "Conj", "Real", "Imag", "ComplexAbs", "Angle"):
        return make.add(op, [make.pick(("complex64",))], **attrs)
    if op in ("StringLower", "StringLength"):
        return make.add(op, [make.pick(("string",))])
    if op == "LogicalNot":
        return make.add(op, [make.pick(("bool",))])
    if op in ("LRN", "BatchNorm"):
        return make.add(op, [make.pick(("float32", "float16"), (4,))])
    kinds = ("float32",) * 3 + NUMBERS if make.chance(0.7) else ()
    return make.add(op, [make.pick(kinds)], **attrs)


@family(8)
def binary(make: Maker) -> Any:
    """An op of two inputs, broadcast or not."""
    op = make.choice(BINARY)
    if op.startswith("Logical"):
        x = make.pick(("bool",))
        return make.add(op, [x, make.pick(("bool",), (x.rank,)) if x.rank >= 0 else x])
    x = make.pick(NUMBERS if make.chance(0.85) else ())
    how = make.choice(["same", "scalar", "scalar", "row", "const", "pool", "grown"])
    if how == "same":
        y = make.input(x.dtype, x.dims)
    elif how == "scalar":
        y = make.weights(kind=x.dtype)
    elif how == "row" and x.rank > 0 and x.dims and x.dims[-1]:
        y = make.weights(x.dims[-1], kind=x.dtype)
    elif how == "const" and x.static:
        y = make.weights(*(x.dims or ()), kind=x.dtype)  # type: ignore[arg-type]
    elif how == "grown" and x.rank in range(1, 5) and x.static:
        y = make.input(x.dtype, [2, *[1 if make.chance(0.5) else d for d in x.dims or ()]])
    else:
        y = make.pick((x.dtype,))
    pair = [x, y] if make.chance(0.7) else [y, x]
    if op == "Betainc":
        pair.append(x)
    return make.add(op, pair)


@family(4)
def reduction(make: Maker) -> Any:
    """A reduction."""
    op = make.choice(REDUCTIONS)
    x = make.pick(("bool",) if op in ("All", "Any") else NUMBERS)
    axes: Any = _axes(make, x)
    if axes and make.chance(0.2):
        axes = axes[0] - x.rank if make.chance(0.5) else axes[0]
    return make.add(op, [x, make.operand(axes, index_type(make))], keep_dims=make.chance(0.5))


@family(2)
def arg_reduction(make: Maker) -> Any:
    """ArgMax, cumulative sums, TopK."""
    op = make.choice(["ArgMax", "ArgMin", "Cumsum", "Cumprod", "TopKV2"])
    x = make.pick(NUMBERS, (1, 2, 3, 4))
    if x.rank < 1:
        return []
    if op == "TopKV2":
        return make.add(op, [x, make.operand(1)])
    extra = (
        {"output_type": index_type(make)} if op.startswith("Arg") else {"reverse": make.chance(0.3)}
    )
    return make.add(op, [x, make.operand(make.choice(range(x.rank)), index_type(make))], **extra)
