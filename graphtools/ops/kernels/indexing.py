"""What picks, places and finds values by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, move, require_room
from graphtools.ops.kernels import _checks

Array = NDArray[Any]


# Picking


@move("Gather", "GatherV2")
def gather(call: Call, x: Array, indices: Array, axis: Array | None = None) -> Array:
    """The parts of a tensor along an axis that are named by index, for each batch its own."""
    place = 0 if axis is None else canonical_axis(_checks.integer(axis), x.ndim)
    batch = 0 if axis is None else call.int_attr("batch_dims")
    batch += indices.ndim if batch < 0 else 0
    if not 0 <= batch <= min(place, indices.ndim) or not x.ndim:
        raise NotConstant(f"there are no {batch} axes of a batch before axis {place}")
    if x.shape[:batch] != indices.shape[:batch]:
        raise NotConstant("the axes of the batch differ")
    outer, inner = x.shape[batch:place], x.shape[place + 1 :]
    shape = x.shape[:place] + indices.shape[batch:] + inner
    if not math.prod(shape):
        return np.empty(shape, x.dtype)  # of any indices
    _checks.check_indices(indices, x.shape[place])
    require_room(math.prod(shape), x.itemsize)
    batches = math.prod(x.shape[:batch])
    many = math.prod(indices.shape[batch:])
    blocks = x.reshape(batches, math.prod(outer), x.shape[place], math.prod(inner))
    chosen = blocks.transpose(0, 2, 1, 3)[
        np.arange(batches)[:, None], indices.reshape(batches, many)
    ]
    return np.asarray(chosen.transpose(0, 2, 1, 3).reshape(shape))


@move("GatherNd")
def gather_nd(call: Call, x: Array, indices: Array) -> Array:
    """The elements, or parts, that are named by lists of indices."""
    if not x.ndim or not indices.ndim or indices.shape[-1] > x.ndim:
        raise NotConstant("an index is longer than the shape")
    if not x.size and math.prod(indices.shape[:-1]):
        raise NotConstant("there is nothing to be picked")
    places = _places(indices, x.shape)
    require_room(math.prod(indices.shape[:-1] + x.shape[indices.shape[-1] :]), x.itemsize)
    if not places:
        return np.broadcast_to(x, indices.shape[:-1] + x.shape)
    return x[places]


def _places(indices: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """The last axis of indices taken apart, each checked against its dimension."""
    found = tuple(indices[..., i] for i in range(indices.shape[-1]))
    for place, dim in zip(found, shape, strict=False):
        _checks.check_indices(place, dim)
    return found


@move("Select")
def select(call: Call, condition: Array, then: Array, other: Array) -> Array:
    """Elements of one tensor or the other; a vector chooses whole rows."""
    _checks.same_types(then, other)
    if then.shape != other.shape:
        raise NotConstant("the shapes of the alternatives differ")
    if condition.ndim == 1 and then.ndim > 1 and condition.shape[0] == then.shape[0]:
        condition = condition.reshape([-1] + [1] * (then.ndim - 1))
    elif condition.ndim and condition.shape != then.shape:
        raise NotConstant("the shape of the condition does not fit")
    return np.where(condition, then, other)


@move("SelectV2")
def select_v2(call: Call, condition: Array, then: Array, other: Array) -> Array:
    """Elements of one tensor or the other, after broadcasting."""
    _checks.same_types(then, other)
    return np.where(*_checks.broadcast(condition, then, other))


@move("Where")
def where(call: Call, x: Array) -> Array:
    """The indices of the elements that are not zero."""
    if not x.ndim:
        raise NotConstant("a scalar has no indices")
    require_room(int(np.count_nonzero(x)) * x.ndim, 8)
    return np.stack(np.nonzero(x), -1)


@move("DynamicPartition")
def dynamic_partition(call: Call, x: Array, partitions: Array) -> list[Array]:
    """A tensor taken apart by the number of the part of each element."""
    count = call.int_attr("num_partitions")
    _checks.check_indices(partitions, count)
    if x.shape[: partitions.ndim] != partitions.shape or count > 1 << 16:
        raise NotConstant("the shapes do not fit")
    return [x[partitions == i] for i in range(count)]


@kernel("InvertPermutation")
def invert_permutation(call: Call, x: Array) -> Array:
    """Where each number stands."""
    _checks.check_indices(x, x.size)
    if x.ndim != 1 or len(np.unique(x)) != x.size:
        raise NotConstant("the input is no permutation")
    found = np.empty_like(x)
    found[x] = np.arange(x.size, dtype=x.dtype)
    return found


@kernel("UnravelIndex")
def unravel_index(call: Call, indices: Array, dims: Array) -> Array:
    """The coordinates of flat indices, one row a dimension."""
    shape = _checks.dims_of(dims, 0)
    _checks.check_indices(indices, math.prod(shape))
    require_room(indices.size * max(len(shape), 1))
    return np.stack(np.unravel_index(indices, shape)) if shape else indices[None]


# Placing


@move("DynamicStitch", "ParallelDynamicStitch")
def dynamic_stitch(call: Call, *inputs: Array) -> Array:
    """Parts put where their indices say; of several at one place the last stays."""
    half = len(inputs) // 2
    indices, data = inputs[:half], inputs[half:]
    inner = data[0].shape[indices[0].ndim :]
    for index, part in zip(indices, data, strict=True):
        if part.shape != index.shape + inner:
            raise NotConstant("the shapes of the parts do not fit")
    flat = np.concatenate([i.reshape(-1) for i in indices])
    count = int(flat.max()) + 1 if flat.size else 0
    _checks.check_indices(flat, count)
    distinct = len(np.unique(flat))
    if distinct != count or (call.node.op != "DynamicStitch" and distinct != flat.size):
        raise NotConstant("some places are filled not at all, or in any order")
    require_room(count * math.prod(inner), data[0].itemsize)
    found = np.empty((count, *inner), data[0].dtype)
    for index, part in zip(indices, data, strict=True):
        # numpy leaves open which of several at one place stays
        _, last = np.unique(index.reshape(-1)[::-1], return_index=True)
        rows = index.size - 1 - last
        found[index.reshape(-1)[rows]] = part.reshape(-1, *inner)[rows]
    return found


@kernel("ScatterNd")
def scatter_nd(call: Call, indices: Array, updates: Array, shape: Array) -> Array:
    """Values added up where their indices say, in a tensor of zeros."""
    if updates.dtype == object:
        raise NotConstant("strings cannot be added up")
    dims = _checks.dims_of(shape, updates.itemsize)
    return _scattered(call, np.zeros(dims, updates.dtype), indices, updates, np.add)


@kernel("TensorScatterAdd")
def tensor_scatter_add(call: Call, x: Array, indices: Array, updates: Array) -> Array:
    """A tensor with values added where their indices say."""
    return _scattered(call, x.copy(), indices, updates, np.add)


@kernel("TensorScatterSub")
def tensor_scatter_sub(call: Call, x: Array, indices: Array, updates: Array) -> Array:
    """A tensor with values subtracted where their indices say."""
    return _scattered(call, x.copy(), indices, updates, np.subtract)


@kernel("TensorScatterMax", "TensorScatterMin")
def tensor_scatter_max(call: Call, x: Array, indices: Array, updates: Array) -> Array:
    """A tensor with the larger, or smaller, of its values and others."""
    _checks.refuse_nan(x, updates)
    best = np.maximum if call.node.op == "TensorScatterMax" else np.minimum
    return _scattered(call, x.copy(), indices, updates, best)


@move("TensorScatterUpdate")
def tensor_scatter_update(call: Call, x: Array, indices: Array, updates: Array) -> Array:
    """A tensor with other values where their indices say."""
    return _scattered(call, x.copy(), indices, updates, None)


def _scattered(call: Call, x: Array, indices: Array, updates: Array, function: Any) -> Array:
    """Values put into a tensor; where two meet, only if their order does not matter."""
    _checks.same_types(x, updates)
    depth = indices.shape[-1] if indices.ndim else 0
    if not 1 <= depth <= x.ndim:
        raise NotConstant("the indices do not fit the shape")
    if updates.shape != indices.shape[:-1] + x.shape[depth:]:
        raise NotConstant(f"the updates have the shape {list(updates.shape)}")
    places = _places(indices, x.shape)
    flat = np.ravel_multi_index(places, x.shape[:depth]) if indices.size else indices
    meets = len(np.unique(flat)) < flat.size
    if meets and (function is None or _checks.is_narrow(call, len(call.sources) // 2)):
        raise NotConstant("two updates meet in one place")
    if function is None:
        x[places] = updates
    elif meets:
        function.at(x, places, updates)
    else:
        x[places] = function(x[places], updates)
    return x


# Finding


@kernel("Unique", "UniqueWithCounts")
def unique(call: Call, x: Array) -> list[Array]:
    """The values in the order in which they occur first, where each stands, and how often."""
    if x.ndim != 1:
        raise NotConstant("a vector was expected")
    return _unique(x)


@kernel("UniqueV2", "UniqueWithCountsV2")
def unique_v2(call: Call, x: Array, axis: Array) -> list[Array]:
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
def list_diff(call: Call, x: Array, y: Array) -> list[Array]:
    """The values of one list that are not in another, and where they stand."""
    _checks.refuse_nan(x, y)
    if x.ndim != 1 or y.ndim != 1:
        raise NotConstant("lists were expected")
    places = np.flatnonzero(~np.isin(x, y))
    return [x[places], places]


@kernel("TopK", "TopKV2")
def top_k(call: Call, x: Array, k: Array | None = None) -> list[Array]:
    """The largest values of each row, of equal ones first that at the lower index."""
    count = call.int_attr("k") if k is None else _checks.integer(k)
    if not x.ndim or not 0 <= count <= x.shape[-1]:
        raise NotConstant(f"there are no {count} values")
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
    if not x.ndim or not 0 <= place < x.shape[-1]:
        raise NotConstant(f"there is no element {place}")
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
def bincount(call: Call, x: Array, size: Array, weights: Array) -> Array:
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
