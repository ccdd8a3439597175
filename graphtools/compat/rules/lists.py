"""Lists of tensors, which an early pass of the converter lowers to operators on tensors.

A node that it cannot lower is the only thing that the converter names then; with Select TF ops all
lists are left to those. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphtools.compat.judgement import BUILTIN, Early, Failure, Judgement
from graphtools.compat.site import Site, rule
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.following import follow
from graphtools.graph.functions import LOOPS
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import NEXT_ITERATIONS
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
_GROWS = "its list grows: give the TensorArray its size, without dynamic_size"
#: Ops that give the list that they change.
_CHANGING = frozenset({"TensorListSetItem", "TensorListPushBack", "TensorListResize"})


@rule("TensorListLength", "TensorListElementShape")
def about_list(site: Site) -> Judgement:
    """A list is a tensor to the converter, of which it knows the shape."""
    return _grown(site) or BUILTIN


@rule("TensorListStack")
def stack_list(site: Site) -> Judgement:
    """A list is a tensor to the converter; reading all of it costs nothing.

    Where the shape of its items is known, element_shape must not have -1. A single -1 is taken if
    num_elements is given and their number is known, or neither.
    """
    dims = site.constant_values(1)
    if dims and -1 in dims and _has_static_items(site):
        counted = site.int_attr("num_elements") >= 0
        if site.rank(1) or counted != (_count(site) is not None):
            reason = "element_shape has -1, and the shape of the items is known: it fails"
            remedy = "state element_shape where the TensorArray is made"
            return _grown(site) or Failure("error", reason, remedy, lowering=True)
    return _grown(site) or BUILTIN


def _grown(site: Site) -> Early | None:
    """A list that grew where an item was set, at which nothing that reads it is lowered."""
    maker = site.source()
    if maker is not None and maker.attr("resize_if_index_out_of_bounds") is True:
        return Early(_GROWS)
    return None


def _goes_round(site: Site) -> bool:
    """Whether a list is given back by the body of a loop."""
    given = bool(site.scope.function) and site.scope.is_result(site.node.name, 0)
    return given or any(user.op in NEXT_ITERATIONS for user, _ in site.users())


@rule("TensorListFromTensor")
def list_of_tensor(site: Site) -> Judgement:
    """A list that is made of a tensor is that tensor."""
    return _given_out(site) or BUILTIN


@rule("TensorListReserve", "EmptyTensorList")
def new_list(site: Site) -> Judgement:
    """A new list is a tensor filled with zeros, for which the shape of the items must be known.

    Where element_shape is -1, the shape of the first item counts that is set, by a node that reads
    the list itself, or in the body of a loop that is given it; there it must be known. Else the
    first dimension must not be -1.
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
        if user.op in LOOPS and _set_in_body(site.scope.inference, user, name):
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
    """To set an item is to slice and to concatenate, which TFLite does for some types.

    Of other types there is nothing to concatenate where the list has this item only; and where it
    is the first or the last of several, the converter makes a CONCATENATION and fails.
    """
    kind = _kind(site)
    if site.node.op == "TensorListResize" and _grown(site):
        return _grown(site)
    if site.attr("resize_if_index_out_of_bounds") is True and _goes_round(site):
        return Early(_GROWS)
    if not kind or kind in _ITEMS or _given_out(site):
        return _given_out(site) or BUILTIN
    if kind not in _LOWERED and site.node.op == "TensorListResize":
        return Early(f"element_dtype={kind}: TFLite cannot fill a tensor with it")
    before = site.source()
    if site.node.op == "TensorListPushBack" and before and before.node.op == "EmptyTensorList":
        return BUILTIN
    index = site.constant_values(1) if site.node.op == "TensorListSetItem" else None
    if kind in _LOWERED and index:
        count = _count(site)
        if count == 1:
            return BUILTIN
        if index[0] == 0 or (count is not None and index[0] == count - 1):
            reason = f"element_dtype={kind}: the converter fails at the first and the last item"
            return Failure("error", reason, "cast to float32", lowering=True)
    return f"element_dtype={kind}: TFLite concatenates {', '.join(sorted(_ITEMS))}"


def _kind(site: Site) -> str:
    """The name of the type of a list's items; empty where it is not known."""
    handle = site.handle(0)
    kind = handle[0][0] if handle else None
    return site.type_attr("element_dtype") or (kind.base.name if kind is not None else "")


def _history(site: Site) -> Iterator[Site]:
    """What has been done to the list that a node reads, the last first, up to where it is made."""
    graph = site.scope.graph

    def onward(node: Node, _: Ref) -> str | None:
        return str(site.of(node).origin()) if node.op in _CHANGING else None

    for _, node in follow(graph, str(site.origin()), onward):
        if node.name in site.scope.fed:
            return
        yield site.of(node)


def _count(site: Site) -> int | None:
    """How many items a list has that a node reads; None where it is not known."""
    for source in _history(site):
        if source.node.op == "TensorListReserve":
            count = source.constant_values(1)
            return int(count[0]) if count else None
        if source.node.op == "TensorListFromTensor":
            return (source.dims_of(0) or (None,))[0]
        if source.node.op != "TensorListSetItem":
            break
    return None


def _has_static_items(site: Site) -> bool:
    """Whether the shape of a list's items is known from one that is set, or how it is made."""
    for source in _history(site):
        op = source.node.op
        if op == "TensorListSetItem" and is_known(source.dims_of(2)):
            return True
        if op == "TensorListPushBack" and is_known(source.dims_of(1)):
            return True
        if op == "TensorListFromTensor" and is_known((source.dims_of(0) or (None,))[1:]):
            return True
    return False


@rule("TensorListConcatV2")
def join_list(site: Site) -> Judgement:
    """The items are concatenated, if it is known how many there are, and that there are some.

    At a list that grows where an item is set, or that comes from a loop, the converter crashes.
    """
    if _grown(site):
        return Failure("crash", "its list grows", "give the TensorArray its size")
    *_, maker = (None, *_history(site))
    if maker is not None and maker.node.op in LOOPS:
        remedy = "stack the items, and reshape them"
        return Failure("crash", "its list comes from a loop", remedy, lowering=True)
    if not _count(site):
        return Early("it is not known how many items its list has: give the TensorArray its size")
    kind = _kind(site)
    if kind and kind not in _ITEMS:
        return f"element_dtype={kind}: TFLite concatenates {', '.join(sorted(_ITEMS))}"
    return BUILTIN


@rule("TensorListGetItem")
def read_list(site: Site) -> Judgement:
    """To read an item is a GATHER."""
    kind = site.type_attr("element_dtype")
    if kind not in _READ:
        return _grown(site) or f"element_dtype={kind}: TFLite gathers {', '.join(sorted(_READ))}"
    return _grown(site) or BUILTIN


@rule("TensorListGather", "TensorListScatter", "TensorListScatterV2", "TensorListSplit")
@rule("TensorListScatterIntoExistingList", "TensorListConcat", "TensorListConcatLists")
@rule("TensorListPushBackBatch", "TensorListPopBack")
def not_lowered(site: Site) -> Judgement:
    """Of these there is no form on tensors."""
    return Early(f"TFLite has no {site.node.op}")
