"""Lists of tensors, which an early pass of the converter lowers to operators on tensors.

A node that it cannot lower is the only thing that the converter names then; with Select TF ops all
lists are left to those. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.compat.site import BUILTIN, Early, Failure, Judgement, Site, rule
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.ref import Ref, producer
from graphtools.ops.dims import is_known

if TYPE_CHECKING:
    from graphtools.graph.node import Node
    from graphtools.ops.inference import Inference

_ITEMS = frozenset("bool float32 int16 int32 int64 int8 uint32 uint8".split())
_READ = frozenset("bool float32 int16 int32 int64 int8 uint8".split())
#: Types of lists that are lowered at all.
_LOWERED = frozenset(
    "bool float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
)
_LOOPS = frozenset({"While", "StatelessWhile"})
#: Ops that give the list that they change.
_CHANGING = frozenset({"TensorListSetItem", "TensorListResize", "Identity"})


@rule("TensorListStack", "TensorListLength", "TensorListElementShape")
def list_as_tensor(site: Site) -> Judgement:
    """A list is a tensor to the converter; reading all of it costs nothing."""
    return BUILTIN


@rule("TensorListFromTensor")
def list_of_tensor(site: Site) -> Judgement:
    """A list that is made of a tensor is that tensor."""
    return _given_out(site) or BUILTIN


@rule("TensorListReserve", "EmptyTensorList")
def new_list(site: Site) -> Judgement:
    """A new list is a tensor filled with zeros, for which the shape of the items must be known.

    Where element_shape is a single number, the shape of the item counts that is first set, by a
    node that reads the list itself, or reads it in a loop's body, as its argument; there it must be
    static. Else the first dimension must not be -1.
    """
    kind = site.type_attr("element_dtype")
    if kind and kind not in _LOWERED:
        return Early(f"element_dtype={kind}: TFLite cannot fill a tensor with it")
    if site.rank(0) == 0:
        if not _items_tell(site):
            return Early("element_shape is a single number, and no item tells the shape")
    else:
        dims = site.constant_values(0)
        if dims and dims[0] == -1:
            return Early("element_shape begins with -1: the shape of its items is not known")
        if dims and -1 in dims:
            return Failure(
                "error", f"element_shape={list(dims)}: the converter takes -1 for a size"
            )
    if kind == "float64" and not site.is_constant(1):
        return f"element_dtype={kind}: TFLite's FILL does not take it"
    return _given_out(site) or BUILTIN


def _items_tell(site: Site) -> bool:
    """Whether the shape of a new list's items is known from an item that is set."""
    name = site.node.name
    for user in site.scope.graph.consumers(name):
        if user.name not in site.scope.needed:
            continue
        if user.op == "TensorListSetItem" and producer(user.data_inputs[0]) == name:
            return True
        if user.op in _LOOPS and _set_in_body(site.scope.inference, user, name):
            return True
    return False


def _set_in_body(inference: Inference, loop: Node, name: str) -> bool:
    """Whether the body of a loop sets an item of static shape in a list that the loop is given."""
    ref = loop.attr("body")
    function = inference.graph.functions.get(ref.name) if isinstance(ref, FunctionRef) else None
    body = inference.bodies(loop.name).get(function.name) if function is not None else None
    if function is None or body is None:
        return False
    given = {
        argument
        for text, argument in zip(loop.data_inputs, function.inputs, strict=False)
        if producer(text) == name
    }
    for argument in given:
        for user in body.graph.consumers(argument):
            if user.op == "TensorListSetItem" and producer(user.data_inputs[0]) == argument:
                item = Ref.parse(user.data_inputs[2])
                if is_known(body.dims(item.node, item.index)):
                    return True
    return False


def _given_out(site: Site) -> Failure | None:
    """A list that is an output of the graph, at which the converter fails."""
    if site.scope.function or not site.scope.is_result(site.node.name, 0):
        return None
    return Failure("error", "a list of tensors is an output of the graph", "stack it before")


@rule("TensorListSetItem", "TensorListPushBack", "TensorListResize")
def change_list(site: Site) -> Judgement:
    """To set an item is to slice and to concatenate, which TFLite does for some types."""
    return _given_out(site) or _concatenated(site)


def _concatenated(site: Site) -> Judgement:
    """What the type of a list's items says where they are concatenated."""
    kind = site.type_attr("element_dtype")
    if kind and kind not in _ITEMS:
        return f"element_dtype={kind}: TFLite concatenates {', '.join(sorted(_ITEMS))}"
    return BUILTIN


@rule("TensorListConcatV2")
def join_list(site: Site) -> Judgement:
    """The items are concatenated; the converter crashes at a list that was made without items."""
    node: Node | None = site.node
    while node is not None and (node is site.node or node.op in _CHANGING) and node.data_inputs:
        node = site.scope.graph.get(producer(node.data_inputs[0]))
    if node is not None and node.op == "TensorListReserve" and len(node.data_inputs) > 1:
        count = site.scope.graph.get(producer(node.data_inputs[1]))
        tensor = count.tensor if count is not None and count.op == "Const" else None
        if tensor is not None and tensor.integers(1) == (0,):
            return Failure(
                "crash",
                f"{node.name!r} makes the list without items",
                "give the TensorArray its size",
            )
    return _concatenated(site)


@rule("TensorListGetItem", "TensorListPopBack")
def read_list(site: Site) -> Judgement:
    """To read an item is a GATHER."""
    kind = site.type_attr("element_dtype")
    if kind not in _READ:
        return f"element_dtype={kind}: TFLite gathers {', '.join(sorted(_READ))}"
    return BUILTIN


@rule("TensorListGather", "TensorListScatter", "TensorListScatterV2", "TensorListSplit")
@rule("TensorListScatterIntoExistingList", "TensorListConcat", "TensorListConcatLists")
@rule("TensorListPushBackBatch")
def not_lowered(site: Site) -> Judgement:
    """Of these there is no form on tensors."""
    return Early(f"TFLite has no {site.node.op}")
