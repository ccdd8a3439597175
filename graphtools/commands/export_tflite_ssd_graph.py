"""`graphtools export_tflite_ssd_graph`, for scripts that called the script of this name."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

import click

from graphtools.commands._shared import command, json_option, legacy_flag, note, progress
from graphtools.commands._ssd_exporting import export_graph

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph

_OUTPUTS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


@command(
    "export_tflite_ssd_graph",
    example=(
        "graphtools export_tflite_ssd_graph --pipeline_config_path=pipeline.config \\\n"
        "    --trained_checkpoint_prefix=model.ckpt --output_directory=tflite"
    ),
    legacy=True,
)
@click.option("--pipeline_config_path", metavar="FILE", default="", help="The pipeline.config.")
@click.option(
    "--trained_checkpoint_prefix",
    metavar="PATH",
    default="",
    help="A checkpoint with its .meta file, of the detector as it was exported.",
)
@click.option(
    "--frozen_graph", metavar="FILE", default="", help="A frozen graph in its place (new here)."
)
@click.option("--output_directory", metavar="DIR", required=True, help="Where the result goes.")
@legacy_flag("--add_postprocessing_op", "Add TFLite_Detection_PostProcess.", default=True)
@click.option("--max_detections", default=10, show_default=True, help="Detections an image.")
@click.option("--max_classes_per_detection", default=1, show_default=True, help="Classes a box.")
@click.option("--detections_per_class", default=100, show_default=True, help="For regular NMS.")
@legacy_flag("--use_regular_nms", "Suppress boxes class by class.")
@click.option("--config_override", default="", help="No effect: edit the pipeline.config.")
@json_option
def COMMAND(
    pipeline_config_path: str,
    trained_checkpoint_prefix: str,
    frozen_graph: str,
    output_directory: str,
    add_postprocessing_op: bool,
    max_detections: int,
    max_classes_per_detection: int,
    detections_per_class: int,
    use_regular_nms: bool,
    config_override: str,
    as_json: bool,
) -> None:
    """Do what export_tflite_ssd_graph.py did; see graphtools export-ssd.

    Without --frozen_graph, the graph in the .meta file beside the checkpoint is frozen first, or
    frozen_inference_graph.pb beside it is taken.
    """
    from graphtools.formats.source import make_folder
    from graphtools.transforms._ssd.settings import Options

    if config_override:
        note("--config_override has no effect: edit a copy of the pipeline.config")
    file, graph = _frozen(frozen_graph, trained_checkpoint_prefix)
    options = Options(
        max_detections,
        max_classes_per_detection,
        detections_per_class,
        use_regular_nms,
        add_postprocessing_op,
    )
    make_folder(output_directory)
    export_graph(
        graph,
        file,
        [os.path.join(output_directory, f"tflite_graph.{kind}") for kind in ("pb", "pbtxt")],
        pipeline=pipeline_config_path or None,
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
