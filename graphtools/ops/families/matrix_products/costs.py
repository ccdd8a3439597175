"""Arithmetic of matrix products."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import dim, product
from graphtools.ops.families._arithmetic import macs, times
from graphtools.ops.families.matrix_products.attributes import equation_of, turned


@cost_function("MatMul", "_FusedMatMul", "SparseMatMul", "QuantizedMatMul")
def matmul(call: Call) -> Work | None:
    """For each output the dimension that is summed over."""
    return macs(times(call.output_dims(0), dim(call.input(0), 0 if turned(call)[0] else 1)))


@cost_function("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(call: Call) -> Work | None:
    """For each output the dimension that is summed over."""
    return macs(times(call.output_dims(0), dim(call.input(0), -2 if turned(call)[0] else -1)))


@cost_function("Einsum")
def einsum(call: Call) -> Work | None:
    """For each output the letters that are summed over; of two factors without an ellipsis."""
    equation = equation_of(call)
    if len(equation.inputs) != 2 or any(term.dots for term in equation.inputs):
        return None
    sizes, _ = equation.sizes(call.inputs)
    summed = product(s for letter, s in sizes.items() if letter not in equation.output.letters)
    return macs(times(call.output_dims(0), summed))
