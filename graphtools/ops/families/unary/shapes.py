"""Shapes of functions of each element of one tensor."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Dims,
)
from graphtools.ops.families._outputs import like_input

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


shape_function("Cumsum", "Cumprod", "CumulativeLogsumexp")(like_input(0))
