"""Bodies of functions as graphs.

Inside a function a tensor is named by the argument of the op that gives it, as `node:output:0`; in
a graph by its position among all outputs, as `node:1`. Arguments become nodes with the op `_Arg`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from graphtools.errors import InvalidGraph, unknown_name
from graphtools.graph.attributes import Attr, Placeholder, encode_attr
from graphtools.graph.graph import Function, Graph, Versions
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.definitions import (
    OpDefinition,
    argument_starts,
    from_proto,
    op_definition,
)
from graphtools.schema import message_class


class Body(NamedTuple):
    """The body of a function.

    Attributes:
        graph: Its nodes, with those of its arguments before them; the library is that of the graph
            that the function belongs to.
        arguments: Names of the nodes that stand for the arguments.
        shapes: Shapes that the function states for its arguments, None where it states none.
        results: The tensors that are returned, as inputs of nodes are written.
        signature: The function as an op.
    """

    graph: Graph
    arguments: tuple[str, ...]
    shapes: tuple[Shape | None, ...]
    results: tuple[str, ...]
    signature: OpDefinition


def body_of(
    function: Function,
    library: Mapping[str, Function],
    attrs: Mapping[str, Attr],
    versions: Versions | None = None,
) -> Body | None:
    """The body of a function as a graph.

    Args:
        function: The function.
        library: All functions of its graph.
        attrs: Attributes that it is called with, for the placeholders in its body.
        versions: Those of its graph.

    Returns:
        None for a function that takes or gives lists of tensors, which TensorFlow does not write,
        and one whose tensors are not all there.
    """
    message = message_class("FunctionDef").FromString(function.encoded)
    signature = from_proto(message.signature)
    if any(a.is_list for a in signature.inputs + signature.outputs):
        return None
    nodes: list[Node] = []
    shapes: list[Shape | None] = []
    for position, argument in enumerate(signature.inputs):
        kind: Attr = argument.dtype or attrs.get(argument.type_attr)
        nodes.append(Node(argument.name, "_Arg", attrs={"T": kind, "index": position}))
        stated = (
            message.arg_attr[position].attr.get("_output_shapes")
            if (position in message.arg_attr)
            else None
        )
        found = stated.list.shape if stated is not None else []
        shapes.append(Shape.from_proto(found[0]) if len(found) else None)
    starts: dict[str, dict[str, int] | None] = {name: {} for name in function.inputs}
    body_nodes = [_with_attrs(node, attrs) for node in function.nodes]
    for node in body_nodes:
        starts[node.name] = _output_starts(node, library)
    try:
        for node in body_nodes:
            node.change(inputs=tuple(_in_graph(i, starts) for i in node.inputs))
        results = tuple(_in_graph(r, starts) for r in function.outputs.values())
    except KeyError:
        return None
    graph = Graph(nodes + body_nodes, versions, library.values())
    return Body(graph, function.inputs, tuple(shapes), results, signature)


def edit_function(graph: Graph, name: str, edit: Callable[[Graph], object]) -> None:
    """Edit the body of a function as a graph.

    Its arguments are nodes of the op `_Arg` in it; they and what is returned stay as they are.

    Args:
        graph: The graph, whose function is changed.
        name: The function.
        edit: Edits the body: a graph by itself, with the methods of one.

    Raises:
        UnknownName: There is no such function; similar names are suggested.
        InvalidGraph: The function takes or gives lists of tensors, or reads what is not there; or
            an argument, or what it returns, is not there any more.

    Example:
        >>> graph = graphtools.load("fixtures/control_flow/functions/graph.pb")
        >>> name = "__inference_halve_230"
        >>> edit_function(graph, name, lambda body: body.set_value("mul/y", 0.25))
        >>> graph.functions[name].nodes[0].tensor.array()
        array(0.25, dtype=float32)
    """
    if name not in graph.functions:
        raise unknown_name("function", name, graph.functions, "the graph")
    function = graph.functions[name]
    body = body_of(function, graph.functions, {}, graph.versions)
    if body is None:
        raise InvalidGraph(
            f"the body of the function {name!r} cannot be edited: it takes or gives lists of "
            "tensors, or reads what is not there"
        )
    edit(body.graph)
    kept = {*body.arguments, *(Ref.parse(text).node for text in body.results)}
    lost = [name for name in kept if name not in body.graph]
    lost += sorted(body.graph.absent_inputs())
    if lost:
        raise InvalidGraph(f"the function {name!r} would lack {lost[0]!r}, which it needs")
    graph.set_function(function_of(function, body))


def function_of(function: Function, body: Body) -> Function:
    """A function with another body.

    Args:
        function: The function as it was.
        body: Its body, whose graph was changed; arguments and results are what they were. What is
            gone need not run any more.
    """
    message = message_class("FunctionDef").FromString(function.encoded)
    library = body.graph.functions
    starts = {node.name: _output_starts(node, library) for node in body.graph}
    starts |= {name: {"": 0} for name in body.arguments}
    del message.node_def[:]
    for node in body.graph:
        if node.name in body.arguments:
            continue
        twin = node.variant(inputs=[_in_function(text, starts) for text in node.inputs])
        message.node_def.add().MergeFromString(twin.to_bytes())
    for name, result in zip(function.outputs, body.results, strict=True):
        message.ret[name] = _in_function(result, starts)
    for name, must_run in function.control_outputs.items():
        if must_run not in body.graph:
            del message.control_ret[name]
            message.signature.control_output.remove(name)
    return Function.from_bytes(message.SerializeToString())


def _in_function(text: str, starts: Mapping[str, dict[str, int] | None]) -> str:
    """A tensor's name in the function for its name in the graph: `add:z:0` for `add`."""
    ref = Ref.parse(text)
    if ref.is_control:
        return text
    begun = [(k, v) for k, v in (starts[ref.node] or {}).items() if v <= ref.index]
    argument, start = begun[-1]  # those before it are empty or end earlier
    return f"{ref.node}:{argument}:{ref.index - start}" if argument else ref.node


def _output_starts(node: Node, library: Mapping[str, Function]) -> dict[str, int] | None:
    """Position of the first tensor of each output argument, None where it is not known."""
    callee = library.get(node.op)
    if callee is not None:
        return {name: position for position, name in enumerate(callee.outputs)}
    definition = op_definition(node.op)
    return argument_starts(node, definition.outputs) if definition else None


def _in_graph(text: str, starts: Mapping[str, dict[str, int] | None]) -> str:
    """A tensor's name in the graph for its name in the function.

    Raises:
        KeyError: There is no such node, or its outputs are not known.
    """
    ref = Ref.parse(text)
    if ref.is_control:
        return text
    outputs = starts[ref.node]
    if not ref.output:
        return str(Ref(ref.node, ref.index))
    if outputs is None:
        raise KeyError(ref.output)
    return str(Ref(ref.node, outputs[ref.output] + ref.index))


def _with_attrs(node: Node, attrs: Mapping[str, Attr]) -> Node:
    """A copy of a node in which the placeholders have values."""
    twin = node.copy()
    for name, value in node.attrs.items():
        if isinstance(value, Placeholder) and str(value) in attrs:
            twin.set_encoded_attr(name, encode_attr(attrs[str(value)]))
    return twin
