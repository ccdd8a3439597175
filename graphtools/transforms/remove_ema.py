"""remove_ema."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.fake_quant import FOLLOWED_RANGE
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.pattern import match
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, job: Job) -> None:
    """Let quantizations read their ranges from the constants in which training left them."""
    for node in [n for n in graph.nodes if n.op in FOLLOWED_RANGE.ops]:
        found = match(graph, FOLLOWED_RANGE, node)
        if found is None:
            if _assigned(graph, node):
                job.skip(node.name, "its range is assigned in another way than is looked for")
            continue
        old = [producer(i) for i in node.inputs[1:3]]
        ends = (found["min"].name, found["max"].name)
        graph.set_inputs(node, (node.inputs[0], *ends, *node.inputs[3:]))
        remove_unread(graph, old, job)


def _assigned(graph: Graph, node: Node) -> bool:
    sources = [graph.get(producer(i)) for i in node.data_inputs[1:3]]
    return any(s is not None and s.op == "Assign" for s in sources)


TRANSFORM = Transform(
    "remove_ema",
    run,
    """Replace the moving averages of ranges that training has added by the ranges themselves.

    It is for graphs that fake_quantize_training has prepared and that were trained and frozen
    then: each FakeQuantWithMinMaxVars reads its range from an Assign, of what is a constant now,
    and such a graph does not run. All attributes of the quantization stay; the original kept two.
    """,
    "remove_ema",
    keeps_meaning=False,
)
