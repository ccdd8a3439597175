"""Tensors joined and taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("Concat")
def concat(_call: Call, axis: Array, *parts: Array) -> Array:
    """Tensors one behind the other along an axis."""
    require_room(sum(p.size for p in parts), parts[0].itemsize if parts else 1)
    _checks.same_types(*parts)
    return np.concatenate(parts, canonical_axis(_checks.integer(axis), parts[0].ndim))


@move("ConcatV2")
def concat_v2(call: Call, *inputs: Array) -> Array:
    """Tensors one behind the other along an axis, which is the last input."""
    return concat(call, inputs[-1], *inputs[:-1])


@move("Split")
def split(call: Call, axis: Array, x: Array) -> list[Array]:
    """Equal parts along an axis."""
    return np.split(x, call.int_attr("num_split"), canonical_axis(_checks.integer(axis), x.ndim))


@move("SplitV")
def split_v(_call: Call, x: Array, sizes: Array, axis: Array) -> list[Array]:
    """Parts of stated sizes along an axis; one size may be -1, which is what is left."""
    place = canonical_axis(_checks.integer(axis), x.ndim)
    wanted = _checks.integers(sizes)
    if wanted.count(-1) == 1:
        wanted[wanted.index(-1)] = x.shape[place] - sum(wanted) - 1
    if min(wanted, default=-1) < 0 or sum(wanted) != x.shape[place]:
        raise NotConstant(f"{wanted} are not the sizes of parts of {x.shape[place]}")
    return np.split(x, np.cumsum(wanted[:-1], dtype=np.int64), place)


@move("Pack")
def pack(call: Call, *parts: Array) -> Array:
    """Tensors along a new axis."""
    require_room(sum(p.size for p in parts), parts[0].itemsize if parts else 1)
    _checks.same_types(*parts)
    return np.stack(parts, canonical_axis(call.int_attr("axis"), parts[0].ndim + 1))


@move("Unpack")
def unpack(call: Call, x: Array) -> list[Array]:
    """The parts of a tensor along an axis."""
    axis = canonical_axis(call.int_attr("axis"), x.ndim)
    if call.int_attr("num") != x.shape[axis]:
        raise NotConstant(f"an axis of {x.shape[axis]} has no {call.int_attr('num')} parts")
    return list(np.moveaxis(x, axis, 0))
