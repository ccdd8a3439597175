"""Convolutions, pools and batch normalization: layouts, windows, what must be known of shapes."""

from __future__ import annotations

import math

from graphtools.compat.dilation import dilation_of
from graphtools.compat.judgement import Failure, Judgement
from graphtools.compat.site import Site, rule
from graphtools.front_end import step
from graphtools.idioms.batch_norm import FUSED
from graphtools.ops.dims import is_known


@rule("Conv2D", "DepthwiseConv2dNative")
def convolution(site: Site) -> Judgement:
    """The number of channels of the input, and the whole shape of the filter, must be known.

    Conv2D in NCHW gets transposes around it; DepthwiseConv2dNative does not.
    """
    dims, weights = site.input(0), site.input(1)
    if dims is None:
        return "the rank of its input is unknown"
    if site.attr("data_format") == b"NCHW":
        channels = dims[1] if len(dims) > 1 else None
    else:
        channels = dims[-1] if dims else None
    if channels is None:
        return "the number of channels of its input is unknown"
    if not is_known(weights):
        return "the shape of its filter is not known"
    return None


@rule("Conv2DBackpropInput")
def transposed_convolution(site: Site) -> Judgement:
    """TFLite's transposed convolution knows no dilation."""
    dilations = site.attr("dilations")
    if isinstance(dilations, list) and any(d != 1 for d in dilations):
        return f"dilations={dilations}: TFLite's transposed convolution has none"
    return None


@rule("BiasAdd")
def bias(site: Site) -> Judgement:
    """In NCHW it gets transposes of images around it, whatever its rank."""
    rank = site.rank(0)
    if site.attr("data_format") == b"NCHW" and rank not in (None, 4):
        reason = f"NCHW and rank {rank}: the converter transposes it as if its rank were 4"
        return Failure("error", reason, "add the bias with a Reshape to [C,1,...] and an Add")
    return None


@rule("MaxPool", "AvgPool")
def pool(site: Site) -> Judgement:
    """Windows and strides must be 1 along the batch and the channels."""
    outer = (0, 1) if site.attr("data_format") == b"NCHW" else (0, 3)
    for name in ("ksize", "strides"):
        values = site.ints_attr(name)
        if len(values) != 4 or any(values[axis] != 1 for axis in outer):
            return f"{name}={values}: TFLite pools along height and width only"
    return None


@rule(*sorted(FUSED))
def batch_norm(site: Site) -> Judgement:
    """Only the normalized output may be used; the rank of the input must be known."""
    if site.node.op == "FusedBatchNormV2":
        return None
    used = [index for index in range(1, 6) if site.reads_output(index)]
    if used:
        return f"its output {used[0]} is used, not only the normalized one"
    if site.input(0) is None:
        return "the rank of its input is unknown"
    return None


@rule("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matrix_product(site: Site) -> Judgement:
    """TFLite's BATCH_MATMUL takes up to 5 dimensions."""
    ranks = [rank for rank in (site.rank(0), site.rank(1)) if rank is not None]
    if ranks and max(ranks) > 5:
        return f"rank {max(ranks)}: TFLite's BATCH_MATMUL takes up to 5 dimensions"
    return None


@rule("SpaceToBatchND", "BatchToSpaceND")
def space_and_batch(site: Site) -> Judgement:
    """TFLite's SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND take up to 4 dimensions.

    BatchToSpaceND of a known shape by constants is a transpose between reshapes, of up to 6
    dimensions; of int8 nothing else is taken. Behind a convolution that a SpaceToBatchND feeds the
    three become one dilated convolution, at which the converter fails where shapes are known, and a
    BiasAdd stands between them or the paddings are not those of SAME.
    """
    rank = site.rank(0)
    if site.node.op == "BatchToSpaceND" and site.type_attr("T") == "int8":
        return None if _is_a_transpose(site) else "T=int8: its shape, or the crops, are not known"
    if rank == 4 and site.node.op == "BatchToSpaceND":
        return _end_of_dilation(site)
    if rank is not None and rank < 3:
        if site.node.op == "BatchToSpaceND" and _is_a_transpose(site):
            return None
        return f"rank {rank}: TFLite's {site.node.op} takes 3 or 4 dimensions"
    if rank is None or rank <= 4:
        return None
    if site.node.op == "BatchToSpaceND" and _is_a_transpose(site):
        return None
    return f"rank {rank}: TFLite's {site.node.op} takes up to 4 dimensions"


def _is_a_transpose(site: Site) -> bool:
    """Whether a BatchToSpaceND is lowered to a transpose of few enough dimensions other than 1."""
    dims, sizes = site.dims_of(0), site.constant_values(1)
    if dims is None or sizes is None or not is_known(dims) or not site.is_constant(2):
        return False
    batch = (dims[0] or 0) // max(1, math.prod(sizes))
    lengths = [*sizes, batch, *dims[1:]]
    return len([length for length in lengths if length != 1]) <= 6


def _end_of_dilation(site: Site) -> Judgement:
    """Why the converter fails where it makes one dilated convolution of SpaceToBatchND, a
    convolution and BatchToSpaceND: it leaves a BiasAdd between them the shape that it had, and
    takes any padding for that of SAME.
    """
    found = dilation_of(site.scope.inference, site.node, site.scope.needed)
    if found is None:
        return None
    first = site.of(found.start)
    before, after = first.dims_of(0), site.output_shape
    if before is None or after is None or before[0] is None:
        return None
    flatten = step("transform", "FILE", output="OUT", spec="flatten_atrous_conv")
    if found.bias is not None:
        reason = f"the converter loses the shape behind {found.bias.name!r}"
        return Failure("error", reason, flatten)
    pads, crops = first.constant_values(2), site.constant_values(2)
    padded = pads is not None and crops is not None and list(pads) != list(crops)
    sides = zip(before[1:3], after[1:3], strict=True)
    moved = any(None not in side and side[0] != side[1] for side in sides)
    if found.convolution.op == "Conv2D" and padded and moved:
        return Failure("error", "the converter takes its padding for that of SAME", flatten)
    return None


@rule("BatchToSpace", "RFFT")
def ranked(site: Site) -> Judgement:
    """The rank of the input must be known, since the op is lowered by it."""
    return "the rank of its input is unknown" if site.input(0) is None else None
