"""drop_fake_quant."""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms.remove_nodes import take_out


def run(graph: Graph, job: Job) -> None:
    """Take FakeQuants out, with their ranges."""
    check_names(graph)
    fed = {ref.node for ref in job.inputs}
    replaced = set()
    for node in [n for n in graph if n.op in FAKE_QUANTS]:
        if node.name in fed:
            job.skip(node.name, "it is an input or output")
        elif not node.data_inputs or producer(node.data_inputs[0]) not in graph:
            job.skip(node.name, "it has no input that could take its place")
        else:
            graph.replace(node, [_as_identity(node)])
            remove_unread(graph, map(producer, node.data_inputs[1:]), job, heir=node.name)
            replaced.add(node.name)
    take_out(graph, job, replaced - job.kept, 1)


def _as_identity(node: Node) -> Node:
    """A node of the same name that gives what the FakeQuant was given."""
    controls = (f"^{name}" for name in node.control_inputs)
    attrs: dict[str, Attr] = {"T": FLOAT32}
    return Node(node.name, "Identity", (node.data_inputs[0], *controls), attrs, node.device)


TRANSFORM = Transform(
    "drop_fake_quant",
    run,
    """Take FakeQuant nodes out, so that a plain float graph is left.

    What reads a FakeQuantWithMinMaxVars, FakeQuantWithMinMaxVarsPerChannel or
    FakeQuantWithMinMaxArgs reads what that has read, and the nodes of its range go when nobody else
    reads them. One that is an output becomes an Identity; one that is an input stays. Weights are
    those of the training then, not rounded; apply fold_constants before where they are to stay
    rounded.

    It is what toco did for --drop_fake_quant where it made a float model.
    """,
    "drop_fake_quant",
    keeps_meaning=False,
)
