"""What makes tensors of few numbers: filled ones, sequences, diagonals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, move, require_room
from graphtools.ops.kernels import _checks

Array = NDArray[Any]


@move("Fill")
def fill(call: Call, dims: Array, value: Array) -> Array:
    """One value everywhere."""
    if value.ndim:
        raise NotConstant("a scalar was expected")
    return np.broadcast_to(value, _checks.dims_of(dims, value.itemsize))


@move("ZerosLike")
def zeros_like(call: Call, x: Array) -> Array:
    """Zero everywhere; of strings empty ones."""
    return np.broadcast_to(np.array(b"" if x.dtype == object else 0, x.dtype), x.shape)


@kernel("OnesLike")
def ones_like(call: Call, x: Array) -> Array:
    """One everywhere."""
    return np.broadcast_to(np.array(1, x.dtype), x.shape)


@kernel("Range")
def range_(call: Call, start: Array, limit: Array, delta: Array) -> Array:
    """Numbers from a start up to a limit, which is not among them.

    Floats are computed as by TensorFlow 2.21. Earlier versions added up the steps, and their
    rounding with them.
    """
    _checks.same_types(start, limit, delta)
    _checks.refuse_narrow(call)
    low, high, step = (_checks.number(v) for v in (start, limit, delta))
    if not step or (high < low if step > 0 else high > low):
        raise NotConstant(f"there are no steps of {step} from {low} to {high}")
    kind = start.dtype
    if kind.kind in "iu":
        count = -(-(high - low) // step)
        require_room(count, kind.itemsize)
        return np.array(low + step * np.arange(count, dtype=np.int64), kind)
    steps = (limit.reshape(()) - start.reshape(())) / delta.reshape(())
    if not np.isfinite(steps):
        raise NotConstant("the number of steps is not finite")
    count = math.ceil(abs(float(steps)))
    require_room(count, kind.itemsize)
    return np.asarray(start.reshape(()) + np.arange(count).astype(kind) * delta.reshape(()), kind)


@kernel("LinSpace")
def lin_space(call: Call, start: Array, stop: Array, num: Array) -> Array:
    """Numbers at equal distances, both ends among them."""
    _checks.same_types(start, stop)
    _checks.refuse_narrow(call)
    if start.ndim or stop.ndim or num.ndim:
        raise NotConstant("scalars were expected")
    count = _checks.integer(num)
    if count <= 0:
        raise NotConstant(f"there are no {count} numbers")
    kind = start.dtype
    require_room(count, kind.itemsize)
    step = (stop - start) / kind.type(max(count - 1, 1))
    found = np.asarray(start + step * np.arange(count).astype(kind), kind)
    found[-1] = stop
    found[0] = start
    return found


@move("OneHot")
def one_hot(call: Call, indices: Array, depth: Array, on: Array, off: Array) -> Array:
    """One value at the place that an index names along a new axis, another one elsewhere."""
    count = _checks.integer(depth)
    if count < 0:
        raise NotConstant(f"the depth is {count}")
    _checks.same_types(on, off)
    if on.ndim or off.ndim:
        raise NotConstant("scalars were expected")
    axis = canonical_axis(call.int_attr("axis"), indices.ndim + 1)
    # also without indices the places along the new axis are listed
    require_room(max(indices.size, 1) * count, max(on.itemsize, indices.itemsize))
    places = np.arange(count).reshape([-1] + [1] * (indices.ndim - axis))
    return np.where(np.expand_dims(indices, axis) == places, on, off)


# Diagonals


@move("Diag")
def diag(call: Call, x: Array) -> Array:
    """A tensor of twice the rank with the values on its diagonal."""
    if not x.ndim:
        raise NotConstant("a scalar has no diagonal")
    require_room(x.size * x.size, x.itemsize)
    return np.diag(x.reshape(-1)).reshape(x.shape * 2)


@move("DiagPart")
def diag_part(call: Call, x: Array) -> Array:
    """The diagonal of a tensor whose two halves of dimensions are equal."""
    half = x.shape[: x.ndim // 2]
    if not half or x.shape != half * 2:
        raise NotConstant(f"the shape {list(x.shape)} has no two equal halves")
    size = math.prod(half)
    return np.diagonal(x.reshape(size, size)).reshape(half)


@move("MatrixDiag", "BatchMatrixDiag")
def matrix_diag(call: Call, x: Array) -> Array:
    """Square matrices with the last axis on their diagonals."""
    size = x.shape[-1]
    require_room(x.size * size, x.itemsize)
    return np.where(np.eye(size, dtype=bool), x[..., None], np.zeros((), x.dtype))


@move("MatrixDiagPart", "BatchMatrixDiagPart")
def matrix_diag_part(call: Call, x: Array) -> Array:
    """The main diagonals of matrices."""
    return np.diagonal(x, axis1=-2, axis2=-1)


@move("MatrixSetDiag", "BatchMatrixSetDiag")
def matrix_set_diag(call: Call, x: Array, diagonal: Array) -> Array:
    """Matrices with other main diagonals."""
    _checks.same_types(x, diagonal)
    count = min(x.shape[-2:])
    if diagonal.shape != (*x.shape[:-2], count):
        raise NotConstant(f"the shape {list(diagonal.shape)} is not that of the diagonals")
    found = x.copy()
    places = np.arange(count)
    found[..., places, places] = diagonal
    return np.asarray(found)


@move("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag_v3(
    call: Call, x: Array, k: Array, rows: Array, columns: Array, padding: Array
) -> Array:
    """Matrices with the last axes on some of their diagonals, and a padding elsewhere."""
    low, high = _diagonals(k)
    _checks.same_types(x, padding)
    height, width = _checks.integer(rows), _checks.integer(columns)
    several = low != high
    if several and (x.ndim < 2 or x.shape[-2] != high - low + 1):
        raise NotConstant(f"{high - low + 1} diagonals were expected")
    length = x.shape[-1]
    least_height = length - min(high, 0)
    least_width = length + max(low, 0)
    if height == -1 and width == -1:
        height = width = max(least_height, least_width)
    elif height == -1:
        height = least_height
    elif width == -1:
        width = least_width
    if height < least_height or width < least_width:
        raise NotConstant("the diagonals do not fit")
    if height != least_height and width != least_width:
        raise NotConstant("the diagonals do not reach the end of the matrix")
    outer = x.shape[: -2 if several else -1]
    require_room(math.prod(outer) * height * width, x.itemsize)
    found = np.full((*outer, height, width), _checks.number(padding), x.dtype)
    for diagonal in range(low, high + 1):
        row, column, start = _place(call, diagonal, length, height, width)
        line = x[..., high - diagonal, :] if several else x
        found[..., row, column] = line[..., start : start + len(row)]
    return found


@move("MatrixDiagPartV2", "MatrixDiagPartV3")
def matrix_diag_part_v3(call: Call, x: Array, k: Array, padding: Array) -> Array:
    """Some of the diagonals of matrices, the shorter ones padded."""
    low, high = _diagonals(k)
    _checks.same_types(x, padding)
    height, width = x.shape[-2:]
    if not (-height < low and high < width) and (height, width) != (0, 0):
        raise NotConstant(f"a matrix of {height} x {width} has no diagonals {low} to {high}")
    length = min(height + min(high, 0), width - max(low, 0))
    several = low != high
    outer = x.shape[:-2]
    require_room(math.prod(outer) * (high - low + 1) * length, x.itemsize)
    found = np.full((*outer, high - low + 1, length), _checks.number(padding), x.dtype)
    for diagonal in range(low, high + 1):
        row, column, start = _place(call, diagonal, length, height, width)
        found[..., high - diagonal, start : start + len(row)] = x[..., row, column]
    return found if several else found[..., 0, :]


def _diagonals(k: Array) -> tuple[int, int]:
    """The lowest and the highest diagonal, which are named by one number or two."""
    named = _checks.integers(k.reshape(-1))
    if not 1 <= len(named) <= 2 or named[0] > named[-1]:
        raise NotConstant(f"{named} are no diagonals")
    return named[0], named[-1]


def _place(
    call: Call, diagonal: int, length: int, height: int, width: int
) -> tuple[Array, Array, int]:
    """Rows and columns of a diagonal, and where it starts in its padded line."""
    count = max(min(height + min(diagonal, 0), width - max(diagonal, 0)), 0)
    places = np.arange(count)
    align = call.text_attr("align") if call.node.op.endswith("V3") else b"LEFT_LEFT"
    superdiagonal, _, subdiagonal = align.partition(b"_")
    right = (superdiagonal if diagonal >= 0 else subdiagonal) == b"RIGHT"
    return places + max(-diagonal, 0), places + max(diagonal, 0), length - count if right else 0


@move("MatrixBandPart", "BatchMatrixBandPart")
def matrix_band_part(call: Call, x: Array, lower: Array, upper: Array) -> Array:
    """Matrices with zeros outside of a band around the main diagonal; -1 is no bound."""
    below, above = _checks.integer(lower), _checks.integer(upper)
    height, width = x.shape[-2:]
    if below > height or above > width:
        raise NotConstant(f"a matrix of {height} x {width} has no such band")
    distance = np.arange(width) - np.arange(height)[:, None]
    inside = np.ones((height, width), bool)
    if below >= 0:
        inside &= distance >= -below
    if above >= 0:
        inside &= distance <= above
    return np.where(inside, x, np.zeros((), x.dtype))
