"""From a path to a graph with inputs, outputs, shapes and values: `load_model`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from graphtools.errors import GraphtoolsError, InvalidValue
from graphtools.formats import graph_of, open_model, signatures_of, with_graph
from graphtools.formats.format import Model
from graphtools.formats.metagraph import Signature
from graphtools.formats.saved_model import SavedModel
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.side_effects import Effect
from graphtools.idioms.variables import graph_variables
from graphtools.model.endpoints import (
    Endpoints,
    check_named,
    choose_endpoints,
    no_outputs,
    rank_endpoints,
    resolve_shapes,
)
from graphtools.model.options import ModelOptions
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.prune import lost_table_fillers, needed_nodes
from graphtools.rewrite.transform import check_ends

if TYPE_CHECKING:
    from graphtools.analysis.inputs_outputs import InputsOutputs
    from graphtools.formats.checkpoint import Checkpoint


@dataclasses.dataclass(frozen=True)
class ModelGraph:
    """A graph with its endpoints.

    Attributes:
        path: The model.
        graph: The graph.
        inputs: Names of the inputs' tensors.
        outputs: Names of the outputs' tensors.
        input_shapes: By tensor, shapes that take the place of those in the graph.
        keys: By name of an input or output, what it is called in a signature.
        signatures: The signatures that were taken.
        checkpoint: Where the values of its variables come from; empty if it has none of them.
        signature_note: Which signature was taken, where there are others.
        variables: Names of the constants that were variables.
        own_files: Paths of the asset files of a SavedModel, which it may read.
        unfrozen: Why the values were not put in, though there are some; empty if they were.
        notes: What was chosen, for the user.
        ranked: What may be fed and fetched, where it had to be looked for.
    """

    path: str
    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: Mapping[str, Shape] = dataclasses.field(default_factory=dict)
    keys: Mapping[str, str] = dataclasses.field(default_factory=dict)
    signatures: tuple[Signature, ...] = ()
    checkpoint: str = ""
    signature_note: str = ""
    variables: frozenset[str] = frozenset()
    own_files: frozenset[str] = frozenset()
    unfrozen: str = ""
    notes: tuple[str, ...] = ()
    ranked: InputsOutputs | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes that are worth telling where it is not the endpoints that are asked about."""
        return tuple(text for text in (self.signature_note, self.unfrozen) if text)

    @cached_property
    def candidates(self) -> InputsOutputs:
        """What may be fed and fetched, ranked, the inputs and outputs before all else."""
        from graphtools.analysis.inputs_outputs import with_shapes

        inference = infer_shapes(self.graph, self.input_shapes) if self.input_shapes else None
        return with_shapes(self.graph, self._ranked, inference)

    @cached_property
    def fed_and_fetched(self) -> InputsOutputs:
        """As `candidates`, for whom the shapes of inputs are enough: outputs have none."""
        from graphtools.analysis.inputs_outputs import with_input_shapes

        return with_input_shapes(self.graph, self._ranked, self.input_shapes)

    @cached_property
    def _ranked(self) -> InputsOutputs:
        """What may be fed and fetched, without shapes."""
        return rank_endpoints(
            self.graph, self.signatures, self.inputs, self.outputs, ranked=self.ranked
        )


