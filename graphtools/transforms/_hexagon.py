"""What the three transforms share that handed graphs over to a Hexagon DSP."""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Parameter, Transform

#: Parameters by which the nodes of a part were told.
FUSED_PART = (
    "input_types", "input_shapes", "fused_nodes", "fused_op_types", "border_inputs",
    "border_outputs", "remote_fused_graph_executor_name", "remote_graph_executor_name",
)  # fmt: skip
_MANUAL = """{what}

    Refused: the op RemoteFusedGraphExecute and the runtime that it called were removed from
    TensorFlow, so that nothing could run the result. Convert the graph to TFLite and run it with
    its Hexagon or NNAPI delegate instead.
    """


def refused(name: str, what: str, *parameters: str) -> Transform:
    """A transform that tells that it is gone.

    Args:
        name: Its name.
        what: What it did, a sentence.
        parameters: Names of the parameters that it had.
    """

    def run(_graph: Graph, _job: Job) -> None:
        raise InvalidValue(
            f"{name}: the Hexagon runtime that it prepared graphs for is gone from TensorFlow",
            "convert the graph to TFLite, which has a Hexagon delegate",
        )

    declared = [Parameter(p, "text", "not used any more", repeated=True) for p in parameters]
    return Transform(name, run, _MANUAL.format(what=what), name, declared, keeps_meaning=False)
