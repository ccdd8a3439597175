"""Puts the body of a function in the place of a node that calls it; see `inline_partitionedcall`.

What ran inside the call runs in the graph then, at the same time:

- what the call waits for, the nodes of the body wait for that do not read another node of it;
- what waits for the call, waits for its results and for what the function says must run;
- where the call is in a loop or on a branch, so are the body's nodes without inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.colocation_entries import ATTRIBUTE, PREFIX, renamed_entries
from graphtools.graph.dtypes import DType
from graphtools.graph.functions import CALLS
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.bodies import Body, body_of
from graphtools.ops.control_flow import ENTERS
from graphtools.ops.definitions import argument_dtypes, op_definition
from graphtools.rewrite.prune import needed_nodes


class FunctionCall(NamedTuple):
    """A node that calls a function.

    Attributes:
        node: The node.
        function: The function.
        body: Its body.
        taken: Dtypes of its inputs.
        given: Dtypes of its results.
    """

    node: Node
    function: Function
    body: Body
    taken: list[DType]
    given: list[DType]


def called(graph: Graph, node: Node) -> FunctionRef | None:
    """The function that a node does nothing but call, None where it is no such node."""
    if node.op in graph.functions:
        return FunctionRef(node.op, dict(node.attrs))
    if node.op not in CALLS:
        return None
    value = node.attr("f")
    return value if isinstance(value, FunctionRef) else FunctionRef("", {})


def open_call(graph: Graph, node: Node, callee: FunctionRef) -> FunctionCall | str:
    """A call with the body of its function, or the reason why it cannot be taken apart."""
    function = graph.functions.get(callee.name)
    if function is None:
        return f"the graph has no function {callee.name!r}"
    body = body_of(function, graph.functions, callee.attrs)
    if body is None:
        return f"the function {callee.name} cannot be read: its tensors are not all known"
    if len(node.data_inputs) != len(body.arguments):
        return f"{callee.name} takes {len(body.arguments)} inputs, not {len(node.data_inputs)}"
    if body.graph.duplicates:
        return f"the function {callee.name} has two nodes of one name"
    taken = _known(argument_dtypes(body.signature.inputs, callee.attrs.get), node.attr("Tin"))
    given = _known(argument_dtypes(body.signature.outputs, callee.attrs.get), node.attr("Tout"))
    if len(taken) != len(body.arguments) or len(given) != len(body.results):
        return f"it is not known which types {callee.name} takes and gives"
    return FunctionCall(node, function, body, taken, given)


def _known(declared: list[DType | None] | None, stated: Attr) -> list[DType]:
    """The types that a function declares, or that its call states; none where one is missing."""
    found = [t for t in declared or () if t is not None]
    if declared is not None and len(found) == len(declared):
        return found
    return [t for t in stated if isinstance(t, DType)] if isinstance(stated, list) else []


def inline(graph: Graph, call: FunctionCall, *, kept: bool, bound: bool) -> list[Node]:
    """Put the nodes of a body in the place of a call.

    Args:
        graph: The graph.
        call: The call.
        kept: Whether a node of its name is to stay that gives its results.
        bound: Whether it is in a loop or on a branch.

    Returns:
        The nodes of the body, as they stand in the graph now.
    """
    node, body = call.node, call.body
    names = _new_names(graph, call)
    waits = _waits(graph, call, bound=bound)
    arguments = dict(zip(body.arguments, node.data_inputs, strict=True))
    made = []
    for inner in body.graph:
        if inner.name in arguments:
            continue
        twin = inner.variant(
            name=names[inner.name],
            inputs=_inputs(inner.inputs, arguments, names, waits),
            device=inner.device or (None if node.op in CALLS else node.device),
        )
        graph.add(twin, before=node)
        _rename_attributes(graph, twin, node.name, names)
        made.append(twin)
    results = [_renamed(r, arguments, names) for r in body.results]
    _hand_over(graph, call, results, names, waits, kept=kept)
    return made


def _new_names(graph: Graph, call: FunctionCall) -> dict[str, str]:
    names = {}
    for inner in call.body.graph:
        if inner.name not in call.body.arguments:
            names[inner.name] = graph.free_name(f"{call.node.name}/{inner.name}")
    return names


def _waits(graph: Graph, call: FunctionCall, *, bound: bool) -> tuple[str, ...]:
    """The control inputs of what runs first in a body; one at most."""
    node = call.node
    control = tuple(i for i in node.inputs if i[:1] == "^")
    data = node.data_inputs
    if len(control) < 2 and not (bound and data):
        return control
    name = graph.free_name(f"{node.name}/input_control_node")
    if bound and data:
        # an edge from a Switch itself would not tell the branch, one from its reader does
        gate = Node(name, *_identity(data, call.taken, control), device=node.device)
    else:
        gate = Node(name, "NoOp", control)
    graph.add(gate, before=node)
    return (f"^{name}",)


def _identity(
    data: Sequence[str], types: Sequence[DType], control: tuple[str, ...]
) -> tuple[str, tuple[str, ...], dict[str, Attr]]:
    """Op, inputs and attributes of a node that gives what it gets."""
    if len(data) == 1:
        return "Identity", (*data, *control), {"T": types[0]}
    return "IdentityN", (*data, *control), {"T": list(types)}


def _inputs(
    inputs: tuple[str, ...],
    arguments: Mapping[str, str],
    names: Mapping[str, str],
    waits: tuple[str, ...],
) -> tuple[str, ...]:
    """The inputs of a body's node in the graph."""
    new = [_renamed(i, arguments, names) for i in inputs]
    if not any(producer(i) in names for i in inputs):
        new += waits
    data = [i for i in new if i[:1] != "^"]
    return (*data, *dict.fromkeys(i for i in new if i[:1] == "^"))


