"""Diagonals, and matrices made of them."""

from __future__ import annotations

import math

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.diagonals.attributes import band


@move("Diag")
def diag(_call: Call, x: Array) -> Array:
    """A tensor of twice the rank with the values on its diagonal."""
    return np.diag(x.reshape(-1)).reshape(x.shape * 2)


@move("DiagPart")
def diag_part(_call: Call, x: Array) -> Array:
    """The diagonal of a tensor whose two halves of dimensions are equal."""
    half = x.shape[: x.ndim // 2]
    size = math.prod(half)
    return np.diagonal(x.reshape(size, size)).reshape(half)


@move("MatrixDiag", "BatchMatrixDiag")
def matrix_diag(_call: Call, x: Array) -> Array:
    """Square matrices with the last axis on their diagonals."""
    return np.where(np.eye(x.shape[-1], dtype=bool), x[..., None], np.zeros((), x.dtype))


@move("MatrixDiagPart", "BatchMatrixDiagPart")
def matrix_diag_part(_call: Call, x: Array) -> Array:
    """The main diagonals of matrices."""
    return np.diagonal(x, axis1=-2, axis2=-1)


@move("MatrixSetDiag", "BatchMatrixSetDiag")
def matrix_set_diag(_call: Call, x: Array, diagonal: Array) -> Array:
    """Matrices with other main diagonals."""
    _checks.same_types(x, diagonal)
    found = x.copy()
    places = np.arange(diagonal.shape[-1])
    found[..., places, places] = diagonal
    return np.asarray(found)


@move("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag_v3(
    call: Call, x: Array, _k: Array, _rows: Array, _columns: Array, padding: Array
) -> Array:
    """Matrices with the last axes on some of their diagonals, and a padding elsewhere."""
    low, high = band(call, 1) or (0, 0)
    _checks.same_types(x, padding)
    shape = _checks.known_dims(call)
    height, width = shape[-2:]
    found = np.full(shape, _checks.number(padding), x.dtype)
    for diagonal in range(low, high + 1):
        row, column, start = _place(call, diagonal, x.shape[-1], height, width)
        line = x[..., high - diagonal, :] if low != high else x
        found[..., row, column] = line[..., start : start + len(row)]
    return found


@move("MatrixDiagPartV2", "MatrixDiagPartV3")
def matrix_diag_part_v3(call: Call, x: Array, _k: Array, padding: Array) -> Array:
    """Some of the diagonals of matrices, the shorter ones padded."""
    low, high = band(call, 1) or (0, 0)
    _checks.same_types(x, padding)
    height, width = x.shape[-2:]
    length = _checks.known_dims(call)[-1]
    outer = x.shape[:-2]
    found = np.full((*outer, high - low + 1, length), _checks.number(padding), x.dtype)
    for diagonal in range(low, high + 1):
        row, column, start = _place(call, diagonal, length, height, width)
        found[..., high - diagonal, start : start + len(row)] = x[..., row, column]
    return found if low != high else found[..., 0, :]


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
