"""Shapes of products of matrices."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    broadcast,
    concatenate,
    dim,
    merge,
    part,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families.matrix_products.attributes import equation_of, turned


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
    return matrix_product(call, *turned(call))


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
    adjoint_a, adjoint_b = turned(call)
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
    equation = equation_of(call)
    sizes, spread = equation.sizes(call.inputs)
    before, dots, behind = equation.output
    if not dots and spread:
        raise Contradiction(f"the equation {equation.text!r} leaves no place for {show(spread)}")
    if any(letter not in sizes for letter in before + behind):
        raise Contradiction(f"the equation {equation.text!r} gives letters that it does not take")
    head, tail = [tuple([sizes[letter] for letter in part]) for part in (before, behind)]
    return concatenate(concatenate(head, spread), tail) if dots else head
