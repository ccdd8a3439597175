"""Defects of the structure: names, inputs, cycles, colocations, in functions too.

Source of the rules: TensorFlow's GraphConstructor (`import_graph_def`) and InstantiateFunction,
tried with TensorFlow 1.15 and 2.21.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping

from graphtools.graph.colocation_entries import ATTRIBUTE, colocated_with
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.order import find_cycle
from graphtools.graph.ref import producer
from graphtools.ops.defects.defect import Defect
from graphtools.ops.definitions import fewest_inputs

_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_./>-]*")
#: In functions, names of TensorFlow's own making may begin with an underscore.
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9_./>-]*")
#: Longest number of an output that TensorFlow reads as one.
_MAX_INDEX_DIGITS = 10
#: Nodes of a cycle that are named.
_SHOWN = 5

#: Says of an input of a function's node or result why it is no tensor of the body; empty if it is.
_Problem = Callable[[str], str]


def find_structure_defects(graph: Graph) -> tuple[Defect, ...]:
    """The defects that are seen without knowledge of shapes and attributes, in one quick pass."""
    return tuple(with_callers(graph, list(structure_defects(graph))))


def with_callers(graph: Graph, defects: list[Defect]) -> Iterator[Defect]:
    """Defects, those of functions that nobody calls marked as not fatal."""
    called = called_functions(graph) if any(d.function for d in defects) else set()
    for defect in defects:
        is_read = not defect.function or defect.function in called
        yield defect if is_read else defect._replace(is_fatal=False)


def structure_defects(graph: Graph) -> Iterator[Defect]:
    """The defects of a graph's structure, then those of its functions; each cycle last."""
    names = {n.name for n in graph.nodes}
    for node in graph.nodes:
        if not _has_plain_inputs(node, names):
            yield from _name_defects(node, _NAME)
            yield from _graph_inputs(node, names)
            yield from _too_few_inputs(node)
        if node.attr(ATTRIBUTE) is not None:  # few have it
            yield from _colocations(node, names)
    for node in graph.duplicates:
        yield _defect("duplicate-name", node, f"several nodes have the name {node.name!r}")
    yield from _cycle(graph, "")
    for function in graph.functions.values():
        yield from _function_defects(function, graph.functions)


def _has_plain_inputs(node: Node, names: Container[str]) -> bool:
    """Whether a node is as nearly all are, so that nothing of it has to be looked at closely."""
    tensors = 0
    for text in node.inputs:
        if text in names and ":" not in text:
            tensors += 1
        elif text[:1] == "^" and text[1:] in names:
            break  # nothing but control inputs may follow
        else:
            return False
    control = node.inputs[tensors:]
    if control and any(i[:1] != "^" or i[1:] not in names for i in control):
        return False
    return bool(node.op and _NAME.fullmatch(node.name)) and tensors >= fewest_inputs(node.op)


def _defect(
    kind: str, node: Node, message: str, function: str = "", is_fatal: bool = True
) -> Defect:
    return Defect(kind, node.name, message, function, is_fatal, node.op)


def _cycle(graph: Graph, function: str) -> Iterator[Defect]:
    cycle = find_cycle(graph)
    if cycle:
        shown = cycle if len(cycle) <= _SHOWN + 1 else [*cycle[:_SHOWN], "..."]
        message = "a cycle that is not a loop" + _in(function)
        way = " -> ".join([*shown, cycle[0]])
        yield Defect("cycle", cycle[0], f"{message}: {way}", function)


def _in(function: str) -> str:
    return f" in function {function!r}" if function else ""


def _name_defects(node: Node, valid: re.Pattern[str], function: str = "") -> Iterator[Defect]:
    name, where = node.name, _in(function)
    if not node.op:
        yield _defect("no-op", node, f"node {name!r}{where} has no op", function)
    if not valid.fullmatch(name):
        what = f"has the name {name!r}, which" if name else "has no name, which"
        yield _defect("bad-name", node, f"a node{where} {what} TensorFlow refuses", function)
    control = False
    for text in node.inputs:
        if text[:1] == "^":
            control = True
        elif control:
            message = f"node {name!r}{where} has the input {text!r} behind a control input"
            yield _defect("bad-input", node, message, function)


def _graph_inputs(node: Node, names: Container[str]) -> Iterator[Defect]:
    for text in node.inputs:
        if text[:1] != "^" and ":" in text:
            index = text.partition(":")[2]
            if not (index.isascii() and index.isdigit() and len(index) <= _MAX_INDEX_DIGITS):
                message = f"node {node.name!r} reads {text!r}, which is no tensor name"
                yield _defect("bad-input", node, message)
        if producer(text) not in names:
            message = f"node {node.name!r} reads {text!r}, which is not in the graph"
            yield _defect("dangling-input", node, message)


