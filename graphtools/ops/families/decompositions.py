"""Shapes of decompositions of matrices, and of what solves equations with them."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    broadcast,
    concatenate,
    dim,
    least,
    merge,
    merge_dim,
    part,
    show,
    with_rank,
    with_rank_at_least,
)


@shape_function("TridiagonalMatMul")
def tridiagonal_mat_mul(call: Call) -> Dims:
    """As the last input is; three diagonals are given as rows and columns."""
    dims = with_rank_at_least(call.input(3), 2)
    for position in range(3):
        dims = _like_diagonal(dims, with_rank_at_least(call.input(position), 2))
    return dims


def _like_diagonal(dims: Dims, diagonal: Dims) -> Dims:
    if dims is None or diagonal is None:
        return dims
    batch = merge(dims[:-2], diagonal[:-2])
    return concatenate(batch, (merge_dim(dims[-2], diagonal[-1]), dims[-1]))


@shape_function("TridiagonalSolve")
def tridiagonal_solve(call: Call) -> Dims:
    """As the second input is; the first has three diagonals for each matrix."""
    left, right = with_rank_at_least(call.input(0), 2), with_rank_at_least(call.input(1), 2)
    batch = merge(part(left, 0, -2), part(right, 0, -2))
    merge_dim(dim(left, -2), 3)
    rows = merge_dim(dim(left, -1), dim(right, -2))
    return concatenate(batch, (rows, dim(right, -1)))


# Square matrices


def square(dims: Dims) -> Dims:
    """The shape of square matrices.

    Raises:
        Contradiction: It is not.
    """
    dims = with_rank_at_least(dims, 2)
    if dims is None:
        return None
    if dims[-1] is not None and dims[-2] is not None and dims[-1] != dims[-2]:
        raise Contradiction(f"the matrices {show(dims)} must be square")
    size = merge_dim(dims[-2], dims[-1])
    return (*dims[:-2], size, size)


@shape_function(
    "Cholesky", "MatrixInverse", "MatrixExponential", "MatrixLogarithm", "MatrixSquareRoot",
    "BatchCholesky", "BatchMatrixInverse", "RiscCholesky",
)  # fmt: skip
def square_matrices(call: Call) -> Dims:
    """Square matrices, as the input is."""
    return square(call.input(0))


@shape_function("CholeskyGrad", "BatchCholeskyGrad")
def cholesky_grad(call: Call) -> Dims:
    """Square matrices, as the first input is."""
    return square(call.input(0))


@shape_function("MatrixDeterminant", "BatchMatrixDeterminant")
def determinant(call: Call) -> Dims:
    """A number for each matrix."""
    return part(square(call.input(0)), 0, -2)


@shape_function("LogMatrixDeterminant")
def log_determinant(call: Call) -> list[Dims]:
    """Sign and logarithm for each matrix."""
    return [part(square(call.input(0)), 0, -2)] * 2


@shape_function("SelfAdjointEig", "BatchSelfAdjointEig")
def self_adjoint_eig(call: Call) -> Dims:
    """The eigenvalues as one more row above the eigenvectors."""
    dims = square(call.input(0))
    size = dim(dims, -1)
    return concatenate(part(dims, 0, -2), (None if size is None else size + 1, size))


@shape_function("SelfAdjointEigV2", "BatchSelfAdjointEigV2", "Eig")
def eigenvalues(call: Call) -> list[Dims]:
    """Eigenvalues, and eigenvectors where the attribute asks for them."""
    dims = square(call.input(0))
    return [part(dims, 0, -1), dims if call.bool_attr("compute_v") else (0,)]


@shape_function("Lu")
def lu(call: Call) -> list[Dims]:
    """Both triangular matrices in one, and the order of the rows."""
    dims = square(call.input(0))
    return [dims, part(dims, 0, -1)]


@shape_function("Svd", "BatchSvd")
def svd(call: Call) -> list[Dims]:
    """Singular values, left and right vectors; these are empty unless they are asked for."""
    dims = with_rank_at_least(call.input(0), 2)
    rows, columns = dim(dims, -2), dim(dims, -1)
    shorter = least(rows, columns)
    batch = part(dims, 0, -2)
    values = concatenate(batch, (shorter,))
    if not call.bool_attr("compute_uv"):
        return [values, (0,), (0,)]
    full = call.bool_attr("full_matrices")
    left = concatenate(batch, (rows, rows if full else shorter))
    right = concatenate(batch, (columns, columns if full else shorter))
    return [values, left, right]


@shape_function("Qr")
def qr(call: Call) -> list[Dims]:
    """Orthogonal and triangular matrices."""
    dims = with_rank_at_least(call.input(0), 2)
    rows, columns = dim(dims, -2), dim(dims, -1)
    inner = rows if call.bool_attr("full_matrices") else least(rows, columns)
    batch = part(dims, 0, -2)
    return [concatenate(batch, (rows, inner)), concatenate(batch, (inner, columns))]


# Solutions


@shape_function("MatrixSolve", "BatchMatrixSolve", "BatchMatrixTriangularSolve")
def solve(call: Call) -> Dims:
    """Square matrices [m,m] and right sides [m,k] give [m,k]."""
    return _solved(square(call.input(0)), call.input(1))


@shape_function("MatrixTriangularSolve", "BandedTriangularSolve")
def triangular_solve(call: Call) -> Dims:
    """As `solve`; batch dimensions broadcast."""
    dims = call.input(0)
    if call.node.op == "BandedTriangularSolve":
        dims = with_rank_at_least(dims, 2)
        right = with_rank_at_least(call.input(1), 2)
        batch = broadcast(part(dims, 0, -2), part(right, 0, -2))
        return concatenate(batch, (merge_dim(dim(dims, -1), dim(right, -2)), dim(right, -1)))
    return _solved(square(dims), call.input(1), merges=False)


@shape_function("MatrixSolveLs", "BatchMatrixSolveLs")
def solve_least_squares(call: Call) -> Dims:
    """Matrices [m,n] and right sides [m,k] give [n,k]."""
    with_rank(call.input(2), 0)
    return _solved(call.input(0), call.input(1), is_square=False)


def _solved(left: Dims, right: Dims, *, merges: bool = True, is_square: bool = True) -> Dims:
    left, right = with_rank_at_least(left, 2), with_rank_at_least(right, 2)
    if dim(left, -2) not in (None, dim(right, -2)) and dim(right, -2) is not None:
        raise Contradiction(f"matrices {show(left)} and right sides {show(right)} do not fit")
    join = merge if merges else broadcast
    batch = join(part(left, 0, -2), part(right, 0, -2))
    rows = dim(left, -1)
    if is_square:
        rows = merge_dim(rows, dim(right, -2))
    return concatenate(batch, (rows, dim(right, -1)))
