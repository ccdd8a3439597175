"""Which node is the first whose value a rewrite has changed.

Values are taken of all nodes that a graph has before and after the rewrite under the same name. Not
each that differs is to blame: where a batch norm is folded, the weights differ and what is computed
behind them does not. So the search goes back from an output that differs, through what differs or
is new, and ends where values agree; the first node met, in the order of execution, is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.control_flow import find_places
from graphtools.ops.definitions import op_definition
from graphtools.ops.inference import node_output_dtypes
from graphtools.verify.comparison import TensorComparison
from graphtools.verify.runs import Runs, fetch_in_batches


class FirstDifference(NamedTuple):
    """The first node whose value differs.

    Attributes:
        node: The node after the rewrite.
        before: The node before it.
        comparison: Its values.
        compared: Number of tensors that were compared.
        differing: Number of those that differ.
        rewritten: Names of the nodes between it and values that were compared, in the order of
            execution, that are new or were changed: those in a loop, for example.
    """

    node: Node
    before: Node
    comparison: TensorComparison
    compared: int
    differing: int
    rewritten: tuple[str, ...]


def first_difference(runs: Runs, before: Graph, after: Graph) -> FirstDifference | None:
    """Find the first node whose value a rewrite has changed.

    Returns:
        None if no output differs by more than the tolerance.

    Raises:
        TensorFlowProblem: A run took too long.
    """
    order = {node.name: i for i, node in enumerate(runnable_order(after)[0])}

    def compared(names: Sequence[str]) -> dict[str, TensorComparison]:
        values = [runs.values(graph, names) for graph in (before, after)]
        return dict(zip(names, runs.compare(*values), strict=True))

    found = fetch_in_batches(compared, common_tensors(runs, before, after, order))
    equal = {name for name, comparison in found.items() if comparison.equal}

    def sources(name: str) -> list[str]:
        if name in equal:
            return []
        return [Ref.parse(text).tensor for text in after[producer(name)].data_inputs]

    differing_outputs = [name for name in runs.outputs if name in found and name not in equal]
    blamed = (set(reach(differing_outputs, sources)) & found.keys()) - equal
    if not blamed:
        return None
    first = min(blamed, key=lambda name: (order.get(producer(name), -1), name))
    node = after[producer(first)]
    differing = sum(not c.equal for c in found.values())
    return FirstDifference(
        node,
        before[node.name],
        found[first],
        len(found),
        differing,
        tuple(sorted(_rewritten(before, after, node, found), key=lambda n: order.get(n, -1))),
    )


def _rewritten(
    before: Graph, after: Graph, node: Node, found: dict[str, TensorComparison]
) -> list[str]:
    """Names of nodes that are new or changed, between a node and tensors that were compared."""

    def sources(name: str) -> list[str]:
        refs = map(Ref.parse, after[name].data_inputs)
        return [ref.node for ref in refs if ref.tensor not in found]

    def is_new(name: str) -> bool:
        twin = before.get(name)
        return twin is None or twin.to_bytes() != after[name].to_bytes()

    return [name for name in reach([node.name], sources) if name != node.name and is_new(name)]


def common_tensors(runs: Runs, before: Graph, after: Graph, order: dict[str, int]) -> list[str]:
    """Names of the tensors that both graphs have and a run can fetch, in the order of execution.

    Nodes in loops and on branches have no single value, handles cannot be fetched, and the flow
    of a TensorArray, which orders the accesses to it, is a number without a meaning.
    """
    needed = ancestors_of(after, map(producer, runs.outputs))
    bound = find_places(before).keys() | find_places(after).keys()
    used = set(runs.outputs)
    flows: set[str] = set()
    for name in needed:
        node = after[name]
        read = [Ref.parse(text).tensor for text in node.data_inputs]
        used.update(read)
        flows.update(read[i] for i in _flow_numbers(node.op, "inputs") if i < len(read))
    names = []
    for name in sorted(needed, key=lambda n: order.get(n, -1)):
        twin = before.get(name)
        if twin is None or (name in bound and f"{name}:0" not in runs.outputs):
            continue
        kinds = [node_output_dtypes(g, n) for g, n in ((before, twin), (after, after[name]))]
        for index, (old, new) in enumerate(zip(*kinds, strict=False)):
            tensor = f"{name}:{index}"
            if index in _flow_numbers(twin.op, "outputs") or tensor in flows:
                continue
            if tensor in used and old and new and old.array_name and new.array_name:
                names.append(tensor)
    return names


def _flow_numbers(op: str, side: Literal["inputs", "outputs"]) -> list[int]:
    """Numbers of the inputs or outputs of an op that are the flow of a TensorArray."""
    definition = op_definition(op) if op.startswith("TensorArray") else None
    if definition is None:
        return []
    arguments = definition.inputs if side == "inputs" else definition.outputs
    return [i for i, a in enumerate(arguments) if a.name in ("flow", "flow_in", "flow_out")]
