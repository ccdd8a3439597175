"""Shapes of convolutions."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    merge_dim,
    multiply,
    show,
    with_rank,
)
from graphtools.ops.families._outputs import like_input, told_by_input
from graphtools.ops.families._windows import (
    LAYOUTS,
    WindowLayout,
    arranged,
    channels_of,
    has_wide_groups,
    layout_of,
    sliding,
)


def conv2d_shape(call: Call, *, dilates: bool = True) -> Dims:
    """The shape of a convolution of images.

    Raises:
        Contradiction: Input, filter and attributes do not fit.
    """
    layout = layout_of(call)
    dims = with_rank(call.input(0), layout.rank)
    kernel = call.input(1)
    if has_wide_groups(layout, dims):
        return (None,) * 5
    depth_in, depth_out, window = _filter2d(call, kernel)
    depth = channels_of(layout, dims)
    _check_groups(depth, depth_in, depth_out, dims, kernel)
    slide = sliding(call, layout, "dilations" if dilates else "")
    return arranged(layout, dims[0], slide.places(dims, window), depth_out)


shape_function(
    "Conv2D", "_FusedConv2D", "_MklConv2D", "_MklNativeConv2D", "_MklFusedConv2D",
    "_MklNativeFusedConv2D", "_MklConv2DWithBias", "_MklNativeConv2DWithBias",
    "__MklDummyConv2DWithBias",
)(conv2d_shape)  # fmt: skip


def _filter2d(call: Call, kernel: Dims) -> tuple[Dim, Dim, list[Dim]]:
    """Depth of the input, depth of the output, and window of a filter."""
    name = call.attr("filter_format")
    if call.attr("data_format") == b"NCHW_VECT_C":
        found = with_rank(kernel, 5)
        merge_dim(found[4], 4)
        return multiply(found[1], 4), found[0], [found[2], found[3]]
    found = with_rank(kernel, 4)
    if name in (b"OIHW", b"OIHW_VECT_I"):
        return found[1], found[0], [found[2], found[3]]
    return found[2], found[3], [found[0], found[1]]


def _check_groups(depth: Dim, depth_in: Dim, depth_out: Dim, dims: Dims, kernel: Dims) -> None:
    """Input channels are a multiple of the filter's, output channels of the number of groups."""
    if depth is None or depth_in is None:
        return
    if depth_in <= 0 or depth % depth_in:
        raise Contradiction(f"the filter {show(kernel)} does not fit the channels of {show(dims)}")
    groups = depth // depth_in
    if depth_out is not None and groups > 1 and depth_out % groups:
        raise Contradiction(f"{depth_out} filters do not make {groups} groups")


@shape_function("Conv3D", "_FusedConv3D", "_MklConv3D", "_MklNativeConv3D",
                "_MklNativeFusedConv3D")  # fmt: skip
def conv3d(call: Call) -> Dims:
    """[n,d,h,w,c] by [fd,fh,fw,c/groups,m] gives [n,d',h',w',m]."""
    layout = layout_of(call, 3)
    dims = with_rank(call.input(0), 5)
    kernel = with_rank(call.input(1), 5)
    _check_groups(channels_of(layout, dims), kernel[3], kernel[4], dims, kernel)
    slide = sliding(call, layout)
    sizes = slide.places(dims, kernel[:3])
    if slide.dilations[1] != slide.dilations[2]:
        # TensorFlow's own shapes take the one for the other
        sizes = [sizes[0], None, None]
    return arranged(layout, dims[0], sizes, kernel[4])


def depthwise_shape(call: Call) -> Dims:
    """The shape of a depthwise convolution.

    Raises:
        Contradiction: Input, filter and attributes do not fit.
    """
    layout = layout_of(call)
    dims = with_rank(call.input(0), layout.rank)
    kernel = with_rank(call.input(1), 4)
    depth = merge_dim(channels_of(layout, dims), kernel[2])
    spatial = sliding(call, layout).places(dims, kernel[:2])
    return arranged(layout, dims[0], spatial, multiply(depth, kernel[3]))


shape_function(
    "DepthwiseConv2dNative", "_FusedDepthwiseConv2dNative", "_MklDepthwiseConv2dNative",
    "_MklNativeDepthwiseConv2dNative", "_MklFusedDepthwiseConv2dNative",
    "_MklNativeFusedDepthwiseConv2dNative",
)(depthwise_shape)  # fmt: skip


@shape_function("Conv")
def conv(call: Call) -> Dims:
    """A convolution of images or volumes, by the rank; several batch dimensions may lead."""
    dims = call.input(0)
    kernel = call.input(1)
    if dims is None or kernel is None:
        return None
    batches = call.int_attr("batch_dims")
    if batches < 1 or batches > 8:
        raise Contradiction(f"there cannot be {batches} batch dimensions")
    if len(kernel) not in (4, 5):
        raise Contradiction(f"a filter has 4 or 5 dimensions, not those of {show(kernel)}")
    count = len(kernel) - 2
    dims = with_rank(dims, batches + count + 1)
    first = call.attr("data_format") == b"CHANNELS_FIRST"
    layout = (
        WindowLayout(1, tuple(range(2, 2 + count))) if first
        else WindowLayout(count + 1, tuple(range(1, 1 + count)))
    )  # fmt: skip
    shifted = layout._replace(
        channels=layout.channels + batches - 1,
        spatial=tuple([axis + batches - 1 for axis in layout.spatial]),
    )
    _check_groups(dims[shifted.channels], kernel[-2], kernel[-1], dims, kernel)
    sizes = sliding(call, layout)._replace(layout=shifted).places(dims, kernel[:count])
    body = arranged(layout, None, sizes, kernel[-1]) or ()
    return dims[:batches] + body[1:]


