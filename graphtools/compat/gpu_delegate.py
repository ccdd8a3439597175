"""What the GPU delegate of TFLite runs.

What it does not run is left to the CPU, with a copy between the two each time. Source: TensorFlow's
`gpu_compatibility.cc` (in tensorflow/lite/tools/versioning) and the page "GPU delegates for
TensorFlow Lite".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphtools.compat.lowering import builtin_op
from graphtools.graph.node import Node
from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction
from graphtools.ops.inference import Inference

#: Operators that the delegate takes, by their names in TFLite.
SUPPORTED = frozenset(
    "ABS ADD ADD_N ATAN2 AVERAGE_POOL_2D BATCH_MATMUL CAST CEIL CONCATENATION CONV_2D COS CUMSUM "
    "DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE DIV ELU EMBEDDING_LOOKUP EQUAL EXP FLOOR "
    "FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GELU GREATER GREATER_EQUAL HARD_SWISH LEAKY_RELU "
    "LESS LESS_EQUAL LOG LOGICAL_AND LOGISTIC LSTM MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL "
    "NEG NOT_EQUAL ONE_HOT PACK PAD PADV2 POW PRELU QUANTIZE REDUCE_MAX REDUCE_MIN REDUCE_PROD "
    "RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SELECT "
    "SELECT_V2 SIGN SIN SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE "
    "STRIDED_SLICE SUB SUM TANH TILE TRANSPOSE TRANSPOSE_CONV".split()
)
#: Shape operators, which the converter writes as RESHAPE where shapes are known.
_RESHAPES = frozenset({"ExpandDims", "Squeeze"})
#: Custom operators that run on the CPU behind the delegate's part, as they are meant to.
ON_CPU = frozenset({"TFLite_Detection_PostProcess"})
#: Dtypes of the tensors that it computes with.
DTYPES = frozenset({"float16", "float32"})
#: Ops that may take and give other dtypes: masks, indices, and the conversion between these.
_OTHER_DTYPES = frozenset(
    {"Cast", "Equal", "Gather", "GatherV2", "Greater", "GreaterEqual", "Less", "LessEqual",
     "LogicalAnd", "NotEqual", "OneHot", "Select", "SelectV2"}
)  # fmt: skip

#: The most dimensions of a tensor.
_MOST_DIMENSIONS = 4

_Check = Callable[[Call], str]


def is_supported(op: str) -> bool:
    """Whether the delegate runs what a TensorFlow op becomes, apart from its limits."""
    builtin = builtin_op(op)
    if builtin is None:
        return False
    return not builtin or builtin in SUPPORTED or op in _RESHAPES


def limit(inference: Inference, node: Node) -> str:
    """Why the delegate does not run a node though its operator is supported; empty if it does."""
    call = inference.call(node)
    if builtin_op(node.op) and node.op not in _OTHER_DTYPES:
        kind = inference.dtype(node.name)
        if kind is not None and kind.base.name not in DTYPES:
            return f"it gives {kind.base.name}, and the delegate computes with floats"
    if builtin_op(node.op):
        shapes = [*call.inputs, *inference.shapes(node.name)]
        rank = max((len(dims) for dims in shapes if dims is not None), default=0)
        if rank > _MOST_DIMENSIONS:
            return f"it has a tensor of {rank} dimensions, and the delegate takes up to 4"
    check = _LIMITS.get(node.op)
    try:
        own = check(call) if check is not None else ""
    except Contradiction:
        return ""  # the node is none that TensorFlow takes
    return own or (_changed_batch(inference, call) if builtin_op(node.op) else "")


def _changed_batch(inference: Inference, call: Call) -> str:
    """How a node gives another batch than it takes; empty if it does not."""
    is_constant, data = inference.constness.is_constant, call.sources
    taken = [d for d, (name, _) in zip(call.inputs, data, strict=True) if not is_constant(name)]
    given = inference.dims(call.node.name)
    if not taken or not taken[0] or not given or len(taken[0]) < 2 or len(given) < 2:
        return ""
    first, last = taken[0][0], given[0]
    if None in (first, last) or first == last:
        return ""
    return f"its batch changes from {first} to {last}, and the delegate takes one throughout"


def _plain_slice(call: Call) -> str:
    for name in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask"):
        if call.attr(name):
            return f"{name} is set"
    return _of_images(call)


def _of_images(call: Call) -> str:
    dims = call.inputs[0] if call.inputs else None
    if dims is None or len(dims) in (3, 4):
        return ""
    return f"its input has {len(dims)} dimensions, and 3 or 4 are supported"


def _pads_images(call: Call) -> str:
    dims = call.inputs[1] if len(call.inputs) > 1 else None
    if dims is None or dims in ((3, 2), (4, 2)):
        return ""
    return f"it pads {dims[0] if dims else 'an unknown number of'} dimensions, 3 or 4 are supported"


def _mirrors(call: Call) -> str:
    if call.attr("mode") != b"REFLECT":
        return "its mode is not REFLECT"
    return _pads_images(call)


def _constant_axes(call: Call) -> str:
    if call.vector(1) is None or None in (call.vector(1) or (None,)):
        return "its axes are not constant"
    return ""


def _adds_two(call: Call) -> str:
    return "" if len(call.inputs) == 2 else f"it adds {len(call.inputs)} tensors, not two"


def _single_multiplier(call: Call) -> str:
    filters = call.inputs[1] if len(call.inputs) > 1 else None
    if filters is None or len(filters) != 4 or None in filters[2:]:
        return ""
    channels, multiplier = filters[2:]
    if multiplier != 1 and channels != 1:
        return f"it has {channels} channels and a multiplier of {multiplier}"
    return ""


def _vector_indices(call: Call) -> str:
    dims = call.inputs[1] if len(call.inputs) > 1 else None
    if dims is not None and len(dims) != 1:
        return f"its indices have {len(dims)} dimensions, not one"
    kind = call.dtype(1)
    return "" if kind is None or kind.name == "int32" else f"its indices are {kind.name}"


def _casts(call: Call) -> str:
    kinds = [call.dtype(0), *call.output_dtypes()[:1]]
    names = [k.base.name if k is not None else "" for k in kinds]
    plain = {"float16", "float32", "bool"}
    if set(names) <= plain or set(names) <= {"float32", "int32"} or "" in names:
        return ""
    return f"it casts {names[0]} to {names[-1]}"


_LIMITS: Mapping[str, _Check] = {
    "AddN": _adds_two,
    "Cast": _casts,
    "DepthwiseConv2dNative": _single_multiplier,
    "Gather": _vector_indices,
    "GatherV2": _vector_indices,
    "Max": _constant_axes,
    "Mean": _constant_axes,
    "Min": _constant_axes,
    "MirrorPad": _mirrors,
    "Pad": _pads_images,
    "PadV2": _pads_images,
    "Prod": _constant_axes,
    "Slice": _of_images,
    "StridedSlice": _plain_slice,
    "Sum": _constant_axes,
}
