"""What kernels ask of their inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call, known
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, require_room

Array = NDArray[Any]

_NARROW = ("bfloat16", "float16")


def number(x: Array) -> Any:
    """The value of a tensor with a single element, as a Python number.

    Raises:
        NotConstant: It has more, or none.
    """
    if x.size != 1:
        raise NotConstant(f"a single value was expected, not the shape {list(x.shape)}")
    return x.item()


def integer(x: Array) -> int:
    """The value of a tensor with a single integer."""
    value = number(x)
    if not isinstance(value, int):
        raise NotConstant("an integer was expected")
    return value


def integers(x: Array) -> list[int]:
    """The values of a list of integers.

    Raises:
        NotConstant: It is none, or so long that no shape can be meant.
    """
    if x.ndim != 1 or x.dtype.kind not in "iu":
        raise NotConstant(f"a list of integers was expected, not the shape {list(x.shape)}")
    if x.size > 1024:
        raise NotConstant(f"a list of {x.size:,} integers is too long")
    return [int(v) for v in x.tolist()]


def axes(x: Array, rank: int) -> tuple[int, ...]:
    """The axes that a tensor lists, counted from the front; a scalar is one axis.

    Raises:
        NotConstant: One is named twice.
    """
    found = tuple(canonical_axis(v, rank) for v in integers(x.reshape(-1)))
    if len(set(found)) != len(found):
        raise NotConstant(f"the axes {found} are not distinct")
    return found


def same_types(*arrays: Array) -> None:
    """Refuse arrays of different types: no valid node has them."""
    if any(a.dtype != arrays[0].dtype for a in arrays):
        raise NotConstant("the types of the inputs differ")


def known_dims(call: Call) -> tuple[int, ...]:
    """The shape of the output.

    Raises:
        NotConstant: It does not follow from the inputs.
    """
    dims = known(call.output_dims(0))
    if dims is None:
        raise NotConstant("the shape of the output is not known")
    return dims


def dims_of(x: Array, itemsize: int = 8) -> tuple[int, ...]:
    """The shape that a tensor holds as its value, of a tensor for which there is room."""
    found = integers(x)
    if any(v < 0 for v in found):
        raise NotConstant(f"a shape cannot be {found}")
    require_room(math.prod(found), itemsize)
    return tuple(found)


def broadcast(*arrays: Array) -> list[Array]:
    """Arrays in their common shape, for which there must be room; nothing is copied."""
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    require_room(math.prod(shape), max(a.itemsize for a in arrays))
    return [np.broadcast_to(a, shape) for a in arrays]


def is_narrow(call: Call, position: int = 0) -> bool:
    """Whether an input has 16-bit floats, sums of which TensorFlow rounds on the way."""
    kind = call.dtype(position)
    return kind is not None and kind.base.name in _NARROW


def refuse_narrow(call: Call, position: int = 0) -> None:
    """Refuse sums of 16-bit floats."""
    if is_narrow(call, position):
        raise NotConstant(f"{call.node.op} of {call.dtype(position)} is rounded on the way")


def is_bfloat16(call: Call, position: int = 0) -> bool:
    """Whether an input is held wider than its type."""
    kind = call.dtype(position)
    return kind is not None and kind.base.name == "bfloat16"


def refuse_nan(*arrays: Array) -> None:
    """Refuse NaN, where TensorFlow's result depends on how it goes through the values."""
    for array in arrays:
        if array.dtype.kind in "fc" and np.isnan(array).any():
            raise NotConstant("an input holds NaN")


def check_indices(indices: Array, size: int) -> None:
    """Refuse indices that are not below a size."""
    if indices.dtype.kind not in "iu":
        raise NotConstant("indices must be integers")
    if indices.size and not (indices.min() >= 0 and indices.max() < size):
        raise NotConstant(f"an index is not below {size}")


def wide(x: Array) -> Array:
    """Values in the type in which sums and functions of them are computed."""
    return x.astype({"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype))


def floats(call: Call, x: Array) -> Array:
    """As `wide`, of an input that must be of floats."""
    if x.dtype.kind not in "fc":
        raise NotConstant(f"{call.node.op} is a function of floats")
    return wide(x)


def prod(values: Sequence[int]) -> int:
    """The product of integers of any size."""
    return math.prod(values)
