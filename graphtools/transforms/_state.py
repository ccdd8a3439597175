"""State of a graph that is no variable: assets, and what its own ops restore; see `freeze`.

A look-up table is filled by an op that has all it needs, from constants or from an asset file. The
trees of boosted trees, tables that change and the like are restored from a checkpoint by their ops.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from graphtools.errors import InvalidGraph
from graphtools.formats.checkpoint import Checkpoint
from graphtools.front_end import step
from graphtools.graph.dtypes import STRING
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.saved_keys import restored_keys
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.rewrite.prune import needed_nodes

#: Ops whose state stands in checkpoints and is no variable's.
_HOLDS_STATE = re.compile(r"HandleOp$|^(Anonymous)?Mutable\w*HashTable")
_ASSIGNS = frozenset({"Assign", "AssignVariableOp"})


def put_assets(graph: Graph, assets: Mapping[str, str]) -> tuple[dict[str, Tensor], list[str]]:
    """Let the paths of asset files stand in a graph as constants.

    Args:
        graph: The graph.
        assets: The path of the file, by the tensor that is to hold it.

    Returns:
        The values of variables that hold such a path and nothing else, by their names; and remarks
        for the user.
    """
    variables: dict[str, Tensor] = {}
    notes: list[str] = []
    if not assets:
        return variables, notes
    import numpy as np

    for tensor, path in assets.items():
        node = graph.get(Ref.parse(tensor).node)
        if node is None:
            continue
        value = Tensor.from_array(np.array(path.encode(), object), STRING)
        graph.replace(node, [_constant(node.name, value)])
        notes.append(f"{node.name!r} reads the asset {path}")
        for reader in graph.consumers(node.name):
            data = reader.data_inputs
            variable = graph.get(producer(data[0]))
            if reader.op in _ASSIGNS and variable is not None and variable.op in VARIABLE_OPS:
                variables[variable.name] = value
                control = (f"^{name}" for name in reader.control_inputs)
                graph.replace(reader, [Node(reader.name, "NoOp", tuple(control))])
    return variables, notes


def _constant(name: str, value: Tensor) -> Node:
    return Node(name, "Const", (), {"dtype": value.dtype, "value": value})


def put_restored(graph: Graph, checkpoint: Checkpoint | None) -> bool:
    """Let what a graph restores from its checkpoint stand in it as constants.

    Returns:
        Whether there was any.
    """
    restored = restored_keys(graph) if checkpoint else {}
    for name, keys in restored.items():
        if checkpoint is None or any(saved.part or saved.key not in checkpoint for saved in keys):
            continue
        node = graph[name]
        for index, saved in enumerate(keys):
            value = checkpoint[saved.key].tensor()
            constant = graph.add(_constant(graph.free_name(f"{name}/{index}"), value), before=node)
            graph.redirect(Ref(name, index), constant.name)
        waited = [f"^{name}" for name in node.control_inputs]
        for reader in graph.consumers(name):
            inputs = [i for i in reader.inputs if producer(i) != name]
            graph.set_inputs(reader, dict.fromkeys([*inputs, *waited]))
        graph.remove(name)
    return bool(restored)


def holds_state(node: Node) -> bool:
    """Whether a node holds state that checkpoints have and that is no variable's."""
    return bool(_HOLDS_STATE.search(node.op)) and node.op not in VARIABLE_OPS


def refuse_lost_state(
    whole: Graph,
    graph: Graph,
    holders: Iterable[str],
    outputs: Iterable[str],
    initializers: Sequence[str],
) -> None:
    """Refuse a graph whose outputs need state that is lost when it is cut down to them.

    Args:
        whole: The graph before it was cut.
        graph: The graph.
        holders: Names of the nodes that hold state.
        outputs: Names of the outputs.
        initializers: Names of further nodes that were kept.

    Raises:
        InvalidGraph: There is such a node.
    """
    computed = needed_nodes(graph, outputs)
    restoring = needed_nodes(graph, initializers) - computed
    for name in holders:
        if name not in computed or any(n.name in restoring for n in graph.consumers(name)):
            continue
        advice = f"keep it as it is: {step('freeze', 'GRAPH', output='OUT', keep=[name])}"
        found = [n.name for n in whole.consumers(name) if _is_restored(whole, n)]
        if found:
            first = [*initializers, found[0]]
            keep = step("freeze", "GRAPH", output="OUT", initializers=first)
            advice = f"keep what restores it, to be run first: {keep}; or {advice}"
        raise InvalidGraph(
            f"{name!r} ({graph[name].op}) holds state that is no variable, which the outputs need: "
            "frozen, it would be empty without a word",
            advice,
        )


def _is_restored(graph: Graph, node: Node) -> bool:
    """Whether a node gets what it reads from a checkpoint."""
    return any(graph[name].op == "RestoreV2" for name in needed_nodes(graph, [node.name]))
