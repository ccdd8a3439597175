"""Shapes of products, decompositions and solutions of matrices."""

from __future__ import annotations

from graphtools.ops.call import Call, known, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    broadcast,
    concatenate,
    dim,
    merge,
    merge_dim,
    part,
    show,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.shapes._outputs import like_input

# Products


@shape_function("MatMul", "SparseMatMul", "_FusedMatMul", "_MklMatMul", "_MklFusedMatMul")
def mat_mul(call: Call) -> Dims:
    """[m,k] by [k,n] gives [m,n]; either may be given transposed."""
    flags = ("transpose_a", "transpose_b")
    return matrix_product(call, *map(call.bool_attr, flags))


def matrix_product(call: Call, transpose_a: bool = False, transpose_b: bool = False) -> Dims:
    """The shape of the product of the first two inputs, which are matrices.

    Raises:
        Contradiction: They are no matrices, or do not fit.
    """
    a, b = with_rank(call.input(0), 2), with_rank(call.input(1), 2)
    if transpose_a:
        a = a[::-1]
    if transpose_b:
        b = b[::-1]
    if a[1] is not None and b[0] is not None and a[1] != b[0]:
        raise Contradiction(f"matrices {show(a)} and {show(b)} cannot be multiplied")
    return (a[0], b[1])


@shape_function("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "_MklBatchMatMulV2",
                "_MklBatchMatMul", "_MklFusedBatchMatMulV2")  # fmt: skip
def batch_mat_mul(call: Call) -> Dims:
    """As `mat_mul` for each matrix; from the second version on, batch dimensions broadcast."""
    a = with_rank_at_least(call.input(0), 2)
    b = with_rank_at_least(call.input(1), 2)
    adjoint_a, adjoint_b = call.bool_attr("adj_x"), call.bool_attr("adj_y")
    inner_a, inner_b = dim(a, -2 if adjoint_a else -1), dim(b, -1 if adjoint_b else -2)
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        raise Contradiction(f"matrices {show(a)} and {show(b)} cannot be multiplied")
    join = merge if call.node.op.endswith("BatchMatMul") else broadcast
    batch = join(part(a, 0, -2), part(b, 0, -2))
    tail = (dim(a, -1 if adjoint_a else -2), dim(b, -2 if adjoint_b else -1))
    return concatenate(batch, tail)


@shape_function("Einsum", "_MklEinsum")
def einsum(call: Call) -> Dims:
    """The dimensions that the letters behind the arrow stand for; `...` is what broadcasts."""
    equation = call.text_attr("equation").decode("latin-1").replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != len(call.inputs) or len(terms) > 2 or "," in right:
        raise Contradiction(f"the equation {equation!r} is not for {len(call.inputs)} inputs")
    sizes: dict[str, Dim] = {}
    spread: Dims = ()
    for term, dims in zip(terms, call.inputs, strict=True):
        spread = broadcast(spread, _read_term(term, dims, sizes))
    before, dots, behind = _split_term(right)
    if not dots and spread:
        raise Contradiction(f"the equation {equation!r} leaves no place for {show(spread)}")
    if any(letter not in sizes for letter in before + behind):
        raise Contradiction(f"the equation {equation!r} gives letters that it does not take")
    head = tuple([sizes[letter] for letter in before])
    if not dots:
        return head
    return concatenate(concatenate(head, spread), tuple([sizes[letter] for letter in behind]))


def _split_term(term: str) -> tuple[str, str, str]:
    before, dots, behind = term.partition("...")
    if "." in before + behind:
        raise Contradiction(f"{term!r} is no list of letters with one '...'")
    return before, dots, behind


def _read_term(term: str, dims: Dims, sizes: dict[str, Dim]) -> Dims:
    """Note the dimensions of a term's letters; returns those of its `...`."""
    before, dots, behind = _split_term(term)
    letters = len(before) + len(behind)
    if dims is None:
        for letter in before + behind:
            sizes.setdefault(letter, None)
        return None if dots else ()
    if len(dims) < letters or (not dots and len(dims) > letters):
        raise Contradiction(f"{show(dims)} does not fit {term!r}")
    end = len(dims) - len(behind)
    for letter, size in zip(before + behind, dims[: len(before)] + dims[end:], strict=True):
        sizes[letter] = merge_dim(sizes.get(letter), size)
    return dims[len(before) : end]


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
    least = _least(rows, columns)
    batch = part(dims, 0, -2)
    values = concatenate(batch, (least,))
    if not call.bool_attr("compute_uv"):
        return [values, (0,), (0,)]
    full = call.bool_attr("full_matrices")
    left = concatenate(batch, (rows, rows if full else least))
    right = concatenate(batch, (columns, columns if full else least))
    return [values, left, right]


@shape_function("Qr")
def qr(call: Call) -> list[Dims]:
    """Orthogonal and triangular matrices."""
    dims = with_rank_at_least(call.input(0), 2)
    rows, columns = dim(dims, -2), dim(dims, -1)
    inner = rows if call.bool_attr("full_matrices") else _least(rows, columns)
    batch = part(dims, 0, -2)
    return [concatenate(batch, (rows, inner)), concatenate(batch, (inner, columns))]


def _least(a: Dim, b: Dim) -> Dim:
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else min(a, b)


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


# Diagonals and bands


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
    return None if dims is None else (*dims[:-2], _least(dims[-2], dims[-1]))


@shape_function("MatrixSetDiag")
def matrix_set_diag(call: Call) -> Dims:
    """As the first input is; the second is its diagonal."""
    dims = with_rank_at_least(call.input(0), 2)
    diagonal = with_rank_at_least(call.input(1), 1)
    if dims is not None:
        merge((*dims[:-2], _least(dims[-2], dims[-1])), diagonal)
        batch = merge(dims[:-2], part(diagonal, 0, -1))
        return concatenate(batch, dims[-2:])
    return concatenate(part(diagonal, 0, -1), (None, None))


def _band(call: Call, position: int) -> tuple[int, int] | None:
    """First and last diagonal of a band, None where they are not known."""
    with_rank_at_most(call.input(position), 1)
    found = call.integers(position)
    values = known(found.items) if found is not None else None
    if values is None:
        return None
    if len(values) not in (1, 2):
        raise Contradiction(f"a band has one or two ends, not {len(values)}")
    if values[0] > values[-1]:
        raise Contradiction(f"a band cannot go from {values[0]} to {values[-1]}")
    return values[0], values[-1]


@shape_function("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag_v2(call: Call) -> Dims:
    """Matrices with the given diagonals, as small as these admit unless their size is given."""
    dims = with_rank_at_least(call.input(0), 1)
    for position in (2, 3, 4):
        with_rank(call.input(position), 0)
    band = _band(call, 1) if dims is not None else None
    if dims is None or band is None:
        return None
    low, high = band
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
    band = _band(call, 1) if dims is not None else None
    if dims is None or band is None:
        return None
    low, high = band
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
    band = _band(call, 2)
    if band is None:
        return dims
    low, high = band
    tail = 1 if low == high else 2
    with_rank_at_least(diagonals, tail)
    if dims is None:
        return concatenate(part(diagonals, 0, -tail), (None, None))
    _check_band(dims, low, high)
    return dims
