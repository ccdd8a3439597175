"""What picks and places values by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, move, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array

#: So many parts of a tensor are told apart.
_MOST_PARTS = 1 << 16

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
def gather_nd(_call: Call, x: Array, indices: Array) -> Array:
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
def select(_call: Call, condition: Array, then: Array, other: Array) -> Array:
    """Elements of one tensor or the other; a vector chooses whole rows."""
    _checks.same_types(then, other)
    if condition.ndim == 1:
        condition = condition.reshape([-1] + [1] * (then.ndim - 1))
    return np.where(condition, then, other)


@move("SelectV2")
def select_v2(_call: Call, condition: Array, then: Array, other: Array) -> Array:
    """Elements of one tensor or the other, after broadcasting."""
    _checks.same_types(then, other)
    return np.where(*_checks.broadcast(condition, then, other))


@move("Where")
def where(_call: Call, x: Array) -> Array:
    """The indices of the elements that are not zero."""
    if not x.ndim:
        raise NotConstant("a scalar has no indices")
    require_room(int(np.count_nonzero(x)) * x.ndim, 8)
    return np.stack(np.nonzero(x), -1)


@move("DynamicPartition")
def dynamic_partition(call: Call, x: Array, partitions: Array) -> list[Array]:
    """A tensor taken apart by the number of the part of each element."""
    count = call.int_attr("num_partitions")
    if count > _MOST_PARTS:
        raise NotConstant(f"{count:,} parts are too many")
    _checks.check_indices(partitions, count)
    return [x[partitions == i] for i in range(count)]


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
