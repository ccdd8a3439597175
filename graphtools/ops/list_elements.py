"""The shape of the elements of a list of tensors, where all that is put in tells it.

A list is made with the shape that its elements may have; where a dimension is open there, as the
batch of a recurrent layer is, they may still all be of one shape, which the items tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.graph.attributes import FunctionRef
from graphtools.graph.functions import LOOPS
from graphtools.graph.ref import Ref, producer
from graphtools.ops.dims import Dims, is_known
from graphtools.ops.inference import Inference

MAKERS = frozenset({"TensorListReserve", "EmptyTensorList", "TensorListFromTensor"})
#: By op that puts an item into a list, the input that is the item.
_PUTS = {"TensorListSetItem": 2, "TensorListPushBack": 1}
#: Ops that only read a list.
_READS = frozenset(
    {"TensorListGetItem", "TensorListStack", "TensorListLength", "TensorListElementShape"}
)


def element_dims(inference: Inference, name: str) -> Dims:
    """The shape that all elements of a list have, None where it is not proven."""
    node = inference.graph[name]
    found: list[Dims] = []
    if node.op == "TensorListFromTensor":
        rows = inference.call(node).input(0)
        found.append(rows[1:] if rows else None)
    found += _items(inference, [Ref(name)])
    first = found[0] if found else None
    return first if is_known(first) and all(dims == first for dims in found) else None


def _items(inference: Inference, lists: list[Ref]) -> Iterator[Dims]:
    """The shapes of what is put into a list; None for whatever else may be done to it.

    Args:
        inference: The inferred shapes.
        lists: The tensor that is the list; those that are the list later on are added.
    """
    graph = inference.graph
    for ref in lists:  # grows while it is walked
        for user in graph.consumers(ref.node):
            positions = [i for i, t in enumerate(user.data_inputs) if Ref.parse(t) == ref]
            for position in positions:
                if user.op in _PUTS and not position:
                    yield inference.call(user).input(_PUTS[user.op])
                    onward = Ref(user.name)
                elif user.op in LOOPS:
                    yield from _items_of_loop(inference, user.name, position)
                    onward = Ref(user.name, position)
                elif user.op == "Identity":
                    onward = Ref(user.name)
                else:
                    if user.op not in _READS:
                        yield None
                    continue
                if onward not in lists:
                    lists.append(onward)


def _items_of_loop(inference: Inference, name: str, position: int) -> Iterator[Dims]:
    """The shapes of what a loop puts into the list that it is given at a position."""
    for attribute in ("cond", "body"):
        reference = inference.graph[name].attr(attribute)
        called = reference.name if isinstance(reference, FunctionRef) else ""
        inner = inference.bodies(name).get(called)
        function = inference.graph.functions.get(called)
        if inner is None or function is None:
            yield None
            continue
        lists = [Ref(function.inputs[position])]
        yield from _items(inner, lists)
        if attribute == "body":
            # the list is to come back where it was given, and nowhere else
            held = {ref.node for ref in lists}
            for result, text in enumerate(function.outputs.values()):
                if (producer(text) in held) != (result == position):
                    yield None
