"""Which TFLite op a TensorFlow op becomes, for the limits that runtimes state by TFLite op.

Source: the legalization patterns of TensorFlow's MLIR converter, and its list of builtin operators.
Whether a node converts at all is another question: see `graphtools.compat.prediction`.
"""

from __future__ import annotations

from graphtools.idioms.fake_quant import FAKE_QUANTS

#: Ops of which nothing is left in a TFLite model: they pass values on, or only watch and bound.
VANISHES = FAKE_QUANTS | frozenset(
    {
        "Assert", "CheckNumerics", "Const", "ControlTrigger", "EnsureShape", "Identity",
        "IdentityN", "NoOp", "Placeholder", "PlaceholderV2", "PlaceholderWithDefault",
        "PreventGradient", "Snapshot", "StopGradient", "_Arg", "_Retval",
    }
)  # fmt: skip

#: By the TFLite op, the TensorFlow ops that become it.
_SOURCES = {
    "ABS": "Abs",
    "ADD": "Add AddV2 BiasAdd",
    "ADD_N": "AddN",
    "ARG_MAX": "ArgMax",
    "ARG_MIN": "ArgMin",
    "AVERAGE_POOL_2D": "AvgPool",
    "BATCH_MATMUL": "BatchMatMul BatchMatMulV2 BatchMatMulV3",
    "BATCH_TO_SPACE_ND": "BatchToSpaceND BatchToSpace",
    "BROADCAST_TO": "BroadcastTo",
    "CAST": "Cast",
    "CEIL": "Ceil",
    "CONCATENATION": "Concat ConcatV2",
    "CONV_2D": "Conv2D",
    "CONV_3D": "Conv3D",
    "COS": "Cos",
    "CUMSUM": "Cumsum",
    "DEPTH_TO_SPACE": "DepthToSpace",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2dNative",
    "DIV": "Div RealDiv",
    "ELU": "Elu",
    "EQUAL": "Equal",
    "EXP": "Exp",
    "EXPAND_DIMS": "ExpandDims",
    "FILL": "Fill",
    "FLOOR": "Floor",
    "FLOOR_DIV": "FloorDiv",
    "FLOOR_MOD": "FloorMod Mod",
    "FULLY_CONNECTED": "MatMul",
    "GATHER": "Gather GatherV2",
    "GATHER_ND": "GatherNd",
    "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterEqual",
    "IF": "If StatelessIf Switch",
    "LEAKY_RELU": "LeakyRelu",
    "LESS": "Less",
    "LESS_EQUAL": "LessEqual",
    "LOCAL_RESPONSE_NORMALIZATION": "LRN",
    "LOG": "Log",
    "LOG_SOFTMAX": "LogSoftmax",
    "LOGICAL_AND": "LogicalAnd",
    "LOGICAL_NOT": "LogicalNot",
    "LOGICAL_OR": "LogicalOr",
    "LOGISTIC": "Sigmoid",
    "MATRIX_DIAG": "MatrixDiag MatrixDiagV2 MatrixDiagV3",
    "MAX_POOL_2D": "MaxPool",
    "MAXIMUM": "Maximum",
    "MEAN": "Mean",
    "MINIMUM": "Minimum",
    "MIRROR_PAD": "MirrorPad",
    "MUL": (
        "Mul FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 BatchNormWithGlobalNormalization"
    ),
    "NEG": "Neg",
    "NON_MAX_SUPPRESSION_V4": "NonMaxSuppressionV3 NonMaxSuppressionV4",
    "NON_MAX_SUPPRESSION_V5": "NonMaxSuppressionV5",
    "NOT_EQUAL": "NotEqual",
    "ONE_HOT": "OneHot",
    "PACK": "Pack",
    "PAD": "Pad",
    "PADV2": "PadV2",
    "POW": "Pow",
    "RANGE": "Range",
    "RANK": "Rank",
    "REDUCE_ALL": "All",
    "REDUCE_ANY": "Any",
    "REDUCE_MAX": "Max",
    "REDUCE_MIN": "Min",
    "REDUCE_PROD": "Prod",
    "RELU": "Relu",
    "RELU6": "Relu6",
    "RESHAPE": "Reshape",
    "RESIZE_BILINEAR": "ResizeBilinear",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighbor",
    "REVERSE_V2": "ReverseV2",
    "ROUND": "Round",
    "RSQRT": "Rsqrt",
    "SCATTER_ND": "ScatterNd",
    "SELECT": "Select",
    "SELECT_V2": "SelectV2",
    "SHAPE": "Shape",
    "SIGN": "Sign",
    "SIN": "Sin",
    "SLICE": "Slice",
    "SOFTMAX": "Softmax",
    "SPACE_TO_BATCH_ND": "SpaceToBatchND SpaceToBatch",
    "SPACE_TO_DEPTH": "SpaceToDepth",
    "SPLIT": "Split",
    "SPLIT_V": "SplitV",
    "SQRT": "Sqrt",
    "SQUARE": "Square",
    "SQUARED_DIFFERENCE": "SquaredDifference",
    "SQUEEZE": "Squeeze",
    "STRIDED_SLICE": "StridedSlice",
    "SUB": "Sub",
    "SUM": "Sum",
    "TANH": "Tanh",
    "TILE": "Tile",
    "TOPK_V2": "TopK TopKV2",
    "TRANSPOSE": "Transpose",
    "TRANSPOSE_CONV": "Conv2DBackpropInput",
    "UNPACK": "Unpack",
    "WHERE": "Where",
    "WHILE": "While StatelessWhile Enter",
    "ZEROS_LIKE": "ZerosLike",
}
_BUILTIN = {name: builtin for builtin, names in _SOURCES.items() for name in names.split()}


def builtin_op(op: str) -> str | None:
    """The TFLite op that a TensorFlow op mainly becomes.

    Returns:
        The name as in TFLite's schema; empty for an op of which nothing is left; None for an op
        that has no counterpart of its own.
    """
    return "" if op in VANISHES else _BUILTIN.get(op)
