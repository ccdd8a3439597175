"""`graphtools export_tflite_ssd_graph`, for scripts that called the script of this name."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option, note, progress
from graphtools.commands._ssd_exporting import export_graph
from graphtools.legacy.flags import FLAG, INTEGER, TEXT, flag, gone
from graphtools.legacy.parsing import ABSL
from graphtools.legacy.values import GivenFlags

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph

_OUTPUTS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


# fmt: off
FLAGS = (
    flag("pipeline_config_path", TEXT, "The pipeline.config."),
    flag("trained_checkpoint_prefix", TEXT,
         "A checkpoint with its .meta file, of the detector as it was exported."),
    flag("frozen_graph", TEXT, "A frozen graph in its place (new here)."),
    flag("output_directory", TEXT, "Where the result goes.", required=True),
    flag("add_postprocessing_op", FLAG, "Add TFLite_Detection_PostProcess.", default=True),
    flag("max_detections", INTEGER, "Detections an image.", default=10),
    flag("max_classes_per_detection", INTEGER, "Classes a box.", default=1),
    flag("detections_per_class", INTEGER, "For regular NMS.", default=100),
    flag("use_regular_nms", FLAG, "Suppress boxes class by class.", default=False),
    gone("config_override", TEXT, "edit a copy of the pipeline.config"),
)
# fmt: on


@flags(FLAGS, ABSL)
@command(
    "export_tflite_ssd_graph",
    example=(
        "graphtools export_tflite_ssd_graph --pipeline_config_path=pipeline.config \\\n"
        "    --trained_checkpoint_prefix=model.ckpt --output_directory=tflite"
    ),
    legacy=True,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what export_tflite_ssd_graph.py did; see graphtools export-ssd.

    Without --frozen_graph, the graph in the .meta file beside the checkpoint is frozen first, or
    frozen_inference_graph.pb beside it is taken.
    """
    from graphtools.formats.source import make_folder
    from graphtools.transforms._ssd.settings import ExportOptions

    given = GivenFlags(values)
    folder = given.text("output_directory")
    file, graph = _frozen(given.text("frozen_graph"), given.text("trained_checkpoint_prefix"))
    options = ExportOptions(
        given.get("max_detections"),
        given.get("max_classes_per_detection"),
        given.get("detections_per_class"),
        given.is_set("use_regular_nms"),
        given.is_set("add_postprocessing_op"),
    )
    make_folder(folder)
    export_graph(
        graph,
        file,
        [os.path.join(folder, f"tflite_graph.{kind}") for kind in ("pb", "pbtxt")],
        pipeline=given.text("pipeline_config_path") or None,
        options=options,
        as_json=as_json,
    )


def _frozen(frozen_graph: str, prefix: str) -> tuple[str, Graph]:
    """The frozen graph that was given, or that of a checkpoint, and where it comes from.

    Raises:
        InvalidValue: Neither was given.
        NothingFound: The checkpoint has no graph for inference.
    """
    from graphtools.errors import InvalidValue, NothingFound
    from graphtools.formats import graph_of, open_model
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.transforms.freeze import freeze

    if frozen_graph:
        if prefix:
            note("--trained_checkpoint_prefix has no effect beside --frozen_graph")
        with progress(f"reading {frozen_graph}"):
            return frozen_graph, graph_of(open_model(frozen_graph))
    if not prefix:
        raise InvalidValue(
            "no model was given", "give --frozen_graph, or --trained_checkpoint_prefix"
        )
    checkpoint = find_checkpoint(prefix)
    note(checkpoint.note)
    meta = f"{checkpoint.path}.meta"
    reason = f"{meta} is not there"
    if os.path.exists(meta):
        with progress(f"freezing {meta}"):
            graph = graph_of(open_model(meta))
            missing = [name for name in _OUTPUTS if name not in graph]
            if not missing:
                return meta, freeze(graph, checkpoint, _OUTPUTS).graph
        reason = f"{meta} is the graph of a training, without {missing[0]!r}"
    beside = os.path.join(os.path.dirname(checkpoint.path), "frozen_inference_graph.pb")
    if os.path.exists(beside):
        note(f"{reason}: {beside} is taken instead")
        with progress(f"reading {beside}"):
            return beside, graph_of(open_model(beside))
    raise NothingFound(
        f"the checkpoint {checkpoint.path} has no graph of a detector: {reason}",
        "graphs are not built from configurations here; give the frozen graph: "
        "--frozen_graph=frozen_inference_graph.pb",
    )
