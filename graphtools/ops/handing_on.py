"""What ops only hand on: of which input an output has the values.

Each set is one meaning, and sets are joined by who needs more: `SAME_TENSOR | INTO_FRAMES` is what
a constant passes on its way into a loop. The helpers know which output hands on which input, go
through IdentityN wherever they go through Identity, and end on cycles.

Source: TensorFlow's registered kernels of these ops (identity_op.h, control_flow_ops.h).
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.control_flow import ENTERS, EXITS, NEXT_ITERATIONS, SWITCHES

#: The output is the input, value, dtype and shape; they differ in gradients and scheduling only.
SAME_TENSOR = frozenset({"Identity", "Snapshot", "StopGradient", "PreventGradient"})
#: The output is the input, or the run ends with an error.
CHECKED = frozenset({"CheckNumerics"})
#: The input is a reference to a variable, and so is the output.
REFERENCES = frozenset({"RefIdentity"})
#: The output is the value of the variable that the input is.
VARIABLE_READS = frozenset({"ReadVariableOp"})
#: Inside of a loop or branch the output is what the input is outside.
INTO_FRAMES = ENTERS
INTO_BRANCHES = SWITCHES
#: The output is the input of another round, or what it was at last: dtype and meaning stay, values
#: do not.
OF_ANOTHER_ROUND = EXITS | NEXT_ITERATIONS
#: The output has the values of the first input in the same order, in another shape.
RESHAPED = frozenset({"Reshape", "Squeeze", "ExpandDims"})
#: The output has the values of the first input in another arrangement, each once.
REARRANGED = RESHAPED | {"Transpose"}
#: The output has the values of the first input as another dtype.
CONVERTED = frozenset({"Cast"})


def handed_on(node: Node, output: int, ops: Container[str] = SAME_TENSOR) -> str | None:
    """The data input that an output of a node only hands on.

    Args:
        node: The node.
        output: Number of the output.
        ops: The ops that count, of the sets of this module.

    Returns:
        The input as it stands in the node; None where the output is something new, or the input is
        not there.

    Example:
        >>> handed_on(Node("merged", "IdentityN", ("a", "b:1")), 1)
        'b:1'
    """
    data = node.data_inputs
    if node.op == "IdentityN" and "Identity" in ops:
        return data[output] if 0 <= output < len(data) else None
    if node.op not in ops or not data or (output and (output < 0 or node.op not in SWITCHES)):
        return None
    return data[0]


def way_to_source(
    graph: Graph, tensor: str, ops: Container[str] = SAME_TENSOR, fed: Container[str] = ()
) -> Iterator[tuple[Ref, Node]]:
    """The nodes that hand a tensor on, the last first, and then the one that it comes from.

    Args:
        graph: The graph, which may be damaged or cyclic.
        tensor: An input as it stands in a node.
        ops: The ops that are looked through.
        fed: Names of nodes whose values are given, so that what they read does not count.
    """
    return follow(
        graph,
        tensor,
        lambda node, ref: None if node.name in fed else handed_on(node, ref.index, ops),
    )


def source_of(
    graph: Graph, tensor: str, ops: Container[str] = SAME_TENSOR, fed: Container[str] = ()
) -> Ref:
    """The tensor that is handed on to an input.

    Args:
        graph: The graph, which may be damaged or cyclic.
        tensor: An input as it stands in a node.
        ops: The ops that are looked through.
        fed: Names of nodes whose values are given, so that what they read does not count.

    Returns:
        The first tensor on the way that comes from another op, or from a node that is not there;
        on a cycle one of it.

    Example:
        >>> source_of(graph, "probs/identity")
        Ref(node='probs/softmax', index=0, output='')
    """
    found = Ref.parse(tensor)
    for ref, node in way_to_source(graph, tensor, ops, fed):
        text = None if node.name in fed else handed_on(node, ref.index, ops)
        found = ref if text is None else Ref.parse(text)
    return found


def source_node(
    graph: Graph, tensor: str, ops: Container[str] = SAME_TENSOR, fed: Container[str] = ()
) -> Node | None:
    """The node of `source_of`, None where it is not there."""
    return graph.get(source_of(graph, tensor, ops, fed).node)
