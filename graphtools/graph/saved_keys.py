"""Under which keys a graph's variables stand in its checkpoints, as the graph itself tells.

A graph that can restore itself holds RestoreV2 nodes, with the keys as a constant, and nodes that
assign what these give to the variables. In graphs of TensorFlow 2 they stand in a function, to
which the variables are arguments. Source: TensorFlow's `Saver` and `functional_saver`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.following import follow
from graphtools.graph.functions import CALLS
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import OBJECT_END

_ASSIGNS = frozenset({"Assign", "AssignVariableOp"})
_HANDED_ON = frozenset({"Identity", "Cast", "Reshape", "PlaceholderWithDefault"})
_MOST_KEYS = 1 << 20


class SavedAs(NamedTuple):
    """Where a variable stands in a checkpoint.

    Attributes:
        key: The key.
        part: For a slice of a tensor, which one, as `10 6 0,4:0,6`: the whole shape, then by
            dimension the start and the length; empty for a whole tensor.
    """

    key: str
    part: str

    def is_renaming(self, name: str) -> bool:
        """Whether a Saver reads the variable of a name under another one, as its moving average.

        Keys of object graphs are no names.
        """
        return not self.part and self.key != name and not self.key.endswith(OBJECT_END)


def saved_keys(graph: Graph) -> dict[str, SavedAs]:
    """Where the variables of a graph stand in its checkpoints, by the names of their nodes."""
    found: dict[str, SavedAs] = {}
    _collect(graph, {}, found)
    for node in graph:
        for name in _called(graph, node):
            function = graph.functions[name]
            arguments = dict(zip(function.inputs, map(producer, node.data_inputs), strict=False))
            _collect(Graph(function.nodes), arguments, found)
    return found


def _called(graph: Graph, node: Node) -> list[str]:
    if not graph.functions or node.op not in CALLS:
        return []
    function = node.attr("f")
    name = getattr(function, "name", "")
    return [name] if name in graph.functions else []


def _collect(graph: Graph, arguments: Mapping[str, str], found: dict[str, SavedAs]) -> None:
    """Look for what is restored and assigned in a graph, or in the body of a function.

    Args:
        graph: The graph or body.
        arguments: For a body, the variables that its arguments are.
        found: Is added to.
    """
    keys = restored_keys(graph)
    for node in graph if keys else ():
        if node.op not in _ASSIGNS or len(node.data_inputs) < 2:
            continue
        variable = producer(node.data_inputs[0])
        variable = arguments.get(variable, variable)
        source = _restored(graph, node.data_inputs[1], keys)
        if source is None:
            continue
        first = found.setdefault(variable, source)
        if first.key != source.key == variable:  # of several savers the one that renames nothing
            found[variable] = source


def restored_keys(graph: Graph) -> dict[str, list[SavedAs]]:
    """What the nodes of a graph, or of the body of a function, give that read a checkpoint."""
    found = {}
    for node in graph:
        if node.op == "RestoreV2" and len(node.data_inputs) >= 3:
            keys, parts = (_strings(graph, text) for text in node.data_inputs[1:3])
            if keys and len(keys) == len(parts):
                found[node.name] = [
                    SavedAs(key.decode("utf-8", "replace"), part.decode("utf-8", "replace"))
                    for key, part in zip(keys, parts, strict=True)
                ]
    return found


def _restored(graph: Graph, text: str, keys: Mapping[str, Sequence[SavedAs]]) -> SavedAs | None:
    """What a tensor is restored from, None if it is anything else."""
    for ref, _ in follow(graph, text, _handed_on):
        if ref.node in keys:
            known = keys[ref.node]
            return known[ref.index] if ref.index < len(known) else None
    return None


def _strings(graph: Graph, text: str) -> list[bytes]:
    tensor = None
    for _, node in follow(graph, text, _handed_on):
        tensor = node.tensor
    return (tensor.strings(_MOST_KEYS) or []) if tensor else []


def _handed_on(node: Node, _: Ref) -> str | None:
    return next(iter(node.data_inputs), None) if node.op in _HANDED_ON else None
