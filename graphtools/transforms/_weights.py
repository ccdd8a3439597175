"""The constants that quantize_weights and round_weights look at, and how they go over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.dtypes import FLOAT32, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, once
from graphtools.rewrite.transform import Job

if TYPE_CHECKING:
    import numpy as np

    from graphtools.graph.tensor import Array

#: Elements that are computed at once, so that intermediate results stay in the processor's cache.
PIECE = 1 << 15


class Weights(NamedTuple):
    """A constant of floats.

    Attributes:
        node: The Const.
        tensor: Its value.
        values: Its elements.
        low: The least of them.
        high: The largest.
    """

    node: Node
    tensor: Tensor
    values: Array
    low: np.float32
    high: np.float32


def float_constants(graph: Graph, job: Job, least: int) -> Iterator[Weights]:
    """The constants of float32 with so many elements at least, in the order of the file.

    What is damaged, not finite, of another type of floats, or fed, is skipped with the reason.
    """
    fed = {ref.node for ref in job.inputs}
    for node in list(graph.nodes):
        if node.op != "Const":
            continue
        found = _weights(node, max(least, 1))
        if isinstance(found, str):
            if found:
                job.skip(node.name, found)
        elif node.name in fed:
            job.skip(node.name, "it is an input")
        else:
            yield found


def _weights(node: Node, least: int) -> Weights | str:
    """A constant's values, or why they are not looked at; empty if nobody needs to be told."""
    import numpy as np

    kind, tensor = node.attr("dtype"), node.tensor
    if not isinstance(kind, DType) or tensor is None:
        return "a Const has a dtype and a value, and this one does not"
    if not tensor.dtype.is_floating or (tensor.shape.elements or 0) < least:
        return ""
    if tensor.dtype is not FLOAT32:
        return f"it is of {tensor.dtype}, and only float32 is quantized"
    if kind is not tensor.dtype:
        return f"its dtype is {kind}, and its value is of {tensor.dtype}"
    try:
        values = tensor.array()
    except (Damaged, InvalidValue) as problem:
        return problem.message
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = np.float32(once(values).min()), np.float32(once(values).max())
        if not (np.isfinite(low) and np.isfinite(high)):
            return "some of its values are not finite"
        if not np.isfinite(high - low):
            return "the extent of its values is no float32"
    return Weights(node, tensor, values, low, high)


def computed(values: Array, kind: type[np.generic], function: Callable[[Array], Array]) -> Array:
    """What a function gives for the elements of an array, flat, computed in pieces.

    Args:
        values: The array.
        kind: Type of the results.
        function: From some elements to as many results.
    """
    import numpy as np

    flat = values.reshape(-1)
    out = np.empty(flat.size, kind)
    for start in range(0, flat.size, PIECE):
        out[start : start + PIECE] = function(flat[start : start + PIECE])
    return out


def tensor_of(codes: Array, kind: DType, shape: Shape) -> Tensor:
    """A tensor of the elements of an array, which are not copied.

    Args:
        codes: The elements, in row-major order; nobody changes them any more.
        kind: Their type.
        shape: The tensor's shape.
    """
    if not codes.size:
        return Tensor.from_array(codes, kind)
    stored = codes.reshape(-1).astype(codes.dtype.newbyteorder("<"), copy=False)
    return Tensor.from_content(kind, shape, stored.data.cast("B"))