# Gradients


@shape_function("Conv2DBackpropInput", "_MklConv2DBackpropInput", "_MklNativeConv2DBackpropInput")
def conv2d_backprop_input(call: Call) -> Dims:
    """The first input is the shape, or its height and width only."""
    dims = call.dims(0)
    gradient = with_rank(call.input(2), 4)
    if dims is None or len(dims) != 2:
        dims = with_rank(dims, 4)
        return (gradient[0] if dims[0] is None else dims[0], *dims[1:])
    layout = layout_of(call)
    kernel = with_rank(call.input(1), 4)
    return arranged(layout, gradient[0], list(dims), kernel[2])


shape_function(
    "DepthwiseConv2dNativeBackpropInput", "AvgPoolGrad", "_MklAvgPoolGrad",
    "_MklNativeAvgPoolGrad", "_MklNativeDepthwiseConv2dNativeBackpropInput",
    "_MklDepthwiseConv2dNativeBackpropInput",
)(told_by_input(0, rank=4))  # fmt: skip

shape_function(
    "Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropFilter", "_MklConv2DBackpropFilter",
    "_MklNativeConv2DBackpropFilter", "_MklDepthwiseConv2dNativeBackpropFilter",
    "_MklNativeDepthwiseConv2dNativeBackpropFilter",
)(told_by_input(1, rank=4))  # fmt: skip


# As the first input is, in whose place the gradient is.
shape_function("Conv2DBackpropInputV2")(like_input(0, rank=4))

shape_function("Conv2DBackpropFilterV2")(like_input(1, rank=4))

shape_function("Conv3DBackpropInput")(like_input(0, rank=5))

shape_function("Conv3DBackpropFilter")(like_input(1, rank=5))

shape_function("Conv3DBackpropInputV2", "AvgPool3DGrad", "_MklConv3DBackpropInputV2",
               "_MklNativeConv3DBackpropInputV2", "_MklAvgPool3DGrad",
               "_MklNativeAvgPool3DGrad")(told_by_input(0, rank=5))  # fmt: skip

shape_function("Conv3DBackpropFilterV2", "_MklConv3DBackpropFilterV2",
               "_MklNativeConv3DBackpropFilterV2")(told_by_input(1, rank=5))  # fmt: skip


# Dilation, and convolution of what is resized or padded before
@shape_function("Dilation2D")
def dilation2d(call: Call) -> Dims:
    """[n,h,w,c] by [fh,fw,c] gives [n,h',w',c]; `rates` are the dilations."""
    layout = LAYOUTS[b"NHWC"]
    dims = with_rank(call.input(0), 4)
    kernel = with_rank(call.input(1), 3)
    channels = merge_dim(dims[3], kernel[2])
    slide = sliding(call, layout, "rates", explicit=False)
    if None in (*dims[1:3], *kernel[:2]):
        return (dims[0], None, None, channels)
    sizes = slide.places(dims, kernel[:2], may_be_empty=True)
    return (dims[0], *sizes, channels)


shape_function("Dilation2DBackpropInput")(like_input(0))

shape_function("Dilation2DBackpropFilter")(like_input(1))


@shape_function("FusedResizeAndPadConv2D", "FusedPadConv2D")
def fused_pad_conv2d(call: Call) -> Dims:
    """Resized where it says so, padded, then convolved."""
    resizes = call.node.op == "FusedResizeAndPadConv2D"
    dims = with_rank(call.input(0), 4)
    if resizes:
        size = call.dims(1)
        dims = (dims[0], *with_rank(size, 2), dims[3])
    position = 2 if resizes else 1
    rows, two = with_rank(call.input(position), 2)
    merge_dim(rows, 4)
    merge_dim(two, 2)
    found = call.integers(position)
    pads = found.items if found is not None and len(found.items) == 8 else (None,) * 8
    if any(v is not None and v < 0 for v in pads):
        raise Contradiction(f"a padding cannot be negative: {list(pads)}")
    padded = [
        None if d is None or a is None or b is None else d + a + b
        for d, a, b in zip(dims, pads[::2], pads[1::2], strict=True)
    ]
    kernel = with_rank(call.input(position + 1), 4)
    _check_groups(padded[3], kernel[2], kernel[3], tuple(padded), kernel)
    slide = sliding(call, LAYOUTS[b"NHWC"], "", explicit=False)
    sizes = slide.places(tuple(padded), kernel[:2])
    return (padded[0], *sizes, kernel[3])
