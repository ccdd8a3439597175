"""Products of matrices. Floats are added in double precision and rounded; integers wrap around."""

from __future__ import annotations

import math

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import elements, product
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.matrix_products.attributes import equation_of, turned


@kernel("MatMul")
def mat_mul(call: Call, a: Array, b: Array) -> Array:
    """The product of two matrices, which may be transposed before."""
    turns = turned(call)
    return _product(call, a.T if turns[0] else a, b.T if turns[1] else b)


@kernel("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_mat_mul(call: Call, a: Array, b: Array) -> Array:
    """Products of matrices, which may be transposed and conjugated before."""
    pairs = zip((a, b), turned(call), strict=True)
    return _product(call, *[np.conjugate(np.swapaxes(x, -1, -2)) if t else x for x, t in pairs])


def _product(call: Call, a: Array, b: Array) -> Array:
    _checks.refuse_narrow(call)
    _checks.same_types(a, b)
    count = math.prod(_checks.known_dims(call))
    require_room(count)
    require_time(count * a.shape[-1])
    return np.asarray(np.matmul(_checks.wide(a), _checks.wide(b)))


@kernel("Einsum")
def einsum(call: Call, *inputs: Array) -> Array:
    """Products, summed over the letters that the output does not have."""
    _checks.refuse_narrow(call)
    _checks.same_types(*inputs)
    equation = equation_of(call)
    if any(term.letters and not term.letters.isalpha() for term in equation.inputs):
        raise NotConstant(f"the equation {equation.text!r} is not understood")
    require_room(math.prod(_checks.known_dims(call)))
    sizes, spread = equation.sizes(call.inputs)
    require_time((elements(spread) or 0) * (product(sizes.values()) or 0))
    return np.asarray(np.einsum(equation.text, *[_checks.wide(x) for x in inputs]))


@kernel("Cross")
def cross(call: Call, a: Array, b: Array) -> Array:
    """The cross product of vectors of three."""
    _checks.same_types(a, b)
    _checks.refuse_narrow(call)
    return np.cross(a, b)
