"""Shapes of products of matrices."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
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
)


@shape_function("Cross")
def cross(call: Call) -> Dims:
    """Both inputs are alike; their last dimension is 3."""
    dims = merge(call.input(0), call.input(1))
    if dims is None:
        return None
    if not dims or dims[-1] not in (None, 3):
        raise Contradiction(f"a vector product needs vectors of 3 elements, not {show(dims)}")
    return (*dims[:-1], 3)


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
