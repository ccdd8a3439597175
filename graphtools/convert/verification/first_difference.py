"""Which node is the first whose value a rewrite has changed.

Values are taken of all nodes that a graph has before and after the rewrite under the same name. Not
each that differs is to blame: where a batch norm is folded, the weights differ and what is computed
behind them does not. So the search goes back from an output that differs, through what differs or
is new, and ends where values agree; the first node met, in the order of execution, is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from graphtools.convert.verification.comparison import TensorComparison
from graphtools.convert.verification.runs import Runs, ancestors_of, fetch_in_batches
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.ops.definitions import op_definition
from graphtools.ops.inference import node_output_dtypes
from graphtools.rewrite.frames import find_places


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

    Args:
        runs: Runs the graphs.
        before: The graph before the rewrite.
        after: The graph after it.

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
    blamed: set[str] = set()
    seen: set[str] = set()
    stack = [name for name in runs.outputs if name in found and not found[name].equal]
    while stack:
        name = stack.pop()
        comparison = found.get(name)
        if name in seen or (comparison is not None and comparison.equal):
            continue
        seen.add(name)
        if comparison is not None:
            blamed.add(name)
        stack += [Ref.parse(text).tensor for text in after[producer(name)].data_inputs]
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
    seen = {node.name}
    stack = [node]
    names = []
    while stack:
        for text in stack.pop().data_inputs:
            ref = Ref.parse(text)
            if ref.tensor in found or ref.node in seen:
                continue
            seen.add(ref.node)
            source = after[ref.node]
            stack.append(source)
            twin = before.get(ref.node)
            if twin is None or twin.to_bytes() != source.to_bytes():
                names.append(ref.node)
    return names


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
