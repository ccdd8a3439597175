"""What the Edge TPU compiler maps to the Edge TPU, as Google documents it.

The compiler cuts a model at the first operator that it cannot map: that and all behind it run on
the CPU. Source: "TensorFlow models on the Edge TPU" (coral.ai), with the table of supported
operations and their known limitations, for compilers from version 14 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphtools.compat.lowering import builtin_op
from graphtools.compat.step import RuntimeStep
from graphtools.ops.dims import Dims

#: Operators that the compiler maps, by their names in TFLite.
SUPPORTED = frozenset(
    "ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D EXPAND_DIMS FULLY_CONNECTED "
    "L2_NORMALIZATION LOGISTIC LSTM MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE "
    "REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR "
    "RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQUARED_DIFFERENCE SQUEEZE "
    "STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM".split()
)
#: Operators that are meant to run on the CPU behind a model for the Edge TPU.
ON_CPU = frozenset({"TFLite_Detection_PostProcess"})
#: Dimensions of a tensor, counted from the last, that may be larger than 1.
MOST_DIMENSIONS = 3
#: Elements of the longest vector that Softmax takes.
LONGEST_SOFTMAX = 16_000
#: Bytes of memory on the chip that hold parameters; of larger models the rest is fetched each time.
ON_CHIP = 8_000_000

#: Dtypes of the tensors that it computes with.
DTYPES = frozenset({"int8", "uint8"})
#: How many times larger RESIZE_BILINEAR may make an image. Larger factors are not mapped "to avoid
#: loss in precision"; which they are is not said: twofold ones are mapped in google-coral's
#: MoveNet, those of 33 in its DeepLab are not.
LARGEST_RESIZE = 8

_Check = Callable[[RuntimeStep], str]


def is_supported(op: str) -> bool:
    """Whether the compiler maps what a TensorFlow op becomes, apart from its limits."""
    builtin = builtin_op(op)
    return builtin is not None and (not builtin or builtin in SUPPORTED)


def limit(step: RuntimeStep) -> str:
    """Why the compiler does not map a step though its operator is supported; empty if it does."""
    check = _LIMITS.get(step.op)
    return check(step) if check is not None else ""


def exceeds_dimensions(dims: Dims) -> bool:
    """Whether a tensor has dimensions larger than 1 before its last three."""
    return dims is not None and any(d is not None and d > 1 for d in dims[:-MOST_DIMENSIONS])


def _equal_dilations(step: RuntimeStep) -> str:
    across = [step.option(name) for name in ("dilation_h_factor", "dilation_w_factor")]
    if None in across or across[0] == across[1]:
        return ""
    return f"its dilations {across} differ"


def _not_along_batch(step: RuntimeStep) -> str:
    axes = step.integers(1)
    dims = step.inputs[0] if step.inputs else None
    if axes is None or dims is None or len(dims) < 2:
        return ""
    if any(a is not None and a in (0, -len(dims)) for a in axes) and dims[0] != 1:
        return "it reduces the batch dimension"
    return ""


def _mean(step: RuntimeStep) -> str:
    axes, dims = step.integers(1), step.inputs[0] if step.inputs else None
    depth = dims[-1] if dims and len(dims) == 4 else None
    if axes is not None and depth is not None and depth % 4 and set(axes) & {3, -1}:
        return f"it is taken along {depth:,} channels, which is no multiple of 4"
    return _not_along_batch(step)


def _packs_no_batch(step: RuntimeStep) -> str:
    return "it packs along the batch dimension" if step.option("axis") == 0 else ""


def _splits_no_batch(step: RuntimeStep) -> str:
    return "it splits the batch dimension" if step.integers(0) in ((0,), [0]) else ""


def _pads_no_batch(step: RuntimeStep) -> str:
    amounts = step.integers(1)
    dims = step.inputs[0] if step.inputs else None
    if amounts is None or dims is None or len(dims) < 2:
        return ""
    return "it pads the batch dimension" if any(amounts[:2]) else ""


def _short_softmax(step: RuntimeStep) -> str:
    dims = step.inputs[0] if step.inputs else None
    if dims is None:
        return ""
    if any(d is not None and d > 1 for d in dims[:-1]):
        return "it is taken of more than a vector"
    if dims and dims[-1] is not None and dims[-1] > LONGEST_SOFTMAX:
        return f"it is taken of {dims[-1]:,} elements, at most {LONGEST_SOFTMAX:,} are supported"
    return ""


def _plain_slice(step: RuntimeStep) -> str:
    strides = step.integers(3)
    if strides is not None and any(s not in (1, None) for s in strides):
        return f"its strides {list(strides)} are not all 1"
    for name in ("ellipsis_mask", "new_axis_mask"):
        if step.option(name):
            return f"it has an {name}" if name[0] == "e" else f"it has a {name}"
    return ""


def _zero_padding_concat(step: RuntimeStep) -> str:
    count = len(step.inputs)
    if count != 2 and any(step.is_constant(position) for position in range(count)):
        return "one of its inputs is constant, and there are more than two"
    return _no_activation(step)


def _no_activation(step: RuntimeStep) -> str:
    activation = step.option("fused_activation_function")
    return f"{activation} is fused into it" if activation not in (None, "NONE") else ""


def _resizes(step: RuntimeStep) -> str:
    before = step.inputs[0] if step.inputs else None
    after = step.outputs[0] if step.outputs else None
    if before is None or after is None or len(before) != 4 or len(after) != 4:
        return ""
    for old, new in zip(before[1:3], after[1:3], strict=True):
        if old and new and new > old * LARGEST_RESIZE:
            return f"it enlarges {old} to {new}, which would lose precision"
    return ""


def _one_alpha(step: RuntimeStep) -> str:
    alpha = step.inputs[1] if len(step.inputs) > 1 else None
    if alpha is not None and any(d is not None and d > 1 for d in alpha[:-1]):
        return "its alpha is more than a vector; share it across height and width"
    return ""


def _plain_weights(step: RuntimeStep) -> str:
    layout = step.option("weights_format")
    if layout not in (None, "DEFAULT"):
        return f"its weights are {layout}"
    dims = step.outputs[0] if step.outputs else None
    is_vector = dims is None or not any(d is not None and d > 1 for d in dims[:-1])
    return "" if is_vector else "it gives more than a vector"


_LIMITS: Mapping[str, _Check] = {
    "AVERAGE_POOL_2D": _no_activation,
    "CONCATENATION": _zero_padding_concat,
    "CONV_2D": _equal_dilations,
    "DEPTHWISE_CONV_2D": _equal_dilations,
    "FULLY_CONNECTED": _plain_weights,
    "MAX_POOL_2D": _no_activation,
    "MEAN": _mean,
    "PACK": _packs_no_batch,
    "PAD": _pads_no_batch,
    "PRELU": _one_alpha,
    "REDUCE_MAX": _not_along_batch,
    "REDUCE_MIN": _not_along_batch,
    "RESIZE_BILINEAR": _resizes,
    "SOFTMAX": _short_softmax,
    "SPLIT": _splits_no_batch,
    "STRIDED_SLICE": _plain_slice,
    "SUM": _not_along_batch,
}
