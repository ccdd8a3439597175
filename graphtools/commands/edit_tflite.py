"""`graphtools edit-tflite`."""

from __future__ import annotations

from typing import Any

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    note,
    progress,
    show,
    split_list,
    trust_option,
)

#: Options of TFLite_Detection_PostProcess by what they are called here.
_DETECTION = {
    "detections": "max_detections",
    "classes_per_detection": "max_classes_per_detection",
    "detections_per_class": "detections_per_class",
    "iou_threshold": "nms_iou_threshold",
    "score_threshold": "nms_score_threshold",
}
_TYPES = click.Choice(["float32", "int8", "uint8"])


@command(
    "edit-tflite",
    group="edit",
    example="graphtools edit-tflite model.tflite -o uint8.tflite --input-type uint8\n"
    "graphtools edit-tflite detect.tflite -o more.tflite --detections 25 --labels label_map.pbtxt",
    also={
        "FILE -o edited.tflite --batch 4  # another batch": "batch-size change-batch resize-input",
        "FILE -o edited.tflite --input-type uint8  # another type": "change-input-type requantize",
        "FILE -o edited.tflite --labels labels.txt  # names of classes": "add-metadata add-labels",
        "FILE -o edited.tflite --detections 25": "max-detections",
        "FILE -o edited.tflite --strip": "minify shrink-tflite",
    },
)
@file_argument
@click.option("-o", "--output", "target", metavar="FILE", required=True, help="The result.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Samples in a run.")
@click.option("--input-type", type=_TYPES, help="Type of the inputs.")
@click.option("--output-type", type=_TYPES, help="Type of the outputs.")
@click.option("--detections", type=int, metavar="N", help="Most detections an image.")
@click.option("--classes-per-detection", type=int, metavar="N", help="Classes of a box, at most.")
@click.option("--detections-per-class", type=int, metavar="N", help="For regular NMS only.")
@click.option("--iou-threshold", type=float, help="Boxes that overlap more are one.")
@click.option("--score-threshold", type=float, help="Boxes of a lower score are none.")
@click.option(
    "--rename",
    "renamed",
    metavar="OLD=NEW",
    multiple=True,
    help="An input, an output, its name in a signature, or a signature. Repeatable.",
)
@click.option("--signature", metavar="KEY", help="Add a signature with all inputs and outputs.")
@click.option("--labels", metavar="FILE", help="Names of the classes: a list or a label map.")
@click.option("--mean", metavar="NUMBERS", help="For --labels: what is taken from each pixel ...")
@click.option("--std", metavar="NUMBERS", help="... and what it is divided by, for float inputs.")
@click.option(
    "--metadata", metavar="FILE", help="Metadata as JSON, in the form that summary --json shows."
)
@click.option(
    "--strip", is_flag=True, help="Remove metadata, names of inner tensors and unused buffers."
)
@click.option(
    "--cut",
    metavar="TENSORS",
    callback=lambda _ctx, _param, value: split_list(value),
    help="End the model at these tensors, separated by commas.",
)
@trust_option
@json_option
def COMMAND(file: str, target: str, trust: bool, as_json: bool, **given: Any) -> None:
    """Change a .tflite file, without TensorFlow: batch, types, detections, names, labels.

    What is not certain to keep the meaning is refused, with the operator that is in the way. The
    result is read back and, where LiteRT is installed, run beside the one before on the same
    values, before it is written.
    """
    from graphtools.convert.editing.checking import check_edit
    from graphtools.convert.editing.edit_tflite import edit_tflite

    edits = _edits(given)
    with progress(f"editing {file}"):
        edited = edit_tflite(file, edits)
        checked = check_edit(edited, edits, trust=trust)
    edited.save(target)
    note(checked.note)
    show(edited, as_json)


def _edits(given: dict[str, Any]) -> Any:
    """What the options say is to be done."""
    from graphtools.convert.editing.describing import read_metadata
    from graphtools.convert.editing.edit_tflite import TFLiteEdits
    from graphtools.samples.normalization import channel_values
    from graphtools.verify.class_names import read_class_names

    renamed = dict(text.partition("=")[::2] for text in given["renamed"])
    if "" in renamed or "" in renamed.values():
        raise click.UsageError("--rename takes OLD=NEW")
    labels, metadata = given["labels"], given["metadata"]
    detection = {key: given[name] for name, key in _DETECTION.items() if given[name] is not None}
    return TFLiteEdits(
        strip=given["strip"],
        cut=tuple(given["cut"] or ()),
        batch=given["batch"] or 0,
        input_type=given["input_type"] or "",
        output_type=given["output_type"] or "",
        detection=detection,
        rename=renamed,
        signature=given["signature"] or "",
        metadata=read_metadata(metadata) if metadata else None,
        labels=read_class_names(labels).names if labels else None,
        mean=tuple(channel_values("mean", given["mean"])),
        std=tuple(channel_values("std", given["std"])),
    )
