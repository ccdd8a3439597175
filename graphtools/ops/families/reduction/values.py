"""Sums and the like along axes and over segments.

In which order TensorFlow adds floats depends on the machine; here they are added in double
precision, and the sum is rounded. Integers wrap around.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


def _axes(call: Call, x: Array, axis: Array) -> tuple[tuple[int, ...], bool]:
    return _checks.axes(axis, x.ndim), call.bool_attr("keep_dims")


@kernel("Sum", "Prod")
def total(call: Call, x: Array, axis: Array) -> Array:
    """The sum, or product, along axes."""
    _checks.refuse_narrow(call)
    places, keep = _axes(call, x, axis)
    add: Any = np.sum if call.node.op == "Sum" else np.prod
    wide = _checks.wide(x)
    return np.asarray(add(wide, places, dtype=wide.dtype, keepdims=keep))


@kernel("Mean")
def mean(call: Call, x: Array, axis: Array) -> Array:
    """The mean along axes; of integers rounded toward zero.

    Whether their sum wraps around depends on the version of TensorFlow, so it is refused.
    """
    _checks.refuse_narrow(call)
    places, keep = _axes(call, x, axis)
    wide = _checks.wide(x)
    kind = np.dtype(np.int64) if x.dtype.kind in "iu" else wide.dtype
    sums = np.asarray(np.sum(wide, places, dtype=kind, keepdims=keep))
    count = math.prod(x.shape[p] for p in places)
    if x.dtype.kind not in "iu":
        return np.asarray(sums / wide.dtype.type(count))
    limits = np.iinfo(x.dtype)
    if not count:
        raise NotConstant("integers are divided by 0")
    reach = float(np.abs(wide.astype(np.float64)).max(initial=0)) * count
    if reach > min(limits.max, 2**62):
        raise NotConstant("the sum may be larger than the type")
    quotient = sums // count
    return np.asarray(quotient + ((quotient * count != sums) & (sums < 0)))


@kernel("EuclideanNorm")
def euclidean_norm(call: Call, x: Array, axis: Array) -> Array:
    """The square root of the sum of squares along axes."""
    _checks.refuse_narrow(call)
    places, keep = _axes(call, x, axis)
    if x.dtype.kind not in "fc":
        raise NotConstant("the norm of integers is rounded on the way")
    wide = _checks.wide(x)
    squares = (wide * np.conjugate(wide)).real
    return np.asarray(np.sqrt(np.sum(squares, places, keepdims=keep)))


@kernel("Max", "Min")
def extreme(call: Call, x: Array, axis: Array) -> Array:
    """The largest, or smallest, value along axes; of none the lowest, or highest, there is."""
    places, keep = _axes(call, x, axis)
    largest = call.node.op == "Max"
    if x.dtype.kind not in "iuf":
        raise NotConstant("the values have no order")
    _checks.refuse_nan(x)
    if x.dtype.kind == "f":
        start: Any = -np.inf if largest else np.inf
    else:
        start = np.iinfo(x.dtype).min if largest else np.iinfo(x.dtype).max
    find: Any = np.max if largest else np.min
    return np.asarray(find(x, places, keepdims=keep, initial=start))


@kernel("All", "Any")
def logical(call: Call, x: Array, axis: Array) -> Array:
    """Whether all, or any, are true along axes."""
    places, keep = _axes(call, x, axis)
    decide: Any = np.all if call.node.op == "All" else np.any
    return np.asarray(decide(x, places, keepdims=keep))


@kernel("ArgMax", "ArgMin")
def arg_extreme(call: Call, x: Array, axis: Array) -> Array:
    """Where the largest, or smallest, value stands along an axis, the first of equal ones."""
    place = canonical_axis(_checks.integer(axis), x.ndim)
    if not x.shape[place] or x.dtype.kind not in "iufb":
        raise NotConstant("there is no value to be found")
    _checks.refuse_nan(x)
    kind = call.dtype_attr("output_type")
    if kind is not None and x.shape[place] > np.iinfo(kind.numpy()).max:
        raise NotConstant(f"the place is larger than {kind} can tell")
    find: Any = np.argmax if call.node.op == "ArgMax" else np.argmin
    return np.asarray(find(x, place))
