"""Other settings for the detections of an SSD: the options of TFLite_Detection_PostProcess."""

from __future__ import annotations

from typing import Any

from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.flexbuffer import decode_flexbuffer, encode_flexbuffer

POSTPROCESS = "TFLite_Detection_PostProcess"
#: The options that can be set: their keys, and what they must be. Beyond that the kernel fails at
#: run time, or gives nothing without a word.
_LIMITS = {
    "max_detections": (1, 1 << 20),
    "max_classes_per_detection": (1, 1 << 20),
    "detections_per_class": (1, 1 << 20),
    "nms_iou_threshold": (0.0, 1.0),
    "nms_score_threshold": (0.0, 1.0),
}


def set_detection(editor: Editor, **given: float) -> None:
    """Set options of the operator that makes detections.

    Args:
        editor: The model.
        given: By key, as `max_detections`, the new value.

    Raises:
        InvalidValue: There is no such operator, or its kernel fails with the value.
    """
    found = [o for o in editor.operators if editor.op(o) == POSTPROCESS]
    if len(found) != 1:
        raise InvalidValue(
            f"{editor.path} has {len(found) or 'no'} {POSTPROCESS}, whose options these are",
            "detectors with this operator are made of a frozen graph by export-ssd and convert",
        )
    operator = found[0]
    options: dict[str, Any] = decode_flexbuffer(bytes(operator.get("custom_options", b"")))
    for key, value in given.items():
        least, most = _LIMITS[key]
        is_open = key == "nms_iou_threshold" and value == 0
        if key == "max_classes_per_detection":
            most = options.get("num_classes", most)
        if is_open or not least <= value <= most:
            raise InvalidValue(
                f"{key} is {value}, and the operator runs with "
                f"{'more than ' if key == 'nms_iou_threshold' else ''}{least} to {most} only"
            )
        editor.changes.append(f"{key} is {value} (was {options.get(key, 'not set')})")
        options[key] = value
    operator["custom_options"] = encode_flexbuffer(options)
    rows = options["max_detections"] * options.get("max_classes_per_detection", 1)
    for index in operator["outputs"][:3]:
        tensor = editor.tensors[index]
        for key in ("shape", "shape_signature"):
            if len(tensor.get(key, ())) > 1:
                tensor[key] = [tensor[key][0], rows, *tensor[key][2:]]
