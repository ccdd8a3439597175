"""Runs of one graph after the other with the same feeds, for their values to be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from graphtools.errors import InvalidGraph
from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.prune import lost_table_fillers
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.worker import RunValue, Worker
from graphtools.verify.comparison import TensorComparison, compare_tensors
from graphtools.verify.feeds import Feeds

_UNKNOWN_OP = re.compile(r"Op type not registered '([^']+)'")
#: Tensors that are fetched at a time: their values are in memory together.
_BATCH = 100

_Fetched = TypeVar("_Fetched")


class Runs:
    """Runs graphs with the same feeds.

    Attributes:
        feeds: What they are fed with.
        outputs: Names of their outputs, as `output:0`.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
    """

    def __init__(
        self, worker: Worker, feeds: Feeds, outputs: Sequence[str], rtol: float, atol: float
    ) -> None:
        """Prepare.

        Args:
            worker: Runs the graphs.
            feeds: What they are fed with.
            outputs: Names of their outputs.
            rtol: Relative tolerance.
            atol: Absolute tolerance.
        """
        self.feeds = feeds
        self.outputs = list(dict.fromkeys(Ref.from_user(o).tensor for o in outputs))
        self.rtol, self.atol = rtol, atol
        self._worker = worker
        self._original: dict[str, RunValue] = {}

    def values(self, graph: Graph, fetches: Sequence[str]) -> dict[str, RunValue]:
        """The values of tensors.

        Raises:
            TensorFlowProblem: TensorFlow does not run the graph.
        """
        # an input that nothing needs may be gone after a rewrite
        feeds = {n: a for n, a in self.feeds.arrays.items() if producer(n) in graph}
        try:
            return self._worker.run(graph, feeds, fetches, self._fills_tables(graph))
        except TensorFlowProblem as problem:
            unknown = _UNKNOWN_OP.search(problem.message)
            if unknown and not problem.node:
                named = (n.name for n in graph if n.op == unknown[1])
                problem.node = next(named, "")
            raise

    def run_original(self, graph: Graph) -> None:
        """Run the graph that others are compared with.

        Raises:
            TensorFlowProblem: TensorFlow does not run it.
            InvalidGraph: Its outputs are random.
        """
        self._original = self.values(graph, self.outputs)
        random = first_random(graph)
        if random and not all(c.bit_equal for c in self.compare_outputs(graph)):
            raise InvalidGraph(
                f"the outputs differ from run to run, as node {random!r} gives random numbers",
                "take outputs that do not depend on it",
            )

    def compare_outputs(self, graph: Graph) -> tuple[TensorComparison, ...]:
        """The outputs of a graph compared with those of the original.

        Raises:
            TensorFlowProblem: TensorFlow does not run it.
        """
        return self.compare(self._original, self.values(graph, self.outputs))

    def compare(
        self, before: dict[str, RunValue], after: dict[str, RunValue]
    ) -> tuple[TensorComparison, ...]:
        """Values of the same tensors compared."""
        return tuple(
            compare_tensors(
                str(Ref.parse(name)),
                value.array,
                after[name].array,
                self.rtol,
                self.atol,
                (value.dtype, after[name].dtype),
            )
            for name, value in before.items()
        )

    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the original's outputs."""
        found = []
        for name, value in self._original.items():
            shown = compare_tensors(name, value.array, value.array)
            if shown.nan_before:
                found.append(
                    f"the output {str(Ref.parse(name))!r} has {shown.nan_before:,} NaN among "
                    f"{shown.elements:,} elements before any rewrite"
                )
            elif not shown.elements:
                found.append(f"the output {str(Ref.parse(name))!r} is empty: nothing is compared")
        return tuple(found)

    def _fills_tables(self, graph: Graph) -> list[str]:
        """Names of the nodes that fill the tables which the outputs look things up in."""
        needed = ancestors_of(graph, map(producer, self.outputs))
        return [n for n in lost_table_fillers(graph, needed) if not self._restores(graph, n)]

    def _restores(self, graph: Graph, name: str) -> bool:
        """Whether what a node needs comes from a checkpoint, or is fed."""
        sources = (graph[source].op for source in ancestors_of(graph, [name]))
        return any(op.startswith(("Restore", "Placeholder")) for op in sources)


def fetch_in_batches(
    fetch: Callable[[Sequence[str]], dict[str, _Fetched]], names: Sequence[str]
) -> dict[str, _Fetched]:
    """What is known of tensors, by name; those that TensorFlow does not give are left out.

    Raises:
        TensorFlowProblem: TensorFlow hangs.
    """
    found: dict[str, _Fetched] = {}
    for start in range(0, len(names), _BATCH):
        found |= _fetch_or_halve(fetch, names[start : start + _BATCH])
    return found


def _fetch_or_halve(
    fetch: Callable[[Sequence[str]], dict[str, _Fetched]], names: Sequence[str]
) -> dict[str, _Fetched]:
    try:
        return fetch(names)
    except TensorFlowProblem as problem:
        if problem.kind == "hung":
            raise
        if len(names) == 1:
            return {}
        half = len(names) // 2
        return _fetch_or_halve(fetch, names[:half]) | _fetch_or_halve(fetch, names[half:])


def first_random(graph: Graph) -> str:
    """Name of a node that gives random numbers; in a function, the name of that."""
    for node in graph:
        if draws_random_numbers(node.op):
            return node.name
    for function in graph.functions.values():
        if any(draws_random_numbers(node.op) for node in function.nodes):
            return function.name
    return ""


def draws_random_numbers(op: str) -> bool:
    """Whether an op gives other numbers in each run, by chance."""
    definition = op_definition(op)
    if definition is None or not definition.is_stateful:
        return False
    return bool(re.search(r"Random|Multinomial|TruncatedNormal|CandidateSampler", op))
