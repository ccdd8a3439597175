"""Shapes of TensorLists and TensorMaps.

The handle of a list holds dtype and shape of its elements. What is pushed does not tell the shape
of the others: a list may hold elements of several shapes.
"""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    merge,
    part,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import always, dim_attr


def _element(call: Call, position: int = 0) -> Dims:
    """The shape of the elements of a list, whose dtype must be that of the attribute.

    Raises:
        Contradiction: The dtypes differ.
    """
    call.input(position)
    handle = call.handle(position)
    if handle is None or len(handle) != 1:
        return None
    held, dims = handle[0]
    expected = call.dtype_attr("element_dtype")
    if held is not None and expected is not None and held is not expected:
        raise Contradiction(f"the elements of the list are {held}, not {expected}")
    return dims


def _give(call: Call, element: Dims) -> Dims:
    """State that output 0 is a list with elements of a shape."""
    call.give_handle(0, ((call.dtype_attr("element_dtype"), element),))
    return SCALAR


@shape_function("EmptyTensorList", "TensorListReserve")
def new_list(call: Call) -> Dims:
    """A scalar; the shape of the elements is the first input."""
    return _give(call, call.dims(0))


@shape_function("TensorListPushBack")
def push_back(call: Call) -> Dims:
    """The list, one longer."""
    call.input(1)
    return _give(call, _element(call))


@shape_function("TensorListPushBackBatch")
def push_back_batch(call: Call) -> Dims:
    """One list for each row of the tensor."""
    lists = with_rank(call.input(0), 1)
    tensor = with_rank_at_least(call.input(1), 1)
    _give(call, _element(call))
    return merge(lists, part(tensor, 0, 1))


@shape_function("TensorListLength")
def length(call: Call) -> Dims:
    """A scalar."""
    call.input(0)
    return SCALAR


@shape_function("TensorListPopBack")
def pop_back(call: Call) -> list[Dims]:
    """The list, and an element."""
    element = _element(call)
    call.give_handle(0, call.handle(0))
    return [SCALAR, element]


@shape_function("TensorListGetItem")
def get_item(call: Call) -> Dims:
    """An element."""
    return merge(_element(call), call.dims(2))


@shape_function("TensorListStack")
def stack(call: Call) -> Dims:
    """All elements, in a new first dimension."""
    element = merge(_element(call), call.dims(1))
    return concatenate((dim_attr(call, "num_elements"),), element)


@shape_function("TensorListConcat", "TensorListConcatV2")
def concat(call: Call) -> list[Dims]:
    """All elements, joined at their first dimension, and its extent for each."""
    stated = call.dims(1) if call.node.op.endswith("V2") else call.shape_attr("element_shape")
    element = _element(call)
    if element is not None and stated is not None:
        if len(element) != len(stated):
            merge(element, stated)
        element = element[:1] + (merge(element[1:], stated[1:]) or ())
    else:
        element = element if stated is None else stated
    if element is None:
        return [None, (None,)]
    return [(None, *element[1:]), (None,)]


@shape_function("TensorListSplit")
def split(call: Call) -> Dims:
    """A list of parts of the tensor, cut at its first dimension."""
    tensor = with_rank_at_least(call.input(0), 1)
    with_rank(call.input(2), 1)
    rows = None if tensor is None else (None, *tensor[1:])
    stated = call.dims(1)
    merge(rows, stated)
    return _give(call, stated)


@shape_function("TensorListFromTensor")
def from_tensor(call: Call) -> Dims:
    """A list of the rows of the tensor.

    Elements of another shape may be put in later where the stated shape admits it.
    """
    tensor = with_rank_at_least(call.input(0), 1)
    stated = call.dims(1)
    merge(part(tensor, 1), stated)
    return _give(call, stated)


@shape_function("TensorListElementShape")
def element_shape(call: Call) -> Dims:
    """As many numbers as an element has dimensions; a single -1 if even that is unknown."""
    call.input(0)
    handle = call.handle(0)
    dims = handle[0][1] if handle else None
    return None if dims is None else (len(dims),)


@shape_function("TensorListResize")
def resize(call: Call) -> Dims:
    """The list, longer or shorter."""
    with_rank(call.input(1), 0)
    call.give_handle(0, call.handle(0))
    return SCALAR


@shape_function("TensorListSetItem")
def set_item(call: Call) -> Dims:
    """The list, to whose elements the new one must fit."""
    element = _element(call)
    merge(element, call.input(2))
    return _give(call, element)


@shape_function("TensorListGather")
def gather(call: Call) -> Dims:
    """For each index an element."""
    element = merge(_element(call), call.dims(2))
    return concatenate(call.input(1), element)


@shape_function("TensorListScatter", "TensorListScatterV2")
def scatter(call: Call) -> Dims:
    """A list of the rows of the tensor."""
    return _give(call, call.dims(2))


@shape_function("TensorListScatterIntoExistingList")
def scatter_into(call: Call) -> Dims:
    """The list, with the rows of the tensor in some places."""
    element = _element(call)
    with_rank_at_least(call.input(1), 1)
    with_rank(call.input(2), 1)
    return _give(call, element)


@shape_function("TensorListConcatLists")
def concat_lists(call: Call) -> Dims:
    """The elements of both, pair by pair."""
    dims = merge(call.input(0), call.input(1))
    _give(call, merge(_element(call, 0), _element(call, 1)))
    return dims


shape_function(
    "EmptyTensorMap", "TensorMapSize", "TensorMapInsert", "TensorMapErase", "TensorMapHasKey",
)(always(SCALAR))  # fmt: skip
# Unknown: a map holds values of any shape.
shape_function("TensorMapLookup", "TensorMapStackKeys")(always(None))
