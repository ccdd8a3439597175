"""Metadata for a model: labels, and how pictures become inputs.

The form is that of the metadata writers of tflite-support, which MediaPipe and Android's Task
Library read: an image in, and class probabilities out, or the four outputs of a detector.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.convert.editing.detection import POSTPROCESS
from graphtools.convert.editing.editor import Editor
from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.source import open_source
from graphtools.formats.tflite.flexbuffer import decode_flexbuffer
from graphtools.formats.tflite.metadata import METADATA
from graphtools.front_end import param
from graphtools.wording import counted

#: The name of the file of labels.
LABELS = "labels.txt"
#: What labels and classes without a name are called in lists.
_NO_NAME = "???"
#: Outputs of a detector in the order in which they are wanted: name and what they are.
_DETECTIONS = (
    ("location", "The corners of the boxes."),
    ("category", "The classes of the boxes."),
    ("score", "How sure the boxes are."),
    ("number of detections", "How many boxes there are."),
)
#: Places of left, top, right and bottom in a box, which is [top, left, bottom, right].
_CORNERS = (1, 0, 3, 2)


def read_metadata(path: str) -> dict[str, Any]:
    """Read metadata from a JSON file.

    Raises:
        Damaged: It holds no JSON object.
        FileProblem: It cannot be read.
    """
    try:
        found = json.loads(open_source(path).text())
    except ValueError as problem:
        raise Damaged(f"{path} holds no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} holds no JSON object, but {found!r:.60}")
    return found


def set_metadata(editor: Editor, metadata: Mapping[str, Any]) -> None:
    """Attach metadata in the form of `model_metadata`.

    Raises:
        InvalidValue: They are of other numbers of inputs or outputs.
    """
    for subgraph in metadata.get("subgraph_metadata", ())[:1]:
        for side, ends in (("input", editor.inputs), ("output", editor.outputs)):
            told = subgraph.get(f"{side}_tensor_metadata")
            if told is not None and len(told) != len(ends):
                raise InvalidValue(
                    f"the metadata tell of {counted(len(told), side)}, the model has {len(ends)}"
                )
    editor.metadata = dict(metadata)
    editor.changes.append(f"{METADATA} is attached")


def set_labels(
    editor: Editor, labels: Mapping[int, str], mean: Sequence[float], std: Sequence[float]
) -> None:
    """Attach the names of classes, as a file and in the metadata.

    Args:
        editor: A classifier of images, or a detector with TFLite_Detection_PostProcess.
        labels: Names by id, which counts from 1; 0 is the background.
        mean: What is taken from each number of a picture, for inputs of floats; empty if not known.
        std: What it is divided by then.

    Raises:
        InvalidValue: The model is neither, has more classes than there are labels, or takes floats
            and no `mean` and `std` are given.
    """
    detector = next((o for o in editor.operators if editor.op(o) == POSTPROCESS), None)
    if detector is not None:
        classes = decode_flexbuffer(bytes(detector["custom_options"])).get("num_classes", 0)
        lines = _lines(editor, labels, classes, has_background=False)
        outputs, groups = _detector_outputs(editor)
    else:
        classes = (editor.tensors[editor.outputs[0]].get("shape") or [0])[-1]
        if len(editor.outputs) != 1 or classes < 2:
            raise InvalidValue(
                f"{editor.path} is neither a classifier with one output of class scores nor has "
                f"it a {POSTPROCESS}",
                f"describe it whole: {param(metadata='FILE.json')}",
            )
        lines = _lines(editor, labels, classes, has_background=max(labels) + 1 == classes)
        outputs, groups = [_scores(editor)], []
    subgraph: dict[str, Any] = {
        "input_tensor_metadata": [_image(editor, mean, std)],
        "output_tensor_metadata": outputs,
    }
    if groups:
        subgraph["output_tensor_groups"] = groups
    editor.metadata = {
        "name": "ObjectDetector" if detector else "ImageClassifier",
        "subgraph_metadata": [subgraph],
        # groups of tensors came with 1.2.0 of the parser, all else was in the first
        "min_parser_version": "1.2.0" if groups else "1.0.0",
    }
    editor.files[LABELS] = "".join(f"{line}\n" for line in lines).encode()
    editor.changes.append(f"{counted(len(lines), 'label')} are attached as {LABELS}")


def _lines(
    editor: Editor, labels: Mapping[int, str], classes: int, *, has_background: bool
) -> list[str]:
    first = 0 if has_background else 1
    most = max(labels)
    if most - first + 1 != classes:
        raise InvalidValue(
            f"there are {counted(most - first + 1, 'label')}, and {editor.path} has "
            f"{counted(classes, 'class', 'classes')}: who reads the model would go by wrong names",
            "give a name for each class, one a line in their order, or a label map",
        )
    return [labels.get(number, _NO_NAME) for number in range(first, most + 1)]


def _image(editor: Editor, mean: Sequence[float], std: Sequence[float]) -> dict[str, Any]:
    """What is said of the input."""
    shape = editor.tensors[editor.inputs[0]].get("shape") or []
    if len(editor.inputs) != 1 or len(shape) != 4 or shape[3] not in (1, 3):
        raise InvalidValue(
            f"{editor.path} does not take one image, but {editor.name(editor.inputs[0])!r} of the "
            f"shape {shape}",
            f"describe it whole: {param(metadata='FILE.json')}",
        )
    if editor.dtype(editor.inputs[0]) == "float32" and not (mean and std):
        raise InvalidValue(
            "the input is float32, and how pictures become such numbers is not known: "
            "(x - mean) / std",
            f"say it as the training did: {param(mean='127.5', std='127.5')}",
        )
    if any(value == 0 for value in std):
        raise InvalidValue("nothing can be divided by a std of 0")
    mean, std = list(mean) or [0.0], list(std) or [255.0]
    is_float = editor.dtype(editor.inputs[0]) == "float32"
    low = [(0.0 - m) / s if is_float else 0.0 for m, s in zip(mean, std, strict=False)]
    high = [(255.0 - m) / s if is_float else 255.0 for m, s in zip(mean, std, strict=False)]
    return {
        "name": "image",
        "description": "The image.",
        "content": {
            "content_properties_type": "ImageProperties",
            "content_properties": {"color_space": "RGB" if shape[3] == 3 else "GRAYSCALE"},
        },
        "process_units": [
            {"options_type": "NormalizationOptions", "options": {"mean": mean, "std": std}}
        ],
        "stats": {"max": high, "min": low},
    }


def _scores(editor: Editor) -> dict[str, Any]:
    """What is said of a classifier's output."""
    most = 1.0 if editor.dtype(editor.outputs[0]) == "float32" else 255.0
    return {
        "name": "probability",
        "description": "How sure it is of each class.",
        "content": {"content_properties_type": "FeatureProperties", "content_properties": {}},
        "stats": {"max": [most], "min": [0.0]},
        "associated_files": [{"name": LABELS, "type": "TENSOR_AXIS_LABELS"}],
    }


def _detector_outputs(editor: Editor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is said of a detector's outputs, and of those that belong together."""
    if len(editor.outputs) != len(_DETECTIONS):
        raise InvalidValue(
            f"a detector has {len(_DETECTIONS)} outputs for who reads metadata, and "
            f"{editor.path} has {len(editor.outputs)}"
        )
    found: list[dict[str, Any]] = []
    for name, description in _DETECTIONS:
        content: dict[str, Any] = {
            "content_properties_type": "FeatureProperties",
            "content_properties": {},
        }
        if name == "location":
            content["content_properties_type"] = "BoundingBoxProperties"
            content["content_properties"] = {
                "index": list(_CORNERS),
                "type": "BOUNDARIES",
                "coordinate_type": "RATIO",
            }
        if name != _DETECTIONS[-1][0]:
            content["range"] = {"min": 2, "max": 2}
        found.append({"name": name, "description": description, "content": content})
    found[1]["associated_files"] = [{"name": LABELS, "type": "TENSOR_VALUE_LABELS"}]
    names = [name for name, _ in _DETECTIONS[:-1]]
    return found, [{"name": "detection_result", "tensor_names": names}]
