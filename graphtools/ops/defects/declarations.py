"""Nodes held against the definitions of their ops: attributes, number and dtypes of the inputs.

Source of the rules: TensorFlow's ValidateNodeDef and GraphConstructor, which check all nodes of a
graph, also those that nothing needs.
"""

from __future__ import annotations

import functools
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr, FunctionRef, Placeholder, describe_attr
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.bodies import body_of
from graphtools.ops.defects.defect import Defect
from graphtools.ops.definitions import (
    Attribute,
    OpDefinition,
    argument_dtypes,
    default_value,
    fewest_inputs,
    op_definition,
)
from graphtools.ops.inference import node_output_dtypes

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "int": int,
    "float": float,
    "bool": bool,
    "string": bytes,
    "type": DType,
    "shape": Shape,
    "tensor": Tensor,
    "func": FunctionRef,
}


class _Declared(NamedTuple):
    """What the definition of its op says of a node, by the op and the attributes alone.

    Attributes:
        faults: Kind, attribute and what is wrong with it.
        inputs: The dtypes that it takes, None where not even their number is known.
        outputs: The dtypes that it gives; empty where not even their number is known.
    """

    faults: Sequence[tuple[str, str, str]]
    inputs: Sequence[DType | None] | None
    outputs: Sequence[DType | None]


class _Declarations:
    """What definitions say of the nodes of a graph; of nodes that are alike, found out once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._alike: dict[tuple[str, int], tuple[_Declared, object]] = {}
        self._constants: dict[str, _Declared] = {}
        self._plain: dict[DType, _Declared] = {}
        self._outputs: dict[str, Sequence[DType | None]] = {}

    def __call__(self, node: Node) -> _Declared:
        shared = node.shared_attributes()
        if shared is None:
            return self._of(node)
        key = node.op, id(shared)
        if key not in self._alike:
            self._alike[key] = self._of(node), shared  # held, so that its id stays its own
        return self._alike[key][0]

    def outputs(self, name: str) -> Sequence[DType | None]:
        """The dtypes of a node's outputs."""
        found = self._outputs.get(name)
        if found is None:
            node = self._graph.get(name)
            found = self._outputs[name] = self(node).outputs if node is not None else []
        return found

    def _of(self, node: Node) -> _Declared:
        if node.op == "Const":
            if node.name not in self._constants:
                self._constants[node.name] = self._of_constant(node)
            return self._constants[node.name]
        return self._declared(node)

    def _of_constant(self, node: Node) -> _Declared:
        kind = node.plain_dtype
        if kind is None:
            return self._declared(node)
        if kind not in self._plain:
            self._plain[kind] = self._declared(node)
        return self._plain[kind]

    def _declared(self, node: Node) -> _Declared:
        definition = op_definition(node.op)
        if definition is None or node.op == "_Arg":
            return _Declared((), None, node_output_dtypes(self._graph, node))
        attrs = dict(node.attrs)  # decoded once for all that is asked

        def value(name: str) -> Attr:
            found = attrs.get(name)
            return default_value(node.op, name) if found is None else found

        faults = list(_attribute_faults(definition, attrs))
        inputs = None if faults else argument_dtypes(definition.inputs, value)
        return _Declared(faults, inputs, argument_dtypes(definition.outputs, value) or [])


def declaration_defects(graph: Graph, damaged: Container[str] = ()) -> Iterator[Defect]:
    """The contradictions between nodes and the definitions of their ops, in functions too.

    Args:
        graph: The graph.
        damaged: Names of functions that are not looked at.
    """
    yield from _of_nodes(graph, "")
    for function in graph.functions.values():
        if function.name not in damaged:
            body = body_of(function, graph.functions, {}, graph.versions)
            if body is not None:
                yield from _of_nodes(body.graph, function.name)


def _of_nodes(graph: Graph, function: str) -> Iterator[Defect]:
    declarations = _Declarations(graph)
    where = f" in function {function!r}" if function else ""
    for node in graph:
        if node.op == "_Arg":
            continue
        declared = declarations(node)
        for kind, attribute, what in declared.faults:
            message = f"node {node.name!r}{where}: {what}"
            is_fatal = kind != "surplus-attribute"
            yield Defect(kind, node.name, message, function, is_fatal, node.op, attribute, what)
        if declared.inputs is not None:
            for kind, what in _input_faults(graph, node, declared.inputs, declarations):
                message = f"node {node.name!r}{where}: {what}"
                yield Defect(kind, node.name, message, function, True, node.op, "", what)


