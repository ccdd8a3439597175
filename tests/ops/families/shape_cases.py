"""Graphs of one op that reads placeholders and constants, and the shapes that it gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph, Versions
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import OpDefinition, input_dtypes, op_definition
from graphtools.ops.dims import Dims
from graphtools.ops.inference import Inference, infer_shapes

#: An input: a shape of a placeholder, a tuple or None; or the value of a constant, an array.
Input = Any


def value(*values: Any, kind: str = "int32") -> np.ndarray[Any, Any]:
    """A constant list; of one list of lists, a constant matrix."""
    return np.array(values[0] if len(values) == 1 and isinstance(values[0], list) else values, kind)


def scalar(number: float, kind: str = "int32") -> np.ndarray[Any, Any]:
    """A constant number."""
    return np.array(number, kind)


def graph_of(op: str, inputs: Sequence[Input], attrs: dict[str, Any]) -> Graph:
    """A graph whose node `out` is the op; types that nothing tells are float32."""
    given = dict(attrs)
    definition = op_definition(op)
    for attribute in definition.attributes if definition else ():
        if attribute.type == "type" and attribute.name not in given and not attribute.has_default:
            allowed = [v for v in attribute.allowed if isinstance(v, DType)]
            names = [v.name for v in allowed]
            given[attribute.name] = (
                dtype("float32") if not allowed or "float32" in names else allowed[0]
            )
    node = Node("out", op, tuple(f"in{i}" for i in range(len(inputs))), given)
    kinds = input_dtypes(node) or []
    nodes = []
    for position, item in enumerate(inputs):
        kind = kinds[position] if position < len(kinds) else None
        if isinstance(item, np.ndarray):
            if kind is not None and kind.base.name in ("int32", "int64", "float32"):
                item = item.astype(kind.base.name)
            tensor = Tensor.from_array(item)
            attributes: dict[str, Any] = {"dtype": tensor.dtype, "value": tensor}
            nodes.append(Node(f"in{position}", "Const", (), attributes))
        else:
            attributes = {"dtype": kind or dtype("float32"), "shape": Shape(item)}
            nodes.append(Node(f"in{position}", "Placeholder", (), attributes))
    graph = Graph([*nodes, node])
    graph.set_versions(Versions(producer=1087))
    return graph


def infer(op: str, inputs: Sequence[Input], attrs: dict[str, Any]) -> Inference:
    """The inferred shapes of `graph_of`."""
    return infer_shapes(graph_of(op, inputs, attrs))


def shapes_of(op: str, inputs: Sequence[Input], attrs: dict[str, Any]) -> list[Dims]:
    """The shapes of the op's outputs; there must be no finding."""
    inference = infer(op, inputs, attrs)
    assert not inference.findings, inference.findings
    return inference.shapes("out")


def finding(op: str, inputs: Sequence[Input], attrs: dict[str, Any]) -> str:
    """The message of the one finding."""
    (found,) = infer(op, inputs, attrs).findings
    return found.message


# Random cases

_SIZES = (1, 2, 3, 4, 8)
_HOSTILE: Sequence[Any] = (
    b"x", -1, 10**9, 10**18, 1.5, True, [], [0, 0, 0, 0], [-1], [10**12] * 5,
    Shape(None), Shape(()), Shape((10**6,) * 9), dtype("string"),
)  # fmt: skip


def random_case(
    op: str, rng: random.Random, *, hostile: bool
) -> tuple[list[Input], dict[str, Any]]:
    """Inputs and attributes for an op; hostile ones may be of any type, number and size."""
    definition = op_definition(op)
    rank = rng.choice((0, 1, 2, 3, 4, 4, 4, 5, 5))
    base = tuple(rng.choice(_SIZES) for _ in range(rank))
    if definition is None:
        return [base] * rng.randint(0, 3), {}
    attrs = {a.name: _attribute(a, base, rng, hostile) for a in definition.attributes}
    if hostile:
        for name in [n for n in attrs if rng.random() < 0.05]:
            del attrs[name]
    count = _input_count(definition, attrs)
    if hostile and rng.random() < 0.1:
        count = rng.randint(0, count + 1)
    return [_input(base, rng, hostile) for _ in range(count)], attrs


def _input_count(definition: OpDefinition, attrs: dict[str, Any]) -> int:
    count = 0
    for argument in definition.inputs:
        listed = attrs.get(argument.type_list_attr)
        number = attrs.get(argument.number_attr, 1)
        if argument.type_list_attr:
            count += len(listed) if isinstance(listed, list) else 1
        else:
            count += min(max(number, 0), 3) if isinstance(number, int) else 1
    return count


def _attribute(attribute: Any, base: tuple[int, ...], rng: random.Random, hostile: bool) -> Any:
    if hostile and rng.random() < 0.08:
        return rng.choice(_HOSTILE)
    if attribute.allowed and attribute.type != "type":
        return rng.choice(attribute.allowed)
    if attribute.has_default and rng.random() < 0.7:
        return attribute.default if attribute.default is not None else []
    match attribute.type:
        case "type":
            allowed = [v for v in attribute.allowed if isinstance(v, DType)]
            names = [v.name for v in allowed]
            plain = next((n for n in ("float32", "int32") if n in names), None)
            return dtype(plain or "float32") if plain or not allowed else allowed[0]
        case "int":
            return rng.choice((0, 1, 2, 3, -1))
        case "bool":
            return rng.random() < 0.5
        case "float":
            return 0.5
        case "string":
            return rng.choice((b"NHWC", b"NCHW", b"SAME", b"ij,jk->ik", b"...ij->...ji"))
        case "shape":
            return Shape(base)
        case "list(int)":
            return [1, *(rng.choice((1, 1, 2, 3)) for _ in range(rng.choice((2, 2, 3)))), 1]
        case "list(float)":
            return [1.0, 1.5, 1.5, 1.0]
        case "list(type)":
            return [dtype("float32")] * rng.randint(1, 3)
        case _:
            return []


def _input(base: tuple[int, ...], rng: random.Random, hostile: bool) -> Input:
    kind = rng.random()
    if kind < 0.3:
        size = rng.choice([(), (len(base),), (2,), (4,), (len(base), 2), (2, 2)])
        high = 10**9 if hostile and rng.random() < 0.2 else 5
        low = -3 if rng.random() < 0.3 else 0
        return np.array(rng.choices(range(low, high), k=int(np.prod(size))), "int32").reshape(size)
    if kind < 0.4:
        return None
    dims: Sequence[int | None] = base
    if kind < 0.6:
        dims = rng.choices(_SIZES, k=rng.choice((0, 1, 1, 2, 3, 4)))
    elif kind < 0.7:
        dims = base[rng.randint(0, len(base)) :]
    if hostile and rng.random() < 0.05:
        dims = [10**12] * 3
    return tuple([None if rng.random() < 0.1 else d for d in dims])
