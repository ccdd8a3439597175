"""The variables of any file that has some, in one form, to be compared with those of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

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
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.idioms.variables import Variable as GraphVariable
from graphtools.idioms.variables import find_variables

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """Constants of a frozen graph, in the place of the slices of a variable."""

    __slots__ = ("_tensors",)

    def __init__(self, name: str, tensors: Sequence[Tensor], shape: Shape) -> None:
        super().__init__(name, tensors[0].dtype, shape)
        self._tensors = tensors

    @property
    def nbytes(self) -> int:
        return sum(t.nbytes for t in self._tensors)

    def array(self) -> NDArray[Any]:
        arrays = [t.array() for t in self._tensors]
        if len(arrays) == 1:
            return arrays[0]
        import numpy as np

        sizes = zip(arrays[0].shape, self.shape.dims or (), strict=True)
        return np.concatenate(
            arrays, next(i for i, (part, all_) in enumerate(sizes) if part != all_)
        )


def gather_variables(
    model: Checkpoint | Model, *, tags: Sequence[str] | None = None
) -> VariableSet:
    """The variables of a checkpoint, of a SavedModel's checkpoint, or of a graph.

    A graph without variables is taken for a frozen one: its variables are constants.

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
    kind, variables = find_variables(graph)
    found = {
        v.name: Variable(v.name, v.dtype, v.shape, _values(graph, v))
        for v in sorted(variables, key=lambda v: v.name)
    }
    return VariableSet(model.path, kind, found)


def _values(graph: Graph, variable: GraphVariable) -> StoredTensor | None:
    """The values of a variable that has become constants, None for one that has not."""
    nodes = [graph.get(name) for name in variable.parts or (variable.name,)]
    tensors = [t for n in nodes if n is not None and (t := n.tensor) is not None]
    if len(tensors) < len(nodes) or variable.shape.dims is None:
        return None
    return _ConstantTensor(variable.name, tensors, variable.shape)


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
