"""How many elements and bytes stand where: by dtype and by scope."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.idioms.variables import Variable, graph_variables

#: The scope of what has none.
ROOT = "(root)"


@dataclasses.dataclass(frozen=True)
class Size:
    """A number of things with their elements and bytes.

    Attributes:
        count: Number of tensors.
        elements: Number of elements; tensors of unknown shape are not in it.
        bytes: Bytes of the values in memory.
    """

    count: int = 0
    elements: int = 0
    bytes: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.count + other.count, self.elements + other.elements, self.bytes + other.bytes
        )


class Item(NamedTuple):
    """A constant or variable: name, dtype, shape, number of elements (0 if unknown) and bytes."""

    name: str
    dtype: DType | None
    shape: Shape
    elements: int
    bytes: int


def constants(graph: Graph) -> list[Item]:
    """The constants of a graph; their values are not read."""
    found = []
    for node in graph:
        if node.op == "Const":
            tensor = node.tensor
            if tensor is not None:
                elements = tensor.shape.elements or 0
                found.append(Item(node.name, tensor.dtype, tensor.shape, elements, tensor.nbytes))
    return found


def variables(graph: Graph) -> list[Item]:
    """The variables of a graph, slices joined, with the shapes that their attributes state."""
    return [variable_item(variable) for variable in graph_variables(graph)]


def variable_item(variable: Variable) -> Item:
    """A variable with its size."""
    elements = variable.shape.elements or 0
    size = variable.dtype.size if variable.dtype else 0
    return Item(variable.name, variable.dtype, variable.shape, elements, elements * size)


def scope_of(name: str, depth: int = 1) -> str:
    """The first scopes of a name; `(root)` for a name without any."""
    parts = name.split("/", depth)
    return "/".join(parts[: min(depth, len(parts) - 1)]) or ROOT


def by_dtype(items: Iterable[Item]) -> dict[str, Size]:
    """Sizes by dtype, the largest first."""
    return _grouped((i.dtype.name if i.dtype else "unknown", i) for i in items)


def by_scope(items: Iterable[Item], depth: int = 1) -> dict[str, Size]:
    """Sizes by the first scopes of the names, the largest first."""
    return _grouped((scope_of(i.name, depth), i) for i in items)


def informative_scopes(items: list[Item], least: int = 2) -> dict[str, Size]:
    """Sizes by scope, at the first depth at which there are several scopes."""
    sizes: dict[str, Size] = {}
    for depth in range(1, 5):
        sizes = by_scope(items, depth)
        if len(sizes) >= least:
            break
    return sizes


def total(items: Sequence[Item]) -> Size:
    """The size of all items."""
    return Size(len(items), sum(i.elements for i in items), sum(i.bytes for i in items))


def _grouped(pairs: Iterable[tuple[str, Item]]) -> dict[str, Size]:
    sums: dict[str, list[int]] = {}
    for key, item in pairs:
        entry = sums.get(key)
        if entry is None:
            entry = sums[key] = [0, 0, 0]
        entry[0] += 1
        entry[1] += item.elements
        entry[2] += item.bytes
    ordered = sorted(sums.items(), key=lambda kv: (-kv[1][2], -kv[1][0], kv[0]))
    return {key: Size(*entry) for key, entry in ordered}
