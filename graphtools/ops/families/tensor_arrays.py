"""Shapes of TensorArrays.

The handle of a TensorArrayV3 holds dtype and shape of its elements, where these are known to have
one shape.
"""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Dims,
    concatenate,
    is_known,
    merge,
    part,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import always, check_dim


def _check_handle(call: Call) -> None:
    check_dim(with_rank(call.input(0), 1), 0, 2)


def _check_scalar(call: Call, *positions: int) -> None:
    for position in positions:
        with_rank(call.input(position), 0)


def _element(call: Call) -> Dims:
    """The shape of the elements, None where it is not known."""
    handle = call.handle(0)
    return handle[0][1] if handle else None


@shape_function("TensorArrayV3")
def tensor_array(call: Call) -> list[Dims]:
    """Two texts that name the array, and a scalar that orders reads and writes."""
    _check_scalar(call, 0)
    stated = call.shape_attr("element_shape")
    if is_known(stated) or call.bool_attr("identical_element_shapes"):
        call.give_handle(0, ((call.dtype_attr("dtype"), stated),))
    return [(2,), SCALAR]


@shape_function("TensorArrayGradV3")
def gradient(call: Call) -> list[Dims]:
    """An array with elements of the same shapes."""
    _check_handle(call)
    call.give_handle(0, call.handle(0))
    return [(2,), SCALAR]


@shape_function("TensorArrayGradWithShape")
def gradient_with_shape(call: Call) -> list[Dims]:
    """An array with elements of a longer shape."""
    _check_handle(call)
    handle = call.handle(0)
    if handle:
        kind, dims = handle[0]
        call.give_handle(0, ((kind, concatenate(call.dims(2), dims)),))
    return [(2,), SCALAR]


@shape_function("TensorArrayWriteV3")
def write(call: Call) -> Dims:
    """A scalar; the value must be such as the elements."""
    _check_handle(call)
    _check_scalar(call, 1, 3)
    merge(_element(call), call.input(2))
    return SCALAR


@shape_function("TensorArrayReadV3")
def read(call: Call) -> Dims:
    """An element."""
    _check_handle(call)
    _check_scalar(call, 1, 2)
    return _element(call)


@shape_function("TensorArrayGatherV3")
def gather(call: Call) -> Dims:
    """For each index an element."""
    _check_handle(call)
    indices = with_rank(call.input(1), 1)
    _check_scalar(call, 2)
    return concatenate(indices, merge(_element(call), call.shape_attr("element_shape")))


@shape_function("TensorArrayScatterV3")
def scatter(call: Call) -> Dims:
    """A scalar; the rows of the value must be such as the elements."""
    _check_handle(call)
    indices = with_rank(call.input(1), 1)
    _check_scalar(call, 3)
    value = call.input(2)
    merge(indices, part(with_rank_at_least(value, 1), 0, 1))
    merge(_element(call), part(value, 1))
    return SCALAR


@shape_function("TensorArrayConcatV3")
def concat(call: Call) -> list[Dims]:
    """All elements, joined at their first dimension, and its extent for each."""
    _check_handle(call)
    _check_scalar(call, 1)
    rest = call.shape_attr("element_shape_except0")
    element = _element(call) or None  # scalars cannot be joined
    return [concatenate((None,), merge(rest, part(element, 1))), (None,)]


@shape_function("TensorArraySplitV3")
def split(call: Call) -> Dims:
    """A scalar; lengths are a vector."""
    _check_handle(call)
    with_rank(call.input(2), 1)
    _check_scalar(call, 3)
    return SCALAR


@shape_function("TensorArraySizeV3")
def size(call: Call) -> Dims:
    """A scalar."""
    _check_handle(call)
    return SCALAR


@shape_function("TensorArrayCloseV2", "TensorArrayCloseV3")
def close(call: Call) -> list[Dims]:
    """No outputs."""
    _check_handle(call)
    return []


# Earlier versions, of which TensorFlow follows less


@shape_function("TensorArray", "TensorArrayGrad", "TensorArrayV2", "TensorArrayGradV2")
def earlier_array(call: Call) -> Dims:
    """Two texts that name the array."""
    return (2,) if call.node.op in ("TensorArrayV2", "TensorArrayGradV2") else None


shape_function("TensorArrayClose")(always([]))
shape_function(
    "TensorArrayWrite", "TensorArrayWriteV2", "TensorArrayScatter", "TensorArrayScatterV2",
    "TensorArrayUnpack", "TensorArraySplit", "TensorArraySplitV2", "TensorArraySize",
    "TensorArraySizeV2",
)(always(SCALAR))  # fmt: skip
shape_function("TensorArrayRead", "TensorArrayReadV2")(always(None))


@shape_function("TensorArrayGather", "TensorArrayGatherV2", "TensorArrayPack")
def earlier_gather(call: Call) -> Dims:
    """Elements of the stated shape, in a new first dimension."""
    return concatenate((None,), call.shape_attr("element_shape"))


@shape_function("TensorArrayConcat", "TensorArrayConcatV2")
def earlier_concat(call: Call) -> list[Dims]:
    """Elements of the stated shape joined at their first dimension, and its extent for each."""
    return [concatenate((None,), call.shape_attr("element_shape_except0")), (None,)]


@integer_function("TensorArraySizeV3", "TensorArraySizeV2", "TensorArraySize")
def tensor_array_size(call: Call) -> Integers | None:
    """The size with which it was made; nothing is known of one that grows."""
    maker = call.maker(0)
    if maker is None or not maker.node.op.startswith("TensorArray"):
        return None
    return None if maker.bool_attr("dynamic_size") else maker.integers(0)
