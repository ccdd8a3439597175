"""Checks of TFLite's kernels that a model fails with the sizes that an interpreter begins with.

Source: `Prepare` of the kernels in tensorflow/lite/kernels, and XNNPACK's, which is on by default;
measured with LiteRT.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from graphtools.front_end import param, step
from graphtools.graph.node import Node
from graphtools.ops.call import Call
from graphtools.ops.dims import Dim, elements
from graphtools.ops.handing_on import SAME_TENSOR


def state_shape() -> str:
    """What to do about a size that is not known."""
    return f"state the shape of the input: {param('input_shapes')}"


def _block_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why what moves blocks is refused: where the extent it divides is not divided by them.

    Args:
        node: The node.
        call: It with the sizes that an interpreter begins with.
    """
    dims = call.inputs[0]
    blocks, margins = _blocks(node, call, None if dims is None else len(dims))
    if dims is None or blocks is None:
        return None
    if node.op.endswith("ND") and len(dims) in (3, 4) and len(blocks) != len(dims) - 2:
        reason = f"its block_shape has {len(blocks)} entries for {len(dims) - 2} spatial dimensions"
        cure = step("transform", "FILE", output="OUT", spec="flatten_atrous_conv")
        return reason, f"make one convolution of the three: {cure}"
    if len(blocks) != len(dims) - 2:
        return None
    area = math.prod(blocks)
    if node.op == "DepthToSpace":
        divided = [(dims[-1], area)]
    elif node.op.startswith("Batch"):
        divided = [(dims[0], area)]
    else:
        sides = zip(dims[1:-1], margins, strict=True)
        padded = [None if size is None else size + margin for size, margin in sides]
        divided = list(zip(padded, blocks, strict=True))
    if any(size is not None and size % block for size, block in divided):
        return "the extent it divides is not known, and is taken for 1", state_shape()
    if node.op.startswith("Batch"):
        cropped = zip(dims[1:-1], blocks, margins, strict=True)
        if any(size is not None and size * block < margin for size, block, margin in cropped):
            return "the extent it crops is not known, and is taken for 1", state_shape()
    return None


def _blocks(node: Node, call: Call, rank: int | None) -> tuple[Sequence[int] | None, Sequence[int]]:
    """The sizes of blocks along the spatial dimensions, and how much is padded or cropped there."""
    if not node.op.endswith("ND"):
        size = call.attr("block_size")
        if not isinstance(size, int) or size < 1 or rank != 4:
            return None, ()
        return [size, size], [0, 0]
    blocks, margins = call.integers(1), call.integers(2)
    if blocks is None or margins is None or None in blocks.items or None in margins.items:
        return None, ()
    sizes = [b for b in blocks.items if b]
    ends = [m for m in margins.items if m is not None]
    return sizes, [a + b for a, b in zip(ends[::2], ends[1::2], strict=True)]


def _unpack_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    dims, axis, number = call.inputs[0], call.attr("axis"), call.attr("num")
    if dims is None or not isinstance(axis, int) or not -len(dims) <= axis < len(dims):
        return None
    if dims[axis] not in (None, number):
        return "the extent it unpacks is not known, and is taken for 1", state_shape()
    return None


def _reshape_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why a Reshape to a constant shape is refused: its input is smaller before the first run."""
    target = call.integers(1) if len(call.inputs) == 2 else None
    if target is None or any(size is None or size < 0 for size in target.items):
        return None
    dims = call.dims_before(0, SAME_TENSOR | {"Reshape"})  # of several in a row one is left
    if dims is None or None in dims or elements(dims) == elements(target.items):
        return None
    return "the size of its input is not known, and its result is of a constant one", state_shape()


def _channel_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why a transposed convolution is refused: its image has other channels than its filters."""
    if len(call.inputs) < 3:
        return None
    dims, weights = call.inputs[2], call.inputs[1]
    if not dims or not weights or len(dims) != 4:
        return None
    channels = dims[1] if call.attr("data_format") == b"NCHW" else dims[3]
    if None in (channels, weights[-1]) or channels == weights[-1]:
        return None
    return "the number of channels of its input is not known, and is taken for 1", state_shape()


def _pack_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why tensors cannot be packed: some are of another shape before the first run."""
    known = {dims for dims in call.inputs if dims is not None and None not in dims}
    if len(known) < 2:
        return None
    return "a dimension of its inputs is not known, and is taken for 1", state_shape()


def _concat_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why tensors cannot be put together: they differ along another axis before the first run."""
    position = 0 if node.op == "Concat" else len(call.inputs) - 1
    axis = call.integer(position)
    parts = [dims for place, dims in enumerate(call.inputs) if place != position]
    known = [dims for dims in parts if dims is not None and None not in dims]
    if axis is None:
        return None
    across = {tuple(s for i, s in enumerate(d) if i - axis not in (0, len(d))) for d in known}
    if len(across) < 2:
        return None
    return "a dimension of its inputs is not known, and is taken for 1", state_shape()


