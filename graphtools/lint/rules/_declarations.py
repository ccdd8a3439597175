"""Nodes held against the definitions of their ops: attributes, number and dtypes of the inputs.

Source of the rules: TensorFlow's ValidateNodeDef and GraphConstructor, which check all nodes of a
graph, also those that nothing needs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr, FunctionRef, Placeholder, describe_attr
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.subject import Subject
from graphtools.ops.bodies import body_of
from graphtools.ops.definitions import (
    Attribute,
    OpDefinition,
    argument_dtypes,
    op_definition,
)
from graphtools.ops.inference import node_output_dtypes

MISSING, WRONG, SURPLUS, COUNT, DTYPE, REFERENCE = (
    "missing", "wrong", "surplus", "count", "dtype", "reference",
)  # fmt: skip
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

#: Gives the dtypes of a node's outputs by its name.
_Dtypes = Callable[[str], "list[DType | None]"]


class Fault(NamedTuple):
    """Where a node contradicts the definition of its op.

    Attributes:
        kind: One of the constants of this module.
        node: The node.
        function: The function it is in; empty for the graph itself.
        message: What is wrong.
        attribute: The attribute it is about; empty for none.
    """

    kind: str
    node: Node
    function: str
    message: str
    attribute: str = ""

    @property
    def place(self) -> Node | str:
        """The node, as a finding names it."""
        return f"{self.node.name}@{self.function}" if self.function else self.node


@per_subject
def faults(subject: Subject) -> tuple[Fault, ...]:
    """All contradictions between nodes and the definitions of their ops."""
    graph = subject.graph
    dtypes = subject.inference.dtypes
    found = [
        f
        for node in graph
        if not _is_plain_constant(subject, node)
        for f in _faults_of(graph, node, "", dtypes)
    ]
    for function in graph.functions.values():
        body = body_of(function, graph.functions, {}, graph.versions)
        if body is None:
            continue
        inner_dtypes = _dtypes_in(body.graph)
        for node in body.graph:
            if node.op != "_Arg":
                found += _faults_of(body.graph, node, function.name, inner_dtypes)
    return tuple(found)


def _is_plain_constant(subject: Subject, node: Node) -> bool:
    """Whether a node is a constant with a value and a dtype, as most nodes of frozen graphs are."""
    if node.op != "Const" or subject.inference.dims(node.name) is None:
        return False
    return subject.inference.dtypes(node.name)[:1] not in ([], [None])


def _dtypes_in(graph: Graph) -> _Dtypes:
    @functools.cache
    def dtypes(name: str) -> list[DType | None]:
        node = graph.get(name)
        return node_output_dtypes(graph, node) if node else []

    return dtypes


def _faults_of(graph: Graph, node: Node, function: str, dtypes: _Dtypes) -> Iterator[Fault]:
    definition = op_definition(node.op)
    if definition is None:
        return
    attrs: Mapping[str, Attr] = dict(node.attrs)
    broken = False
    for kind, name, message in _attribute_faults(definition, attrs):
        broken = True
        yield Fault(kind, node, function, message, name)
    if not broken:
        for kind, message in _input_faults(graph, node, definition, attrs, dtypes):
            yield Fault(kind, node, function, message)


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
                yield MISSING, name, message
            continue
        problem = _value_fault(attribute, attrs[name])
        if problem:
            yield WRONG, name, f"the attribute {name} {problem}"
    for name in attrs:
        if name not in declared and name[:1] != "_":
            message = f"the attribute {name} is none of {definition.name} ({definition.last_seen})"
            yield SURPLUS, name, message


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
    graph: Graph, node: Node, definition: OpDefinition, attrs: Mapping[str, Attr], dtypes: _Dtypes
) -> Iterator[tuple[str, str]]:
    declared = _declared(definition.name)

    def attribute(name: str) -> Attr:
        if name in attrs:
            return attrs[name]
        return declared[name].default if name in declared else None

    expected = argument_dtypes(definition.inputs, attribute)
    data = node.data_inputs
    if expected is None:
        return
    if len(expected) != len(data):
        wanted = "one input" if len(expected) == 1 else f"{len(expected)} inputs"
        yield COUNT, f"{node.op} takes {wanted}, and it has {len(data)}"
        return
    for position, (text, wanted_dtype) in enumerate(zip(data, expected, strict=True)):
        try:
            ref = Ref.parse(text)
        except InvalidValue:
            continue  # it is reported as no name of a tensor
        given = dtypes(ref.node)
        if ref.node not in graph or not given:
            continue
        if ref.index >= len(given):
            yield COUNT, f"it reads {text!r}, and {ref.node!r} has {len(given)} outputs only"
            continue
        kind = given[ref.index]
        if kind is None or wanted_dtype is None:
            continue
        if kind.base is not wanted_dtype.base:
            yield DTYPE, f"input {position}, {text!r}, is {kind.base}, not {wanted_dtype.base}"
        elif wanted_dtype.is_ref and not kind.is_ref:
            yield REFERENCE, f"input {position}, {text!r}, is {kind}, not a {wanted_dtype}"
