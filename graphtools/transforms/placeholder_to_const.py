"""placeholder_to_const."""

from __future__ import annotations

import numpy as np

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import STRING, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.transform import Job, Parameter, Transform, read_flag


def run(graph: Graph, job: Job) -> None:
    """Put a scalar constant in the place of each placeholder that is named."""
    for text in job.texts("value"):
        name, equals, value = text.rpartition("=")
        if not equals:
            raise InvalidValue(f"{text!r} gives no value", f"write {text}=False, or another value")
        node = graph.find(name)
        kind = node.attr("dtype")
        if not node.op.startswith("Placeholder") or not isinstance(kind, DType):
            raise InvalidValue(f"{node.name!r} is a {node.op}, no placeholder")
        attrs: dict[str, Attr] = {"dtype": kind.base, "value": _scalar(node.name, kind.base, value)}
        control = tuple(f"^{i}" for i in node.control_inputs)
        graph.replace(node, [Node(node.name, "Const", control, attrs, node.device)])


def _scalar(name: str, kind: DType, text: str) -> Tensor:
    try:
        if kind is STRING:
            return Tensor.from_array(np.array(text.encode(), object), kind)
        value = read_flag(text) if kind.name == "bool" else text
        return Tensor.from_array(np.array(value).astype(kind.numpy()), kind)
    except ValueError:
        raise InvalidValue(f"{text!r} is no value of {name!r}, which is {kind}") from None


TRANSFORM = Transform(
    "placeholder_to_const",
    run,
    """Put constants in the place of placeholders, such as `phase_train`.

    The constant is a scalar of the placeholder's element type. From then on it cannot be fed.
    """,
    'placeholder_to_const(value="phase_train=False")',
    (Parameter("value", "text", "name=value", required=True, repeated=True),),
    keeps_meaning=False,
)
