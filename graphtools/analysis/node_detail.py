"""Everything about one node."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from graphtools.analysis.statistics import Statistics, compute_statistics, preview
from graphtools.display import Displayed
from graphtools.errors import unknown_name
from graphtools.graph.attributes import attrs_json, describe_attr
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.ops.inference import infer_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Elements that are looked at in one go.
_PIECE = 1 << 22


@dataclasses.dataclass(frozen=True)
class Neighbour:
    """An input or consumer of a node.

    Attributes:
        input: The input as it stands in the file.
        node: Name of the node at the other end.
        op: Its op; `(argument)` for an argument of a function; empty where there is no such node.
        position: Number of the input, counted from 0.
        control: Whether it carries no tensor.
    """

    input: str
    node: str
    op: str
    position: int
    control: bool


@dataclasses.dataclass(frozen=True)
class NodeDetail(Displayed):
    """Everything about one node.

    Attributes:
        name: Name.
        op: Op.
        device: Device; empty if none is set.
        dtype: Dtype of the output that was named, mostly the first; None where the node does not
            tell.
        shape: Its shape, None where the node does not tell.
        attrs: Attributes: dtypes by name, shapes as lists, tensors by dtype and shape.
        described: Attributes as texts for people.
        inputs: Inputs with their producers.
        consumers: Consumers with the input by which they read this node.
        encoded_bytes: Bytes of the node in the file.
        value: First values of a constant; empty for other nodes.
        value_bytes: Bytes of a constant's values.
        statistics: Statistics of a constant's values, None for others and for strings.
    """

    name: str
    op: str
    device: str
    dtype: str | None
    shape: list[int | None] | None
    attrs: dict[str, object]
    described: dict[str, str]
    inputs: tuple[Neighbour, ...]
    consumers: tuple[Neighbour, ...]
    encoded_bytes: int
    value: str
    value_bytes: int
    statistics: Statistics | None


def _statistics(flat: NDArray[Any]) -> Statistics | None:
    """Statistics of a constant's values; one value repeated is looked at once."""
    if flat.size > 1 and flat.strides == (0,):
        one = compute_statistics([flat[:1]])
        return one and dataclasses.replace(
            one,
            count=flat.size,
            zeros=one.zeros * flat.size,
            nan=one.nan * flat.size,
            inf=one.inf * flat.size,
        )
    return compute_statistics(flat[i : i + _PIECE] for i in range(0, flat.size, _PIECE))


def node_detail(graph: Graph, name: str) -> NodeDetail:
    """Everything about a node, with the values of a constant.

    Args:
        graph: The graph.
        name: A node's or tensor's name as people type it; `node@function` for one in the body of a
            function.

    Raises:
        UnknownName: There is no such node or function.
        Damaged: The constant's values do not fit its shape.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> detail = graphtools.node_detail(graph, "MobilenetV1/Logits/SpatialSqueeze")
        >>> detail.op
        'Squeeze'
    """
    arguments: tuple[str, ...] = ()
    if "@" in name:
        name, _, function = name.strip().partition("@")
        if function not in graph.functions:
            raise unknown_name("function", function, graph.functions, "the graph")
        arguments = graph.functions[function].inputs
        graph = Graph(graph.functions[function].nodes)
    node = graph.find(name)
    inputs = []
    for position, text in enumerate(node.inputs):
        source = graph.get(producer(text))
        op = source.op if source else "(argument)" if producer(text) in arguments else ""
        inputs.append(Neighbour(text, producer(text), op, position, text[:1] == "^"))
    consumers = [
        Neighbour(text, user.name, user.op, position, text[:1] == "^")
        for user in graph.consumers(node.name)
        for position, text in enumerate(user.inputs)
        if producer(text) == node.name
    ]
    attrs = node.attrs
    tensor = node.tensor
    value, statistics = "", None
    if tensor is not None and tensor.dtype.array_name:
        array = tensor.array()
        value = preview(array)
        statistics = _statistics(array.reshape(-1))
    output = max(Ref.from_user(name).index, 0) if ":" in name and name != node.name else 0
    inference = infer_shapes(graph, targets=[node.name])
    dtype = inference.dtype(node.name, output)
    return NodeDetail(
        name=node.name,
        op=node.op,
        device=node.device,
        dtype=dtype.name if dtype else None,
        shape=inference.shape(node.name, output).to_json(),
        attrs=attrs_json(attrs),
        described={key: describe_attr(attr) for key, attr in attrs.items()},
        inputs=tuple(inputs),
        consumers=tuple(consumers),
        encoded_bytes=node.encoded_size,
        value=value,
        value_bytes=tensor.nbytes if tensor else 0,
        statistics=statistics,
    )
