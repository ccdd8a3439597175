"""Diagonals, and matrices made of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("Diag")
def diag(_call: Call, x: Array) -> Array:
    """A tensor of twice the rank with the values on its diagonal."""
    if not x.ndim:
        raise NotConstant("a scalar has no diagonal")
    require_room(x.size * x.size, x.itemsize)
    return np.diag(x.reshape(-1)).reshape(x.shape * 2)


@move("DiagPart")
def diag_part(_call: Call, x: Array) -> Array:
    """The diagonal of a tensor whose two halves of dimensions are equal."""
    half = x.shape[: x.ndim // 2]
    if not half or x.shape != half * 2:
        raise NotConstant(f"the shape {list(x.shape)} has no two equal halves")
    size = math.prod(half)
    return np.diagonal(x.reshape(size, size)).reshape(half)


@move("MatrixDiag", "BatchMatrixDiag")
def matrix_diag(_call: Call, x: Array) -> Array:
    """Square matrices with the last axis on their diagonals."""
    size = x.shape[-1]
    require_room(x.size * size, x.itemsize)
    return np.where(np.eye(size, dtype=bool), x[..., None], np.zeros((), x.dtype))


@move("MatrixDiagPart", "BatchMatrixDiagPart")
def matrix_diag_part(_call: Call, x: Array) -> Array:
    """The main diagonals of matrices."""
    return np.diagonal(x, axis1=-2, axis2=-1)


@move("MatrixSetDiag", "BatchMatrixSetDiag")
def matrix_set_diag(_call: Call, x: Array, diagonal: Array) -> Array:
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
def matrix_band_part(_call: Call, x: Array, lower: Array, upper: Array) -> Array:
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
