"""insert_identity."""

from __future__ import annotations

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.inference import node_output_dtypes
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Put an Identity behind a tensor."""
    ref = Ref.from_user(job.text("name"))
    node = graph.find(ref.node)
    kinds = node_output_dtypes(graph, node)
    if ref.index < 0 or ref.index >= len(kinds):
        raise InvalidValue(f"{node.name!r} has no output {ref.index}")
    kind = kinds[ref.index]
    if kind is None or kind.name == "resource" or kind is not kind.base:
        raise InvalidGraph(f"{str(ref)!r} is no tensor of a known type, of which a copy is one")
    name = job.text("new_name") or graph.free_name(f"{node.name}/identity")
    graph.insert_after(Ref(node.name, ref.index), Node(name, "Identity", [str(ref)], {"T": kind}))


TRANSFORM = Transform(
    "insert_identity",
    run,
    """Put an Identity behind a tensor; all that has read the tensor reads it.

    It gives an output a name of one's own, or a place that can be fed.
    """,
    "insert_identity(name=logits, new_name=output)",
    (
        Parameter("name", "text", "the tensor, as split:1", required=True),
        Parameter("new_name", "text", "the name of the new node; made of the old one if left out"),
    ),
)
