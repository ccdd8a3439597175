"""Lists of nodes: filters, and what each node is."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence

from graphtools.display import Displayed
from graphtools.errors import InvalidValue, unknown_scope
from graphtools.graph.attributes import attrs_json
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape


@dataclasses.dataclass(frozen=True)
class NodeRow:
    """One node of a list.

    Attributes:
        name: Name.
        op: Op.
        inputs: Inputs as they stand in the file.
        device: Device; empty if none is set.
        dtype: Dtype of the first output, None where the node does not tell.
        shape: Shape of the first output, None where the node does not tell.
        bytes: Bytes of a constant's value; 0 for other nodes.
        attrs: Attributes; dtypes by name, shapes as lists, tensors by dtype and shape.
    """

    name: str
    op: str
    inputs: list[str]
    device: str
    dtype: str | None
    shape: list[int | None] | None
    bytes: int
    attrs: dict[str, object]


@dataclasses.dataclass(frozen=True)
class NodeList:
    """The nodes that a filter let through."""

    nodes: tuple[NodeRow, ...]


@dataclasses.dataclass(frozen=True)
class OpCounts(Displayed):
    """How often each op occurs.

    Attributes:
        ops: Number of nodes by op, the most frequent first.
        function_ops: The same for the bodies of the function library.
        nodes: Number of nodes of the graph.
    """

    ops: dict[str, int]
    function_ops: dict[str, int]
    nodes: int


def select_nodes(
    graph: Graph,
    *,
    ops: Sequence[str] = (),
    names: Sequence[str] = (),
    regex: str = "",
    scope: str = "",
    functions: bool = False,
) -> list[Node]:
    """The nodes that pass all filters, in file order.

    Args:
        graph: The graph.
        ops: Glob patterns; the op has to match one of them.
        names: Glob patterns; the name has to match one of them.
        regex: Regular expression to be found in the name.
        scope: Name scope the node has to be in, without the final slash.
        functions: Whether to list the nodes in the bodies of functions too, as `node@function`.

    Raises:
        InvalidValue: The regular expression is none.
        UnknownName: No node is in the scope.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> [node.name for node in graphtools.select_nodes(graph, ops=["*Conv2d*", "Softmax"])]
        ['MobilenetV1/MobilenetV1/Conv2d_1_depthwise/depthwise', 'MobilenetV1/Predictions/Softmax']
    """
    everything = found = [*graph.nodes, *function_nodes(graph)] if functions else list(graph)
    if ops:
        accepts_op = _any_glob(ops)
        found = [n for n in found if accepts_op(n.op)]
    if names:
        accepts_name = _any_glob(names)
        found = [n for n in found if accepts_name(n.name)]
    if regex:
        try:
            pattern = re.compile(regex)
        except re.error as error:
            raise InvalidValue(f"{regex!r} is no regular expression: {error}") from None
        found = [n for n in found if pattern.search(n.name)]
    if scope:
        prefix = scope.strip("/") + "/"
        inside = [n for n in found if n.name.startswith(prefix)]
        if not inside and not any(n.name.startswith(prefix) for n in everything):
            raise unknown_scope(scope, (n.name for n in everything), "the graph")
        found = inside
    return found


def function_nodes(graph: Graph) -> list[Node]:
    """Copies of the nodes in the bodies of functions, named `node@function`."""
    return [
        node.variant(name=f"{node.name}@{function.name}")
        for function in graph.functions.values()
        for node in function.nodes
    ]


def _any_glob(patterns: Sequence[str]) -> Callable[[str], object]:
    import fnmatch

    return re.compile("|".join(fnmatch.translate(p) for p in patterns)).match


def collapse(nodes: Sequence[Node], depth: int) -> dict[str, int]:
    """Number of nodes by their first scopes, in file order; deeper nodes count for their scope.

    Args:
        nodes: The nodes.
        depth: How many scopes are kept; at least 1.
    """
    from graphtools.analysis.sizes import scope_of

    found: dict[str, int] = {}
    for node in nodes:
        inner = node.name.count("/") >= depth
        key = scope_of(node.name, depth) + "/" if inner else node.name
        found[key] = found.get(key, 0) + 1
    return found


def list_nodes(graph: Graph, nodes: Sequence[Node]) -> NodeList:
    """Nodes of a graph, and `node@function` ones, as rows with the shapes that are inferred."""
    from graphtools.analysis.shape_list import function_shapes, stated_shapes
    from graphtools.ops.inference import infer_shapes, node_output_dtypes

    own = {n.name for n in nodes if graph.get(n.name) is n}
    inside = len(own) < len(nodes)
    inference = infer_shapes(graph, targets=None if inside else own)
    inner = function_shapes(inference) if inside else {}
    rows = []
    for node in nodes:
        shapes = inference.shapes(node.name) if node.name in own else inner.get(node.name)
        if shapes is None:
            shapes = stated_shapes(node)
        dtypes = node_output_dtypes(graph, node)
        tensor = node.tensor
        row = NodeRow(
            name=node.name,
            op=node.op,
            inputs=list(node.inputs),
            device=node.device,
            dtype=dtypes[0].name if dtypes and dtypes[0] else None,
            shape=Shape(shapes[0]).to_json() if shapes else None,
            bytes=tensor.nbytes if tensor else 0,
            attrs=attrs_json(node.attrs),
        )
        rows.append(row)
    return NodeList(tuple(rows))


def count_ops(graph: Graph) -> OpCounts:
    """How often each op occurs.

    Example:
        >>> graph = graphtools.load("fixtures/lstm/frozen.pb")
        >>> graphtools.count_ops(graph).ops["Enter"]
        9
    """
    from collections import Counter

    bodies = (n.op for f in graph.functions.values() for n in f.nodes)
    return OpCounts(
        dict(Counter(n.op for n in graph).most_common()),
        dict(Counter(bodies).most_common()),
        len(graph),
    )
