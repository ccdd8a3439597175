"""Shapes of ops on quantized values, and of those that imitate quantization."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    broadcast,
    dim,
    merge,
    merge_dim,
    show,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import like_input
from graphtools.ops.families.convolution.shapes import conv2d_shape, depthwise_shape
from graphtools.ops.families.matrix_products.shapes import matrix_product

_RANGE: list[Dims] = [SCALAR, SCALAR]

# Imitated


shape_function("FakeQuantWithMinMaxArgs")(like_input(0))
shape_function("FakeQuantWithMinMaxArgsGradient")(like_input(0))


@shape_function("FakeQuantWithMinMaxVars")
def fake_quant(call: Call) -> Dims:
    """The input; the range is two scalars."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return call.input(0)


@shape_function("FakeQuantWithMinMaxVarsGradient")
def fake_quant_gradient(call: Call) -> list[Dims]:
    """Gradients of the input and of the range."""
    for position in (2, 3):
        with_rank(call.input(position), 0)
    return [merge(call.input(0), call.input(1)), *_RANGE]


@shape_function("FakeQuantWithMinMaxVarsPerChannel")
def fake_quant_per_channel(call: Call) -> Dims:
    """The input; there is a range for each channel."""
    dims = with_rank_at_least(call.input(0), 1)
    channels = _channels(dim(dims, -1), call.input(1), call.input(2))
    return None if dims is None else (*dims[:-1], channels)


@shape_function("FakeQuantWithMinMaxVarsPerChannelGradient")
def fake_quant_per_channel_gradient(call: Call) -> list[Dims]:
    """Gradients of the input and of the ranges."""
    dims = with_rank_at_least(merge(call.input(0), call.input(1)), 1)
    channels = _channels(dim(dims, -1), call.input(2), call.input(3))
    return [None if dims is None else (*dims[:-1], channels), (channels,), (channels,)]


def _channels(found: Dim, *lists: Dims) -> Dim:
    for dims in lists:
        found = merge_dim(found, with_rank(dims, 1)[0])
    return found


def _range_rank(call: Call) -> int:
    """The rank of a range: a list where the attribute names an axis, else a scalar."""
    axis = call.attr("axis")
    if isinstance(axis, int) and axis < -1:
        raise Contradiction(f"the axis must be -1 or more, not {axis}")
    return 0 if axis in (None, -1) else 1


def _check_range(call: Call, low: int, high: int) -> None:
    """The range is two scalars, or two lists with an element for each place on the axis."""
    rank = _range_rank(call)
    if not rank:
        with_rank(call.input(low), 0)
        with_rank(call.input(high), 0)
        return
    (count,) = with_rank(call.input(low), 1)
    (other,) = with_rank(call.input(high), 1)
    count = merge_dim(count, other)
    axis = call.int_attr("axis")
    dims = call.input(0)
    if dims is not None:
        if axis >= len(dims):
            raise Contradiction(f"{show(dims)} has no axis {axis}")
        if call.input(low) is not None and call.input(high) is not None:
            merge_dim(count, dims[axis])


shape_function("QuantizeAndDequantize")(like_input(0))


@shape_function("QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4")
def quantize_and_dequantize_v2(call: Call) -> Dims:
    """The input."""
    _check_range(call, 1, 2)
    if call.node.op == "QuantizeAndDequantizeV3":
        with_rank(call.input(3), 0)
    return call.input(0)


@shape_function("QuantizeAndDequantizeV4Grad")
def quantize_and_dequantize_grad(call: Call) -> list[Dims]:
    """Gradients of the input and of the range."""
    _check_range(call, 2, 3)
    dims = merge(call.input(0), call.input(1))
    if not _range_rank(call):
        return [dims, *_RANGE]
    return [dims, call.input(2), call.input(3)]


# Quantized, back, and to other ranges


@shape_function("QuantizeV2", "_MklQuantizeV2")
def quantize_v2(call: Call) -> list[Dims]:
    """The input, and its range."""
    rank = _range_rank(call)
    for position in (1, 2):
        with_rank(call.input(position), rank)
    dims = call.input(0)
    if not rank:
        return [dims, *_RANGE]
    axis = call.int_attr("axis")
    if dims is None or call.input(1) is None or call.input(2) is None:
        return [dims, (None,), (None,)]
    if axis >= len(dims):
        raise Contradiction(f"{show(dims)} has no axis {axis}")
    count = _channels(dims[axis], call.input(1), call.input(2))
    return [dims, (count,), (count,)]


@shape_function("Dequantize", "_MklDequantize")
def dequantize(call: Call) -> Dims:
    """The input."""
    _check_range(call, 1, 2)
    return call.input(0)


@shape_function("QuantizeDownAndShrinkRange")
def quantize_down(call: Call) -> list[Dims]:
    """The input, and its range."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return [call.input(0), *_RANGE]


@shape_function("Requantize")
def requantize(call: Call) -> list[Dims]:
    """The input, and its range."""
    for position in (1, 2, 3, 4):
        with_rank(call.input(position), 0)
    return [call.input(0), *_RANGE]


@shape_function("RequantizationRange")
def requantization_range(call: Call) -> list[Dims]:
    """A range."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return [*_RANGE]


@shape_function("RequantizationRangePerChannel")
def requantization_range_per_channel(call: Call) -> list[Dims]:
    """A range; the input has one for each channel."""
    for position in (1, 2):
        with_rank(call.input(position), 1)
    return [*_RANGE]


