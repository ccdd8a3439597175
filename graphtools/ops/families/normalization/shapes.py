"""Shapes of normalizations."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    dim,
    merge,
    merge_dim,
    replaced,
    with_rank,
)
from graphtools.ops.families._outputs import like_input
from graphtools.ops.families.normalization.attributes import channel_axis


def _normalized(call: Call, vectors: range, rank: int | None = 4) -> tuple[Dims, Dim]:
    """The first input with its channels, which some other inputs have one number each for."""
    dims = call.input(0)
    if rank is not None:
        dims = with_rank(dims, rank)
    if dims is None:
        return None, _channels(call, vectors, None)
    if len(dims) < 1:
        raise Contradiction("a scalar has no channels")
    axis = channel_axis(call, len(dims))
    channels = _channels(call, vectors, dim(dims, axis))
    return replaced(dims, axis, channels), channels


def _channels(call: Call, vectors: range, found: Dim) -> Dim:
    for position in vectors:
        found = merge_dim(found, with_rank(call.input(position), 1)[0])
    return found


def _statistics(call: Call) -> range:
    """Scale and offset, in inference mean and variance, too."""
    return range(1, 3) if call.bool_attr("is_training") else range(1, 5)


@shape_function("FusedBatchNorm", "FusedBatchNormV2", "_MklFusedBatchNorm", "_MklFusedBatchNormV2",
                "_MklNativeFusedBatchNorm", "_MklNativeFusedBatchNormV2")  # fmt: skip
def fused_batch_norm(call: Call) -> list[Dims]:
    """The input, and four statistics with one number for each channel."""
    dims, channels = _normalized(call, _statistics(call))
    return [dims] + [(channels,)] * 4


@shape_function("FusedBatchNormV3", "_FusedBatchNormEx", "_MklFusedBatchNormV3",
                "_MklNativeFusedBatchNormV3", "_MklFusedBatchNormEx",
                "_MklNativeFusedBatchNormEx")  # fmt: skip
def fused_batch_norm_v3(call: Call) -> list[Dims]:
    """As `fused_batch_norm`, and what the gradient needs; volumes are taken, too."""
    rank = 5 if call.attr("data_format") in (b"NDHWC", b"NCDHW") else 4
    dims, channels = _normalized(call, _statistics(call), rank)
    return [dims] + [(channels,)] * 4 + [None]


@shape_function("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3",
                "_MklFusedBatchNormGrad", "_MklFusedBatchNormGradV2", "_MklFusedBatchNormGradV3",
                "_FusedBatchNormGradEx", "_MklNativeFusedBatchNormGrad",
                "_MklNativeFusedBatchNormGradV2", "_MklNativeFusedBatchNormGradV3")  # fmt: skip
def fused_batch_norm_grad(call: Call) -> list[Dims]:
    """Gradients of input, scale and offset; two outputs are empty."""
    is_volume = call.attr("data_format") in (b"NDHWC", b"NCDHW")
    rank = 5 if is_volume and "V3" in call.node.op + "V3" * call.node.op.endswith("Ex") else 4
    gradient = with_rank(call.input(0), rank)
    dims = with_rank(call.input(1), rank)
    axis = channel_axis(call, rank)
    channels = merge_dim(gradient[axis], dims[axis])
    channels = _channels(call, range(2, 5), channels)
    found: list[Dims] = [replaced(gradient, axis, channels), (channels,), (channels,), (0,), (0,)]
    if call.node.op == "_FusedBatchNormGradEx":
        sides = call.int_attr("num_side_inputs")
        if not 0 <= sides <= 1000:
            raise Contradiction(f"there cannot be {sides} side inputs")
        found += ([found[0]] + [None] * sides)[:sides]
    return found


@shape_function("BatchNormWithGlobalNormalization")
def batch_norm_with_global_normalization(call: Call) -> Dims:
    """The input; the other four inputs have a number for each channel."""
    dims = with_rank(call.input(0), 4)
    return (*dims[:3], _channels(call, range(1, 5), dims[3]))


@shape_function("BatchNormWithGlobalNormalizationGrad")
def batch_norm_with_global_normalization_grad(call: Call) -> list[Dims]:
    """Gradients of the input and of four lists with a number for each channel."""
    dims = with_rank(call.input(0), 4)
    dims = with_rank(merge(dims, call.input(4)), 4)
    channels = _channels(call, range(1, 4), dims[3])
    found: list[Dims] = [(*dims[:3], channels)]
    return found + [(channels,)] * 4


shape_function("LRN", "_MklLRN")(like_input(0, rank=4))


@shape_function("LRNGrad")
def lrn_grad(call: Call) -> Dims:
    """All three inputs are alike, and have four dimensions."""
    dims: Dims = with_rank(call.input(0), 4)
    for position in (1, 2):
        dims = merge(dims, call.input(position))
    return dims


shape_function("_MklLayerNorm")(like_input(0))
