"""Tensors joined and taken apart."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import move
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.joining.attributes import joined, packed_axis, split_sizes


@move("Concat", "ConcatV2")
def concat(call: Call, *inputs: Array) -> Array:
    """Tensors one behind the other along an axis."""
    axis, positions = joined(call)
    parts = [inputs[position] for position in positions]
    _checks.same_types(*parts)
    return np.concatenate(parts, canonical_axis(_checks.integer(inputs[axis]), parts[0].ndim))


@move("Split", "SplitV")
def split(call: Call, *inputs: Array) -> list[Array]:
    """Parts along an axis, equal ones or of stated sizes."""
    x, axis = inputs[::-1] if call.node.op == "Split" else inputs[::2]
    place = canonical_axis(_checks.integer(axis), x.ndim)
    sizes = [size or 0 for size in split_sizes(call, x.shape, place)]
    return np.split(x, np.cumsum(sizes[:-1], dtype=np.int64), place)


@move("Pack")
def pack(call: Call, *parts: Array) -> Array:
    """Tensors along a new axis."""
    _checks.same_types(*parts)
    return np.stack(parts, packed_axis(call, parts[0].ndim + 1))


@move("Unpack")
def unpack(call: Call, x: Array) -> list[Array]:
    """The parts of a tensor along an axis."""
    return list(np.moveaxis(x, packed_axis(call, x.ndim), 0))
