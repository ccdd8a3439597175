"""What finds and counts values."""

from __future__ import annotations

import math

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


@kernel("InvertPermutation")
def invert_permutation(_call: Call, x: Array) -> Array:
    """Where each number stands."""
    _checks.check_indices(x, x.size)
    if x.ndim != 1 or len(np.unique(x)) != x.size:
        raise NotConstant("the input is no permutation")
    found = np.empty_like(x)
    found[x] = np.arange(x.size, dtype=x.dtype)
    return found


@kernel("UnravelIndex")
def unravel_index(_call: Call, indices: Array, dims: Array) -> Array:
    """The coordinates of flat indices, one row a dimension."""
    shape = _checks.dims_of(dims, 0)
    _checks.check_indices(indices, math.prod(shape))
    require_room(indices.size * max(len(shape), 1))
    return np.stack(np.unravel_index(indices, shape)) if shape else indices[None]


@kernel("Unique", "UniqueWithCounts")
def unique(_call: Call, x: Array) -> list[Array]:
    """The values in the order in which they occur first, where each stands, and how often."""
    if x.ndim != 1:
        raise NotConstant("a vector was expected")
    return _unique(x)


@kernel("UniqueV2", "UniqueWithCountsV2")
def unique_v2(_call: Call, x: Array, axis: Array) -> list[Array]:
    """The parts along an axis in the order in which they occur first; as Unique else."""
    named = _checks.integers(axis.reshape(-1))
    if len(named) > 1 or (not named and x.ndim != 1):
        raise NotConstant("one axis was expected")
    place = canonical_axis(named[0] if named else 0, x.ndim)
    if x.ndim == 1:
        return _unique(x)
    _checks.refuse_nan(x)
    rows = np.moveaxis(x, place, 0).reshape(x.shape[place], -1)
    numbers: dict[object, int] = {}
    index = np.array([numbers.setdefault(tuple(r), len(numbers)) for r in rows.tolist()], np.int64)
    first = [int(np.flatnonzero(index == i)[0]) for i in range(len(numbers))]
    found = [np.take(x, np.array(first, np.int64), place), index]
    return [*found, np.bincount(index, minlength=len(numbers))]


def _unique(x: Array) -> list[Array]:
    _checks.refuse_nan(x)
    _, first, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return [x[first[order]], rank[inverse.reshape(-1)], counts[order]]


@kernel("ListDiff")
def list_diff(_call: Call, x: Array, y: Array) -> list[Array]:
    """The values of one list that are not in another, and where they stand."""
    _checks.refuse_nan(x, y)
    places = np.flatnonzero(~np.isin(x, y))
    return [x[places], places]


@kernel("TopK", "TopKV2")
def top_k(call: Call, x: Array, k: Array | None = None) -> list[Array]:
    """The largest values of each row, of equal ones first that at the lower index."""
    count = call.int_attr("k") if k is None else _checks.integer(k)
    _checks.refuse_nan(x)
    if not call.bool_attr("sorted") and count > 1:
        raise NotConstant("the order is not defined")
    backwards = np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., ::-1]
    places = (x.shape[-1] - 1 - backwards)[..., :count]
    return [np.take_along_axis(x, places, -1), places]


@kernel("NthElement")
def nth_element(call: Call, x: Array, n: Array) -> Array:
    """The n-th smallest, or largest, value of each row."""
    place = _checks.integer(n)
    _checks.refuse_nan(x)
    ordered = np.sort(x, -1)
    return ordered[..., -1 - place if call.bool_attr("reverse") else place]


@kernel("LowerBound", "UpperBound")
def search_sorted(call: Call, rows: Array, values: Array) -> Array:
    """Where values would stand in sorted rows, before or behind equal ones."""
    _checks.same_types(rows, values)
    _checks.refuse_nan(rows, values)
    if rows.ndim != 2 or values.ndim != 2 or len(rows) != len(values):
        raise NotConstant("two matrices of as many rows were expected")
    if (rows[:, 1:] < rows[:, :-1]).any():
        raise NotConstant("the rows are not sorted")
    found = np.zeros(values.shape, np.int64)
    for i, (row, wanted) in enumerate(zip(rows, values, strict=True)):
        found[i] = np.searchsorted(row, wanted, "left" if call.node.op == "LowerBound" else "right")
    return found


@kernel("Bucketize")
def bucketize(call: Call, x: Array) -> Array:
    """How many boundaries are not above each value."""
    stated = call.attr("boundaries")
    if not isinstance(stated, list):
        raise NotConstant("there are no boundaries")
    _checks.refuse_nan(x)
    boundaries = np.array(stated, np.float32)
    if (boundaries[1:] < boundaries[:-1]).any():
        raise NotConstant("the boundaries are not sorted")
    kind = np.float64 if x.dtype == np.float64 else np.float32
    return np.searchsorted(boundaries.astype(kind), x.astype(kind), "right")


@kernel("Bincount")
def bincount(_call: Call, x: Array, size: Array, weights: Array) -> Array:
    """How often each number below a size occurs, or the sum of its weights."""
    count = _checks.integer(size)
    if (x.size and x.min() < 0) or count < 0:
        raise NotConstant("a number is negative")
    if x.dtype.kind not in "iu" or (weights.size and weights.shape != x.shape):
        raise NotConstant("the weights have another shape")
    require_room(count)
    inside = x < count
    if not weights.size:
        return np.bincount(x[inside].reshape(-1), minlength=count)
    found = np.zeros(count, _checks.wide(weights).dtype)
    np.add.at(found, x[inside], weights[inside])
    return found
