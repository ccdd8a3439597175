"""The variables of a model that is to be trained: which they are, and what each is there for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from graphtools.errors import FileProblem
from graphtools.formats import graph_of
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.saved_keys import saved_keys
from graphtools.graph.shape import Shape
from graphtools.graph.variables import GLOBAL_STEP, OBJECT_END, is_optimizer_slot
from graphtools.idioms.moving_average import is_moving_average
from graphtools.idioms.variables import Variable, find_variables, is_trained_by_name

#: What a checkpoint holds: by key, dtype and shape.
Tensors = Mapping[str, tuple[DType, Shape]]

MODEL, SLOT, AVERAGE, STEP, LOCAL = (
    "model",
    "optimizer slot",
    "moving average",
    "global step",
    "local",
)


@dataclasses.dataclass(frozen=True)
class ModelVariable:
    """A variable of the model.

    Attributes:
        name: Its name.
        dtype: Element type, None if it is not known.
        shape: Shape.
        kind: What it is there for: `model`, `optimizer slot`, `moving average`, `global step`, or
            `local` for one that is in no collection of variables to be saved.
        trainable: Whether an optimizer changes it, unless it is frozen.
        collected: Whether it is in the collection of model variables, where the file has one; slim
            restores no others.
    """

    name: str
    dtype: DType | None
    shape: Shape
    kind: str
    trainable: bool
    collected: bool = True


@dataclasses.dataclass(frozen=True)
class ModelVariables:
    """The variables of a model.

    Attributes:
        path: The file with the graph; empty where there is none.
        source: `graph`, `frozen graph`, or `checkpoint` where they are presumed from the checkpoint
            and the configuration.
        variables: The variables, in the order in which the graph has them.
        collections: Whether the file says which of them are model variables; else names tell.
        collects_others: Whether it has a collection of variables, but none of model variables.
        saved: By variable, the key under which the file's own Saver reads it.
    """

    path: str
    source: str
    variables: tuple[ModelVariable, ...]
    collections: bool = False
    collects_others: bool = False
    saved: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def renamed(self) -> dict[str, str]:
        """What the Saver reads under another name than the variable's, as its moving average."""
        return {n: key for n, key in self.saved.items() if key != n}


def tensors_of(checkpoint: Checkpoint) -> dict[str, tuple[DType, Shape]]:
    """What a checkpoint holds; its values are not read."""
    return {name: (tensor.dtype, tensor.shape) for name, tensor in checkpoint.items()}


def kind_of(name: str) -> str:
    """What a variable is there for, by its name."""
    if name == GLOBAL_STEP:
        return STEP
    if is_optimizer_slot(name):
        return SLOT
    return AVERAGE if is_moving_average(name) else MODEL


def model_variables(model: Model, tags: Sequence[str] | None = None) -> ModelVariables:
    """The variables of the graph in a model; for a frozen graph, the constants they became.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel with several meta graphs, the tags of the one to take.

    Raises:
        FileProblem: The model has no graph, or the graph has neither variables nor weights.
        UnknownName, InvalidValue: See `SavedModel.meta_graph`.
    """
    graph = graph_of(model, tags)
    collected: Mapping[str, tuple[str, ...]] = {}
    if isinstance(model, SavedModel):
        model = model.meta_graph(tags)
    if isinstance(model, MetaGraph):
        collected = model.variables
    source, found = find_variables(graph)
    if not found:
        raise FileProblem(
            f"{model.path} has no variables, and no constants that look like the weights of a "
            "frozen graph",
            "give the .meta file, the graph or the frozen graph of the model that is trained",
        )
    variables = [_described(v, collected) for v in found]
    in_collections = {c for where in collected.values() for c in where}
    return ModelVariables(
        model.path,
        source,
        tuple(variables),
        collections="model_variables" in in_collections,
        collects_others="variables" in in_collections and "model_variables" not in in_collections,
        saved=_saved(graph, found),
    )


def _saved(graph: Graph, variables: Sequence[Variable]) -> dict[str, str]:
    """The keys of variables in checkpoints of the graph's own Saver; keys of objects are none."""
    known = saved_keys(graph)
    found = {}
    for variable in variables:
        node = (variable.parts or (variable.name,))[0]
        if node in known and (known[node].part or not known[node].key.endswith(OBJECT_END)):
            found[variable.name] = known[node].key
    return found


def _described(variable: Variable, collected: Mapping[str, tuple[str, ...]]) -> ModelVariable:
    """A variable with what its name and the collections of a meta graph say of it."""
    name = variable.name
    kind = kind_of(name)
    trainable, slim = kind == MODEL and is_trained_by_name(name), True
    if any("variables" in where for where in collected.values()):
        nodes = variable.parts or (name,)
        where = {c for node in nodes for c in collected.get(f"{node}:0", ())}
        trainable = "trainable_variables" in where
        slim = "model_variables" in where
        if kind == MODEL and "variables" not in where:
            kind = LOCAL
    return ModelVariable(name, variable.dtype, variable.shape, kind, trainable, slim)
