"""Shapes of biases."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    replaced,
    show,
    with_rank,
)
from graphtools.ops.families.bias.attributes import channel_axis


@shape_function("BiasAdd", "BiasAddV1")
def bias_add(call: Call) -> Dims:
    """The input; the bias has a number for each channel."""
    dims = call.input(0)
    (count,) = with_rank(call.input(1), 1)
    if dims is None:
        return None
    axis = channel_axis(call, dims)
    size = dims[axis]
    if count not in (None, size) and size is not None:
        raise Contradiction(f"a bias of {count} does not fit the channels of {show(dims)}")
    return dims if count is None else replaced(dims, axis, count)


@shape_function("BiasAddGrad")
def bias_add_grad(call: Call) -> Dims:
    """A number for each channel."""
    dims = call.input(0)
    return (None,) if dims is None else (dims[channel_axis(call, dims)],)
