"""Shapes of diagonals, and of matrices made of them."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    concatenate,
    least,
    merge,
    part,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import like_input
from graphtools.ops.families.diagonals.attributes import band


@shape_function("Diag")
def diag(call: Call) -> Dims:
    """The dimensions twice."""
    dims = with_rank_at_least(call.input(0), 1)
    return concatenate(dims, dims)


@shape_function("DiagPart")
def diag_part(call: Call) -> Dims:
    """One half of the dimensions, which is equal to the other."""
    dims = call.input(0)
    if dims is None:
        return None
    if not dims or len(dims) % 2:
        raise Contradiction(f"the rank must be even and not 0, not that of {show(dims)}")
    middle = len(dims) // 2
    return merge(dims[:middle], dims[middle:])


shape_function("MatrixBandPart", "BatchMatrixBandPart", "BatchMatrixSetDiag")(like_input(0))


@shape_function("MatrixDiag", "BatchMatrixDiag")
def matrix_diag(call: Call) -> Dims:
    """The last dimension twice."""
    dims = with_rank_at_least(call.input(0), 1)
    return None if dims is None else (*dims, dims[-1])


@shape_function("MatrixDiagPart", "BatchMatrixDiagPart")
def matrix_diag_part(call: Call) -> Dims:
    """The lesser of the last two dimensions."""
    dims = with_rank_at_least(call.input(0), 2)
    return None if dims is None else (*dims[:-2], least(dims[-2], dims[-1]))


@shape_function("MatrixSetDiag")
def matrix_set_diag(call: Call) -> Dims:
    """As the first input is; the second is its diagonal."""
    dims = with_rank_at_least(call.input(0), 2)
    diagonal = with_rank_at_least(call.input(1), 1)
    if dims is not None:
        merge((*dims[:-2], least(dims[-2], dims[-1])), diagonal)
        batch = merge(dims[:-2], part(diagonal, 0, -1))
        return concatenate(batch, dims[-2:])
    return concatenate(part(diagonal, 0, -1), (None, None))


@shape_function("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag_v2(call: Call) -> Dims:
    """Matrices with the given diagonals, as small as these admit unless their size is given."""
    dims = with_rank_at_least(call.input(0), 1)
    for position in (2, 3, 4):
        with_rank(call.input(position), 0)
    found = band(call, 1) if dims is not None else None
    if dims is None or found is None:
        return None
    low, high = found
    tail = 1 if low == high else 2
    with_rank_at_least(dims, tail)
    if tail == 2 and dims[-2] not in (None, high - low + 1):
        raise Contradiction(f"{show(dims)} does not hold the diagonals {low} to {high}")
    rows, columns = call.integer(2), call.integer(3)
    length = dims[-1]
    if length is None or rows is None or columns is None:
        return (*dims[:-tail], _size(rows), _size(columns))
    least_rows, least_columns = length - min(high, 0), length + max(low, 0)
    if rows == -1 and columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows = least_rows if rows == -1 else rows
    columns = least_columns if columns == -1 else columns
    too_small = rows < least_rows or columns < least_columns
    if too_small or (rows != least_rows and columns != least_columns):
        raise Contradiction(
            f"diagonals {low} to {high} of {length} elements do not fit {rows} x {columns}"
        )
    return (*dims[:-tail], rows, columns)


def _size(value: Dim) -> Dim:
    return None if value is None or value < 0 else value


@shape_function("MatrixDiagPartV2", "MatrixDiagPartV3")
def matrix_diag_part_v2(call: Call) -> Dims:
    """A row for each of several diagonals, as long as the longest."""
    dims = with_rank_at_least(call.input(0), 2)
    with_rank(call.input(2), 0)
    found = band(call, 1) if dims is not None else None
    if dims is None or found is None:
        return None
    low, high = found
    rows, columns = dims[-2:]
    if rows is None or columns is None:
        length = None
    else:
        _check_band(dims, low, high)
        length = min(rows + min(high, 0), columns - max(low, 0))
    return (*dims[:-2], length) if low == high else (*dims[:-2], high - low + 1, length)


def _check_band(dims: tuple[Dim, ...], low: int, high: int) -> None:
    rows, columns = dims[-2:]
    for end in (low, high):
        if end and rows is not None and columns is not None and not -rows < end < columns:
            raise Contradiction(f"matrices {show(dims)} have no diagonal {end}")


@shape_function("MatrixSetDiagV2", "MatrixSetDiagV3")
def matrix_set_diag_v2(call: Call) -> Dims:
    """As the first input is; the second has its diagonals."""
    dims = with_rank_at_least(call.input(0), 2)
    diagonals = with_rank_at_least(call.input(1), 1)
    found = band(call, 2)
    if found is None:
        return dims
    low, high = found
    tail = 1 if low == high else 2
    with_rank_at_least(diagonals, tail)
    if dims is None:
        return concatenate(part(diagonals, 0, -tail), (None, None))
    _check_band(dims, low, high)
    return dims
