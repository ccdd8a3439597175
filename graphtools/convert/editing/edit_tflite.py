"""Edit a `.tflite` file without TensorFlow: `edit_tflite`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.convert.editing import batch, cutting, describing, detection, end_types, naming
from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue
from graphtools.formats import open_model
from graphtools.formats.source import write_file
from graphtools.formats.tflite.model import TFLiteModel


@dataclasses.dataclass(frozen=True)
class TFLiteEdits:
    """What is to become of a model, in the order in which it is done.

    Attributes:
        strip: Whether metadata, files, names of inner tensors and unused buffers go.
        cut: Names or indices of the tensors that become its outputs.
        batch: Samples in a run; 0 leaves it.
        input_type: Type of the inputs, one of `END_TYPES`; empty leaves it.
        output_type: Type of the outputs; empty leaves it.
        detection: Options of TFLite_Detection_PostProcess: `max_detections`,
            `max_classes_per_detection`, `detections_per_class`, `nms_iou_threshold`,
            `nms_score_threshold`.
        rename: New names by the old ones, of inputs, outputs, their names in signatures, and
            signatures.
        signature: A signature to be added, with all inputs and outputs; empty for none.
        metadata: Metadata in the form of `model_metadata`.
        labels: Names of classes by id, which counts from 1; 0 is the background.
        mean: What is taken from each number of a picture; for `labels`, one or one a channel.
        std: What it is divided by then.

    Example:
        >>> TFLiteEdits(batch=4, input_type="uint8").batch
        4
    """

    strip: bool = False
    cut: tuple[str, ...] = ()
    batch: int = 0
    input_type: str = ""
    output_type: str = ""
    detection: Mapping[str, float] = dataclasses.field(default_factory=dict)
    rename: Mapping[str, str] = dataclasses.field(default_factory=dict)
    signature: str = ""
    metadata: Mapping[str, Any] | None = None
    labels: Mapping[int, str] | None = None
    mean: Sequence[float] = ()
    std: Sequence[float] = ()


@dataclasses.dataclass(frozen=True)
class EditedTFLite:
    """An edited model, to be written.

    Attributes:
        path: The file that it was read from.
        changes: What was changed, one sentence each.
        bytes_before: Bytes of the file before.
        bytes_after: Bytes after.
    """

    path: str
    changes: tuple[str, ...]
    bytes_before: int
    bytes_after: int
    pieces: dataclasses.InitVar[Sequence[bytes]]

    def __post_init__(self, pieces: Sequence[bytes]) -> None:
        object.__setattr__(self, "_pieces", tuple(pieces))

    def to_bytes(self) -> bytes:
        """The file."""
        return b"".join(vars(self)["_pieces"])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it, whole or not at all.

        Raises:
            FileProblem: It cannot be written.
        """
        write_file(path, vars(self)["_pieces"])


def edit_tflite(
    model: TFLiteModel | str | os.PathLike[str], edits: TFLiteEdits | None = None, **given: Any
) -> EditedTFLite:
    """Edit a TFLite model.

    Args:
        model: The model, or its path.
        edits: What is to become of it.
        given: The same as fields of `TFLiteEdits`.

    Example:
        >>> edited = edit_tflite("fixtures/quant/model.tflite", rename={"input": "image"})
        >>> edited.changes
        ('the tensor input is called image',)
        >>> edited.to_bytes()[4:8]
        b'TFL3'

    Raises:
        InvalidValue: The model is none, nothing is to be changed, or a change is not certain to
            keep what the model means; the operator that is in the way is named.
        UnknownName: It has no tensor, input or output of a name.
        FileProblem: It cannot be written again, see `read_tree`.
    """
    opened = model if isinstance(model, TFLiteModel) else open_model(model)
    if not isinstance(opened, TFLiteModel):
        raise InvalidValue(f"{opened.path} is a {opened.kind}, and no TFLite model")
    wanted = dataclasses.replace(edits or TFLiteEdits(), **given)
    if wanted == TFLiteEdits():
        raise InvalidValue("nothing is to be changed", "say what is to become of the model")
    editor = Editor(opened)
    _apply(editor, wanted)
    pieces = editor.pieces()
    return EditedTFLite(
        opened.path,
        tuple(editor.changes),
        len(opened.content),
        sum(map(len, pieces)),
        pieces,
    )


def _apply(editor: Editor, wanted: TFLiteEdits) -> None:
    if wanted.strip:
        cutting.strip(editor)
    if wanted.cut:
        cutting.cut(editor, wanted.cut)
    if wanted.batch:
        batch.set_batch(editor, wanted.batch)
    if wanted.input_type:
        end_types.set_input_type(editor, wanted.input_type)
    if wanted.output_type:
        end_types.set_output_type(editor, wanted.output_type)
    if wanted.detection:
        detection.set_detection(editor, **wanted.detection)
    for old, new in wanted.rename.items():
        naming.rename(editor, old, new)
    if wanted.signature:
        naming.add_signature(editor, wanted.signature)
    if wanted.metadata is not None:
        describing.set_metadata(editor, wanted.metadata)
    if wanted.labels is not None:
        describing.set_labels(editor, wanted.labels, wanted.mean, wanted.std)
