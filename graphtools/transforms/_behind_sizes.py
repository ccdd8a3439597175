"""What makes a tensor of another size: the constants that are behind it, walked back to.

Each stands in a graph or in the body of a function, as two inferences know it: of the graph as it
was and with the new shapes. The way back leads out of bodies, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.following import reach
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.call import shape_function
from graphtools.ops.dims import Dim, Dims, is_known
from graphtools.ops.handing_on import INTO_BRANCHES, INTO_FRAMES, SAME_TENSOR, handed_on
from graphtools.ops.inference import Inference

#: Ops that hand on what they get, also into frames and branches.
HANDS_ON = SAME_TENSOR | INTO_FRAMES | INTO_BRANCHES
#: Ops whose first input is the shape of what they give.
_MAKES = frozenset(
    {
        "Fill",
        "RandomUniform",
        "RandomStandardNormal",
        "TruncatedNormal",
        "Empty",
        "RandomUniformInt",
    }
)


class Level(NamedTuple):
    """A graph or the body of a function, as it was inferred with the old and the new shapes.

    Attributes:
        before: The inference of the graph as it was.
        after: That of the graph as it is, with the new shapes.
        function: Name of the function; empty for the graph.
        caller: Where the function is called; None for the graph.
        node: The node that calls it.
        changes: The sizes that inputs had and have now, where there is but one for each.
    """

    before: Inference
    after: Inference
    function: str = ""
    caller: Level | None = None
    node: str = ""
    changes: tuple[tuple[int, int], ...] = ()

    def old(self, text: str) -> Dims:
        """The shape that a tensor had."""
        ref = Ref.parse(text)
        return self.before.dims(ref.node, ref.index)

    def new(self, text: str) -> Dims:
        """The shape that it has now."""
        ref = Ref.parse(text)
        return self.after.dims(ref.node, ref.index)

    def held(self, text: str) -> tuple[int, ...] | None:
        """The integers that a tensor holds, None where not all are known."""
        return _held(self.after, text)

    def had(self, node: Node, position: int) -> tuple[int, ...] | None:
        """The integers that an input of a node held before, None where not all are known."""
        old = self.before.graph.get(node.name)
        return _held(self.before, old.data_inputs[position]) if old is not None else None

    def argument(self, name: str) -> tuple[Level, str] | None:
        """Where an argument of the function comes from, None where it is none."""
        if self.caller is None:
            return None
        graph = self.caller.after.graph
        function, node = graph.functions.get(self.function), graph[self.node]
        if function is None or name not in function.inputs or node.op == "MapDefun":
            return None
        # a condition, the number of a branch and the like stand before what is handed over
        position = function.inputs.index(name) - len(function.inputs)
        data = node.data_inputs
        return (self.caller, data[position]) if -position <= len(data) else None


def _held(inference: Inference, text: str) -> tuple[int, ...] | None:
    ref = Ref.parse(text)
    found = inference.integers(ref.node, ref.index)
    known = [v for v in found.items if v is not None] if found is not None else []
    return tuple(known) if found is not None and len(known) == len(found.items) else None


class Edit(NamedTuple):
    """A constant that is to hold something else.

    Attributes:
        level: Where it is read.
        node: The node that reads it.
        position: The input that it is; None for the attribute `element_shape` of the node.
        values: The integers that it is to hold; None where it is to have another size.
        axis: The axis along which it is to have another size.
        size: The size.
    """

    level: Level
    node: str
    position: int | None
    values: tuple[int, ...] | None
    axis: int = 0
    size: int = 0


class Unproven(NamedTuple):
    """Something that goes with the old shapes, and for which nothing was found for the new ones."""

    level: Level
    node: str
    source: str


def levels(
    before: Inference, after: Inference, changes: Mapping[int, int] | None = None
) -> Iterator[Level]:
    """The graph, and the bodies of the functions that it calls."""
    found = [Level(before, after, changes=tuple((changes or {}).items()))]
    for level in found:  # grows while it is walked
        yield level
        for node in level.after.graph:
            for name, body in level.after.bodies(node.name).items():
                old = level.before.bodies(node.name).get(name)
                if old is not None:
                    found.append(Level(old, body, name, level, node.name, level.changes))


def integers_edit(level: Level, node: Node, position: int, wanted: Sequence[Dim]) -> Iterator[Edit]:
    """The edit by which a constant holds some integers; an unknown one is -1."""
    values = tuple(-1 if v is None else v for v in wanted)
    if position < len(node.data_inputs) and values != level.held(node.data_inputs[position]):
        yield Edit(level, node.name, position, values)


class _Wish(NamedTuple):
    """A tensor that is to be of another size."""

    level: Level
    reader: Node
    position: int
    axis: int


def size_edits(
    level: Level, node: Node, position: int, axis: int, was: Dim, now: int
) -> Iterator[Edit | Unproven]:
    """What makes an input of another size.

    Args:
        level: Where the node stands.
        node: The node.
        position: The input.
        axis: The axis that is to be of another size.
        was: The size that it has.
        now: The size that it is to have.
    """
    found: list[Edit | Unproven] = []

    def sources(wish: _Wish) -> list[_Wish]:
        further, edits = _behind(wish, was, now)
        found.extend(edits)
        return further

    for _ in reach([_Wish(level, node, position, axis)], sources):
        pass
    yield from found


def _behind(wish: _Wish, was: Dim, now: int) -> tuple[list[_Wish], list[Edit | Unproven]]:
    """What is to change for a tensor to be of another size: inputs of its node, or constants."""
    level, axis = wish.level, wish.axis
    text = wish.reader.data_inputs[wish.position]
    ref = Ref.parse(text)
    node = level.after.graph.get(ref.node)
    dims = level.new(text)
    if node is None or dims is None or axis >= len(dims) or dims[axis] != was:
        return [], []
    unproven: list[Edit | Unproven] = [Unproven(level, wish.reader.name, text)]
    outside = level.argument(node.name)
    if outside is not None:
        caller, given = outside
        reader = caller.after.graph[level.node]
        return [_Wish(caller, reader, reader.data_inputs.index(given), axis)], []
    function = shape_function.get(node.op)
    if handed_on(node, ref.index, HANDS_ON) is not None:
        at = ref.index if node.op == "IdentityN" else 0
        return [_Wish(level, node, at, axis)], []
    if node.op == "Cast" or function is shape_function.get("Relu"):
        return [_Wish(level, node, 0, axis)], []
    if function is shape_function.get("AddV2"):
        return _operands(level, node, len(dims) - axis, was), []
    if node.op == "Const":
        return [], [Edit(level, wish.reader.name, wish.position, None, axis, now)]
    if node.op == "ExpandDims":
        return _expanded(level, node, len(dims), axis), []
    at = {"Tile": 1, "BroadcastTo": 1, "Range": 1, **dict.fromkeys(_MAKES, 0)}.get(node.op, -1)
    held = level.held(node.data_inputs[at]) if at >= 0 else None
    if held is None or not _sets_size(level, node, axis, len(dims)):
        return [], unproven
    if node.op == "Range":
        return [], list(integers_edit(level, node, 1, [now]))
    return [], list(integers_edit(level, node, at, [*held[:axis], now, *held[axis + 1 :]]))


def _operands(level: Level, node: Node, back: int, was: Dim) -> list[_Wish]:
    """The inputs of an op by element that are as large as what it gives."""
    found = []
    for position, text in enumerate(node.data_inputs):
        dims = level.new(text)
        if dims is not None and len(dims) >= back and dims[-back] == was:
            found.append(_Wish(level, node, position, len(dims) - back))
    return found


def _expanded(level: Level, node: Node, rank: int, axis: int) -> list[_Wish]:
    held = level.held(node.data_inputs[1])
    made = held[0] % rank if held else axis
    return [] if made == axis else [_Wish(level, node, 0, axis - (axis > made))]


def _sets_size(level: Level, node: Node, axis: int, rank: int) -> bool:
    """Whether the constant that a node reads is what gives an axis of its output the size."""
    if node.op == "Range":
        start, step = level.held(node.data_inputs[0]), level.held(node.data_inputs[2])
        return start == (0,) and step == (1,)
    if node.op in _MAKES:
        return True
    dims = level.new(node.data_inputs[0])
    if dims is None or not is_known(dims):
        return False
    own = axis - (rank - len(dims))
    return own < 0 or dims[own] == 1
