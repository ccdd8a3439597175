"""The variables of any file that has some, in one form, to be compared with those of another."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.analysis.weights import (
    NO_WEIGHTS,
    ReadWeight,
    weights_by_reader,
    weights_without_calls,
)
from graphtools.errors import FileProblem, InvalidValue, unknown_name, unknown_scope
from graphtools.formats import graph_of
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.idioms.variables import Variable as GraphVariable
from graphtools.idioms.variables import find_variables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.formats.tflite.model import TFLiteModel, TFLiteTensor


class ComparedVariable(NamedTuple):
    """A variable of one side.

    Attributes:
        name: Name, or key in the checkpoint.
        dtype: Dtype; None where a graph does not tell.
        shape: Shape; partly or wholly unknown where a graph does not tell.
        stored: Where its values are; None for the variable of a graph.
        full_name: In an object-based checkpoint, the name it had in its program; else empty.
        object_path: In an object-based checkpoint, its path in the tree of objects; else empty.
    """

    name: str
    dtype: DType | None
    shape: Shape
    stored: StoredTensor | None = None
    full_name: str = ""
    object_path: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that it goes by, its key first."""
        return tuple(filter(None, (self.name, self.full_name, self.object_path)))

    @property
    def nbytes(self) -> int:
        """Bytes of the values; 0 where the shape is not known."""
        if self.stored is not None:
            return self.stored.nbytes
        return (self.shape.elements or 0) * (self.dtype.size if self.dtype else 0)


class VariableSet(NamedTuple):
    """The variables of one side.

    Attributes:
        path: The checkpoint's prefix, or the file.
        kind: `checkpoint`, `graph`, `frozen graph` for constants that were variables, or
            `TFLite model`.
        variables: The variables by name.
        missing: Data files that are not there.
        problems: What is known to be damaged.
        note: How the path led to this, where that needs saying.
    """

    path: str
    kind: str
    variables: dict[str, ComparedVariable]
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


class TFLiteConstant(StoredTensor):
    """A constant of a TFLite model.

    Attributes:
        model: The model.
        description: Its description, with the quantization.
    """

    __slots__ = ("description", "model")

    def __init__(self, name: str, model: TFLiteModel, tensor: TFLiteTensor) -> None:
        """Take a tensor that has values."""
        super().__init__(name, dtype(tensor.dtype), tensor.shape)
        self.model = model
        self.description = tensor

    @property
    def nbytes(self) -> int:
        """Bytes of the values as they are stored."""
        return self.description.buffer_bytes

    def array(self) -> NDArray[Any]:
        """The values as they are stored; see `TFLiteModel.tensor_data`."""
        return self.model.tensor_data(self.description)


def gather_variables(
    model: Checkpoint | Model, *, tags: Sequence[str] | None = None, weights: bool = False
) -> VariableSet:
    """The variables of a checkpoint, of a SavedModel's checkpoint, or of a graph.

    A graph without variables is taken for a frozen one: its variables are constants.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel without variables of its own, the tags of the meta graph.
        weights: Whether constants count, too, that layers compute with though their names do not
            tell that they were variables: those of a frozen graph, and those of a TFLite model.

    Raises:
        FileProblem: The model has no variables (a TFLite model, without `weights`).
    """
    if not isinstance(model, GraphFile):  # the other formats take longer to import than it to read
        from graphtools.formats.checkpoint_path import find_checkpoint
        from graphtools.formats.metagraph import MetaGraph
        from graphtools.formats.saved_model import SavedModel
        from graphtools.formats.tflite.model import TFLiteModel

        if isinstance(model, SavedModel) and model.variables:
            model = find_checkpoint(model.variables)
        if isinstance(model, Checkpoint):
            return _of_checkpoint(model)
        if isinstance(model, TFLiteModel) and weights:
            return VariableSet(model.path, model.kind, _of_tflite(model))
        if not isinstance(model, MetaGraph | SavedModel):
            raise FileProblem(
                f"{model.path} is a {model.kind}, which has no variables",
                "compared are checkpoints, graphs, MetaGraphs and SavedModels",
            )
    graph = graph_of(model, tags)
    kind, variables = find_variables(graph)
    found = {
        v.name: ComparedVariable(v.name, v.dtype, v.shape, _values(graph, v)) for v in variables
    }
    if weights and kind == "frozen graph":
        parts = {part for v in variables for part in v.parts}
        if graph.functions:
            from graphtools.ops.inference import infer_shapes

            read = weights_by_reader(infer_shapes(graph))
        else:
            read = weights_without_calls(graph)
        found = {w.name: v for w in read if (v := _constant(w)) and w.name not in parts} | found
    return VariableSet(model.path, kind, dict(sorted(found.items())))


