"""What the Edge TPU compiler maps to the Edge TPU, as Google documents it.

The compiler cuts a model at the first operator that it cannot map: that and all behind it run on
the CPU. Source: "TensorFlow models on the Edge TPU" (coral.ai), with the table of supported
operations and their known limitations, for compilers from version 14 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphtools.compat.lowering import builtin_op
from graphtools.graph.node import Node
from graphtools.ops.call import Call
from graphtools.ops.dims import Dims
from graphtools.ops.inference import Inference

#: Operators that the compiler maps, by their names in TFLite.
SUPPORTED = frozenset(
    "ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D EXPAND_DIMS FULLY_CONNECTED "
    "L2_NORMALIZATION LOGISTIC LSTM MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE "
    "REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR "
    "RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQUARED_DIFFERENCE SQUEEZE "
    "STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV".split()
)
#: Operators that are meant to run on the CPU behind a model for the Edge TPU.
ON_CPU = frozenset({"TFLite_Detection_PostProcess"})
#: Dimensions of a tensor, counted from the last, that may be larger than 1.
MOST_DIMENSIONS = 3
#: Elements of the longest vector that Softmax takes.
LONGEST_SOFTMAX = 16_000
#: Bytes of memory on the chip that hold parameters; of larger models the rest is fetched each time.
ON_CHIP = 8_000_000

_Check = Callable[[Call], str]


def is_supported(op: str) -> bool:
    """Whether the compiler maps what a TensorFlow op becomes, apart from its limits."""
    builtin = builtin_op(op)
    return builtin is not None and (not builtin or builtin in SUPPORTED)


def limit(inference: Inference, node: Node) -> str:
    """Why the compiler does not map a node though its operator is supported; empty if it does."""
    check = _LIMITS.get(node.op)
    return check(inference.call(node)) if check is not None else ""


def exceeds_dimensions(dims: Dims) -> bool:
    """Whether a tensor has dimensions larger than 1 before its last three."""
    return dims is not None and any(d is not None and d > 1 for d in dims[:-MOST_DIMENSIONS])


def _equal_dilations(call: Call) -> str:
    dilations = call.attr("dilations")
    if not isinstance(dilations, list) or len(dilations) != 4:
        return ""
    across = dilations[1:3] if call.attr("data_format") != b"NCHW" else dilations[2:4]
    return "" if across[0] == across[1] else f"its dilations {across} differ"


def _not_along_batch(call: Call) -> str:
    axes = call.vector(1) if len(call.inputs) > 1 else None
    dims = call.inputs[0] if call.inputs else None
    if axes is None or dims is None or len(dims) < 2:
        return ""
    if any(a is not None and a in (0, -len(dims)) for a in axes) and dims[0] != 1:
        return "it reduces the batch dimension"
    return ""


def _packs_no_batch(call: Call) -> str:
    return "it packs along the batch dimension" if call.attr("axis") == 0 else ""


def _splits_no_batch(call: Call) -> str:
    return "it splits the batch dimension" if call.integer(0) == 0 else ""


def _pads_no_batch(call: Call) -> str:
    amounts = call.integers(1) if len(call.inputs) > 1 else None
    dims = call.inputs[0] if call.inputs else None
    if amounts is None or dims is None or len(dims) < 2:
        return ""
    return "it pads the batch dimension" if any(amounts.items[:2]) else ""


def _short_softmax(call: Call) -> str:
    dims = call.inputs[0] if call.inputs else None
    if dims is None:
        return ""
    if any(d is not None and d > 1 for d in dims[:-1]):
        return "it is taken of more than a vector"
    if dims and dims[-1] is not None and dims[-1] > LONGEST_SOFTMAX:
        return f"it is taken of {dims[-1]:,} elements, at most {LONGEST_SOFTMAX:,} are supported"
    return ""


def _plain_slice(call: Call) -> str:
    strides = call.vector(3) if len(call.inputs) > 3 else None
    if strides is not None and any(s not in (1, None) for s in strides):
        return f"its strides {list(strides)} are not all 1"
    for name in ("ellipsis_mask", "new_axis_mask"):
        if call.attr(name):
            return f"it has an {name}" if name[0] == "e" else f"it has a {name}"
    return ""


def _zero_padding_concat(call: Call) -> str:
    constants = [p for p in range(len(call.inputs) - 1) if _is_constant(call, p)]
    if constants and len(call.inputs) != 3:
        return "one of its inputs is constant, and there are more than two"
    return ""


def _is_constant(call: Call, position: int) -> bool:
    maker = call.maker(position)
    return maker is not None and maker.node.op == "Const"


_LIMITS: Mapping[str, _Check] = {
    "ConcatV2": _zero_padding_concat,
    "Conv2D": _equal_dilations,
    "DepthwiseConv2dNative": _equal_dilations,
    "Max": _not_along_batch,
    "Mean": _not_along_batch,
    "Min": _not_along_batch,
    "Pack": _packs_no_batch,
    "Pad": _pads_no_batch,
    "PadV2": _pads_no_batch,
    "Softmax": _short_softmax,
    "Split": _splits_no_batch,
    "StridedSlice": _plain_slice,
    "Sum": _not_along_batch,
}
