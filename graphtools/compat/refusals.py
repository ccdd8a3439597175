"""Why the converter refuses a graph before it looks at single nodes.

TensorFlow imports the whole graph first, nodes that no output needs too, and infers its shapes; the
converter then wants no variables, and inputs of types that it knows. Source: TensorFlow 2.21's
`lite.py`, `convert.py` and `util.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.compat.site import Failure
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.definitions import input_dtypes, op_definition

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.ops.inference import Inference

#: Types of inputs that the converter takes.
_INPUT_TYPES = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
    + "string bool complex64 complex128 resource variant".split()
)
#: Types that TFLite has no tensors for; quint8 is taken for uint8.
QUANTIZED = frozenset("qint8 qint16 quint16 qint32".split())


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
            or _of_attributes(graph, node)
            or _of_inputs(graph, node)
            or _of_types(inference, node)
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
            "freeze it: graphtools freeze GRAPH -o OUT --checkpoint PREFIX",
        )
    return None


def _of_attributes(graph: Graph, node: Node) -> Failure | None:
    """A value that the op does not allow, or a colocation with a node that is not there."""
    if node.op == "Const":
        return None
    attrs = node.attrs
    for place in _texts(attrs.get("_class")):
        name = place.removeprefix("loc:@")
        if name != place and name not in graph:
            reason = f"it is to be placed with {name!r}, which is not there"
            return Failure("unsupported", reason, "remove the attribute _class")
    definition = op_definition(node.op)
    for attribute in definition.attributes if definition is not None else ():
        value = attrs.get(attribute.name) if attribute.allowed else None
        if isinstance(value, DType | bytes) and value not in attribute.allowed:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value.name
            reason = f"{attribute.name}={text} is no value that {node.op} may have"
            return Failure("unsupported", reason, "correct the attribute")
    return None


def _texts(value: Attr) -> list[str]:
    """The texts of an attribute that is a list of them."""
    items = value if isinstance(value, list) else []
    return [item.decode("utf-8", "replace") for item in items if isinstance(item, bytes)]


def _of_inputs(graph: Graph, node: Node) -> Failure | None:
    for text in node.inputs:
        if Ref.parse(text).node not in graph:
            return Failure("unsupported", f"there is no {text!r}, which it reads", "mend the graph")
    if node.op == "_Arg":
        return Failure("unsupported", "an argument outside of a function", "feed a Placeholder")
    return None


def _of_types(inference: Inference, node: Node) -> Failure | None:
    """An input of another type than the node takes."""
    wanted = input_dtypes(node) if node.inputs else None
    if wanted is None:
        return None
    for text, kind in zip(node.data_inputs, wanted, strict=False):
        ref = Ref.parse(text)
        found = inference.dtype(ref.node, ref.index)
        if kind is not None and found is not None and kind.base is not found.base:
            reason = f"{text!r} is {found.base.name}, and {node.op} takes {kind.base.name} there"
            return Failure("unsupported", reason, "cast it, or correct the attribute")
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
