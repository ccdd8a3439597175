"""expand_erfc."""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.transform import Job, Transform

_TYPES = frozenset({"float16", "float32", "float64"})


def run(graph: Graph, job: Job) -> None:
    """Put 1 - Erf in the place of Erfc."""
    import numpy as np

    fed = {ref.node for ref in job.inputs}
    for node in [n for n in graph if n.op == "Erfc" and n.name not in fed]:
        kind = node.attr("T")
        if not isinstance(kind, DType) or kind.name not in _TYPES or len(node.data_inputs) != 1:
            job.skip(node.name, "it is not of float16, float32 or float64")
            continue
        one = graph.free_name(f"{node.name}/one")
        erf = graph.free_name(f"{node.name}/erf")
        controls = tuple(f"^{name}" for name in node.control_inputs)
        value = Tensor.from_array(np.asarray(1, kind.array_name))
        constant: dict[str, Attr] = {"dtype": kind, "value": value}
        of_type: dict[str, Attr] = {"T": kind}
        made = [
            Node(one, "Const", controls, constant, node.device),
            Node(erf, "Erf", tuple(node.inputs), of_type, node.device),
            Node(node.name, "Sub", (one, erf), of_type, node.device),
        ]
        graph.replace(node, made)


TRANSFORM = Transform(
    "expand_erfc",
    run,
    """Write Erfc as 1 - Erf, which converters know that do not know Erfc.

    TensorFlow 2.21 makes its gelu of Erfc; tf2onnx, and ONNX itself, have Erf alone. The values are
    off by the rounding of the difference: 6e-8 in float32, which is all of them where Erfc is
    smaller than that.
    """,
    "expand_erfc",
)