def _too_few_inputs(node: Node, function: str = "") -> Iterator[Defect]:
    fewest = fewest_inputs(node.op)
    if fewest > len(node.data_inputs):
        wanted = "one input" if fewest == 1 else f"{fewest} inputs"
        reason = f"{node.op} takes {wanted}, and it has {len(node.data_inputs)}"
        message = f"node {node.name!r}{_in(function)}: {reason}"
        yield _defect("input-count", node, message, function)._replace(reason=reason)


def _colocations(node: Node, names: Container[str], function: str = "") -> Iterator[Defect]:
    for other in colocated_with(node):
        if other not in names:
            message = f"node {node.name!r}{_in(function)} is to be placed with {other!r}, "
            yield _defect(
                "colocation", node, f"{message}which is not there", function, is_fatal=not function
            )


def _function_defects(function: Function, library: Mapping[str, Function]) -> Iterator[Defect]:
    nodes: dict[str, Node] = {}
    arguments = set(function.inputs)
    for node in function.nodes:
        yield from _name_defects(node, _FUNCTION_NAME, function.name)
        if node.name in nodes or node.name in arguments:
            message = f"several nodes have the name {node.name!r}{_in(function.name)}"
            yield _defect("duplicate-name", node, message, function.name)
        nodes[node.name] = node
    known = nodes.keys() | arguments
    problem = _tensors_of(arguments, nodes, library)
    yield from _dangling(function, problem)
    for node in function.nodes:
        yield from _too_few_inputs(node, function.name)
        yield from _colocations(node, known, function.name)
    yield from _results(function, problem)
    # what waits for what is told by names alone
    yield from _cycle(Graph(node.copy() for node in function.nodes), function.name)


def _dangling(function: Function, problem: _Problem) -> Iterator[Defect]:
    for node in function.nodes:
        for text in node.inputs:
            what = problem(text)
            if what:
                message = f"node {node.name!r}{_in(function.name)} reads {text!r}, {what}"
                yield _defect("dangling-input", node, message, function.name)


def dangling_in_functions(graph: Graph) -> Iterator[Defect]:
    """What is read and not there in the functions that a graph calls."""
    for name in sorted(called_functions(graph) & graph.functions.keys()):
        function = graph.functions[name]
        nodes = {node.name: node for node in function.nodes}
        yield from _dangling(function, _tensors_of(function.inputs, nodes, graph.functions))


def _results(function: Function, problem: _Problem) -> Iterator[Defect]:
    missing = [
        f"{result}={tensor}" if tensor else result
        for result, tensor in function.outputs.items()
        if not tensor or problem(tensor)
    ]
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        message = f"the function {function.name!r} returns what is not there: {shown}"
        yield Defect("function-result", "", message, function.name)


def _tensors_of(
    arguments: Container[str], nodes: Mapping[str, Node], library: Mapping[str, Function]
) -> _Problem:
    """What tells whether a name is that of a tensor in a body.

    Those of an argument are `name` and `name:0`, those of a node `node:output` and `node:output:0`,
    as far as the op has them.
    """
    counts: dict[str, Mapping[str, int | None] | None] = {}

    def problem(text: str) -> str:
        name = producer(text)
        if name in arguments:
            return (
                "" if text in (name, f"{name}:0", f"^{name}") else "and the argument is one tensor"
            )
        node = nodes.get(name)
        if node is None:
            return "which is not in the function"
        if text[:1] == "^":
            return ""
        _, _, rest = text.partition(":")
        if name not in counts:
            counts[name] = _output_counts(node, library)
        found = counts[name]
        if found is None:
            return ""  # an op that is not known
        output, _, index = rest.partition(":")
        if output not in found:
            given = ", ".join(f"{name}:{o}:0" for o in found) or "no tensor"
            return f"and {name!r} ({node.op}) gives {given}"
        number = found[output]
        if not index or number is None:
            return ""
        is_there = index.isascii() and index.isdigit() and int(index) < number
        return "" if is_there else f"and {output} of {name!r} has {number} of them"

    return problem


def _output_counts(node: Node, library: Mapping[str, Function]) -> Mapping[str, int | None] | None:
    """By output argument, the number of its tensors, None where that is not known."""
    from graphtools.ops.definitions import argument_dtypes, attribute_value, op_definition

    callee = library.get(node.op)
    if callee is not None:
        return dict.fromkeys(callee.outputs, 1)
    definition = op_definition(node.op)
    if definition is None:
        return None
    found: dict[str, int | None] = {}
    for argument in definition.outputs:
        dtypes = argument_dtypes((argument,), lambda name: attribute_value(node, name))
        found[argument.name] = None if dtypes is None else len(dtypes)
    return found
