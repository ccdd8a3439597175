"""The variables of any file that has some, in one form, to be compared with those of another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.analysis.sizes import graph_variables
from graphtools.errors import FileProblem
from graphtools.formats import graph_of
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The description of the objects in an object-based checkpoint, which is no variable.
_PART = re.compile(r"(.+)/part_(\d+)$")


class Variable(NamedTuple):
    """A variable of one side.

    Attributes:
        name: Name, or key in the checkpoint.
        dtype: Dtype; None where a graph does not tell.
        shape: Shape; partly or wholly unknown where a graph does not tell.
        stored: Where its values are; None for the variable of a graph.
        full_name: In an object-based checkpoint, the name it had in its program; else empty.
    """

    name: str
    dtype: DType | None
    shape: Shape
    stored: StoredTensor | None = None
    full_name: str = ""


class VariableSet(NamedTuple):
    """The variables of one side.

    Attributes:
        path: The checkpoint's prefix, or the file.
        kind: `checkpoint`, `graph`, or `frozen graph` for constants that were variables.
        variables: The variables by name.
        missing: Data files that are not there.
        problems: What is known to be damaged.
        note: How the path led to this, where that needs saying.
    """

    path: str
    kind: str
    variables: dict[str, Variable]
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    note: str = ""


class _ConstantTensor(StoredTensor):
    """A constant of a frozen graph, in the place of the variable it was made from."""

    __slots__ = ("_tensor",)

    def __init__(self, name: str, tensor: Tensor) -> None:
        super().__init__(name, tensor.dtype, tensor.shape)
        self._tensor = tensor

    @property
    def nbytes(self) -> int:
        return self._tensor.nbytes

    def array(self) -> NDArray[Any]:
        return self._tensor.array()


def gather_variables(
    model: Checkpoint | Model, *, tags: Sequence[str] | None = None
) -> VariableSet:
    """The variables of a checkpoint, of a SavedModel's checkpoint, or of a graph.

    A graph without variables is taken for a frozen one: its variables are the constants that are
    read through `NAME/read` or a ReadVariableOp, as freezing leaves them.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel without variables of its own, the tags of the meta graph.

    Raises:
        FileProblem: The model has no variables (a TFLite model).
    """
    if isinstance(model, SavedModel) and model.variables:
        model = find_checkpoint(model.variables)
    if isinstance(model, Checkpoint):
        return _of_checkpoint(model)
    if not isinstance(model, GraphFile | MetaGraph | SavedModel):
        raise FileProblem(
            f"{model.path} is a {model.kind}, which has no variables",
            "compared are checkpoints, graphs, MetaGraphs and SavedModels",
        )
    graph = graph_of(model, tags)
    found = [Variable(i.name, i.dtype, i.shape) for i in graph_variables(graph)]
    kind = "graph"
    if not found:
        kind, found = "frozen graph", _frozen_variables(graph)
    found.sort(key=lambda v: v.name)
    return VariableSet(model.path, kind, {v.name: v for v in found})


def _of_checkpoint(checkpoint: Checkpoint) -> VariableSet:
    names = {o.key: o.full_name for o in checkpoint.objects}
    found = {
        name: Variable(name, stored.dtype, stored.shape, stored, names.get(name, ""))
        for name, stored in checkpoint.items()
    }
    return VariableSet(
        checkpoint.path,
        "checkpoint",
        found,
        checkpoint.missing,
        checkpoint.problems,
        checkpoint.note,
    )


def _frozen_variables(graph: Graph) -> list[Variable]:
    read: set[str] = set()
    for node in graph:
        if node.op == "Identity" and node.inputs:
            source = producer(node.inputs[0])
            if node.name == f"{source}/read" or "ReadVariableOp" in node.name:
                read.add(source)
    found = []
    for node in graph:
        if node.name in read and node.tensor is not None:
            stored = _ConstantTensor(node.name, node.tensor)
            found.append(Variable(node.name, stored.dtype, stored.shape, stored))
    return found


def join_parts(a: VariableSet, b: VariableSet) -> VariableSet:
    """Join the parts of partitioned variables of a graph that are whole in a checkpoint.

    A graph has `w/part_0`, `w/part_1`...; a checkpoint has `w`, the parts being slices of it.

    Returns:
        `a`, with joined parts if `a` is a graph and `b` has the whole ones.
    """
    if a.kind != "graph":
        return a
    parts: dict[str, list[tuple[int, Variable]]] = {}
    for variable in a.variables.values():
        match = _PART.match(variable.name)
        if match and match[1] in b.variables and match[1] not in a.variables:
            parts.setdefault(match[1], []).append((int(match[2]), variable))
    joined = dict(a.variables)
    for name, numbered in parts.items():
        ordered = [v for _, v in sorted(numbered, key=lambda item: item[0])]
        shape = _joined_shape([v.shape for v in ordered], b.variables[name].shape)
        if shape is not None:
            for variable in ordered:
                del joined[variable.name]
            joined[name] = Variable(name, ordered[0].dtype, shape)
    return a._replace(variables=dict(sorted(joined.items())))


def _joined_shape(parts: list[Shape], whole: Shape) -> Shape | None:
    """The shape of parts put together along the one axis in which they differ from the whole."""
    dims = [p.dims for p in parts]
    if not whole.dims or any(d is None or len(d) != len(whole.dims) for d in dims):
        return None
    for axis in range(len(whole.dims)):
        rest = {d[:axis] + d[axis + 1 :] for d in dims if d is not None}
        sizes = [d[axis] for d in dims if d is not None]
        if len(rest) == 1 and None not in sizes:
            total = sum(s for s in sizes if s is not None)
            first = dims[0]
            assert first is not None
            shape = Shape((*first[:axis], total, *first[axis + 1 :]))
            if shape == whole:
                return shape
    return None
