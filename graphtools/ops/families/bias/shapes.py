"""Shapes of biases."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    replaced,
    show,
    with_rank,
)


@shape_function("BiasAdd", "BiasAddV1")
def bias_add(call: Call) -> Dims:
    """The input; the bias has a number for each channel."""
    dims = call.input(0)
    (count,) = with_rank(call.input(1), 1)
    if dims is None:
        return None
    axis = _bias_axis(call, dims)
    size = dims[axis]
    if count not in (None, size) and size is not None:
        raise Contradiction(f"a bias of {count} does not fit the channels of {show(dims)}")
    return dims if count is None else replaced(dims, axis, count)


def _bias_axis(call: Call, dims: tuple[Dim, ...]) -> int:
    if call.attr("data_format") == b"NCHW":
        if len(dims) < 3:
            raise Contradiction(f"{show(dims)} is no batch of images")
        return 1
    if len(dims) < 2:
        raise Contradiction(f"{show(dims)} has no channels")
    return len(dims) - 1


@shape_function("BiasAddGrad")
def bias_add_grad(call: Call) -> Dims:
    """A number for each channel."""
    dims = call.input(0)
    return (None,) if dims is None else (dims[_bias_axis(call, dims)],)