@functools.cache
def _declared(op: str) -> Mapping[str, Attribute]:
    """The attributes that an op has, by name."""
    definition = op_definition(op)
    return {a.name: a for a in definition.attributes} if definition else {}


def _attribute_faults(
    definition: OpDefinition, attrs: Mapping[str, Attr]
) -> Iterator[tuple[str, str, str]]:
    declared = _declared(definition.name)
    for name, attribute in declared.items():
        if name not in attrs:
            if not attribute.has_default:
                message = f"the attribute {name} ({attribute.type}) is missing"
                yield "missing-attribute", name, message
            continue
        problem = _value_fault(attribute, attrs[name])
        if problem:
            yield "wrong-attribute", name, f"the attribute {name} {problem}"
    for name in attrs:
        if name not in declared and name[:1] != "_":
            message = f"the attribute {name} is none of {definition.name} ({definition.last_seen})"
            yield "surplus-attribute", name, message


def _value_fault(attribute: Attribute, value: Attr) -> str:
    """What is wrong with the value of an attribute; empty if nothing is."""
    if isinstance(value, Placeholder):
        return ""  # the caller of the function gives it
    kind = attribute.type
    plain = value.base if isinstance(value, DType) else value
    is_allowed = not attribute.allowed or plain in attribute.allowed
    if is_allowed and type(value) is _TYPES.get(kind) and attribute.minimum is None:
        return ""  # as nearly every attribute
    shown = describe_attr(value, 40)
    if kind.startswith("list("):
        each = kind[len("list(") : -1]
        if not isinstance(value, list) or any(not _is_of(each, v) for v in value):
            return f"is {shown}, not a {kind}"
        if attribute.minimum is not None and len(value) < attribute.minimum:
            return f"has {len(value)} entries, at least {attribute.minimum} are needed"
        values = value
    else:
        if not _is_of(kind, value):
            return f"is {shown}, not a {kind}"
        number = value if isinstance(value, int) and not isinstance(value, bool) else None
        if attribute.minimum is not None and number is not None and number < attribute.minimum:
            return f"is {number}, at least {attribute.minimum} is needed"
        values = [value]  # type: ignore[list-item]
    for item_value in values:
        item = item_value.base if isinstance(item_value, DType) else item_value
        if attribute.allowed and item not in attribute.allowed:
            return f"is {shown}, which {_allowed(attribute)}"
    return ""


def _is_of(kind: str, value: Attr) -> bool:
    expected = _TYPES.get(kind)
    if expected is None:
        return True
    if kind == "int" and isinstance(value, bool):
        return False
    return isinstance(value, expected)


def _allowed(attribute: Attribute) -> str:
    names = [describe_attr(v) for v in attribute.allowed]
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f"is not among the values it may have: {shown}"


def _input_faults(
    graph: Graph, node: Node, expected: Sequence[DType | None], declarations: _Declarations
) -> Iterator[tuple[str, str]]:
    data = node.data_inputs
    if len(data) < fewest_inputs(node.op):
        return  # it is told as a defect of the structure
    if len(expected) != len(data):
        wanted = "one input" if len(expected) == 1 else f"{len(expected)} inputs"
        yield "input-count", f"{node.op} takes {wanted}, and it has {len(data)}"
        return
    for position, (text, wanted_dtype) in enumerate(zip(data, expected, strict=True)):
        if wanted_dtype is not None and ":" not in text:
            outputs = declarations.outputs(text)
            if outputs and outputs[0] is wanted_dtype:
                continue  # as nearly every input
        try:
            ref = Ref.parse(text)
        except InvalidValue:
            continue  # it is reported as no name of a tensor
        given = declarations.outputs(ref.node)
        if ref.node not in graph or not given:
            continue
        if ref.index >= len(given):
            yield (
                "input-count",
                f"it reads {text!r}, and {ref.node!r} has {len(given)} outputs only",
            )
            continue
        kind = given[ref.index]
        if kind is None or wanted_dtype is None:
            continue
        if kind.base is not wanted_dtype.base:
            yield "dtype", f"input {position}, {text!r}, is {kind.base}, not {wanted_dtype.base}"
        elif wanted_dtype.is_ref and not kind.is_ref:
            yield "reference", f"input {position}, {text!r}, is {kind}, not a {wanted_dtype}"
