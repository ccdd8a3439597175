"""Lets batch norms for training read their moving averages; see `for_inference`."""

from __future__ import annotations

from collections.abc import Container, Sequence

from graphtools.errors import InvalidGraph
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, INT32, DType
from graphtools.graph.following import ancestors_of
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.idioms import training_batch_norm
from graphtools.idioms.batch_norm import FUSED, BatchNorm
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.wording import and_others

#: Ops by which the formula of a batch norm reads its mean and its variance.
_READS = frozenset({"Mul", "Neg", "Add", "AddV2"})


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return f"{names[0]!r}{and_others(names)}"


def functions_of(graph: Graph, needed: set[str]) -> set[str]:
    """Names of the functions that some nodes call, and these in turn."""
    if not graph.functions:
        return set()
    nodes = [node for node in graph if node.name in needed]
    return called_functions(Graph(nodes, functions=graph.functions.values()))


def use_averages(graph: Graph, needed: set[str], stored: Container[str]) -> int:
    """Let batch norms for training read their moving averages.

    Args:
        graph: The graph, whose updates of variables still stand in it.
        needed: Names of the nodes that the outputs need.
        stored: Names of the variables of a checkpoint; the graph may lack moving averages.

    Returns:
        The number of batch norms.

    Raises:
        InvalidGraph: The averages of one are not known, or it stands in a function.
    """
    found = [n for n in training_batch_norm.find(graph) if n.node.name in needed]
    known = {n: training_batch_norm.averages(graph, n, stored) for n in found}
    refused = [norm.node.name for norm, names in known.items() if names is None]
    called = functions_of(graph, needed)
    inner = training_batch_norm.find_in_functions(graph) if called else ()
    refused += [f"{norm.node.name}@{name}" for name, norm in inner if name in called]
    if refused:
        raise InvalidGraph(
            f"{some(refused)} is a batch norm that was built for training: it normalises with "
            "the statistics of each batch",
            "build the graph with is_training=False and freeze that with the same checkpoint",
        )
    read = [producer(text) for n in found for text in (n.x, n.mean, n.variance)]
    shapes = infer_shapes(graph, targets=read) if read else None
    for norm, names in known.items():
        if names is not None and shapes is not None:
            _use(graph, norm, [_read(graph, norm, shapes, name) for name in names], shapes)
    return len(found)


def _use(graph: Graph, norm: BatchNorm, averages: list[str], shapes: Inference) -> None:
    """Let a batch norm read averages, in the place of mean and variance."""
    node = norm.node
    if node.op in FUSED:
        graph.set_inputs(node, (*node.inputs[:3], *averages, *node.inputs[5:]))
        graph.set_attr(node, "is_training", False)
        return
    inside = ancestors_of(graph, [node.name], control=False, ends=[producer(norm.x)])
    for text, average in zip((norm.mean, norm.variance), averages, strict=True):
        new = _like(graph, norm, average, text, shapes)
        for reader in graph.consumers(producer(text)):
            if reader.name in inside and reader.op in _READS:
                graph.set_inputs(reader, [new if i == text else i for i in reader.inputs])


def _read(graph: Graph, norm: BatchNorm, shapes: Inference, name: str) -> str:
    """A node that reads a variable, which is added where the graph does not have it."""
    if name not in graph:
        ref = Ref.parse(norm.x)
        dims = shapes.dims(ref.node, ref.index)
        layout = norm.node.attr("data_format")
        channels = dims[1 if layout in (b"NCHW", b"NCDHW") else -1] if dims else None
        attrs: dict[str, Attr] = {
            "dtype": FLOAT32,
            "shape": Shape(None if channels is None else (channels,)),
        }
        graph.add(Node(name, "VariableV2", (), attrs), before=norm.node)
    variable = graph[name]
    kind = variable.attr("dtype")
    base = kind.base if isinstance(kind, DType) else FLOAT32
    is_resource = variable.op in ("VarHandleOp", "_Arg")
    op = "ReadVariableOp" if is_resource else "Identity"
    node = Node(
        graph.free_name(f"{name}/for_inference"),
        op,
        (name,),
        {"dtype" if is_resource else "T": base},
        variable.device,
    )
    return graph.add(node, before=norm.node).name


def _like(graph: Graph, norm: BatchNorm, average: str, text: str, shapes: Inference) -> str:
    """An average in the shape and dtype of the statistic whose place it takes."""
    import numpy as np

    ref = Ref.parse(text)
    dims, kind = shapes.dims(ref.node, ref.index), shapes.dtype(ref.node, ref.index)
    have = graph[average].attr("T") or graph[average].attr("dtype")
    if kind is not None and have is not kind and isinstance(have, DType):
        attrs: dict[str, Attr] = {"SrcT": have, "DstT": kind}
        cast = Node(graph.free_name(f"{average}/cast"), "Cast", (average,), attrs)
        average = graph.add(cast, before=norm.node).name
    if dims is None or len(dims) < 2:
        return average
    # all dimensions but that of the channels are 1
    target = Tensor.from_array(np.array([1 if d == 1 else -1 for d in dims]), INT32)
    shape = Node(
        graph.free_name(f"{average}/shape"), "Const", (), {"dtype": INT32, "value": target}
    )
    attrs = {"T": kind, "Tshape": INT32}
    reshape = Node(graph.free_name(f"{average}/reshaped"), "Reshape", (average, shape.name), attrs)
    graph.add(shape, before=norm.node)
    return graph.add(reshape, before=norm.node).name
