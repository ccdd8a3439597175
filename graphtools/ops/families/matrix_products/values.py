"""Products of matrices. Floats are added in double precision and rounded; integers wrap around."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.families import _checks

Array = NDArray[Any]


@kernel("MatMul")
def mat_mul(call: Call, a: Array, b: Array) -> Array:
    """The product of two matrices, which may be transposed before."""
    if a.ndim != 2 or b.ndim != 2:
        raise NotConstant("matrices were expected")
    return _product(
        call,
        a.T if call.bool_attr("transpose_a") else a,
        b.T if call.bool_attr("transpose_b") else b,
    )


@kernel("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_mat_mul(call: Call, a: Array, b: Array) -> Array:
    """Products of matrices, which may be transposed and conjugated before."""
    if a.ndim < 2 or b.ndim < 2:
        raise NotConstant("matrices were expected")
    if call.node.op == "BatchMatMul" and a.shape[:-2] != b.shape[:-2]:
        raise NotConstant("the batches differ")
    return _product(
        call,
        np.conjugate(np.swapaxes(a, -1, -2)) if call.bool_attr("adj_x") else a,
        np.conjugate(np.swapaxes(b, -1, -2)) if call.bool_attr("adj_y") else b,
    )


def _product(call: Call, a: Array, b: Array) -> Array:
    _checks.refuse_narrow(call)
    _checks.same_types(a, b)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    count = math.prod(batch) * a.shape[-2] * b.shape[-1]
    require_room(count)
    require_time(count * a.shape[-1])
    return np.asarray(np.matmul(_checks.wide(a), _checks.wide(b)))


@kernel("Einsum")
def einsum(call: Call, *inputs: Array) -> Array:
    """Products, summed over the letters that the output does not have."""
    _checks.refuse_narrow(call)
    _checks.same_types(*inputs)
    equation = call.text_attr("equation").decode("ascii", "replace").replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != len(inputs) or not 1 <= len(inputs) <= 2:
        raise NotConstant(f"the equation {equation!r} does not fit")
    sizes: dict[str, int] = {}
    batches = []
    for term, x in zip(terms, inputs, strict=True):
        before, dots, behind = term.partition("...")
        letters = before + behind
        if not letters.isalpha() and letters:
            raise NotConstant(f"the equation {equation!r} is not understood")
        if len(letters) > x.ndim or (not dots and len(letters) != x.ndim):
            raise NotConstant(f"the equation {equation!r} does not fit")
        sizes |= dict(zip(before, x.shape, strict=False))
        sizes |= dict(zip(behind[::-1], x.shape[::-1], strict=False))
        batches.append(x.shape[len(before) : x.ndim - len(behind)])
    batch = math.prod(np.broadcast_shapes(*batches))
    require_room(batch * math.prod(sizes.get(letter, 1) for letter in right if letter.isalpha()))
    require_time(batch * math.prod(sizes.values()))
    found: Array = np.einsum(equation, *[_checks.wide(x) for x in inputs])
    return found


@kernel("Cross")
def cross(call: Call, a: Array, b: Array) -> Array:
    """The cross product of vectors of three."""
    _checks.same_types(a, b)
    _checks.refuse_narrow(call)
    if a.shape != b.shape or a.shape[-1:] != (3,):
        raise NotConstant("vectors of three were expected")
    return np.cross(a, b)
