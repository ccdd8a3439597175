"""The dtype and shape of each tensor of a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.defects.shapes import shape_defects
from graphtools.ops.definitions import op_definition
from graphtools.ops.dims import Contradiction, Dims, is_known, merge, relax
from graphtools.ops.inference import Inference, ShapeDefect, infer_shapes, node_output_dtypes


@dataclasses.dataclass(frozen=True)
class TensorRow:
    """One tensor.

    Attributes:
        name: Tensor name: `node`, `node:1` for a second output, `node@function` in a function. Of a
            node with an unknown number of outputs there is one entry.
        op: Op of its node.
        dtype: Element type, None where the graph does not tell.
        shape: Dimensions with None for unknown ones, None for an unknown rank.
    """

    name: str
    op: str
    dtype: str | None
    shape: list[int | None] | None


@dataclasses.dataclass(frozen=True)
class ShapeList(Displayed):
    """The tensors of a graph.

    Attributes:
        tensors: One entry an output, in the order of the nodes.
        known: Number of outputs whose shape is wholly known.
        total: Number of outputs.
        findings: Contradictory shapes, and cycles that are no loop.
    """

    tensors: tuple[TensorRow, ...]
    known: int
    total: int
    findings: tuple[ShapeDefect, ...]


def parse_input_shapes(texts: Sequence[str], inputs: Sequence[str] = ()) -> dict[str, Shape]:
    """Read shapes as people give them: `image_tensor=1,300,300,3`.

    Args:
        texts: One shape each; without a name it is that of the only input.
        inputs: Names of the likely inputs.

    Raises:
        InvalidValue: A text is no shape, or names no input where there are several.
    """
    found = {}
    for text in texts:
        name, equals, shape = text.rpartition("=")
        if equals and not name:
            raise InvalidValue(f"{text!r} has no name before its =", "write NAME=1,300,300,3")
        if not equals:
            if len(inputs) != 1:
                raise InvalidValue(
                    f"{text!r} does not say whose shape it is",
                    f"write {inputs[0] if inputs else 'NAME'}={text}",
                )
            name = inputs[0]
        found[name] = Shape.parse(shape)
    return found


def disagreements(graph: Graph, input_shapes: Mapping[str, Shape]) -> list[str]:
    """Which given shapes the graph's placeholders cannot have, by the shapes that they state."""
    found = []
    for name, given in input_shapes.items():
        stated = graph.find(name).attr("shape")
        if not isinstance(stated, Shape) or Ref.from_user(name).index:
            continue
        if stated.dims == ():
            continue  # in old graphs that stands for any shape
        try:
            merge(stated.dims, given.dims)
        except Contradiction:
            found.append(f"the graph states the shape {stated} for {name!r}, not {given}")
    return found


def list_shapes(
    graph: Graph,
    nodes: Sequence[Node],
    input_shapes: Mapping[str, Shape] | None = None,
    *,
    only_unknown: bool = False,
) -> ShapeList:
    """Infer the dtypes and shapes of the outputs of nodes.

    Args:
        graph: The graph.
        nodes: Nodes of it, and `node@function` ones in the bodies of its functions.
        input_shapes: By tensor, shapes that take the place of the inferred ones.
        only_unknown: Whether to leave out the tensors whose shapes are wholly known.

    Raises:
        UnknownName: `input_shapes` names no node.
    """
    inference = infer_shapes(graph, input_shapes)
    inner = function_shapes(inference)
    rows = []
    for node in nodes:
        own = graph.get(node.name) is node
        shapes = inference.shapes(node.name) if own else inner.get(node.name, stated_shapes(node))
        dtypes = node_output_dtypes(graph, node)
        number = max(len(shapes), len(dtypes))
        if not number and node.op not in graph.functions and op_definition(node.op) is None:
            number = 1
        for index in range(number):
            kind = dtypes[index] if index < len(dtypes) else None
            dims = shapes[index] if index < len(shapes) else None
            name = str(Ref(node.name, index))
            rows.append(
                TensorRow(name, node.op, kind.name if kind else None, Shape(dims).to_json())
            )
    total = len(rows)
    known = sum(row.shape is not None and is_known(tuple(row.shape)) for row in rows)
    if only_unknown:
        rows = [row for row in rows if row.shape is None or None in row.shape]
    findings = {f: None for f in all_findings(inference) if "_output_shapes" not in f.message}
    for defect in shape_defects(graph, inference):
        if defect.kind == "stored-shapes":
            findings[ShapeDefect(defect.node, defect.op, defect.reason)] = None
    return ShapeList(tuple(rows), known, total, tuple(findings))


def stated_shapes(node: Node) -> list[Dims]:
    """The shapes that a node has stored of its outputs; none where it has not."""
    stated = node.attr("_output_shapes")
    return [s.dims for s in stated if isinstance(s, Shape)] if isinstance(stated, list) else []


def function_shapes(inference: Inference) -> dict[str, list[Dims]]:
    """The shapes in the bodies of functions, as `node@function`: what holds for all their calls."""
    found: dict[str, list[Dims]] = {}
    for name, body in _bodies(inference, set()):
        for node in body.graph:
            key = f"{node.name}@{name}"
            shapes = body.shapes(node.name)
            if key in found:
                pairs = zip(found[key], shapes, strict=False)
                shapes = [relax(a, b) for a, b in pairs]
            found[key] = list(shapes)
    return found


def all_findings(inference: Inference) -> tuple[ShapeDefect, ...]:
    """What contradicts itself in a graph and, as `node@function`, in the functions it calls."""
    found = dict.fromkeys(inference.findings)
    for name, body in _bodies(inference, set()):
        found |= {f._replace(node=f"{f.node}@{name}"): None for f in body.findings}
    return tuple(found)


def _bodies(inference: Inference, seen: set[int]) -> Iterator[tuple[str, Inference]]:
    """Each way in which a function is called, with its name; an outer function before its inner."""
    for node in inference.graph:
        for name, body in inference.bodies(node.name).items():
            if id(body) not in seen:
                seen.add(id(body))
                yield name, body
                yield from _bodies(body, seen)
