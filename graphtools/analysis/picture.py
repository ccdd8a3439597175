"""What a picture of a graph consists of, as dataclasses; `graph_view` makes them."""

from __future__ import annotations

import dataclasses

from graphtools.wording import counted

#: Weights that are named on a node.
_NAMED_WEIGHTS = 4
#: Constants of at most these elements are shown by value.
SHOWN_ELEMENTS = 4


@dataclasses.dataclass(frozen=True)
class Weight:
    """A constant that hangs on a node.

    Attributes:
        name: Full name of the constant.
        text: Its last name and its shape or, where it is small, its value.
        nbytes: Bytes of its values.
        elements: Number of its elements.
    """

    name: str
    text: str
    nbytes: int
    elements: int


@dataclasses.dataclass(frozen=True)
class Box:
    """A box of a picture.

    Attributes:
        id: Number, from 0.
        kind: `node`, `scope` (all of a scope), `scopes` (all scopes that stand in one), `group`
            (nodes of one op in one scope), or `outside` (what is not part of the picture and leads
            to it or from it).
        name: Full name of the node or scope; of `scopes` and a group that of the first node.
        label: What is written as its name.
        scope: The cluster it stands in, outermost first.
        nodes: Names of its nodes, without constants that hang on them.
        ops: Ops of its nodes with their number, the most frequent first.
        family: Family of its op; of a scope that of the heaviest of its ops.
        weights: Constants that hang on it.
    """

    id: int
    kind: str
    name: str
    label: str
    scope: tuple[str, ...]
    nodes: tuple[str, ...]
    ops: tuple[tuple[str, int], ...]
    family: str
    weights: tuple[Weight, ...] = ()

    @property
    def is_several(self) -> bool:
        """Whether it stands for what would be several boxes."""
        return self.kind in ("scope", "scopes", "group")

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constants that hang on it."""
        return sum(w.nbytes for w in self.weights)


@dataclasses.dataclass(frozen=True)
class Edge:
    """What flows from one box to another.

    Attributes:
        source: Number of the box that gives it.
        target: Number of the box that reads it.
        is_control: Whether it is only an order.
        tensors: Names of the tensors; of control edges, of the nodes.
        label: Dtype and shape, if it is one tensor, else their number; empty for control.
    """

    source: int
    target: int
    is_control: bool
    tensors: tuple[str, ...]
    label: str = ""


@dataclasses.dataclass(frozen=True)
class GraphView:
    """What a picture shows.

    Attributes:
        boxes: The boxes, in the order in which their first nodes can run.
        edges: What flows between them.
        depth: Scopes of this depth are one box; None if none is.
        nodes: Number of nodes that the picture stands for, constants among them.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    depth: int | None
    nodes: int


def named_weights(box: Box) -> tuple[str, ...]:
    """What a box says of its weights: each one, or of many their number of elements."""
    if box.kind == "node" and len(box.weights) <= _NAMED_WEIGHTS:
        return tuple(w.text for w in box.weights)
    large = [w.elements for w in box.weights if w.elements > SHOWN_ELEMENTS]
    if not large:
        return ()
    return (f"{counted(len(large), 'constant')}, {sum(large):,} elements",)
