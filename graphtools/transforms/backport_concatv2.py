"""backport_concatv2."""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import INT32, INT64
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, job: Job) -> None:
    """Turn ConcatV2 into Concat."""
    for node in list(graph.nodes):
        if node.op != "ConcatV2":
            continue
        data = node.data_inputs
        if len(data) < 2:
            job.skip(node.name, "it has no axis among its inputs")
            continue
        axis = data[-1]
        if node.attr("Tidx") is INT64:
            axis = _as_int32(graph, node, axis)
        control = tuple(i for i in node.inputs if i[:1] == "^")
        graph.set_op(node, "Concat")
        graph.set_inputs(node, (axis, *data[:-1], *control))
        graph.remove_attr(node, "Tidx")


def _as_int32(graph: Graph, node: Node, axis: str) -> str:
    """An axis of 64 bits as one of 32, which is all that Concat takes."""
    ref = Ref.parse(axis)
    source = graph.get(ref.node)
    name = graph.free_name(f"{node.name}/axis")
    value = source.tensor if source is not None else None
    if source is not None and value is not None:
        control = tuple(i for i in source.inputs if i[:1] == "^")
        narrow = Tensor.from_array(value.array().astype("int32"))
        constant: dict[str, Attr] = {"dtype": INT32, "value": narrow}
        made = Node(name, "Const", control, constant, source.device)
    else:
        attrs: dict[str, Attr] = {"SrcT": INT64, "DstT": INT32, "Truncate": False}
        made = Node(name, "Cast", (axis,), attrs, node.device)
    graph.add(made, before=node)
    return name


TRANSFORM = Transform(
    "backport_concatv2",
    run,
    """Turn ConcatV2 into Concat, which programs older than TensorFlow 1.0 know.

    The axis becomes the first input. Concat takes an axis of 32 bits only: one of 64 bits is
    converted (the original made a graph that does not load). Control inputs stay last; the
    original took the last of them for the axis.
    """,
    "backport_concatv2",
)
