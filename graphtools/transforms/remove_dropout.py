"""remove_dropout."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.rewrite.colocations import update_colocations
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._dropout import ENDS, dropped_out


def run(graph: Graph, job: Job) -> None:
    """Let what reads the result of dropout read what dropout is given."""
    before = [node.name for node in graph]
    for node in [n for n in graph if n.op in ENDS]:
        source = dropped_out(graph, node)
        if not source:
            continue
        kind = node.attr("T")
        controls = tuple(f"^{name}" for name in node.control_inputs)
        graph.replace(
            node, [Node(node.name, "Identity", (source, *controls), {"T": kind}, node.device)]
        )
        remove_unread(graph, [i.partition(":")[0] for i in node.data_inputs], job)
    update_colocations(graph, {name: None for name in before if name not in graph})


TRANSFORM = Transform(
    "remove_dropout",
    run,
    """Take dropout out, as it is at inference.

    Takes what tf.nn.dropout writes: the quotient or product with a constant times a mask of random
    numbers, in the forms of TensorFlow 1.x and 2.x. In its place an Identity keeps the name. As
    dropout keeps the mean of what it is given, nothing else has to be scaled.

    The results change: before they were random. A dropout whose rate is fed is taken out, too.
    """,
    "remove_dropout",
    keeps_meaning=False,
)
