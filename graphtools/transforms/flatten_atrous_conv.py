"""flatten_atrous_conv.

A convolution between SpaceToBatchND and BatchToSpaceND with blocks of `d` rows reads every d-th row
of its padded input, so that it is one with a kernel of `k` rows that are `d` apart. With `p0` and
`p1` rows of padding, `c0` and `c1` rows cropped, and `s0` and `s1` rows that the convolution itself
pads in each block (none if VALID; the halves of `k - 1` if SAME)

    batch_to_space(conv(space_to_batch(x, p), W), c) = dilated_conv(x, W, padding q)

    q0 = p0 + s0 * d - c0        q1 = p1 + s1 * d - c1

as long as neither is negative. SAME pads `(k - 1) * d` rows, the smaller half before.
"""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.constants import (
    Constant,
    own_weights,
    require_constant,
    twin,
    with_value,
)
from graphtools.rewrite.driver import Replacement, RewriteRule, apply_rules
from graphtools.rewrite.pattern import ANY, Match, Op, one_of
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._fusing import EXPLICIT, Window, padding_attrs, padding_for

_COPIED = ("T", "strides", "data_format", "use_cudnn_on_gpu")
_MOST_BYTES = 1 << 30


class Block(NamedTuple):
    """What SpaceToBatchND or BatchToSpaceND does to one axis.

    Attributes:
        size: Rows of a block.
        before: Rows that are padded or cropped before.
        after: Rows that are behind.
    """

    size: int
    before: int
    after: int


class DilatedForm(NamedTuple):
    """How a dilated convolution does what the three nodes do.

    Attributes:
        weights: The weights.
        dilations: By axis of the image, the rows from one row of the kernel to the next.
        blocks: The same for the two axes that the kernel walks over.
        padding: The attributes that tell its padding.
    """

    weights: Constant
    dilations: list[int]
    blocks: tuple[int, int]
    padding: dict[str, Attr | None]


def run(graph: Graph, job: Job) -> None:
    """Make one convolution of those between SpaceToBatchND and BatchToSpaceND."""

    def rewrite(graph: Graph, found: Match, plan: DilatedForm) -> Replacement:
        return _flattened(graph, found, plan, job)

    space = Op("SpaceToBatchND", ANY, ANY, ANY, name="space")
    conv = Op("Conv2D|DepthwiseConv2dNative", space, ANY, name="conv")
    inner = one_of(conv, Op("BiasAdd", conv, ANY, name="bias"))
    explicit = job.flag(EXPLICIT.name)
    rule = RewriteRule(
        Op("BatchToSpaceND", inner, ANY, ANY),
        lambda graph, found: _plan(graph, found, explicit=explicit),
        rewrite,
    )
    apply_rules(graph, [rule], job)


def _plan(graph: Graph, found: Match, *, explicit: bool) -> DilatedForm:
    """How the convolution alone would do it.

    Raises:
        Unfit: It could not.
    """
    root, conv, space = found.root, found["conv"], found["space"]
    data_format = attribute_value(conv, "data_format")
    if data_format not in (b"NHWC", b"NCHW"):
        raise Unfit(f"the data_format of {conv.name!r} is {data_format!r}")
    axes = (1, 2) if data_format == b"NHWC" else (2, 3)
    if attribute_value(conv, "dilations") != [1, 1, 1, 1] or conv.attr("strides") != [1, 1, 1, 1]:
        raise Unfit(f"{conv.name!r} has strides or dilations")
    blocks, crops = _blocks(graph, space, axes), _blocks(graph, root, axes)
    weights = require_constant(graph, conv, 1, "weights")
    dims = weights.tensor.shape.dims
    if dims is None or len(dims) != 4 or None in dims or 0 in dims:
        raise Unfit(f"the weights of {conv.name!r} are {weights.tensor!r}")
    amounts, windows = {}, {}
    for axis, rows in zip(axes, dims, strict=False):
        block, crop = blocks[axis], crops[axis]
        if block.size != crop.size:
            raise Unfit(f"{space.name!r} and {root.name!r} have different blocks")
        own = _own_padding(conv, rows or 1)
        before = block.before + own[0] * block.size - crop.before
        after = block.after + own[1] * block.size - crop.after
        if before < 0 or after < 0:
            raise Unfit(f"{root.name!r} crops more than {space.name!r} pads")
        amounts[axis] = before, after
        windows[axis] = Window(((rows or 1) - 1) * block.size + 1, 1)
    padding, listed = padding_for(axes, amounts, windows, {})
    if listed and not explicit:
        raise Unfit("its padding can only be told with padding=EXPLICIT, which is switched off")
    sizes = [blocks[a].size if a in axes else 1 for a in range(4)]
    return DilatedForm(
        weights, sizes, (sizes[axes[0]], sizes[axes[1]]), padding_attrs(padding, listed)
    )


