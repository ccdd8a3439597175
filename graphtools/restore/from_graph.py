"""The variables of a frozen graph, back into a checkpoint."""

from __future__ import annotations

import functools
import itertools
import os
from typing import Any

from graphtools.errors import InvalidValue, NothingFound
from graphtools.formats import graph_of, open_model
from graphtools.formats.checkpoint import StoredPart
from graphtools.formats.tensor_bundle_writing import NewTensor
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, content_bytes
from graphtools.idioms.variables import Variable, frozen_variables, graph_variables
from graphtools.restore.checkpoint_editor import CheckpointEditor, EditedVariable, EditStep
from graphtools.restore.model_variables import ModelVariables, model_variables
from graphtools.wording import and_others, counted


def editor_of_graph(
    path: str | os.PathLike[str], model: str | os.PathLike[str] | None = None
) -> CheckpointEditor:
    """An editor of the variables that a frozen graph had.

    A constant was a variable if it is read as one: through an Identity `NAME/read`, or one that
    reads a resource. Given the model, its variables are taken by their names.

    Args:
        path: The frozen graph.
        model: The model that is to restore them: a .meta, GraphDef or SavedModel.

    Raises:
        InvalidValue: The graph has variables still.
        NothingFound: No constant of it was a variable.
        GraphtoolsError: A file cannot be read.
    """
    graph = graph_of(open_model(path))
    if graph_variables(graph):
        raise InvalidValue(
            f"{os.fspath(path)} has variables, and is not frozen: their values are in its "
            "checkpoint",
            "edit that one",
        )
    wanted = model_variables(open_model(model)) if model is not None else None
    found, notes = _found(graph, wanted)
    if not found:
        raise NothingFound(
            f"{os.fspath(path)} has no constants that were variables",
            "" if wanted else f"name the model that had them, with {param(model='model.meta')}",
        )
    editor = CheckpointEditor(path=os.fspath(path))
    saved = wanted.saved if wanted else {}
    done = []
    for variable in found:
        key = saved.get(variable.name, variable.name)
        editor[key] = _tensor(graph, variable)
        kept = EditedVariable(variable.name, key, f"{editor[key].dtype} {editor[key].shape}")
        done.append(kept)
    words = f"take the variables of {os.fspath(path)}"
    editor.steps.append(EditStep(words, tuple(done), tuple(notes)))
    return editor


def _found(graph: Graph, wanted: ModelVariables | None) -> tuple[list[Variable], list[str]]:
    if wanted is None:
        return frozen_variables(graph), []
    named = {v.name: v for v in frozen_variables(graph)}
    found, missing, others = [], [], []
    for variable in wanted.variables:
        own = named.get(variable.name) or _constant(graph, variable.name)
        if own is None:
            missing.append(variable)
        elif own.shape != variable.shape or own.dtype is not (variable.dtype or own.dtype):
            others.append(
                f"{own.name} is {own.dtype} {own.shape} in the graph, {variable.dtype} "
                f"{variable.shape} in the model: left out"
            )
        else:
            found.append(own)
    lacking = [v.name for v in missing if v.kind == "model"]
    notes = others
    if lacking:
        verb = "is" if len(lacking) == 1 else "are"
        notes.append(
            f"{counted(len(lacking), 'variable')} of {wanted.path} {verb} no constant of the "
            f"graph: {lacking[0]}{and_others(lacking)}; what was folded, or not needed by the "
            "outputs, is gone"
        )
    if len(missing) > len(lacking):
        notes.append(
            f"{counted(len(missing) - len(lacking), 'variable')} of training (slots, averages, "
            "step) cannot be had from a frozen graph"
        )
    return found, notes


def _constant(graph: Graph, name: str) -> Variable | None:
    node = graph.get(name)
    tensor = node.tensor if node and node.op == "Const" else None
    return Variable(name, tensor.dtype, tensor.shape) if tensor else None


def _tensor(graph: Graph, variable: Variable) -> NewTensor:
    """The values of the constants, as slices where the variable had some."""
    tensors = [graph[name].tensor for name in variable.parts or (variable.name,)]
    constants = [t for t in tensors if t is not None]
    kind = constants[0].dtype
    if not variable.parts:
        part = StoredPart(variable.shape, functools.partial(_content, constants[0]))
        return NewTensor(variable.name, kind, variable.shape, [part])
    whole = [d or 0 for d in variable.shape.dims or ()]
    ordered = [t for _, t in sorted(zip(variable.parts, constants, strict=True), key=_number)]
    dims = [[d or 0 for d in t.shape.dims or ()] for t in ordered]
    axis = next((n for n, d in enumerate(dims[0]) if d != whole[n]), 0)
    starts = [0, *itertools.accumulate(d[axis] for d in dims)]
    parts = []
    for tensor, own, start in zip(ordered, dims, starts, strict=False):
        place = tuple((start, own[n]) if n == axis else (0, -1) for n in range(len(own)))
        parts.append(StoredPart(Shape(own), functools.partial(_content, tensor), place))
    return NewTensor(variable.name, kind, variable.shape, parts)


def _number(part: tuple[str, Tensor]) -> int:
    return int(part[0].rpartition("_")[2])


def _content(tensor: Tensor) -> list[Any]:
    values = tensor.array().reshape(-1)
    return [values if tensor.dtype.name == "string" else content_bytes(values, tensor.dtype)]
