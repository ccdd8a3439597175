"""backport_tensor_array_v3."""

from __future__ import annotations

import numpy as np

from graphtools.graph.dtypes import FLOAT32, RESOURCE, STRING
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.control_flow import find_places
from graphtools.ops.control_flow import CONTROL_FLOW, SWITCHES
from graphtools.ops.handing_on import SAME_TENSOR
from graphtools.rewrite.transform import Job, Transform

_ARRAYS = {"TensorArrayV3": "TensorArrayV2", "TensorArrayGradV3": "TensorArrayGradV2"}
_USERS = frozenset(
    f"TensorArray{action}V3"
    for action in ("Write", "Read", "Gather", "Scatter", "Concat", "Split", "Size", "Close")
)
#: Ops that give on a handle; their attribute T is its type.
_PASS_ON = SAME_TENSOR | CONTROL_FLOW
_NEW_IN_V3 = "identical_element_shapes"
_OUTPUT_SHAPES = "_output_shapes"


def run(graph: Graph, job: Job) -> None:
    """Turn the ops of TensorArrayV3 into those of V2."""
    arrays = [n for n in graph if n.op in _ARRAYS]
    users = [n for n in graph if n.op in _USERS]
    passing, obstacle = _handle_bearers(graph, arrays)
    if obstacle is not None:
        for node in arrays + users:
            job.skip(node.name, f"{obstacle.name!r} ({obstacle.op}) takes a handle of V3")
        return
    asked = next((r for r in job.outputs if r.index and r.node in {n.name for n in arrays}), None)
    if asked is not None:
        job.skip(asked.node, f"{str(asked)!r} is an output of the graph, which V2 does not have")
        return
    places = find_places(graph) if arrays else {}
    for node in passing:
        if node.attr("T") is RESOURCE:
            graph.set_attr(node, "T", STRING)
    for node in arrays:
        bound = (f"^{node.name}",) if node.name in places else ()
        _flow(graph, node, bound)
        graph.set_op(node, _ARRAYS[node.op])
        graph.remove_attr(node, _NEW_IN_V3)
        shapes = node.attr(_OUTPUT_SHAPES)
        if isinstance(shapes, list):
            graph.set_attr(node, _OUTPUT_SHAPES, shapes[:1])
    for node in users:
        graph.set_op(node, node.op[:-1] + "2")
    if arrays and graph.versions.producer >= 26:
        job.note(
            f"the graph says that version {graph.versions.producer} wrote it, and in graphs since "
            "version 26 TensorFlow 1 and 2 refuse TensorArrayV2"
        )


def _handle_bearers(graph: Graph, arrays: list[Node]) -> tuple[list[Node], Node | None]:
    """The nodes that give on handles of arrays, and one that cannot take one of V2."""

    def takers(node: Node) -> list[Node]:
        if node.op not in _PASS_ON and node.op not in _ARRAYS:
            return []
        is_handle = 2 if node.op in SWITCHES else 1
        return [r.node for r in data_readers(graph, node.name) if r.output < is_handle]

    found = [node for node in reach(arrays, takers) if node.op not in _ARRAYS]
    obstacle = next((n for n in found if n.op not in _PASS_ON and n.op not in _USERS), None)
    return ([], obstacle) if obstacle else ([n for n in found if n.op in _PASS_ON], None)


def _flow(graph: Graph, node: Node, control: tuple[str, ...]) -> None:
    """Add the constant that stands for the second output, which V2 does not have."""
    name = graph.free_name(f"{node.name}/replacement_flow_node")
    value = Tensor.from_array(np.array(1, np.float32))
    flow = Node(name, "Const", control, {"dtype": FLOAT32, "value": value}, node.device)
    graph.add(flow, before=node)
    graph.redirect(Ref(node.name, 1), Ref(name))


TRANSFORM = Transform(
    "backport_tensor_array_v3",
    run,
    """Turn the ops of TensorArrayV3 into those of V2, for programs older than TensorFlow 1.0.

    The second output of an array, which only keeps the order of its uses, becomes a constant. The
    original left an attribute that V2 does not have, and did not tell the ops that give a handle
    on, as Enter of a loop, that its type is another one; its result did not load. Where something
    else takes a handle, nothing is changed at all. TensorFlow refuses the ops of V2 in graphs that
    a version since 26 (TensorFlow 1.1) wrote, by what these say of themselves.
    """,
    "backport_tensor_array_v3",
)
