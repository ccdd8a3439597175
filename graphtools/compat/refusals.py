"""Why the converter refuses a graph before it looks at single nodes.

TensorFlow imports the whole graph first, nodes that no output needs too, and infers its shapes; the
converter then wants no variables, and inputs of types that it knows. Source: TensorFlow 2.21's
`lite.py`, `convert.py` and `util.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.compat.site import Failure
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.definitions import op_definition

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.ops.inference import Inference

#: Types of inputs that the converter takes.
_INPUT_TYPES = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
    + "string bool complex64 complex128 resource variant".split()
)
QUANTIZED = frozenset("qint8 quint8 qint16 quint16 qint32".split())


class Refusal(NamedTuple):
    """A node for which the converter refuses the graph.

    Attributes:
        node: The node.
        failure: Why.
    """

    node: Node
    failure: Failure


def refusals(graph: Graph, inference: Inference, inputs: Sequence[str]) -> Iterator[Refusal]:
    """The nodes for which a graph is refused, in the order of the graph.

    Args:
        graph: The graph.
        inference: Its inferred shapes.
        inputs: Names of the nodes that are fed.
    """
    findings = {finding.node: finding.message for finding in inference.findings}
    fed = frozenset(inputs)
    for node in graph:
        failure = (
            _of_variable(node)
            or _of_attributes(node)
            or _of_inputs(graph, node)
            or (_of_feed(inference, node) if node.name in fed else None)
        )
        if failure is None and node.name in findings:
            failure = Failure("unsupported", findings[node.name], "mend the shapes of the graph")
        if failure is not None:
            yield Refusal(node, failure)


def _of_variable(node: Node) -> Failure | None:
    op = node.op
    if op.startswith("Variable") or op.endswith("VariableOp"):
        return Failure(
            "unsupported",
            f"the graph is not frozen: {op}",
            "freeze it: graphtools freeze",
        )
    return None


def _of_attributes(node: Node) -> Failure | None:
    """An attribute with a value that the op does not allow, at which TensorFlow's import ends."""
    if node.op in ("Const", "Identity"):
        return None
    definition = op_definition(node.op)
    if definition is None:
        return None
    restricted = [a for a in definition.attributes if a.allowed]
    if not restricted:
        return None
    attrs = node.attrs
    for attribute in restricted:
        value = attrs.get(attribute.name)
        if isinstance(value, DType | bytes) and value not in attribute.allowed:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value.name
            return Failure(
                "unsupported",
                f"{attribute.name}={text} is no value that {node.op} may have",
                "correct the attribute",
            )
    return None


def _of_inputs(graph: Graph, node: Node) -> Failure | None:
    for text in node.inputs:
        if Ref.parse(text).node not in graph:
            return Failure("unsupported", f"there is no {text!r}, which it reads", "mend the graph")
    if node.op == "_Arg":
        return Failure("unsupported", "an argument outside of a function", "feed a Placeholder")
    return None


def _of_feed(inference: Inference, node: Node) -> Failure | None:
    kind = inference.dtype(node.name)
    if kind is not None and kind.base.name not in _INPUT_TYPES:
        return Failure(
            "unsupported",
            f"the converter takes no inputs of type {kind.base.name}",
            "feed another type and cast it, or cut the graph behind it",
        )
    return None
