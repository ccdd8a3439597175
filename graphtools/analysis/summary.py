"""What a file is and what is in it."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections import Counter
from typing import TYPE_CHECKING

from graphtools.analysis.defects import Defect, find_defects
from graphtools.analysis.inputs_outputs import InputsOutputs, inputs_and_outputs
from graphtools.analysis.producers import describe_producer
from graphtools.analysis.sizes import (
    Item,
    Size,
    by_dtype,
    constants,
    graph_variables,
    informative_scopes,
    total,
)
from graphtools.analysis.traits import Traits, find_traits, is_moving_average, is_optimizer_slot
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph, Signature
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.source import STANDARD_NAME
from graphtools.graph.graph import Graph

if TYPE_CHECKING:
    from graphtools.analysis.tflite_summary import TFLiteSummary


@dataclasses.dataclass(frozen=True)
class GraphSummary:
    """What is in a graph.

    Attributes:
        nodes: Number of nodes.
        ops: Number of nodes by op, the most frequent first.
        functions: Number of functions in the library.
        function_nodes: Number of nodes in their bodies.
        function_ops: Number of nodes by op in their bodies.
        producer: GraphDef version of the TensorFlow that wrote it, 0 if not recorded.
        min_consumer: Least GraphDef version that may read it.
        written_by: What the producer version tells.
        io: Ranked inputs and outputs.
        constants: Size of the constants.
        variables: Size of the variables.
        by_dtype: Size of constants and variables by dtype.
        by_scope: Size by top scopes: of the variables, or of the constants of a frozen graph.
        devices: Number of nodes by device; "" for those without one.
        control_edges: Number of control dependencies.
        defects: What TensorFlow would refuse, invalid inputs among it.
        traits: Frozen or not, for training, quantization-aware.
    """

    nodes: int
    ops: dict[str, int]
    functions: int
    function_nodes: int
    function_ops: dict[str, int]
    producer: int
    min_consumer: int
    written_by: str
    io: InputsOutputs
    constants: Size
    variables: Size
    by_dtype: dict[str, Size]
    by_scope: dict[str, Size]
    devices: dict[str, int]
    control_edges: int
    defects: tuple[Defect, ...]
    traits: Traits


@dataclasses.dataclass(frozen=True)
class MetaGraphSummary:
    """What is in a meta graph.

    Attributes:
        tags: Tags; empty for a `.meta` file.
        tensorflow_version: The TensorFlow that wrote it.
        signatures: Signatures.
        collections: Number of items by collection.
        assets: By tensor, the asset file fed to it.
        init_op: The op to be run after loading.
        has_objects: Whether it holds a graph of TF2 objects.
        graph: What is in its graph.
    """

    tags: tuple[str, ...]
    tensorflow_version: str
    signatures: tuple[Signature, ...]
    collections: dict[str, int]
    assets: dict[str, str]
    init_op: str
    has_objects: bool
    graph: GraphSummary


@dataclasses.dataclass(frozen=True)
class CheckpointSummary:
    """What is in a checkpoint.

    Attributes:
        version: `V1` or `V2`.
        shards: Number of files with values.
        tensors: Number of tensors.
        object_based: Whether it was written by `tf.train.Checkpoint`.
        size: Size of all tensors.
        optimizer_slots: Number of tensors that belong to an optimizer.
        moving_averages: Number of moving averages.
        by_dtype: Size by dtype.
        by_scope: Size by top scopes.
        missing: Files with values that are not there.
        problems: What is known to be damaged.
        note: How the path led to this checkpoint, where that needs saying.
    """

    version: str
    shards: int
    tensors: int
    object_based: bool
    size: Size
    optimizer_slots: int
    moving_averages: int
    by_dtype: dict[str, Size]
    by_scope: dict[str, Size]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    note: str


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a file is and what is in it; one of the last four is set.

    Attributes:
        path: The file.
        kind: What it is: GraphDef, MetaGraphDef, SavedModel, checkpoint, TFLite model.
        encoding: `binary` or `text`; empty where there is one encoding only.
        bytes: Size of the file, or of all files of a checkpoint; 0 where it is not known.
        next: Command lines that come next, ready to paste.
        graph: What is in a GraphDef.
        meta_graphs: What is in a MetaGraphDef or SavedModel.
        checkpoint: What is in a checkpoint.
        tflite: What is in a TFLite model.
    """

    path: str
    kind: str
    encoding: str
    bytes: int
    next: tuple[str, ...]
    graph: GraphSummary | None = None
    meta_graphs: tuple[MetaGraphSummary, ...] = ()
    checkpoint: CheckpointSummary | None = None
    tflite: TFLiteSummary | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What makes the file unsound, one line each."""
        if self.checkpoint:
            return self.checkpoint.problems
        graphs = [self.graph] if self.graph else [m.graph for m in self.meta_graphs]
        return tuple(d.message for g in graphs if g for d in g.defects)


def summarize(model: Model) -> Summary:
    """Say what a file is and what is in it. Contents of tensors are not read.

    Args:
        model: What `open_model` returned.
    """
    summary = _summarize(model)
    if summary.path == STANDARD_NAME:  # no command line could name it again
        return dataclasses.replace(summary, next=())
    return summary


def _summarize(model: Model) -> Summary:
    path = model.path
    if isinstance(model, GraphFile):
        graph = summarize_graph(model.graph)
        return Summary(
            path, model.kind, model.encoding, _file_size(path), _next_for_graph(path, graph), graph
        )
    if isinstance(model, MetaGraph):
        meta = _summarize_metagraph(model)
        steps = _next_for_graph(path, meta.graph)
        return Summary(
            path, model.kind, model.encoding, _file_size(path), steps, meta_graphs=(meta,)
        )
    if isinstance(model, SavedModel):
        metas = tuple(_summarize_metagraph(m) for m in model.meta_graphs)
        steps = (_command("signatures", path),)
        steps += (_command("variables", path),) if model.variables else ()
        return Summary(path, model.kind, model.encoding, _file_size(path), steps, meta_graphs=metas)
    if isinstance(model, Checkpoint):
        return Summary(
            path,
            model.kind,
            "",
            _checkpoint_size(model),
            (
                _command("variables", path, "--tree"),
                _command("variables", path, "--stats"),
                *([_command("summary", f"{path}.meta")] if os.path.exists(f"{path}.meta") else []),
            ),
            checkpoint=_summarize_checkpoint(model),
        )
    from graphtools.analysis.tflite_summary import summarize_tflite
    from graphtools.formats.tflite.model import TFLiteModel

    assert isinstance(model, TFLiteModel)
    return Summary(
        path, model.kind, "", _file_size(path), (_command("io", path),),
        tflite=summarize_tflite(model),
    )  # fmt: skip


def summarize_graph(graph: Graph, signatures: tuple[Signature, ...] = ()) -> GraphSummary:
    """Say what is in a graph. Contents of tensors are not read."""
    fixed = constants(graph)
    variables = graph_variables(graph)
    bodies = [n for f in graph.functions.values() for n in f.nodes]
    return GraphSummary(
        nodes=len(graph),
        ops=dict(Counter(n.op for n in graph).most_common()),
        functions=len(graph.functions),
        function_nodes=len(bodies),
        function_ops=dict(Counter(n.op for n in bodies).most_common()),
        producer=graph.versions.producer,
        min_consumer=graph.versions.min_consumer,
        written_by=describe_producer(graph.versions.producer),
        io=inputs_and_outputs(graph, signatures),
        constants=total(fixed),
        variables=total(variables),
        by_dtype=by_dtype(fixed + variables),
        by_scope=informative_scopes(variables or fixed),
        devices=dict(Counter(n.device for n in graph).most_common()),
        control_edges=sum(1 for n in graph for i in n.inputs if i[:1] == "^"),
        defects=find_defects(graph),
        traits=find_traits(graph),
    )


def _summarize_metagraph(meta: MetaGraph) -> MetaGraphSummary:
    signatures = tuple(meta.signatures.values())
    return MetaGraphSummary(
        tags=meta.tags,
        tensorflow_version=meta.tensorflow_version,
        signatures=signatures,
        collections=meta.collections,
        assets=meta.assets,
        init_op=meta.init_op,
        has_objects=meta.has_objects,
        graph=summarize_graph(meta.graph, signatures),
    )


def _summarize_checkpoint(checkpoint: Checkpoint) -> CheckpointSummary:
    items = [
        Item(t.name, t.dtype, t.shape, t.shape.elements or 0, t.nbytes) for t in checkpoint.values()
    ]
    return CheckpointSummary(
        version=checkpoint.version,
        shards=checkpoint.shards,
        tensors=len(checkpoint),
        object_based=any(n.endswith("_OBJECT_GRAPH") for n in checkpoint),
        size=total(items),
        optimizer_slots=sum(is_optimizer_slot(n) for n in checkpoint),
        moving_averages=sum(is_moving_average(n) for n in checkpoint),
        by_dtype=by_dtype(items),
        by_scope=informative_scopes(items),
        missing=checkpoint.missing,
        problems=checkpoint.problems,
        note=checkpoint.note,
    )


def _file_size(path: str) -> int:
    if os.path.isdir(path):
        return 0
    try:
        return os.stat(path).st_size
    except OSError:
        return 0  # standard input


def _checkpoint_size(checkpoint: Checkpoint) -> int:
    if checkpoint.version == "V1" and checkpoint.shards == 1:
        return _file_size(checkpoint.path)
    folder = os.path.dirname(checkpoint.path) or "."
    base = os.path.basename(checkpoint.path)
    starts = (f"{base}.index", f"{base}.data-") if checkpoint.version == "V2" else (f"{base}-0",)
    return sum(
        _file_size(os.path.join(folder, name))
        for name in os.listdir(folder)
        if name.startswith(starts)
    )


def _command(name: str, path: str, *options: str) -> str:
    return " ".join(["graphtools", name, shlex.quote(path), *options])


def _next_for_graph(path: str, graph: GraphSummary) -> tuple[str, ...]:
    steps = [_command("io", path)]
    if graph.variables.count:
        steps.append(_command("variables", path, "--tree"))
    heavy = next((op for op in graph.ops if op in ("Conv2D", "MatMul")), "")
    if heavy:
        steps.append(_command("nodes", path, "--op", heavy, "--long"))
    outputs = graph.io.likely_outputs
    if outputs:
        steps.append(_command("node", path, shlex.quote(outputs[0].name)))
    return tuple(steps)