def _flattened(graph: Graph, found: Match, plan: DilatedForm, job: Job) -> Replacement:
    root, conv, space, bias = found.root, found["conv"], found["space"], found.get("bias")
    attrs = {key: value for key in _COPIED if (value := conv.attr(key)) is not None}
    attrs |= {key: value for key, value in plan.padding.items() if value}
    filters = conv.data_inputs[1]
    new: list[Node] = []
    gone: list[Node] = []
    # TensorFlow's CPU kernel of DepthwiseConv2dNative takes no dilations
    if job.flag("use_dilations") and conv.op == "Conv2D":
        attrs["dilations"] = list(plan.dilations)
    else:
        upsampled = _upsampled(plan.weights, *plan.blocks)
        shared = plan.weights.is_shared(graph, job, conv)
        if shared:
            new.append(own_weights(graph, f"{conv.name}_flat_weights", plan.weights, upsampled))
            filters = new[0].name
            job.note(f"{conv.name!r} has weights of its own now: {shared}")
        else:
            gone.append(plan.weights.node)
            new.append(with_value(plan.weights.node, upsampled))
    controls = dict.fromkeys(f"^{c}" for n in (conv, space) for c in n.control_inputs)
    inputs = (space.data_inputs[0], filters, *controls)
    name = root.name if bias is None else conv.name
    new.append(Node(name, conv.op, inputs, attrs, conv.device))
    if bias is not None:
        new.append(twin(bias, root.name, (conv.name, bias.data_inputs[1])))
    return Replacement(new, gone)


def _blocks(graph: Graph, node: Node, axes: tuple[int, int]) -> dict[int, Block]:
    """What a node does to the axes that a convolution walks over.

    Raises:
        Unfit: It is not known, or other axes are changed, too.
    """
    moved = "paddings" if node.op == "SpaceToBatchND" else "crops"
    sizes = require_constant(graph, node, 1, "block_shape").integers()
    amounts = require_constant(graph, node, 2, moved).integers()
    if len(amounts) != 2 * len(sizes) or len(sizes) > 3 or min([1, *sizes]) < 1:
        raise Unfit(f"{node.name!r} has the block_shape {sizes} and the {moved} {amounts}")
    found = {a: Block(1, 0, 0) for a in axes}
    for place, size in enumerate(sizes):
        block = Block(size, *amounts[2 * place : 2 * place + 2])
        if place + 1 in axes:
            found[place + 1] = block
        elif block != (1, 0, 0):
            raise Unfit(f"{node.name!r} moves channels")
    return found


def _own_padding(conv: Node, rows: int) -> tuple[int, int]:
    padding = conv.attr("padding")
    if padding == b"VALID":
        return 0, 0
    if padding == b"SAME":
        return (rows - 1) // 2, rows // 2
    raise Unfit(f"the padding of {conv.name!r} is {padding!r}")


def _upsampled(weights: Constant, height: int, width: int) -> Tensor:
    """Weights with zeros between their rows and columns."""
    import numpy as np

    array = weights.array()
    rows, columns, *rest = array.shape
    shape = ((rows - 1) * height + 1, (columns - 1) * width + 1, *rest)
    if shape[0] * shape[1] * rest[0] * rest[1] * array.itemsize > _MOST_BYTES:
        raise Unfit(f"the weights would have the shape {list(shape)}, which is too large")
    full = np.zeros(shape, array.dtype)
    full[::height, ::width] = array
    return Tensor.from_array(full, weights.tensor.dtype)


TRANSFORM = Transform(
    "flatten_atrous_conv",
    run,
    """Make one convolution of a SpaceToBatchND, a convolution and a BatchToSpaceND.

    Takes Conv2D and DepthwiseConv2dNative, also with a BiasAdd behind. The weights get zeros
    between their rows and columns; or a Conv2D gets dilations, which is faster. The padding becomes
    SAME or VALID where these add as much, else EXPLICIT.

    Not done, and reported, is what would compute something else: strides, blocks that differ, crops
    that are larger than the padding, amounts that are no constants (run fold_constants before).
    (The original takes any paddings and crops for those of SAME, and looks at neither strides
    nor who else uses the weights.)
    """,
    "flatten_atrous_conv",
    (
        Parameter("use_dilations", "flag", "set dilations of a Conv2D, leave its weights", "false"),
        EXPLICIT,
    ),
)
