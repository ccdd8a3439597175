"""Everything about one node."""

from __future__ import annotations

import dataclasses

from graphtools.analysis.statistics import Statistics, compute_statistics, preview
from graphtools.analysis.tensor_facts import output_dtype, output_shape
from graphtools.graph.attributes import attrs_json, describe_attr
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer


@dataclasses.dataclass(frozen=True)
class Edge:
    """An input or consumer of a node.

    Attributes:
        input: The input as it stands in the file.
        node: Name of the node at the other end.
        op: Its op; empty where there is no such node.
        position: Number of the input, counted from 0.
        control: Whether it carries no tensor.
    """

    input: str
    node: str
    op: str
    position: int
    control: bool


@dataclasses.dataclass(frozen=True)
class NodeDetail:
    """Everything about one node.

    Attributes:
        name: Name.
        op: Op.
        device: Device; empty if none is set.
        dtype: Dtype of the first output, None where the node does not tell.
        shape: Shape of the first output, None where the node does not tell.
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
    inputs: tuple[Edge, ...]
    consumers: tuple[Edge, ...]
    encoded_bytes: int
    value: str
    value_bytes: int
    statistics: Statistics | None


def node_detail(graph: Graph, name: str) -> NodeDetail:
    """Everything about a node, with the values of a constant.

    Args:
        graph: The graph.
        name: A node's or tensor's name as people type it.

    Raises:
        UnknownName: There is no such node.
        Damaged: The constant's values do not fit its shape.
    """
    node = graph.find(name)
    inputs = []
    for position, text in enumerate(node.inputs):
        source = graph.get(producer(text))
        op = source.op if source else ""
        inputs.append(Edge(text, producer(text), op, position, text[:1] == "^"))
    consumers = [
        Edge(text, user.name, user.op, position, text[:1] == "^")
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
        # what is one value repeated need not be looked at again and again
        small = array if array.size <= 1 << 26 else array.reshape(-1)[: 1 << 26]
        statistics = compute_statistics([small.reshape(-1)])
    dtype = output_dtype(node, Ref.from_user(name).index if ":" in name else 0)
    return NodeDetail(
        name=node.name,
        op=node.op,
        device=node.device,
        dtype=dtype.name if dtype else None,
        shape=output_shape(node).to_json(),
        attrs=attrs_json(attrs),
        described={key: describe_attr(attr) for key, attr in attrs.items()},
        inputs=tuple(inputs),
        consumers=tuple(consumers),
        encoded_bytes=node.encoded_size,
        value=value,
        value_bytes=tensor.nbytes if tensor else 0,
        statistics=statistics,
    )
