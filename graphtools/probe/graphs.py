"""The graphs in which the cases of a probe stand, beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph, Versions
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import Argument, OpDefinition
from graphtools.ops.inference import infer_shapes
from graphtools.probe.operands import USUAL_RANK, Operand

#: Element types that are tried, in the order in which one is preferred.
TYPES = ("float32", "int32", "int64", "bool", "string", "float16", "float64", "bfloat16", "int8",
         "int16", "uint8", "uint16", "uint32", "uint64", "complex64", "complex128")  # fmt: skip
#: GraphDef version of the graphs, but for ops that are deprecated from an earlier one on.
_VERSION = 134


class Case(NamedTuple):
    """One node that the converter is asked about.

    Attributes:
        op: Its op.
        what: What is varied: `types`, `rank`, `fed` (a constant operand), `unranked`, `attribute`.
        detail: The rank, the operand, or the attribute and its value.
        types: Its type attributes.
        operands: Its operands.
        attrs: Its other attributes.
        unranked: Whether inputs of any rank have an unknown one.
    """

    op: str
    what: str
    detail: str
    types: tuple[tuple[str, str], ...]
    operands: tuple[Operand, ...]
    attrs: tuple[tuple[str, Any], ...]
    unranked: bool = False

    @property
    def key(self) -> str:
        """A name that no other case of the same TensorFlow has."""
        types = ",".join(f"{k}={v}" for k, v in self.types)
        return f"{self.op} {types} {self.what} {self.detail}".rstrip()


def graph_version(definition: OpDefinition) -> int:
    """The GraphDef version at which an op can be used."""
    return definition.deprecated_since - 1 if definition.deprecated_since else _VERSION


def is_valid(case: Case, definition: OpDefinition) -> bool:
    """Whether a case can be asked about: inference and the types of its ends admit it."""
    try:
        graph, _, _ = graph_of([("case", case)], {case.op: definition})
        inference = infer_shapes(graph)
    except (GraphtoolsError, NotFeedable):
        return False
    return not any(f.node == "case/op" for f in inference.findings)


class NotFeedable(Exception):
    """A tensor is of a type that can be neither fed nor fetched."""


def graph_of(
    cases: Iterable[tuple[str, Case]], definitions: dict[str, OpDefinition]
) -> tuple[Graph, list[str], list[str]]:
    """A graph with the nodes of several cases beside each other.

    Args:
        cases: Cases with the scope that each gets; its node is `scope/op`.
        definitions: Definitions of their ops.

    Returns:
        The graph, and the names of its inputs and outputs.
    """
    inputs: list[str] = []
    outputs: list[str] = []
    cases = list(cases)
    graph = Graph([], Versions(min(graph_version(definitions[c.op]) for _, c in cases)))
    for scope, case in cases:
        _add(graph, scope, case, definitions[case.op], inputs, outputs)
    return graph, inputs, outputs


def _add(
    graph: Graph,
    scope: str,
    case: Case,
    definition: OpDefinition,
    inputs: list[str],
    outputs: list[str],
) -> None:
    attrs: dict[str, Attr] = {name: dtype(kind) for name, kind in case.types}
    attrs.update(case.attrs)
    arguments = _arguments(definition, len(case.operands))
    names = []
    for number, (argument, operand) in enumerate(zip(arguments, case.operands, strict=True)):
        if argument.is_ref:
            raise NotFeedable
        kind = argument.dtype or attrs.get(argument.type_attr) or dtype("float32")
        assert isinstance(kind, DType)
        if argument.number_attr:
            attrs[argument.number_attr] = sum(a is argument for a in arguments)
        if argument.type_list_attr:
            attrs[argument.type_list_attr] = [kind]
        place = f"{scope}/in{number}"
        names.append(_operand_node(graph, place, operand, kind, case.unranked, inputs))
    op = f"{scope}/op"
    graph.add(Node(op, case.op, tuple(names), attrs))
    output = definition.outputs[0]
    listed = attrs.get(output.type_list_attr)
    first = listed[0] if isinstance(listed, list) and listed else None
    made = output.dtype or attrs.get(output.type_attr) or first
    if output.is_ref or not isinstance(made, DType) or made.name not in TYPES:
        raise NotFeedable
    if made.name == "bfloat16":  # no model can have such an output
        cast: dict[str, Attr] = {"SrcT": made, "DstT": dtype("float32")}
        graph.add(Node(f"{scope}/out", "Cast", (op,), cast))
        op = f"{scope}/out"
    outputs.append(op)


def _arguments(definition: OpDefinition, count: int) -> list[Argument]:
    """The argument that each operand belongs to.

    Raises:
        NotFeedable: There are too few or too many operands.
    """
    lists = [a for a in definition.inputs if a.number_attr]
    left = count - (len(definition.inputs) - len(lists))
    if left < 0 or (lists and left % len(lists)) or (not lists and left):
        raise NotFeedable
    found: list[Argument] = []
    for argument in definition.inputs:
        found += [argument] * (left // len(lists) if argument.number_attr else 1)
    return found


def _operand_node(
    graph: Graph, name: str, operand: Operand, kind: DType, unranked: bool, inputs: list[str]
) -> str:
    if kind.name not in TYPES:
        raise NotFeedable
    free = operand.dims is None and not operand.by_rank
    operand = operand.at_rank(USUAL_RANK)
    if operand.constant:
        attrs: dict[str, Attr] = {"dtype": kind, "value": _tensor(operand, kind)}
        graph.add(Node(name, "Const", (), attrs))
        return name
    fed = dtype("float32") if kind.name == "bfloat16" else kind
    shape = Shape(None if unranked and free else operand.dims)
    graph.add(Node(name, "Placeholder", (), {"dtype": fed, "shape": shape}))
    inputs.append(name)
    if fed is kind:
        return name
    graph.add(Node(f"{name}_cast", "Cast", (name,), {"SrcT": fed, "DstT": kind}))
    return f"{name}_cast"


def _tensor(operand: Operand, kind: DType) -> Tensor:
    import numpy as np

    dims = operand.dims or ()
    if operand.values is None:
        count = int(np.prod(dims))
        values = np.arange(1, count + 1).reshape(dims) % 7 + 1
    else:
        values = np.array(operand.values).reshape(dims)
    if kind.name == "string":
        return Tensor.from_array(values.astype("S").astype(object), kind)
    if kind.name == "bfloat16":
        return Tensor.from_array(values.astype("float32"), kind)
    return Tensor.from_array(values.astype(kind.name), kind)
