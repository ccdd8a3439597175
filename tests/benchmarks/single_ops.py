"""Graphs of one op each, of every op: types, ranks, attributes, operands, unknown dimensions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from graphtools.errors import GraphtoolsError
from graphtools.graph import Graph, Node, Shape, Tensor
from graphtools.graph.dtypes import DType
from graphtools.ops.definitions import OpDefinition, op_definition, op_names, output_dtypes
from graphtools.ops.inference import infer_shapes
from graphtools.probe.cases import further_cases, type_cases
from graphtools.probe.graphs import Case, graph_of
from tests.benchmarks.random_maker import Made

#: Variants that are taken of an op at most.
_MOST = 12
#: Types of outputs that a model can have.
_FETCHED = {"float32", "float16", "float64", "bool", "string", "int8", "int16", "int32", "int64",
            "uint8", "uint16", "uint32", "uint64", "complex64", "complex128"}  # fmt: skip


def single_ops(seed: int, count: int) -> Iterator[Made]:
    """Graphs of one op, some of each op.

    Args:
        seed: Where the choices come from.
        count: How many at most.
    """
    draw = random.Random(seed)
    names = list(op_names())
    draw.shuffle(names)
    made = 0
    for name in names:
        definition = op_definition(name)
        assert definition is not None
        for graph in _variants(draw, definition):
            yield graph
            made += 1
            if made >= count:
                return


def _variants(draw: random.Random, definition: OpDefinition) -> Iterator[Made]:
    if definition.is_gone:
        return
    cases = type_cases(definition)
    if not cases:
        return
    usual = cases[0]
    others = [*cases[1:], *further_cases(usual, definition)]
    chosen = [usual, *draw.sample(others, min(len(others), _MOST - 5))]
    for case in chosen:
        yield _made(case, definition, "")
    for how in ("batch", "dims", "constants", "weights", "outputs"):
        try:
            found = _made(draw.choice([usual, usual, *chosen]), definition, how)
            inference = infer_shapes(found.graph)
        except GraphtoolsError:
            continue
        if not inference.findings and any(n.op == "Placeholder" for n in found.graph):
            yield found


def _made(case: Case, definition: OpDefinition, how: str) -> Made:
    graph, inputs, outputs = graph_of([("single", case)], {case.op: definition})
    graph = graph.copy()
    if how in ("batch", "dims"):
        for name in inputs:
            shape = graph[name].attr("shape")
            assert isinstance(shape, Shape)
            if shape.dims:
                open_dims = len(shape.dims) if how == "dims" else 1
                dims = [None] * open_dims + list(shape.dims[open_dims:])
                graph.set_attr(graph[name], "shape", Shape(dims))
    elif how in ("constants", "weights"):
        # all operands but the first constant, or those that look like weights
        for name in inputs[1:] if how == "constants" else inputs[-1:]:
            _make_constant(graph, name)
        inputs = [n for n in inputs if graph[n].op == "Placeholder"]
    elif how == "outputs":
        kinds = output_dtypes(graph["single/op"]) or ()
        outputs = [
            f"single/op:{i}" if i else "single/op"
            for i, kind in enumerate(kinds)
            if isinstance(kind, DType) and kind.base.name in _FETCHED
        ]
    return Made("op", case.op, graph, tuple(inputs), tuple(outputs))


def _make_constant(graph: Graph, name: str) -> None:
    node = graph[name]
    kind: Any = node.attr("dtype")
    shape: Any = node.attr("shape")
    if shape.dims is None:
        return
    count = int(np.prod(shape.dims))
    values = (np.arange(count) % 5 + 1).reshape(shape.dims)
    array = values.astype("S").astype(object) if kind.name == "string" else values.astype(kind.name)
    value = Tensor.from_array(array, kind)
    graph.replace(node, [Node(name, "Const", (), {"dtype": kind, "value": value})])
