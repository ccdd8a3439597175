"""What does not convert to ONNX, by node: ops that tf2onnx has no handler for.

The table is `onnx_ops.txt`, which `tests.builders.onnx_ops` collects from tf2onnx itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from graphtools.compat.verdict import Blocker
from graphtools.front_end import param
from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import CONTROL_FLOW, LOOP_PARTS

#: The opset that is written if none is asked for.
OPSET = 15


@functools.cache
def onnx_ops() -> dict[str, int]:
    """By op, the opset from which tf2onnx has a handler for it."""
    text = Path(__file__).with_name("onnx_ops.txt").read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {op: int(version) for op, version in lines}


def onnx_blockers(graph: Graph, outputs: Iterable[str], opset: int = OPSET) -> Iterator[Blocker]:
    """The nodes of a prepared graph that tf2onnx has no handler for.

    Loops of TensorFlow 1 become Loop and Scan as a whole, with the arrays in them. What is only to
    run before something else, as assertions are, is not converted.

    Args:
        graph: The graph as tf2onnx gets it.
        outputs: Names of the output tensors.
        opset: Version of ONNX's operators.
    """
    in_loops: frozenset[str] = frozenset()
    if any(node.op in LOOP_PARTS for node in graph):
        in_loops = CONTROL_FLOW | LOOP_PARTS
    needed = ancestors_of(graph, map(producer, outputs), control=False)
    for node in (n for n in graph if n.name in needed):
        since = onnx_ops().get(node.op)
        is_loop = node.op in in_loops or (in_loops and node.op.startswith("TensorArray"))
        if is_loop or (since is not None and since <= opset):
            continue
        reason = f"tf2onnx has no operator of ONNX for {node.op}"
        if since is not None:
            reason += f" before opset {since}"
        before = str(Ref.parse(node.data_inputs[0])) if node.data_inputs else "NAME"
        remedy = f"cut the graph before it: {param(outputs=[before])}"
        yield Blocker(node.name, node.op, reason, "unsupported", remedy)
