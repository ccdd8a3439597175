"""Resizing and padding, fused into the convolutions that follow.

FusedPadConv2D and FusedResizeAndPadConv2D compute in one op what MirrorPad and ResizeBilinear do
before a Conv2D. They know less than these ops, so that they fit only where

- the convolution is in NHWC, without dilation, groups or explicit padding, in float16, 32 or 64,
- rows and columns are padded, but not batch or channels, by int32 constants,
- the image that is resized has the type of the convolution, and half_pixel_centers is false,
- the batch is one image: their kernels, those of TensorFlow 1.15 and of 2.21 alike, compute all
  further ones from pixels that are left over from the image before,
- with padding=SAME, the kernel is no smaller than the stride.

Padding with zeros, they do not know. A convolution does that by itself: with padding=SAME where the
zeros are those that SAME adds, else with padding=EXPLICIT:

    conv(pad(x, p), W, VALID)       = conv(x, W, EXPLICIT p)
    conv(pad(x, p), W, EXPLICIT q)  = conv(x, W, EXPLICIT p + q)

SAME adds `max((ceil(n / stride) - 1) * stride + (k - 1) * dilation + 1 - n, 0)` rows to `n`, the
smaller half of them before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.control_flow import find_places
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.constants import find_constant, require_constant, twin
from graphtools.rewrite.driver import Replacement, RewriteRule
from graphtools.rewrite.pattern import ANY, Match, Op
from graphtools.rewrite.transform import Job, Parameter
from graphtools.rewrite.unfit import Unfit

_KERNELS = frozenset({"float16", "float32", "float64"})
_RESIZE = Op("ResizeBilinear", ANY, ANY, name="resize")
EXPLICIT = Parameter(
    "explicit_paddings",
    "flag",
    "use padding=EXPLICIT, which Conv2D has since TensorFlow 1.14, DepthwiseConv2dNative since 2.1",
    "true",
)

ANY_BATCH = Parameter(
    "any_batch",
    "flag",
    "fuse also where a batch may hold several images, of which only the first comes out right",
    "false",
)

#: By tensor, its shape as far as it is known.
Shapes = Callable[[str], "Sequence[int | None] | None"]


class Window(NamedTuple):
    """How a convolution walks over one axis.

    Attributes:
        size: Rows that the kernel spans, with its gaps; None if not known.
        stride: Rows from one output to the next.
    """

    size: int | None
    stride: int


#: What is fused, as it is found: the check tells the attributes of the fused op.
RESIZE_AND_PAD = Op("Conv2D", Op("MirrorPad", _RESIZE, ANY, name="pad"), ANY)
RESIZE = Op("Conv2D", _RESIZE, ANY)
MIRROR_PAD = Op("Conv2D", Op("MirrorPad", ANY, ANY, name="pad"), ANY)
ZERO_PAD = Op("Conv2D|DepthwiseConv2dNative", Op("Pad|PadV2", ANY, ANY, name="pad"), ANY)


def resize_pad_rules(job: Job, shapes: Shapes) -> list[RewriteRule[dict[str, Attr]]]:
    """ResizeBilinear, MirrorPad, Conv2D."""

    def check(graph: Graph, found: Match) -> dict[str, Attr]:
        _require_one_image(found["resize"], job, shapes)
        attrs = _resizing_attrs(graph, found)
        return {**attrs, "mode": _mirror_mode(graph, found["pad"])}

    return [RewriteRule(RESIZE_AND_PAD, check, _fuse_resize_and_pad)]


def resize_rules(graph: Graph, job: Job, shapes: Shapes) -> list[RewriteRule[dict[str, Attr]]]:
    """ResizeBilinear, Conv2D."""
    resizes = any(node.op == "ResizeBilinear" for node in graph)
    places = find_places(graph) if resizes else {}

    def check(graph: Graph, found: Match) -> dict[str, Attr]:
        _require_one_image(found["resize"], job, shapes)
        return {**_resizing_attrs(graph, found), "mode": b"REFLECT"}

    def rewrite(graph: Graph, found: Match, attrs: dict[str, Attr]) -> Replacement:
        return _fuse_resize(graph, found, attrs, in_loop=found.root.name in places)

    return [RewriteRule(RESIZE, check, rewrite)]


def pad_rules(job: Job, shapes: Shapes) -> list[RewriteRule[Any]]:
    """MirrorPad, Pad or PadV2, then a convolution."""
    explicit = job.flag(EXPLICIT.name)

    def check_mirror(graph: Graph, found: Match) -> dict[str, Attr]:
        _require_one_image(found["pad"], job, shapes)
        return _mirroring_attrs(graph, found, shapes)

    def check_zeros(graph: Graph, found: Match) -> dict[str, Attr | None]:
        return _zero_padding(graph, found, shapes, explicit)

    return [
        RewriteRule(MIRROR_PAD, check_mirror, _fuse_mirror),
        RewriteRule(ZERO_PAD, check_zeros, _fuse_zeros),
    ]


def known_shapes(graph: Graph) -> Shapes:
    """Tells the shapes of what is resized or padded in a graph."""
    ops = ("Pad", "PadV2", "MirrorPad", "ResizeBilinear")
    pads = [n for n in graph if n.op in ops and n.data_inputs]
    sources = [r for r in (Ref.parse(n.data_inputs[0]) for n in pads) if r.node in graph]
    if not sources:
        return lambda _text: None
    from graphtools.ops.inference import infer_shapes

    inference = infer_shapes(graph, targets={r.node for r in sources})
    found = {r: inference.dims(r.node, r.index) for r in sources}
    return lambda text: found.get(Ref.parse(text))


# Resizing and reflecting


def _require_one_image(node: Node, job: Job, shapes: Shapes) -> None:
    dims = shapes(node.data_inputs[0])
    if not job.flag(ANY_BATCH.name) and (not dims or dims[0] != 1):
        raise Unfit(
            "its batch is not known to be one image, the only one that the fused op computes "
            "right (give the input a shape with 1, or set any_batch)"
        )


def _fuse_resize_and_pad(_: Graph, found: Match, attrs: dict[str, Attr]) -> Replacement:
    conv, resize, pad = found.root, found["resize"], found["pad"]
    inputs = (*resize.data_inputs[:2], pad.data_inputs[1], conv.data_inputs[1])
    return Replacement([_fused(conv, "FusedResizeAndPadConv2D", inputs, attrs)])


def _fuse_resize(
    graph: Graph, found: Match, attrs: dict[str, Attr], *, in_loop: bool
) -> Replacement:
    conv, resize = found.root, found["resize"]
    # a constant has no input that would put it into the loop of the convolution
    controls = (f"^{producer(resize.data_inputs[0])}",) if in_loop else ()
    paddings = _no_paddings(graph.free_name(f"{conv.name}_dummy_paddings"), controls, conv.device)
    inputs = (*resize.data_inputs[:2], paddings.name, conv.data_inputs[1])
    return Replacement([paddings, _fused(conv, "FusedResizeAndPadConv2D", inputs, attrs)])


def _resizing_attrs(graph: Graph, found: Match) -> dict[str, Attr]:
    conv, resize = found.root, found["resize"]
    attrs = _conv_attrs(graph, conv)
    if attribute_value(resize, "half_pixel_centers"):
        raise Unfit(f"{resize.name!r} has half_pixel_centers, which the fused op does not know")
    if resize.attr("T") != attrs["T"]:
        raise Unfit(f"{resize.name!r} resizes {resize.attr('T')!r}, not {attrs['T']!r}")
    return {**attrs, "resize_align_corners": bool(resize.attr("align_corners"))}


def _mirroring_attrs(graph: Graph, found: Match, shapes: Shapes) -> dict[str, Attr]:
    conv, pad = found.root, found["pad"]
    attrs = {**_conv_attrs(graph, conv), "mode": _mirror_mode(graph, pad)}
    dims = shapes(pad.data_inputs[0])
    weights = find_constant(graph, conv.data_inputs[1])
    filters = weights.tensor.shape.dims if weights else None
    if dims and filters and len(dims) == len(filters) == 4 and dims[3] not in (None, filters[2]):
        raise Unfit("it is a convolution in groups")
    return attrs


def _fuse_mirror(_: Graph, found: Match, attrs: dict[str, Attr]) -> Replacement:
    conv, pad = found.root, found["pad"]
    inputs = (*pad.data_inputs[:2], conv.data_inputs[1])
    return Replacement([_fused(conv, "FusedPadConv2D", inputs, attrs)])


def _conv_attrs(graph: Graph, conv: Node) -> dict[str, Attr]:
    """The attributes that the fused ops have in common with a convolution they can replace."""
    kind = conv.attr("T")
    if repr(kind) not in _KERNELS:
        raise Unfit(f"there is no fused op for the type {kind!r}")
    if attribute_value(conv, "data_format") != b"NHWC":
        raise Unfit("its data_format is not NHWC, the only one of the fused op")
    if attribute_value(conv, "dilations") != [1, 1, 1, 1]:
        raise Unfit("it is dilated, which the fused op cannot be")
    padding, strides = conv.attr("padding"), conv.attr("strides")
    if padding not in (b"SAME", b"VALID"):
        raise Unfit(f"its padding is {padding!r}, which the fused op does not know")
    numbers = _four(conv, "strides")
    if numbers[0] != 1 or numbers[3] != 1:
        raise Unfit(f"its strides are {numbers}")
    if padding == b"SAME" and max(numbers) > 1:
        # the fused op starts before the image where a stride is larger than the kernel
        for window in _windows(graph, conv, (1, 2)).values():
            if window.size is None or window.size < window.stride:
                raise Unfit("its padding is SAME, and its kernel may be smaller than its stride")
    return {"T": kind, "padding": padding, "strides": strides}


def _mirror_mode(graph: Graph, pad: Node) -> Attr:
    mode = pad.attr("mode")
    if mode not in (b"REFLECT", b"SYMMETRIC"):
        raise Unfit(f"{pad.name!r} has the mode {mode!r}")
    constant = require_constant(graph, pad, 1, "paddings")
    amounts = _paddings(pad, constant.integers())
    if any(amounts[0] + amounts[3]):
        raise Unfit(f"{pad.name!r} pads batch or channels, which the fused op cannot")
    if constant.tensor.dtype.name != "int32":
        raise Unfit(f"the paddings {constant.node.name!r} are {constant.tensor.dtype}, not int32")
    return mode


def _paddings(pad: Node, values: Sequence[int]) -> list[tuple[int, int]]:
    """What is put before and after each of four axes."""
    if len(values) != 8 or min(values) < 0:
        raise Unfit(f"{pad.name!r} has the paddings {list(values)}")
    return [(values[i], values[i + 1]) for i in range(0, 8, 2)]


def _no_paddings(name: str, controls: tuple[str, ...], device: str) -> Node:
    import numpy as np

    from graphtools.graph.tensor import Tensor

    tensor = Tensor.from_array(np.zeros((4, 2), np.int32))
    return Node(name, "Const", controls, {"dtype": tensor.dtype, "value": tensor}, device)


def _fused(conv: Node, op: str, inputs: Sequence[str], attrs: dict[str, Attr]) -> Node:
    controls = (f"^{c}" for c in conv.control_inputs)
    return Node(conv.name, op, (*inputs, *controls), attrs, conv.device)


# Padding with zeros


def _fuse_zeros(_: Graph, found: Match, padding: dict[str, Attr | None]) -> Replacement:
    conv = found.root
    inputs = (found["pad"].data_inputs[0], *conv.data_inputs[1:])
    return Replacement([twin(conv, conv.name, inputs, **padding)])


def _zero_padding(
    graph: Graph, found: Match, shapes: Shapes, explicit: bool
) -> dict[str, Attr | None]:
    """The attributes by which the convolution pads itself."""
    conv, pad = found.root, found["pad"]
    if pad.op == "PadV2":
        value = require_constant(graph, pad, 2, "constant_values").array()
        if value.size != 1 or value.item() != 0:
            raise Unfit(f"{pad.name!r} does not pad with zeros")
    amounts = _paddings(pad, require_constant(graph, pad, 1, "paddings").integers())
    data_format = attribute_value(conv, "data_format")
    if data_format not in (b"NHWC", b"NCHW"):
        raise Unfit(f"its data_format is {data_format!r}")
    channels = 3 if data_format == b"NHWC" else 1
    if any(amounts[0] + amounts[channels]):
        raise Unfit(f"{pad.name!r} pads batch or channels, which a convolution cannot")
    axes = [a for a in (1, 2, 3) if a != channels]
    windows = _windows(graph, conv, axes)
    own = _own_paddings(conv, axes, windows)
    before = {a: (amounts[a][0] + own[a][0], amounts[a][1] + own[a][1]) for a in axes}
    dims = shapes(pad.data_inputs[0])
    full = dict(enumerate(dims)) if dims is not None and len(dims) == 4 else {}
    padding, listed = padding_for(axes, before, windows, full)
    if listed and not explicit:
        raise Unfit("its padding can only be told with padding=EXPLICIT, which is switched off")
    if not listed and not conv.attr("explicit_paddings"):
        return {"padding": padding}
    return padding_attrs(padding, listed)


def padding_for(
    axes: Sequence[int],
    amounts: dict[int, tuple[int, int]],
    windows: dict[int, Window],
    dims: dict[int, int | None],
) -> tuple[bytes, list[int]]:
    """How a convolution tells a padding with zeros.

    Args:
        axes: The two axes of four that it walks over.
        amounts: By axis, the rows before and after.
        windows: By axis, how it walks.
        dims: By axis, the number of rows, as far as it is known.

    Returns:
        The attributes padding and explicit_paddings.
    """
    if not any(sum(amounts[a]) for a in axes):
        return b"VALID", []
    if all(_is_same(amounts[a], windows[a], dims.get(a)) for a in axes):
        return b"SAME", []
    listed = [n for a in range(4) for n in amounts.get(a, (0, 0))]
    return b"EXPLICIT", listed


def _is_same(amount: tuple[int, int], window: Window, rows: int | None) -> bool:
    size, stride = window
    if size is None:
        return False
    if stride == 1:
        return amount == ((size - 1) // 2, size // 2)
    if rows is None:
        return False
    outputs = -(-rows // stride)
    total = max((outputs - 1) * stride + size - rows, 0)
    padded = rows + sum(amount)
    # further zeros behind change nothing as long as no output begins there
    return amount[0] == total // 2 and padded >= size and (padded - size) // stride + 1 == outputs


def padding_attrs(padding: bytes, listed: Sequence[int]) -> dict[str, Attr | None]:
    """The attributes that tell the padding of a convolution."""
    return {"padding": padding, "explicit_paddings": list(listed)}


def _windows(graph: Graph, conv: Node, axes: Sequence[int]) -> dict[int, Window]:
    strides = _four(conv, "strides")
    dilations = _four(conv, "dilations")
    weights = find_constant(graph, conv.data_inputs[1])
    filters = weights.tensor.shape.dims if weights else None
    found = {}
    for place, axis in enumerate(axes):
        rows = filters[place] if filters is not None and len(filters) == 4 else None
        size = None if rows is None else (rows - 1) * dilations[axis] + 1
        found[axis] = Window(size, strides[axis])
    return found


def _four(conv: Node, name: str) -> list[int]:
    value = attribute_value(conv, name)
    if isinstance(value, list) and len(value) == 4:
        numbers = [v for v in value if isinstance(v, int) and v > 0]
        if len(numbers) == 4:
            return numbers
    raise Unfit(f"its {name} are {value!r}")


def _own_paddings(
    conv: Node, axes: Sequence[int], windows: dict[int, Window]
) -> dict[int, tuple[int, int]]:
    """The zeros that a convolution adds itself."""
    padding = conv.attr("padding")
    if padding == b"VALID":
        return dict.fromkeys(axes, (0, 0))
    if padding == b"EXPLICIT":
        listed = conv.attr("explicit_paddings")
        numbers = [n for n in listed if isinstance(n, int)] if isinstance(listed, list) else []
        if len(numbers) == 8 and min(numbers) >= 0:
            return {a: (numbers[2 * a], numbers[2 * a + 1]) for a in axes}
    if padding == b"SAME":
        found = {}
        for axis in axes:
            size, stride = windows[axis]
            if size is None or stride != 1:
                raise Unfit("its padding is SAME, which depends on the size of what is padded")
            found[axis] = ((size - 1) // 2, size // 2)
        return found
    raise Unfit(f"its padding is {padding!r}")
