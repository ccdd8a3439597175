"""What `convert` is to write, as the ending of a name or --to says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from graphtools.commands._shared import emit_json, note, progress
from graphtools.errors import InvalidValue

if TYPE_CHECKING:
    from graphtools.convert.target import Target

TFLITE = "tflite"
_ENDINGS = {
    "": TFLITE, ".tflite": TFLITE, ".lite": TFLITE, ".bin": TFLITE,
    ".pb": "pb", ".pbtxt": "pbtxt", ".meta": "meta",
}  # fmt: skip
_FORMATS = (TFLITE, "pb", "pbtxt")
#: What is asked for and not served, by ending or by --to, with what does it.
_ELSEWHERE = {
    "h5": "Keras's files hold layers, which a graph has no more; its weights: "
    "graphtools variables FILE -o weights.npz",
    "keras": "Keras's files hold layers, which a graph has no more; its weights: "
    "graphtools variables FILE -o weights.npz",
    "mlmodel": "for Core ML: coremltools.convert takes the SavedModel",
    "mlpackage": "for Core ML: coremltools.convert takes the SavedModel",
    "npz": "for the weights: graphtools variables FILE -o weights.npz",
    "ckpt": "constants of a frozen graph are no variables any more; its weights: "
    "graphtools variables FILE -o weights.npz",
    "png": "for a picture: graphtools draw FILE -o graph.png",
    "svg": "for a picture: graphtools draw FILE -o graph.svg",
    "html": "for a page: graphtools report FILE -o page.html",
}


def wanted_format(target: str, to: str | None) -> str:
    """The format that is wanted: `tflite`, `pb`, `pbtxt`, `meta`, or a target by its name.

    Raises:
        InvalidValue: It is not written here; what does it is said.
    """
    ending = os.path.splitext(target)[1].lower() if not target.endswith(("/", os.sep)) else ""
    asked = (to or ending.removeprefix(".")).lower()
    if to is None and ending in _ENDINGS:
        return _ENDINGS[ending]
    if to is not None and asked in _FORMATS:
        if ending in _ENDINGS and ending and _ENDINGS[ending] != asked:
            raise InvalidValue(
                f"--to {to} and the ending of {target} do not agree", f"name it .{asked}"
            )
        return asked
    for name, found in targets().items():
        if asked == name or (to is None and target.endswith((found.ending, *found.others))):
            if to is not None and ending and not target.endswith((found.ending, *found.others)):
                raise InvalidValue(
                    f"--to {to} and the ending of {target} do not agree",
                    f"name it {found.ending}",
                )
            return name
    raise InvalidValue(
        f"convert writes no {asked} files" if to else f"convert writes no {ending} files",
        _ELSEWHERE.get(asked, "name a file that ends in .tflite, .onnx or .ncnn.param, or in .pb "
        "or .pbtxt to change between binary and text"),
    )  # fmt: skip


def targets() -> dict[str, Target]:
    """What is written beside .tflite models, by name."""
    from graphtools.convert.target import TARGETS

    return TARGETS.all()


def change_formats(files: Sequence[str], target: str, *, as_text: bool, as_json: bool) -> None:
    """Write models as text or as binary, one after the other, and say what was written."""
    from graphtools.commands._converting import targets_of
    from graphtools.formats.format_change import change_format
    from graphtools.report.document import size

    done = []
    for file, place in zip(files, targets_of(files, target), strict=True):
        with progress(f"reading {file}"):
            changed = change_format(file, place, as_text=as_text)
        done.append(changed)
        note(changed.note)
        if not as_json:
            what = f"{changed.kind}, {changed.encoding}, {size(changed.bytes)}"
            click.echo(f"{place}: {what}")
    if as_json:
        emit_json({"changed": [c._asdict() for c in done]})