def _renamed(text: str, arguments: Mapping[str, str], names: Mapping[str, str]) -> str:
    name = producer(text)
    if name in arguments:
        return f"^{producer(arguments[name])}" if text[:1] == "^" else arguments[name]
    return text.replace(name, names[name], 1) if name in names else text


def _rename_attributes(graph: Graph, node: Node, call: str, names: Mapping[str, str]) -> None:
    """Let attributes follow that name nodes of the body, and loops that are copied."""
    if node.op in ENTERS:
        frame = node.attr("frame_name")
        if isinstance(frame, bytes):
            graph.set_attr(node, "frame_name", call.encode() + b"/" + frame)
    value = node.attr(ATTRIBUTE)
    if isinstance(value, list):
        colocated = {e[len(PREFIX) :].decode() for e in value if isinstance(e, bytes)}
        new = renamed_entries(value, {name: names.get(name) for name in colocated})
        if new:
            graph.set_attr(node, ATTRIBUTE, new)
        else:
            graph.remove_attr(node, ATTRIBUTE)


def _hand_over(
    graph: Graph,
    call: FunctionCall,
    results: list[str],
    names: Mapping[str, str],
    waits: tuple[str, ...],
    *,
    kept: bool,
) -> None:
    """Let what reads a call read its results, and remove the call."""
    node = call.node
    aside = tuple(dict.fromkeys(f"^{names[n]}" for n in _not_needed(call) if n in names))
    ends = (*dict.fromkeys(f"^{producer(r)}" for r in results), *aside, *waits)
    if kept:
        op, inputs, attrs = _identity(results, call.given, aside) if results else ("NoOp", ends, {})
        graph.replace(node, [Node(node.name, op, inputs, attrs, node.device)])
        return
    if aside:
        # results are there only when the rest of what the call does is done, too
        for index, result in enumerate(results):
            name = graph.free_name(f"{node.name}/result_{index}")
            op, inputs, attrs = _identity([result], call.given[index:], aside)
            graph.add(Node(name, op, inputs, attrs, node.device), before=node)
            results[index] = name
    if any(f"^{node.name}" in reader.inputs for reader in graph.consumers(node.name)):
        name = graph.free_name(f"{node.name}/output_control_node")
        graph.add(Node(name, "NoOp", ends), before=node)
        graph.redirect(f"^{node.name}", f"^{name}")
    by_index = {Ref(node.name, i): result for i, result in enumerate(results)}
    for reader in graph.consumers(node.name):
        inputs = tuple(by_index.get(Ref.parse(i), i) for i in reader.inputs)
        graph.set_inputs(reader, map(str, inputs))
    graph.remove(node.name)


def _not_needed(call: FunctionCall) -> list[str]:
    """The nodes of a body that have an effect and that no result needs.

    Functions of TensorFlow 2 say which these are; in older ones all that have a state do run.
    """
    body = call.body
    needed = needed_nodes(body.graph, (producer(r) for r in body.results))
    must_run = list(call.function.control_outputs.values())
    if not must_run:
        for inner in body.graph:
            definition = op_definition(inner.op)
            if definition is not None and definition.is_stateful and inner.op != "_Arg":
                must_run.append(inner.name)
    return [name for name in must_run if name not in needed]
