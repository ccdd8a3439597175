"""Arithmetic of matrix products."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import dim, elements


def _product(call: Call, contracted: int | None) -> Work | None:
    outputs = elements(call.output_dims(0))
    if outputs is None or contracted is None:
        return None
    return Work(outputs * contracted, 2 * outputs * contracted)


@cost_function("MatMul", "_FusedMatMul", "SparseMatMul", "QuantizedMatMul")
def matmul(call: Call) -> Work | None:
    """For each output the dimension that is summed over."""
    turned = call.bool_attr("transpose_a")
    return _product(call, dim(call.input(0), 0 if turned else 1))


@cost_function("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(call: Call) -> Work | None:
    """For each output the dimension that is summed over; `adj_x` turns the first factor."""
    return _product(call, dim(call.input(0), -2 if call.bool_attr("adj_x") else -1))


@cost_function("Einsum")
def einsum(call: Call) -> Work | None:
    """For each output the labels that are summed over; of two factors without an ellipsis."""
    inputs, _, output = call.text_attr("equation").decode("utf-8", "replace").partition("->")
    labels = inputs.replace(" ", "").split(",")
    if len(labels) != 2 or "." in inputs:
        return None
    sizes: dict[str, int | None] = {}
    for term, dims in zip(labels, call.inputs, strict=False):
        if dims is None or len(dims) != len(term):
            return None
        sizes.update(zip(term, dims, strict=True))
    contracted = 1
    for label, size in sizes.items():
        if label not in output:
            if size is None:
                return None
            contracted *= size
    return _product(call, contracted)