def _constant(weight: ReadWeight) -> ComparedVariable | None:
    tensor = weight.node.tensor
    if tensor is None or tensor.dtype.name in NO_WEIGHTS:
        return None
    stored = _ConstantTensor(weight.name, [tensor], tensor.shape)
    return ComparedVariable(weight.name, tensor.dtype, tensor.shape, stored)


def _of_tflite(model: TFLiteModel) -> dict[str, ComparedVariable]:
    """The constants of all subgraphs that are no shapes, axes and paddings.

    Names need not be unique in a model; of several the later ones get the number of the tensor.
    """
    found: dict[str, ComparedVariable] = {}
    buffers: set[int] = set()
    for tensor in (t for subgraph in model.subgraphs for t in subgraph.tensors):
        is_number = tensor.dtype.startswith(("float", "bfloat", "complex"))
        if not tensor.is_constant or not (is_number or tensor.quantization):
            continue
        if tensor.buffer in buffers:
            continue  # signatures share their weights
        buffers.add(tensor.buffer)
        name = tensor.name or f"tensor_{tensor.index}"
        name = f"{name}#{tensor.index}" if name in found else name
        stored = TFLiteConstant(name, model, tensor)
        found[name] = ComparedVariable(name, stored.dtype, tensor.shape, stored)
    return dict(sorted(found.items()))


def _values(graph: Graph, variable: GraphVariable) -> StoredTensor | None:
    """The values of a variable that has become constants, None for one that has not."""
    nodes = [graph.get(name) for name in variable.parts or (variable.name,)]
    tensors = [t for n in nodes if n is not None and (t := n.tensor) is not None]
    if len(tensors) < len(nodes) or variable.shape.dims is None:
        return None
    return _ConstantTensor(variable.name, tensors, variable.shape)


def _of_checkpoint(checkpoint: Checkpoint) -> VariableSet:
    objects = {o.key: (o.full_name, o.path) for o in checkpoint.objects}
    found = {
        name: ComparedVariable(name, stored.dtype, stored.shape, stored, *objects.get(name, ()))
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


def in_scope(name: str, scope: str) -> bool:
    """Whether a name is in a scope, or is the scope; everything is in the empty scope."""
    bare = scope.strip("/")
    return not bare or name == bare or name.startswith(f"{bare}/")


def chosen_variables(held: VariableSet, scope: str = "", pattern: str = "") -> VariableSet:
    """The variables in a name scope whose names match a pattern as `*/weights`.

    In an object-based checkpoint their full names and their paths count, too.

    Raises:
        UnknownName: There are none.
    """
    found = dict(held.variables)
    if scope:
        found = {k: v for k, v in found.items() if any(in_scope(n, scope) for n in v.names)}
        if not found:
            raise unknown_scope(scope, held.variables, held.path, leaves=True)
    if pattern:
        found = {k: v for k, v in found.items() if any(fnmatchcase(n, pattern) for n in v.names)}
        if not found:
            raise unknown_name("variable", pattern, held.variables, held.path)
    return held._replace(variables=found)


def check_values(held: VariableSet) -> None:
    """Refuse the variables of a graph, which has no values.

    Raises:
        InvalidValue: The values are in a checkpoint.
    """
    if any(v.stored is None for v in held.variables.values()):
        raise InvalidValue(
            f"{held.path} is a graph: the values of its variables are in a checkpoint",
            "give the checkpoint",
        )
