"""`graphtools export-ssd`."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, file_argument, json_option, progress, tags_option
from graphtools.commands._ssd_exporting import export_graph, read_size


@command(
    "export-ssd",
    group="prepare",
    example=(
        "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb\n"
        "graphtools export-ssd frozen_inference_graph.pb --pipeline pipeline.config -o out.pb"
    ),
)
@file_argument
@click.option("-o", "--output", "target", metavar="FILE", required=True, help="The result.")
@click.option(
    "--pipeline", metavar="FILE", help="The pipeline.config; the graph tells it all, too."
)
@click.option("--max-detections", default=10, show_default=True, help="Detections an image.")
@click.option(
    "--max-classes-per-detection",
    default=1,
    show_default=True,
    help="Classes that a box may be of.",
)
@click.option(
    "--detections-per-class",
    default=100,
    show_default=True,
    help="Detections of a class; for regular NMS only.",
)
@click.option("--use-regular-nms", is_flag=True, help="Suppress boxes class by class.")
@click.option(
    "--no-postprocessing-op",
    is_flag=True,
    help="Leave the op out: raw_outputs/box_encodings, raw_outputs/class_predictions and anchors "
    "are the outputs.",
)
@click.option(
    "--input-size", metavar="H,W", help="Size of the images; else by pipeline.config or graph."
)
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@tags_option
@json_option
def COMMAND(
    file: str,
    target: str,
    pipeline: str | None,
    max_detections: int,
    max_classes_per_detection: int,
    detections_per_class: int,
    use_regular_nms: bool,
    no_postprocessing_op: bool,
    input_size: str | None,
    as_text: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Make of a frozen SSD of the Object Detection API the graph that TFLite's converter takes.

    FILE is a frozen graph, as frozen_inference_graph.pb. Neither checkpoint nor training code nor
    TensorFlow is needed; boxes, scores, anchors and thresholds are found in the graph.
    """
    from graphtools.formats import graph_of, open_model
    from graphtools.transforms._ssd.settings import ExportOptions

    options = ExportOptions(
        max_detections,
        max_classes_per_detection,
        detections_per_class,
        use_regular_nms,
        not no_postprocessing_op,
        read_size(input_size),
    )
    with progress(f"reading {file}"):
        graph = graph_of(open_model(file), tags)
    export_graph(
        graph,
        file,
        [target],
        pipeline=pipeline,
        options=options,
        as_text=as_text or None,
        as_json=as_json,
    )
