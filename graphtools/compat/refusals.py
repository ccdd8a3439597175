"""Why the converter refuses a graph before it looks at single nodes.

TensorFlow imports the whole graph first, nodes that no output needs too, and infers its shapes; the
converter then wants no variables, and inputs of types that it knows. Source: TensorFlow 2.21's
`lite.py`, `convert.py` and `util.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.compat.verdict import Blocker
from graphtools.front_end import step
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.idioms.kept_state import FOR_TFLITE, is_read_back, kept_state
from graphtools.ops.handing_on import source_node

if TYPE_CHECKING:
    from graphtools.ops.defects.defect import Defect
    from graphtools.ops.inference import Inference

#: Types of inputs that the converter takes.
_INPUT_TYPES = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
    + "string bool complex64 complex128 resource variant".split()
)
#: Types that TFLite has no tensors for; quint8 is taken for uint8.
QUANTIZED = frozenset("qint8 qint16 quint16 qint32".split())


def refusals(
    inference: Inference, inputs: Sequence[str], defects: Iterable[Defect]
) -> Iterator[Blocker]:
    """The nodes for which a graph is refused: those that TensorFlow refuses, then the others.

    A colocation with a node that is not there is no reason: it is dropped before the conversion.
    """
    fed = frozenset(inputs)
    refused = set()
    for defect in defects:
        if defect.is_fatal and defect.kind != "colocation" and defect.place not in refused:
            refused.add(defect.place)
            reason = f"TensorFlow refuses it: {defect.reason or defect.message}"
            remedy = _cure(defect.kind)
            op = defect.op or "GraphDef"
            yield Blocker(defect.place, op, reason, "unsupported", remedy, defect.function)
    graph = inference.graph
    state = kept_state(graph) if any(map(_is_of_variable, graph)) else {}
    for node in graph:
        found = _of_variable(graph, node, state) or _of_argument(node)
        if not found and node.name in fed:
            found = _of_feed(inference, node)
        if found and node.name not in refused:
            yield Blocker(node.name, node.op, found[0], "unsupported", found[1])


#: What to do about defects of some kinds.
_CURES = {
    "dtype": "cast it, or correct the attribute",
    "reference": "freeze the graph again with the outputs of inference",
    "shapes": "mend the shapes of the graph",
    "wrong-attribute": "correct the attribute",
}

#: And of those that a transform mends, what that does and which it is.
_MENDED = {
    "too-large": ("make its weights smaller", "quantize_weights"),
    "stored-shapes": ("remove what is stored", "remove_attribute(attribute_name=_output_shapes)"),
}


def _cure(kind: str) -> str:
    if kind in _MENDED:
        what, spec = _MENDED[kind]
        return f"{what}: {step('transform', 'FILE', output='OUT', spec=spec)}"
    return _CURES.get(kind, "mend the graph")


def _is_of_variable(node: Node) -> bool:
    return node.op.startswith("Variable") or node.op.endswith("VariableOp")


def _of_variable(graph: Graph, node: Node, state: Mapping[str, Node]) -> tuple[str, str] | None:
    if not _is_of_variable(node):
        return None
    variable = source_node(graph, node.data_inputs[0] if node.data_inputs else node.name)
    if variable is not None and variable.name in state:
        update = state[variable.name]
        reason = f"{update.name!r} ({update.op}) writes to {variable.name!r}: no constant"
        if is_read_back(graph, update):
            return reason, FOR_TFLITE
        # where what is written is not read again, as in training
        cure = step("freeze", "GRAPH", output="OUT", checkpoint="PREFIX", inference=True)
        return reason, f"freeze it: {cure}"
    cure = f"freeze it: {step('freeze', 'GRAPH', output='OUT', checkpoint='PREFIX')}"
    if state:
        cure = f"freeze the rest: {step('freeze', 'GRAPH', output='OUT', keep=list(state))}"
    return f"the graph is not frozen: {node.op}", cure


def _of_argument(node: Node) -> tuple[str, str] | None:
    return (
        ("an argument outside of a function", "feed a Placeholder") if node.op == "_Arg" else None
    )


def _of_feed(inference: Inference, node: Node) -> tuple[str, str] | None:
    kind = inference.dtype(node.name)
    if kind is not None and kind.base.name not in _INPUT_TYPES:
        return (
            f"the converter takes no inputs of type {kind.base.name}",
            "feed another type and cast it, or cut the graph behind it",
        )
    return None
