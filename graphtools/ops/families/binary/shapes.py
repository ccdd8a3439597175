"""Shapes of functions of two tensors, element by element."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    broadcast,
    merge_all,
)
from graphtools.ops.families._outputs import like_both_inputs, like_input


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
