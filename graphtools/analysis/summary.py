"""What a file is and what is in it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from graphtools.display import Displayed
from graphtools.formats import places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.source import STANDARD_NAME, file_size
from graphtools.front_end import step

if TYPE_CHECKING:
    from graphtools.analysis.checkpoint_summary import CheckpointSummary
    from graphtools.analysis.graph_summary import GraphSummary
    from graphtools.analysis.metagraph_summary import MetaGraphSummary
    from graphtools.analysis.record_summary import RecordSummary
    from graphtools.analysis.tflite_summary import TFLiteSummary
    from graphtools.ops.inference import Inference


@dataclasses.dataclass(frozen=True)
class Summary(Displayed):
    """What a file is and what is in it; one of the last five is set.

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
        records: What is in a TFRecord file, or one of TensorBoard.
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
    records: RecordSummary | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What makes the file unsound, one line each."""
        if self.checkpoint:
            return self.checkpoint.problems
        if self.records:
            return (self.records.damage,) if self.records.damage else ()
        graphs = [self.graph] if self.graph else [m.graph for m in self.meta_graphs]
        return tuple(d.message for g in graphs if g for d in g.defects)


def summarize(model: Model, inference: Inference | None = None) -> Summary:
    """Say what a file is and what is in it. Contents of tensors are not read.

    Args:
        model: What `open_model` returned.
        inference: The inferred shapes of the graph of a graph file, where they are there already.

    Example:
        >>> graphtools.summarize(graphtools.open_model("fixtures/classifier/frozen.pb")).kind
        'GraphDef'
    """
    summary = _summarize(model, inference)
    if summary.path == STANDARD_NAME:  # no command line could name it again
        return dataclasses.replace(summary, next=())
    return summary


def _summarize(model: Model, inference: Inference | None) -> Summary:
    # what is said of each kind of file stands in a module of its own, loaded when there is one
    path, kind, size = model.path, model.kind, file_size(model.path)
    if isinstance(model, GraphFile):
        from graphtools.analysis.graph_summary import summarize_graph

        graph = summarize_graph(model.graph, inference=inference)
        return Summary(path, kind, model.encoding, size, _next_for_graph(path, graph), graph)
    if isinstance(model, MetaGraph | SavedModel):
        from graphtools.analysis.metagraph_summary import summarize_metagraph

        found = model.meta_graphs if isinstance(model, SavedModel) else (model,)
        is_loaded = isinstance(model, SavedModel)
        metas = tuple(summarize_metagraph(meta, is_loaded=is_loaded) for meta in found)
        if isinstance(model, MetaGraph):
            steps = _next_for_graph(path, metas[0].graph)
        else:
            steps = (step("signatures", path),)
            steps += (step("variables", path),) if model.variables else ()
        return Summary(path, kind, model.encoding, size, steps, meta_graphs=metas)
    if isinstance(model, Checkpoint):
        from graphtools.analysis.checkpoint_summary import checkpoint_bytes, summarize_checkpoint

        steps = (step("variables", path, tree=True), step("variables", path, statistics=True))
        if places.exists(f"{path}.meta"):
            steps += (step("summary", f"{path}.meta"),)
        inside = summarize_checkpoint(model)
        return Summary(path, kind, "", checkpoint_bytes(model), steps, checkpoint=inside)
    from graphtools.formats.record_file import RecordFile

    if isinstance(model, RecordFile):
        from graphtools.analysis.record_summary import summarize_records

        return Summary(path, kind, "", size, (), records=summarize_records(model))
    from graphtools.analysis.tflite_summary import summarize_tflite
    from graphtools.formats.tflite.model import TFLiteModel

    assert isinstance(model, TFLiteModel)
    steps = (step("io", path),)
    return Summary(path, kind, "", size, steps, tflite=summarize_tflite(model))


def _next_for_graph(path: str, graph: GraphSummary) -> tuple[str, ...]:
    steps = [step("io", path)]
    if graph.variables.count:
        steps.append(step("variables", path, tree=True))
    heavy = next((op for op in graph.ops if op in ("Conv2D", "MatMul")), "")
    if heavy:
        steps.append(step("nodes", path, ops=heavy, long=True))
    outputs = graph.io.likely_outputs
    if outputs:
        steps.append(step("node", path, outputs[0].name))
    return tuple(steps)