def _batch_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why a transposed convolution in 3-D is refused: its image is of another batch."""
    target, dims = call.integers(0), call.inputs[2] if len(call.inputs) > 2 else None
    if target is None or not target.items or not dims or None in (target.items[0], dims[0]):
        return None
    if target.items[0] == dims[0]:
        return None
    return "the batch of its input is not known, and is taken for 1", state_shape()


def _window_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why a convolution is refused: its image is smaller than its window before the first run."""
    if call.attr("padding") != b"VALID" or len(call.inputs) < 2:
        return None
    dims, kernel, dilations = call.inputs[0], call.inputs[1], call.attr("dilations")
    if not dims or not kernel or len(dims) != 4 or len(kernel) != 4:
        return None
    first = 2 if call.attr("data_format") == b"NCHW" else 1
    for axis in range(2):
        image, window = dims[first + axis], kernel[axis]
        step = dilations[first + axis] if isinstance(dilations, list) and dilations else 1
        if image is None or window is None or not isinstance(step, int):
            continue
        if image < (window - 1) * step + 1:
            return "the size of its image is not known, and is taken for 1", state_shape()
    return None


def _transposed_problem(node: Node, call: Call) -> tuple[str, str] | None:
    """Why a transposed convolution is refused: channels or size of its image do not fit."""
    target, strides = call.integers(0), call.attr("strides")
    problem = _channel_problem(node, call)
    if problem or target is None or len(call.inputs) < 3 or not isinstance(strides, list):
        return problem
    kernel, image = call.inputs[1], call.inputs[2]
    if not kernel or not image or len(image) != 4 or {4} != {len(target.items), len(strides)}:
        return None
    first = 2 if call.attr("data_format") == b"NCHW" else 1
    for axis in range(2):
        size, step, given = target.items[first + axis], strides[first + axis], image[first + axis]
        window = kernel[axis]
        if size is None or not isinstance(step, int) or given is None or window is None:
            continue
        # with VALID the kernel checks no more than that there is a whole window
        if call.attr("padding") == b"SAME" and -(-size // step) != given:
            return "the size of its image is not that of the shape it is asked for", state_shape()
        if call.attr("padding") == b"VALID" and size < window:
            return "the shape that it is asked for is smaller than its window", state_shape()
    return None


def _product_problem(_node: Node, call: Call) -> tuple[str, str] | None:
    """Why a matrix product is refused: its operands do not fit before the first run."""
    if len(call.inputs) < 2:
        return None
    first, second = call.inputs[:2]
    if not first or not second or len(first) < 2 or len(second) < 2:
        return None
    inner = first[-2 if _is_turned(call, "a", "x") else -1]
    other = second[-1 if _is_turned(call, "b", "y") else -2]
    if None in (inner, other) or inner == other or _fits_fully_connected(call, inner, other):
        return None
    return "a dimension of its inputs is not known, and is taken for 1", state_shape()


def _fits_fully_connected(call: Call, inner: Dim, other: Dim) -> bool:
    """Whether a product of matrices becomes a FULLY_CONNECTED that takes its input in other rows.

    That is of a constant, which its weights are then, or of a second matrix that lies turned.
    """
    if call.node.op != "MatMul":
        return False
    rows, width = elements(call.inputs[0]), other
    if call.has_value(0):
        rows, width = elements(call.inputs[1]), inner
    elif not (call.has_value(1) or call.attr("transpose_b") is True):
        return False
    return bool(rows and width and rows % width == 0)


def _is_turned(call: Call, matrix: str, batch: str) -> bool:
    return call.attr(f"transpose_{matrix}") is True or call.attr(f"adj_{batch}") is True


#: By op, why an operator is refused with the sizes that an interpreter begins with.
SIZED: Mapping[str, Callable[[Node, Call], tuple[str, str] | None]] = {
    **dict.fromkeys(
        ("SpaceToDepth", "DepthToSpace", "SpaceToBatchND", "BatchToSpaceND"), _block_problem
    ),
    "Unpack": _unpack_problem,
    "Pack": _pack_problem,
    "Concat": _concat_problem,
    "ConcatV2": _concat_problem,
    "Conv3DBackpropInputV2": _batch_problem,
    "Reshape": _reshape_problem,
    "Conv2DBackpropInput": _transposed_problem,
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _window_problem),
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _product_problem),
}
