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

from graphtools.graph.attributes import Attr, encode_attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.constants import Constant, require_constant, twin, with_value
from graphtools.rewrite.driver import Rule, Unfit, apply_rules
from graphtools.rewrite.pattern import ANY, Match, Op
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._fusing import EXPLICIT, Window, padding_for, set_padding

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


def run(graph: Graph, job: Job) -> None:
    """Make one convolution of those between SpaceToBatchND and BatchToSpaceND."""

    def rewrite(graph: Graph, found: Match) -> list[Node]:
        return _flattened(graph, found, job)

    space = Op("SpaceToBatchND", ANY, ANY, ANY, name="space")
    conv = Op("Conv2D|DepthwiseConv2dNative", space, ANY, name="conv")
    biased = Op("BiasAdd", conv, ANY, name="bias")
    rules = [Rule(Op("BatchToSpaceND", inner, ANY, ANY), rewrite) for inner in (conv, biased)]
    apply_rules(graph, rules, job)


def _flattened(graph: Graph, found: Match, job: Job) -> list[Node]:
    root, conv, space, bias = found.root, found["conv"], found["space"], found.get("bias")
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
    if listed and not job.flag(EXPLICIT.name):
        raise Unfit("its padding can only be told with padding=EXPLICIT, which is switched off")
    attrs = {key: conv.attr(key) for key in _COPIED}
    name = root.name if bias is None else conv.name
    flat = Node(
        name,
        conv.op,
        (),
        {key: value for key, value in attrs.items() if value is not None},
        conv.device,
    )
    set_padding(flat, padding, listed)
    new: list[Node] = []
    # TensorFlow's CPU kernel of DepthwiseConv2dNative takes no dilations
    if job.flag("use_dilations") and conv.op == "Conv2D":
        dilations: Attr = [blocks[a].size if a in axes else 1 for a in range(4)]
        flat.set_encoded_attr("dilations", encode_attr(dilations))
        filters = conv.data_inputs[1]
    else:
        upsampled = _upsampled(weights, blocks[axes[0]].size, blocks[axes[1]].size)
        filters = _put_weights(graph, found, weights, upsampled, job, new)
    controls = (f"^{c}" for n in (conv, space) for c in n.control_inputs)
    flat.inputs = (space.data_inputs[0], filters, *dict.fromkeys(controls))
    new.append(flat)
    if bias is not None:
        new.append(twin(bias, root.name, (conv.name, bias.data_inputs[1])))
    return new


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


def _put_weights(
    graph: Graph, found: Match, weights: Constant, tensor: Tensor, job: Job, new: list[Node]
) -> str:
    """Put other weights in the place of a convolution's, beside them if they are shared."""
    conv = found["conv"]
    shared = weights.is_shared(graph, job, conv)
    if not shared:
        found.interior.append(weights.node)
        new.append(with_value(weights.node, tensor))
        return conv.data_inputs[1]
    name = graph.free_name(f"{conv.name}_flat_weights")
    attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
    new.append(Node(name, "Const", weights.controls, attrs, weights.node.device))
    job.note(f"{conv.name!r} has weights of its own now: {shared}")
    return name


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