@dataclasses.dataclass(frozen=True)
class LoadedModel:
    """A model with a graph; what takes time is done when it is asked for, and once.

    Attributes:
        file: What `open_model` returned.
        path: Its path, as it was given.
        options: What was said of it.
        source: The graph as it stands in the file.
        signatures: All signatures that came with it.
    """

    file: Model
    path: str
    options: ModelOptions
    source: Graph
    signatures: tuple[Signature, ...]

    @cached_property
    def ends(self) -> Endpoints:
        """What is fed and fetched."""
        return choose_endpoints(self.source, self.signatures, self.options, self.path)

    @cached_property
    def checkpoint(self) -> Checkpoint | None:
        """Where the values are: the checkpoint that was given, or lies beside; None without."""
        from graphtools.formats.checkpoint_path import find_checkpoint

        if self.options.checkpoint:
            return find_checkpoint(self.options.checkpoint)
        return checkpoint_beside(self.file)

    @property
    def assets(self) -> dict[str, str]:
        """The paths of its asset files, by the tensors that are to hold them."""
        file = self.file
        return file.asset_paths(self.options.tags) if isinstance(file, SavedModel) else {}

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What the file does beside computing: when it is loaded, run or called."""
        from graphtools.analysis.side_effects import effects_of_file

        file = self.file
        loaded = file.meta_graph(self.options.tags) if isinstance(file, SavedModel) else None
        return effects_of_file(self.source, self.ends.outputs, loaded)

    @cached_property
    def stored(self) -> ModelGraph:
        """The graph as it stands in the file, variables and all; its outputs may be none.

        Raises:
            UnknownName: A name that was given is none of the graph's.
            InvalidValue: A shape does not say whose it is.
        """
        from graphtools.transforms.strip_unused_nodes import cut_outputs

        ends, options = self.ends, self.options
        if not options.allow_missing:
            check_named(self.source, [*(options.inputs or ()), *(options.outputs or ())])
        shapes = resolve_shapes(self.source, options.input_shapes, options.batch, ends)
        graph, inputs, remarks = cut_outputs(self.source, ends.inputs)
        names = dict(zip(ends.inputs, inputs, strict=True))
        return ModelGraph(
            self.path,
            graph,
            tuple(inputs),
            ends.outputs,
            {names.get(name, name): shape for name, shape in shapes.items()},
            ends.keys,
            ends.signatures,
            signature_note=ends.signature_note,
            notes=(*ends.notes, *remarks),
            ranked=ends.ranked,
        )

    @cached_property
    def runnable(self) -> ModelGraph:
        """The graph with the values of its variables in it, ready to be run or converted.

        Raises:
            InvalidValue: No outputs were given, and none are likely; or there are no values.
            GraphtoolsError: The graph cannot be frozen, or cannot take the shapes; see `freeze` and
                `give_shapes`.
        """
        return shaped(self._filled)

    @cached_property
    def _filled(self) -> ModelGraph:
        """The graph with the values of its variables in it."""
        from graphtools.transforms.freeze import freeze

        stored = self.stored
        if not stored.outputs and self.options.outputs is None:
            raise no_outputs(self.path)
        if not graph_variables(self.source) and not self.assets:
            if not self.options.checkpoint:
                return stored
            idle = f"{param('checkpoint')} has no effect: {self.path} has no variables"
            return dataclasses.replace(stored, notes=(*stored.notes, idle))
        check_ends(stored.graph, stored.inputs, stored.outputs)
        fetched = [Ref.from_user(name).node for name in stored.outputs]
        fillers = lost_table_fillers(stored.graph, needed_nodes(stored.graph, fetched))
        graph = freeze(
            stored.graph,
            self.checkpoint,
            stored.outputs,
            initializers=fillers,
            assets=self.assets,
        ).graph
        values_from = self.checkpoint.path if self.checkpoint else ""
        found = (f"values of {self.path} from {values_from}",) if values_from else ()
        return dataclasses.replace(
            with_part(stored, graph),
            signatures=tuple(_of_graph(s, graph) for s in stored.signatures),
            checkpoint=values_from,
            own_files=frozenset(p for p in self.assets.values() if p == os.path.normpath(p)),
            variables=frozenset(n.name for n in self.source if n.op in VARIABLE_OPS),
            notes=(*stored.notes, *found),
            ranked=None,
        )

    @cached_property
    def rewritable(self) -> ModelGraph:
        """The graph that transforms get: that of `examined`, with the shapes that were given.

        Raises:
            GraphtoolsError: The graph cannot take the shapes; see `shaped`.
        """
        return shaped(self._filled_where_known)

    @cached_property
    def examined(self) -> ModelGraph:
        """The graph that a conversion gets, or as it stands in the file where none gets any.

        That is so where nobody has the values of its variables, where freezing refuses it, and
        where nothing is likely an output; the notes say why.
        """
        found = self._filled_where_known
        if not found.input_shapes:
            return found
        try:
            return _with_shapes(found, found.graph.copy())
        except GraphtoolsError as problem:
            return dataclasses.replace(found, notes=(*found.notes, problem.message))

    @cached_property
    def _filled_where_known(self) -> ModelGraph:
        """The graph with the values of its variables in it, where there are any that fit."""
        stored = self.stored
        has_values = bool(graph_variables(self.source)) and self.checkpoint is not None
        if not has_values or not stored.outputs:
            return stored
        try:
            return self._filled
        except GraphtoolsError as problem:
            note = f"the values of {self.path} were not put in: {problem.message}"
            note += f"; {problem.remedy}" if problem.remedy else ""
            return dataclasses.replace(stored, unfrozen=note, notes=(*stored.notes, note))


def load_model(
    path: str | os.PathLike[str],
    options: ModelOptions | None = None,
    *,
    file: Model | None = None,
) -> LoadedModel:
    """Read a model that has a graph.

    Args:
        path: A graph, a .meta file, the prefix of the checkpoint beside one, or a SavedModel.
        options: What is known of it; all is found in the model if None.
        file: The file, where it has been opened already.

    Example:
        >>> model = load_model("fixtures/saved_model/v2").runnable
        >>> graphtools.predict_conversion(model.graph, model.inputs, model.outputs).builtins
        True

    Raises:
        GraphtoolsError: See `open_model` and `graph_of`.
    """
    name = os.fspath(path)
    options = options or ModelOptions()
    opened = with_graph(open_model(name) if file is None else file)
    graph = graph_of(opened, options.tags)
    return LoadedModel(opened, name, options, graph, signatures_of(opened, options.tags))


def checkpoint_beside(model: Model) -> Checkpoint | None:
    """The checkpoint that belongs to a .meta file or SavedModel, None where there is none."""
    from graphtools.formats.checkpoint_path import look_for_checkpoint

    path = model.path
    if model.kind == "SavedModel":
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        return look_for_checkpoint(os.path.join(folder, "variables", "variables"))
    if path.endswith(".meta"):
        return look_for_checkpoint(path.removesuffix(".meta"))
    return None


def with_part(model: ModelGraph, graph: Graph) -> ModelGraph:
    """A model with a part of its graph; of an input that nothing needs there is no shape any more.

    Args:
        model: The model.
        graph: The part.
    """
    gone = [name for name in model.input_shapes if producer(name) not in graph]
    notes = (
        f"the shape of {name!r} is not used: the outputs do not need it"
        for name in gone
        if model.input_shapes[name].dims  # that of a single value was not given
    )
    return dataclasses.replace(
        model,
        graph=graph,
        inputs=tuple(n for n in model.inputs if producer(n) in graph),
        input_shapes={n: s for n, s in model.input_shapes.items() if n not in gone},
        notes=(*model.notes, *notes),
    )


def shaped(model: ModelGraph) -> ModelGraph:
    """A model whose inputs state the shapes that were given for them; see `give_shapes`.

    The graph is cut at those that are no placeholders.

    Args:
        model: The model; its graph is not changed.

    Raises:
        InvalidValue: A shape was given for what is neither an input nor a placeholder.
        InvalidGraph: The graph cannot be cut there, or cannot take the shapes.
    """
    from graphtools.transforms.strip_unused_nodes import nodes_to_cut, put_placeholders

    if not model.input_shapes:
        return model
    graph = model.graph.copy()
    inputs = [producer(name) for name in model.inputs]
    cut = [node.name for node in nodes_to_cut(graph, map(producer, model.input_shapes))]
    for name in cut:
        if name not in inputs:
            raise InvalidValue(
                f"the shape of {name!r} follows from what it reads: it is none of the inputs",
                f"name it as an input, to cut the graph there; the inputs are {', '.join(inputs)}",
            )
    before = None
    if cut:
        before = put_placeholders(graph, cut, [*inputs, *map(producer, model.outputs)])
    return _with_shapes(model, graph, before)


def _with_shapes(model: ModelGraph, graph: Graph, before: Inference | None = None) -> ModelGraph:
    """A model with a graph that gets the shapes that were given; see `give_shapes`."""
    from graphtools.transforms.input_shapes import give_shapes

    notes = give_shapes(graph, model.input_shapes, before)
    return dataclasses.replace(model, graph=graph, notes=(*model.notes, *notes))


def _of_graph(signature: Signature, graph: Graph) -> Signature:
    """A signature without the inputs that are not in a graph, as nothing needs them."""
    inputs = tuple(i for i in signature.inputs if i.name and producer(i.name) in graph)
    return signature._replace(inputs=inputs)
