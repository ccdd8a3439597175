"""What the GPU delegate of TFLite runs.

What it does not run is left to the CPU, with a copy between the two each time. Source: TensorFlow's
`gpu_compatibility.cc` (in tensorflow/lite/tools/versioning) and the page "GPU delegates for
TensorFlow Lite".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphtools.compat.lowering import builtin_op
from graphtools.compat.step import RuntimeStep
from graphtools.ops.dims import Contradiction

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
#: Operators that may take and give other dtypes: masks, indices, and the conversion between these.
_OTHER_DTYPES = frozenset(
    "CAST EQUAL GATHER GREATER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND NOT_EQUAL ONE_HOT SELECT "
    "SELECT_V2".split()
)

#: The most dimensions of a tensor.
_MOST_DIMENSIONS = 4

_Check = Callable[[RuntimeStep], str]


def is_supported(op: str) -> bool:
    """Whether the delegate runs what a TensorFlow op becomes, apart from its limits."""
    builtin = builtin_op(op)
    if builtin is None:
        return False
    return not builtin or builtin in SUPPORTED or op in _RESHAPES


def limit(step: RuntimeStep) -> str:
    """Why the delegate does not run a step though its operator is supported; empty if it does."""
    if step.op and step.op not in _OTHER_DTYPES and step.gives not in ("", *DTYPES):
        return f"it gives {step.gives}, and the delegate computes with floats"
    if step.op:
        shapes = [*step.inputs, *step.outputs]
        rank = max((len(dims) for dims in shapes if dims is not None), default=0)
        if rank > _MOST_DIMENSIONS:
            return f"it has a tensor of {rank} dimensions, and the delegate takes up to 4"
    check = _LIMITS.get(step.op)
    try:
        own = check(step) if check is not None else ""
    except Contradiction:
        return ""  # the node is none that TensorFlow takes
    return own or (_changed_batch(step) if step.op else "")


def _changed_batch(step: RuntimeStep) -> str:
    """How a step gives another batch than it takes; empty if it does not."""
    taken = [dims for place, dims in enumerate(step.inputs) if not step.is_constant(place)]
    given = step.outputs[0] if step.outputs else None
    if not taken or not taken[0] or not given or len(taken[0]) < 2 or len(given) < 2:
        return ""
    first, last = taken[0][0], given[0]
    if None in (first, last) or first == last:
        return ""
    return f"its batch changes from {first} to {last}, and the delegate takes one throughout"


def _plain_slice(step: RuntimeStep) -> str:
    for name in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask"):
        if step.option(name):
            return f"{name} is set"
    return _of_images(step)


def _of_images(step: RuntimeStep) -> str:
    dims = step.inputs[0] if step.inputs else None
    if dims is None or len(dims) in (3, 4):
        return ""
    return f"its input has {len(dims)} dimensions, and 3 or 4 are supported"


def _pads_images(step: RuntimeStep) -> str:
    dims = step.inputs[1] if len(step.inputs) > 1 else None
    if dims is None or dims in ((3, 2), (4, 2)):
        return ""
    return f"it pads {dims[0] if dims else 'an unknown number of'} dimensions, 3 or 4 are supported"


def _mirrors(step: RuntimeStep) -> str:
    if step.option("mode") not in ("REFLECT", None):
        return "its mode is not REFLECT"
    return _pads_images(step)


def _constant_axes(step: RuntimeStep) -> str:
    axes = step.integers(1)
    return "its axes are not constant" if axes is None or None in axes else ""


def _adds_two(step: RuntimeStep) -> str:
    return "" if len(step.inputs) == 2 else f"it adds {len(step.inputs)} tensors, not two"


def _single_multiplier(step: RuntimeStep) -> str:
    multiplier, dims = step.option("depth_multiplier"), step.inputs[0] if step.inputs else None
    channels = dims[-1] if dims else None
    if None in (multiplier, channels) or multiplier == 1 or channels == 1:
        return ""
    return f"it has {channels} channels and a multiplier of {multiplier}"


def _vector_indices(step: RuntimeStep) -> str:
    dims = step.inputs[1] if len(step.inputs) > 1 else None
    if dims is not None and len(dims) != 1:
        return f"its indices have {len(dims)} dimensions, not one"
    kind = step.dtype(1)
    return "" if kind in ("", "int32") else f"its indices are {kind}"


def _casts(step: RuntimeStep) -> str:
    names = [step.dtype(0), step.gives]
    plain = {"float16", "float32", "bool"}
    if set(names) <= plain or set(names) <= {"float32", "int32"} or "" in names:
        return ""
    return f"it casts {names[0]} to {names[-1]}"


def _plain_softmax(step: RuntimeStep) -> str:
    beta = step.option("beta")
    return "" if beta in (None, 1, 1.0) else f"its beta is {beta:g}, and only 1 is supported"


_LIMITS: Mapping[str, _Check] = {
    "ADD_N": _adds_two,
    "CAST": _casts,
    "DEPTHWISE_CONV_2D": _single_multiplier,
    "GATHER": _vector_indices,
    "MEAN": _constant_axes,
    "MIRROR_PAD": _mirrors,
    "PAD": _pads_images,
    "PADV2": _pads_images,
    "REDUCE_MAX": _constant_axes,
    "REDUCE_MIN": _constant_axes,
    "REDUCE_PROD": _constant_axes,
    "SLICE": _of_images,
    "SOFTMAX": _plain_softmax,
    "STRIDED_SLICE": _plain_slice,
    "SUM": _constant_axes,
}
