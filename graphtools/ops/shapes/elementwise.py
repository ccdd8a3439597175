"""Shapes of ops that compute each element from the elements at its place."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    broadcast,
    merge,
    merge_all,
    replaced,
    show,
    with_rank,
)
from graphtools.ops.shapes._outputs import like_both_inputs, like_input

shape_function(
    "Abs", "Acos", "Acosh", "Angle", "Asin", "Asinh", "Atan", "Atanh", "BesselI0", "BesselI0e",
    "BesselI1", "BesselI1e", "BesselJ0", "BesselJ1", "BesselK0", "BesselK0e", "BesselK1",
    "BesselK1e", "BesselY0", "BesselY1", "Ceil", "ComplexAbs", "Conj", "Cos", "Cosh", "Dawsn",
    "Digamma", "Erf", "Erfc", "Erfinv", "Exp", "Expint", "Expm1", "Floor", "FresnelCos",
    "FresnelSin", "Imag", "Inv", "Invert", "IsFinite", "IsInf", "IsNan", "Lgamma", "Log", "Log1p",
    "LogicalNot", "Ndtri", "Neg", "PopulationCount", "Real", "Reciprocal", "Rint", "Round",
    "Rsqrt", "Sigmoid", "Sign", "Sin", "Sinh", "Spence", "Sqrt", "Square", "Tan", "Tanh",
    "StochasticCastToInt", "_HostCast", "_UnaryOpsComposition",
    "RiscAbs", "RiscCast", "RiscCeil", "RiscCos", "RiscExp", "RiscFloor", "RiscImag",
    "RiscIsFinite", "RiscLog", "RiscLogicalNot", "RiscNeg", "RiscReal", "RiscSign",
    "Elu", "LeakyRelu", "Relu", "Relu6", "Selu", "Softplus", "Softsign",
    "_MklElu", "_MklLeakyRelu", "_MklRelu", "_MklRelu6", "_MklTanh", "_MklSwish", "_MklFusedMish",
)(like_input(0))  # fmt: skip


@shape_function("Cast")
def cast(call: Call) -> Dims:
    """As the input is, and what it holds."""
    call.give_handle(0, call.handle(0))
    return call.input(0)


@shape_function(
    "Add", "AddV2", "Atan2", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Complex", "Div",
    "DivNoNan", "FloorDiv", "FloorMod", "Greater", "GreaterEqual", "Igamma", "IgammaGradA",
    "Igammac", "LeftShift", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "Maximum", "Minimum",
    "Mod", "Mul", "MulNoNan", "NextAfter", "Polygamma", "Pow", "RandomGammaGrad", "RealDiv",
    "RightShift", "SquaredDifference", "Sub", "TruncateDiv", "TruncateMod", "Xdivy", "Xlog1py",
    "Xlogy", "Zeta", "_MklAdd", "_MklAddV2", "_MklMaximum", "_MklMul", "_MklSquaredDifference",
    "_MklSub", "RiscAdd", "RiscDiv", "RiscLogicalAnd", "RiscLogicalOr", "RiscMax", "RiscMin",
    "RiscMul", "RiscPow", "RiscRem", "RiscSub", "RiscBinaryArithmetic", "RiscBinaryComparison",
)  # fmt: skip
def binary(call: Call) -> Dims:
    """What both inputs broadcast to."""
    return broadcast(call.input(0), call.input(1))


@shape_function("Equal", "NotEqual")
def equality(call: Call) -> Dims:
    """As `binary`; where the attribute allows it, what does not broadcast gives one answer."""
    first, second = call.input(0), call.input(1)
    error = call.attr("incompatible_shape_error")
    if error is None or error:
        return broadcast(first, second)
    try:
        found = broadcast(first, second)
    except Contradiction:
        return ()
    return found if _surely_broadcast(first, second) else None


def _surely_broadcast(first: Dims, second: Dims) -> bool:
    """Whether two shapes broadcast whatever their unknown dimensions are."""
    if first is None or second is None:
        return first == () or second == ()
    pairs = zip(reversed(first), reversed(second), strict=False)
    return all(1 in pair or (pair[0] is not None and pair[0] == pair[1]) for pair in pairs)


@shape_function("QuantizedAdd", "QuantizedMul")
def quantized_binary(call: Call) -> list[Dims]:
    """As `binary`, with the range of the result."""
    for position in range(2, 6 if call.node.op == "QuantizedAdd" else 2):
        with_rank(call.input(position), 0)
    return [broadcast(call.input(0), call.input(1)), (), ()]


@shape_function("SelectV2")
def select_v2(call: Call) -> Dims:
    """What condition and both choices broadcast to."""
    return broadcast(call.input(0), broadcast(call.input(1), call.input(2)))


@shape_function("Select")
def select(call: Call) -> Dims:
    """Both choices are alike; the condition is as they are, a scalar, or one for each row."""
    condition = call.input(0)
    found = merge(call.input(1), call.input(2))
    if condition is None or not condition:
        return found
    if found is None:
        # a list may select rows of anything
        return condition if len(condition) > 1 else None
    if not found:
        raise Contradiction(f"a condition {show(condition)} cannot select scalars")
    if len(condition) == 1:
        return replaced(found, 0, (merge(found[:1], condition) or (None,))[0])
    return merge(found, condition)


# As the first input is; the bounds are scalars or alike.
shape_function("ClipByValue")(like_input(0))


@shape_function("Betainc")
def betainc(call: Call) -> Dims:
    """All inputs that are no scalars are alike."""
    shapes = [call.input(position) for position in range(3)]
    others = [dims for dims in shapes if dims != ()]
    return merge_all(others) if others else ()


@shape_function("AddN", "AccumulateNV2", "_MklAddN")
def add_n(call: Call) -> Dims:
    """All inputs are alike; one of the ops states it in an attribute."""
    if call.node.op == "AccumulateNV2":
        return call.shape_attr("shape")
    dims = merge_all(call.inputs)
    handle = call.handle(0)
    if handle is not None:
        call.give_handle(0, handle)
    return dims


shape_function("ApproximateEqual")(like_both_inputs)
shape_function(
    "EluGrad", "LeakyReluGrad", "Relu6Grad", "ReluGrad", "SeluGrad", "SoftplusGrad",
    "SoftsignGrad", "_MklEluGrad", "_MklLeakyReluGrad", "_MklReluGrad", "_MklRelu6Grad",
    "_MklTanhGrad",
)(like_both_inputs)  # fmt: skip
# As the first input, the output of the op whose gradient this is.
shape_function("InvGrad", "ReciprocalGrad", "RsqrtGrad", "SigmoidGrad", "SqrtGrad", "TanhGrad")(
    like_input(0)
)


@shape_function("Cross")
def cross(call: Call) -> Dims:
    """Both inputs are alike; their last dimension is 3."""
    dims = merge(call.input(0), call.input(1))
    if dims is None:
        return None
    if not dims or dims[-1] not in (None, 3):
        raise Contradiction(f"a vector product needs vectors of 3 elements, not {show(dims)}")
    return (*dims[:-1], 3)


shape_function("Cumsum", "Cumprod", "CumulativeLogsumexp")(like_input(0))
