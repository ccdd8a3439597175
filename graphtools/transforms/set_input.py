"""set_input."""

from __future__ import annotations

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.graph import Graph
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._input_types import give_type
from graphtools.transforms.input_shapes import give_shapes


def run(graph: Graph, job: Job) -> None:
    """Give an input another type and shape."""
    node = graph.find(job.text("name"))
    if node.op not in PLACEHOLDERS:
        raise InvalidGraph(
            f"{node.name!r} is {node.op} and no placeholder: its type and shape follow from what "
            "it reads",
            "make it one first: strip_unused_nodes, with it as an input",
        )
    if not (job.given("type") or job.given("shape")):
        raise InvalidValue("set_input sets neither a type nor a shape", "give type= or shape=")
    if job.given("type"):
        job.note(give_type(graph, node, job.dtype("type").base))
    if job.given("shape"):
        for note in give_shapes(graph, {node.name: job.shape("shape")}):
            job.note(note)


TRANSFORM = Transform(
    "set_input",
    run,
    """Give an input another element type, or another shape.

    What reads another type gets a Cast; it does not normalise. Constants that hold a dimension that
    changes, as the batch in a Reshape, follow where inference proves that it is the same; what
    contradicts is refused by name.
    """,
    'set_input(name=image, type=uint8, shape="4,224,224,3")',
    (
        Parameter("name", "text", "the input", required=True),
        Parameter("type", "dtype", "its element type; as it is if left out"),
        Parameter("shape", "shape", "its shape, ? for an open dimension; as it is if left out"),
    ),
    aliases=("change_input", "set_input_shape", "set_input_type"),
    keeps_meaning=False,
)
