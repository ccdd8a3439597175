"""The variables of a graph: which they are, and in which slices.

A frozen graph has none any more; its weights are constants with the names that the variables had.
A partitioned variable is several nodes, `w/part_0` and so on, and one tensor of the checkpoint.
What only a function's body holds counts, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.dtypes import STRING, DType
from graphtools.graph.functions import called_by
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.saved_keys import saved_keys
from graphtools.graph.shape import UNKNOWN_SHAPE, Shape
from graphtools.graph.variables import GLOBAL_STEP, VARIABLE_OPS, is_optimizer_slot
from graphtools.idioms.moving_average import MEAN, VARIANCE, is_moving_average
from graphtools.ops.handing_on import (
    INTO_BRANCHES,
    INTO_FRAMES,
    SAME_TENSOR,
    VARIABLE_READS,
    source_of,
)

_PART = re.compile(r"(.+)/part_(\d+)$")
#: What stands between a variable that was frozen and the node that reads it.
_TO_READERS = SAME_TENSOR | INTO_FRAMES | INTO_BRANCHES
#: Last names of the variables that layers make.
_WEIGHT_NAMES = frozenset(
    {
        "weights", "biases", "beta", "gamma", MEAN, VARIANCE, "depthwise_weights",
        "pointwise_weights", "kernel", "bias", "depthwise_kernel", "pointwise_kernel",
        "recurrent_kernel", "embeddings",
    }
)  # fmt: skip
#: Last names of the variables that hold quantization ranges, and the end of the scopes of these.
_RANGE_NAMES = frozenset({"min", "max"})
_NOT_TRAINED = frozenset({MEAN, VARIANCE, GLOBAL_STEP, *_RANGE_NAMES})


def is_trained_by_name(name: str) -> bool:
    """Whether a variable of this name is one that an optimizer changes, as far as names tell."""
    last = name.rpartition("/")[2]
    return not (last in _NOT_TRAINED or is_optimizer_slot(name) or is_moving_average(name))


def _is_weight_name(name: str) -> bool:
    """Whether a name is one that layers give to their variables."""
    scope, _, last = name.rpartition("/")
    if last in _WEIGHT_NAMES:
        return bool(scope)
    return last in _RANGE_NAMES and scope.endswith("_quant")


def _is_as_large(name: str, shape: Shape) -> bool:
    """Whether a constant is as large as the weight that its name says; a `beta` of swish is not."""
    return shape.rank != 0 or name.rpartition("/")[2] in _RANGE_NAMES


class Variable(NamedTuple):
    """A variable.

    Attributes:
        name: Its name, which is its key in the checkpoints that the graph writes.
        dtype: Element type, None where the graph does not tell.
        shape: Shape, unknown where the graph does not tell.
        parts: For a partitioned variable, the nodes that hold its slices; else empty.
    """

    name: str
    dtype: DType | None
    shape: Shape
    parts: tuple[str, ...] = ()


class Variables(NamedTuple):
    """The variables of a graph, or the constants that they became.

    Attributes:
        kind: `graph`, or `frozen graph` for constants.
        variables: In file order.
    """

    kind: str
    variables: list[Variable]


def find_variables(graph: Graph) -> Variables:
    """The variables of a graph; of a frozen one, the constants that were variables.

    Example:
        >>> find_variables(graphtools.load("frozen.pb")).kind
        'frozen graph'
    """
    found = graph_variables(graph)
    if found:
        return Variables("graph", found)
    return Variables("frozen graph", frozen_variables(graph))


def variable_nodes(graph: Graph) -> list[Variable]:
    """The nodes of a graph that are variables, ref and resource, each slice by itself.

    A resource in a function's body is one of the graph's that has the same shared name, or its own.
    """
    found = [node for node in graph if node.op in VARIABLE_OPS]
    known = {_resource(node) for node in found}
    for function in graph.functions.values():
        for node in function.nodes:
            if node.op in VARIABLE_OPS and _resource(node) not in known:
                known.add(_resource(node))
                found.append(node)
    return [_variable(node) for node in found]


def _resource(node: Node) -> str:
    """What the nodes of one variable have in common."""
    name = node.attr("shared_name")
    return name.decode("utf-8", "replace") if isinstance(name, bytes) and name else node.name


def _variable(node: Node) -> Variable:
    attrs = node.attrs
    kind, shape = attrs.get("dtype"), attrs.get("shape")
    return Variable(
        node.name,
        kind.base if isinstance(kind, DType) else None,
        shape if isinstance(shape, Shape) else UNKNOWN_SHAPE,
    )


def graph_variables(graph: Graph) -> list[Variable]:
    """The variables of a graph in file order; the slices of a partitioned one are joined.

    What is a slice of what is told by the nodes that save the graph; where there are none, by the
    names, and slices of equal shape are then taken to lie along the first dimension.
    """
    nodes = variable_nodes(graph)
    # few graphs have slices, and reading what they are saved as takes its time
    sliced = any(_PART.match(v.name) for v in nodes)
    return _with_joined_parts(graph, nodes, _saved_slices(graph) if sliced else {})


def _with_joined_parts(
    graph: Graph, nodes: Sequence[Variable], whole: Mapping[str, tuple[str, Shape]]
) -> list[Variable]:
    """Variables with their slices joined.

    Args:
        graph: The graph, which may join the slices of a variable itself.
        nodes: The variables, each slice by itself.
        whole: What is known of slices: the key and whole shape of the variable.
    """
    named: dict[str, list[Variable]] = {}
    for variable in nodes:
        match = _PART.match(variable.name)
        if match:
            named.setdefault(match.group(1), []).append(variable)
    found: dict[str, Variable] = {}
    for variable in nodes:
        owner, shape = whole.get(variable.name, ("", UNKNOWN_SHAPE))
        match = _PART.match(variable.name)
        if not owner and match and _numbered(named[match.group(1)]):
            owner = match.group(1)
            shape = _joined([v.shape for v in named[owner]], _joined_axis(graph, owner))
        if not owner:
            found.setdefault(variable.name, variable)
            continue
        joined = found.get(owner) or Variable(owner, variable.dtype, shape)
        found[owner] = joined._replace(parts=(*joined.parts, variable.name))
    return list(found.values())


def _saved_slices(graph: Graph) -> dict[str, tuple[str, Shape]]:
    """By node, the key and whole shape of the variable that it is saved or restored as a slice of.

    A slice stands beside its key as `10 6 0,4:0,6`: the whole shape, then by dimension the start
    and the length. Source: TensorFlow's `Variable.SaveSliceInfo.spec`.
    """
    told = {name: (saved.key, saved.part) for name, saved in saved_keys(graph).items()}
    for node in graph:
        if node.op == "SaveV2" and len(node.inputs) >= 4:
            keys, slices = (_strings(graph, text) for text in node.inputs[1:3])
            for key, part, text in zip(keys, slices, node.inputs[3:], strict=False):
                told[_read_from(graph, text)] = (key, part)
    found: dict[str, tuple[str, Shape]] = {}
    for name, (key, part) in told.items():
        dims = part.split(" ")[:-1]
        if dims and all(d.isdigit() for d in dims):
            found[name] = (key, Shape([int(d) for d in dims]))
    return found


def _strings(graph: Graph, text: str) -> list[str]:
    """The strings of a constant input, none where it is no such constant."""
    node = graph.get(producer(text))
    tensor = node.tensor if node else None
    if tensor is None or tensor.dtype is not STRING:
        return []
    return [bytes(s).decode("utf-8", "replace") for s in tensor.array().ravel().tolist()]


def _read_from(graph: Graph, text: str) -> str:
    """The variable that is read by a node, or the node itself."""
    return source_of(graph, text, SAME_TENSOR | VARIABLE_READS).node


def _numbered(parts: Sequence[Variable]) -> bool:
    """Whether parts are 0, 1, 2..., of one dtype and of one rank."""
    numbers = {int(v.name.rpartition("_")[2]) for v in parts}
    return (
        len(parts) > 1
        and numbers == set(range(len(parts)))
        and len({(v.dtype, v.shape.rank) for v in parts}) == 1
    )


def _joined_axis(graph: Graph, name: str) -> int:
    """The dimension along which the graph puts slices together; the first, if it does not."""
    node = graph.get(name)
    if node is not None and node.op == "Identity" and node.inputs:
        node = graph.get(producer(node.inputs[0]))
    if node is not None and node.op == "ConcatV2" and node.data_inputs:
        last = graph.get(producer(node.data_inputs[-1]))
        axis = last.tensor if last else None
        if axis is not None and axis.dtype.name.startswith("int") and axis.elements == 1:
            return int(axis.array().reshape(-1)[0])
    return 0


def _joined(shapes: Sequence[Shape], axis: int) -> Shape:
    """The shape of slices put together along the dimension in which they differ, or a given one."""
    known = [s.dims for s in shapes if s.dims]
    if len(known) < len(shapes):
        return UNKNOWN_SHAPE
    axes = [i for i, sizes in enumerate(zip(*known, strict=True)) if len(set(sizes)) > 1]
    if len(axes) > 1 or any(d is None for dims in known for d in dims):
        return UNKNOWN_SHAPE
    axis = axes[0] if axes else axis
    if not -len(known[0]) <= axis < len(known[0]):
        return UNKNOWN_SHAPE
    dims = list(known[0])
    dims[axis] = sum(d[axis] or 0 for d in known)
    return Shape(dims)


def frozen_variables(graph: Graph) -> list[Variable]:
    """The constants of a frozen graph that were variables, in file order.

    Freezing leaves the nodes that read a variable as Identity nodes: `w/read` for a reference
    variable, `.../ReadVariableOp` for a resource, which may stand in the function that a constant
    is handed to. Where these were stripped, too, a constant is known by the last part of its name,
    as layers name their variables.
    """
    read = _read_as_variables(graph, graph.functions, {})
    found = []
    for node in graph:
        if node.op != "Const" or not (node.name in read or _is_weight_name(node.name)):
            continue
        tensor = node.tensor
        if tensor is not None and (node.name in read or _is_as_large(node.name, tensor.shape)):
            found.append(Variable(node.name, tensor.dtype, tensor.shape))
    return _with_joined_parts(graph, found, {})


def _read_as_variables(
    graph: Graph, library: Mapping[str, Function], known: dict[str, set[str]]
) -> set[str]:
    """Names of the nodes and arguments that are read as variables, through what hands them on.

    Args:
        graph: A graph, or the nodes of a body.
        library: The functions that are called.
        known: By function, what is read in its body; what is not there yet is added.
    """
    found = set()
    for node in graph:
        if node.op == "Identity" and node.inputs:
            name = producer(node.inputs[0])
            last = node.name.rpartition("/")[2]
            if node.name == f"{name}/read" or last.startswith("ReadVariableOp"):
                found.add(source_of(graph, node.inputs[0], _TO_READERS).node)
        for name in called_by([node]) & library.keys() if library else ():
            function = library[name]
            if name not in known:
                known[name] = set()  # for functions that call themselves
                known[name] = _read_as_variables(Graph(function.nodes), library, known)
            # the predicate of a conditional stands before what is handed to it
            handed = node.data_inputs[-len(function.inputs) :] if function.inputs else ()
            for argument, text in zip(function.inputs, handed, strict=False):
                if argument in known[name]:
                    found.add(source_of(graph, text, _TO_READERS).node)
    return found
