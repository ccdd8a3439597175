"""Which nodes depend on constants only: decided from the graph, before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import CONTROL_FLOW, LOOP_PARTS
from graphtools.ops.definitions import op_definition
from graphtools.ops.dims import is_known

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.graph.node import Node
    from graphtools.ops.dims import Dims

#: Ops whose values depend on the shapes of their inputs only.
FROM_SHAPES = frozenset({"Shape", "ShapeN", "Size", "Rank"})
#: Ops that give what is fed or chosen while the graph runs.
_NOT_FOLLOWED = CONTROL_FLOW | LOOP_PARTS | PLACEHOLDERS


class InferredShapes(Protocol):
    """The shapes of a graph: see `Inference`."""

    graph: Graph

    def dims(self, name: str, index: int = 0) -> Dims:
        """The shape of an output."""

    def is_overridden(self, name: str) -> bool:
        """Whether the shapes of a node were given."""


class Constness:
    """Tells which nodes of a graph have a value that is there before it runs."""

    def __init__(
        self, inference: InferredShapes, excluded: Callable[[Node], bool] | None = None
    ) -> None:
        """Nothing is looked at before somebody asks.

        Args:
            inference: The inferred shapes of the graph.
            excluded: Tells of nodes that are not to be taken as constant, whatever they are.
        """
        self._inference = inference
        self._excluded = excluded
        self._obstacles: dict[str, str] = {}

    def is_constant(self, name: str) -> bool:
        """Whether the value of a node is there before the graph runs."""
        known = self._obstacles.get(name)
        return not (self.obstacle(name) if known is None else known)

    def obstacle(self, target: str) -> str:
        """Why the value of a node is not there before the graph runs; empty if it is."""
        known = self._obstacles
        stack = [target]
        on_stack = {target}
        while stack:
            name = stack[-1]
            node = self._inference.graph.get(name)
            if name not in known and node is None:
                known[name] = f"there is no node {name!r}"
            elif name not in known and node is not None:
                reason = self._own_obstacle(node)
                pending = ""
                if not reason and node.op not in FROM_SHAPES:
                    for source in map(producer, node.data_inputs):
                        if source not in known:
                            pending = pending or source
                        elif known[source]:
                            reason = known[source]
                            break
                if not reason and pending in on_stack:
                    reason = f"{name!r} depends on itself"
                elif not reason and pending:
                    stack.append(pending)
                    on_stack.add(pending)
                    continue
                known[name] = reason
            stack.pop()
            on_stack.discard(name)
        return known[target]

    def _own_obstacle(self, node: Node) -> str:
        """Why a node has no constant value, whatever its inputs."""
        if self._excluded is not None and self._excluded(node):
            return f"{node.name!r} is excluded"
        if self._inference.is_overridden(node.name):
            return f"{node.name!r} is an input whose shape was given"
        if node.op == "Const":
            return ""
        if node.op in FROM_SHAPES:
            return self._unknown_shape(node)
        definition = op_definition(node.op)
        if definition is None:
            return f"{node.name!r} is a {node.op}, which is no known op"
        if definition.is_stateful:
            return f"{node.name!r} is a {node.op}, which is stateful or random"
        if not definition.inputs or node.op in _NOT_FOLLOWED:
            return f"{node.name!r} is a {node.op}"
        return ""

    def _unknown_shape(self, node: Node) -> str:
        for text in node.data_inputs:
            ref = Ref.parse(text)
            dims = self._inference.dims(ref.node, ref.index)
            if dims is None or (node.op != "Rank" and not is_known(dims)):
                return f"the shape of {text!r} is not known"
        return ""