@shape_function("RequantizePerChannel")
def requantize_per_channel(call: Call) -> list[Dims]:
    """The input, and its range; it had one for each channel."""
    for position in (1, 2):
        with_rank(call.input(position), 1)
    for position in (3, 4):
        with_rank(call.input(position), 0)
    return [call.input(0), *_RANGE]


# Computed


@shape_function("QuantizedRelu", "QuantizedRelu6", "QuantizedReluX")
def quantized_relu(call: Call) -> list[Dims]:
    """The input, and its range."""
    for position in range(1, 4 if call.node.op == "QuantizedReluX" else 3):
        with_rank(call.input(position), 0)
    return [call.input(0), *_RANGE]


@shape_function("QuantizedBiasAdd")
def quantized_bias_add(call: Call) -> list[Dims]:
    """The input, and its range; the bias has a number for each channel."""
    dims = call.input(0)
    (count,) = with_rank(call.input(1), 1)
    for position in (2, 3, 4, 5):
        with_rank(call.input(position), 0)
    if dims is not None:
        with_rank_at_least(dims, 2)
        dims = (*dims[:-1], merge_dim(dims[-1], count))
    return [dims, *_RANGE]


@shape_function("QuantizedBatchNormWithGlobalNormalization")
def quantized_batch_norm(call: Call) -> list[Dims]:
    """The input, and its range; four lists have a number for each channel, each with a range."""
    dims = with_rank(call.input(0), 4)
    channels = _channels(dims[3], *(call.input(p) for p in (3, 6, 9, 12)))
    return [(*dims[:3], channels), *_RANGE]


@shape_function("QuantizedInstanceNorm")
def quantized_instance_norm(call: Call) -> list[Dims]:
    """The input, and its range."""
    dims = with_rank(call.input(0), 4)
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return [dims, *_RANGE]


@shape_function("QuantizedMatMul", "_QuantizedMatMul")
def quantized_mat_mul(call: Call) -> list[Dims]:
    """As MatMul, with the range of the result."""
    found = matrix_product(call, call.bool_attr("transpose_a"), call.bool_attr("transpose_b"))
    if call.node.op == "QuantizedMatMul":
        for position in (2, 3, 4, 5):
            with_rank(call.input(position), 0)
    return _with_range(call, found)


def _with_range(call: Call, found: Dims) -> list[Dims]:
    """A shape and two scalars, as far as the op has these outputs."""
    count = len(call.output_dtypes()) or 3
    return [found, SCALAR, SCALAR, *[None] * 3][:count]


@shape_function(
    "QuantizedMatMulWithBias", "QuantizedMatMulWithBiasAndDequantize",
    "QuantizedMatMulWithBiasAndRelu", "QuantizedMatMulWithBiasAndReluAndRequantize",
    "QuantizedMatMulWithBiasAndRequantize",
)  # fmt: skip
def quantized_mat_mul_with_bias(call: Call) -> list[Dims]:
    """As MatMul, with the range of the result; a bias for each column."""
    found = matrix_product(call, call.bool_attr("transpose_a"), call.bool_attr("transpose_b"))
    with_rank(call.input(2), 1)
    for position in (3, 4, 5, 6):
        with_rank(call.input(position), 0)
    return _with_range(call, found)


@shape_function(
    "QuantizedConv2D", "QuantizedConv2DPerChannel", "QuantizedConv2DAndRelu",
    "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize",
    "QuantizedConv2DWithBias", "QuantizedConv2DWithBiasAndRelu",
    "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize",
    "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndRelu",
    "QuantizedConv2DWithBiasSumAndReluAndRequantize", "_FusedQuantizedConv2D",
)  # fmt: skip
def quantized_conv2d(call: Call) -> list[Dims]:
    """As Conv2D, with the range of the result."""
    if call.node.op == "QuantizedConv2D":
        for position in (2, 3, 4, 5):
            with_rank(call.input(position), 0)
    return _convolved(call, conv2d_shape(call))


@shape_function(
    "QuantizedDepthwiseConv2D", "QuantizedDepthwiseConv2DWithBias",
    "QuantizedDepthwiseConv2DWithBiasAndRelu",
    "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize", "_FusedQuantizedDepthwiseConv2D",
)  # fmt: skip
def quantized_depthwise_conv2d(call: Call) -> list[Dims]:
    """As DepthwiseConv2dNative, with the range of the result."""
    return [depthwise_shape(call), None, None]


def _convolved(call: Call, found: Dims) -> list[Dims]:
    """With the range of the result: that of the filter, which may be one for each channel."""
    op = call.node.op
    if op == "QuantizedConv2D" or op.endswith("Requantize"):
        return [found, *_RANGE]
    if op[0] == "_":
        return _with_range(call, found)
    bound = with_rank_at_most(call.input(6 if "WithBias" in op else 5), 1)
    return [found, bound, bound]


@shape_function("QuantizedAdd", "QuantizedMul")
def quantized_binary(call: Call) -> list[Dims]:
    """As `binary`, with the range of the result."""
    for position in range(2, 6 if call.node.op == "QuantizedAdd" else 2):
        with_rank(call.input(position), 0)
    return [broadcast(call.input(0), call.input(1)), (), ()]


# Uniformly quantized


shape_function("UniformQuantize", "UniformDequantize", "UniformRequantize",
               "UniformQuantizedClipByValue")(like_input(0))  # fmt: skip
# [m,k] by [k,n] gives [m,n].
shape_function("UniformQuantizedDot", "UniformQuantizedDotHybrid")(matrix_product)


@shape_function("UniformQuantizedAdd")
def uniform_quantized_add(call: Call) -> Dims:
    """What both broadcast to."""
    return broadcast(call.input(0), call.input(1))
