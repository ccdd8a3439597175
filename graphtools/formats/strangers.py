"""What a file is that holds no TensorFlow model: named, so that nobody calls it damaged.

Each row of the tables says how such a file begins, what it is, and what to do with it. Messages of
protobuf have no magic number; they are known by the numbers and types of their fields. Sources:
`onnx.proto`, `caffe2.proto`, `caffe.proto`, CoreML's `Model.proto`, MediaPipe's `calculator.proto`,
TensorFlow's `fingerprint.proto` and Keras' `saved_metadata.proto`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from graphtools.errors import Damaged, UnknownFormat
from graphtools.formats.source import Source
from graphtools.formats.text import first_text_field
from graphtools.schema.wire import LEN, VARINT, Buffer, WireField, fields

#: First bytes, in lower case for what is text.
_BEGINNINGS = (
    (b"\x89PNG", "a PNG image", ""),
    (b"\xff\xd8\xff", "a JPEG image", ""),
    (b"%PDF", "a PDF document", ""),
    (b"PK\x03\x04", "a zip archive", "unpack it first (an .npz file is one, too)"),
    (b"\x1f\x8b", "gzip-compressed", "unpack it first: gunzip, or tar xzf for a .tar.gz"),
    (b"BZh", "bzip2-compressed", "unpack it first: bunzip2, or tar xjf"),
    (b"\xfd7zXZ", "xz-compressed", "unpack it first: unxz, or tar xJf"),
    (b"\x93NUMPY", "a NumPy array", ""),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "run: git lfs pull"),
    (b"<!doctype html", "a web page", "the download failed: fetch the file itself"),
    (b"<html", "a web page", "the download failed: fetch the file itself"),
    (b"<?xml", "an XML document", ""),
    (b"7767517\n", "the .param file of an NCNN model", ""),
    (b"\x7fELF", "a program", ""),
    (b"\x80\x02", "a Python pickle", ""),
    (b"\x80\x04", "a Python pickle", ""),
)
#: Parts of the archives that Keras writes.
_KERAS_PARTS = (b"keras_version", b"model.weights.h5")
#: First fields of other files in protobuf's text format.
_TEXT_FIELDS = {
    "model": "an Object Detection API pipeline configuration, which describes a training",
    "train_config": "an Object Detection API pipeline configuration, which describes a training",
    "item": "a label map, which names the classes of a detector",
    "ir_version": "an ONNX model",
    "op_type": "an ONNX node",
    "op": "a table of ops, which holds no graph",
    "opList": "a table of ops, which holds no graph",
    "mappings": "a table of op mappings, which holds no graph",
    "calculator": "a MediaPipe graph, which names calculators and models",
    "input_stream": "a MediaPipe graph, which names calculators and models",
    "output_stream": "a MediaPipe graph, which names calculators and models",
    "layer": "a Caffe network",
    "layers": "a Caffe network",
    "input_dim": "a Caffe network",
    "model_config_list": "a configuration of TensorFlow Serving",
}
#: Fields of nodes that are none of a NodeDef, which other graphs share the field `node` with.
_NODE_FIELD = re.compile(rb"(?:^|[{\s])(op_type|calculator)\s*:")
_ACCEPTED = (
    "read are: GraphDef, MetaGraphDef, SavedModel (each binary or text), checkpoints, .tflite"
)
#: So many fields of a message are looked at.
_LOOKED_AT = 4096


class _Fields(NamedTuple):
    """The first fields of an encoded message.

    Attributes:
        buffer: The bytes.
        found: The fields.
        is_whole: Whether all that was looked at is a message.
    """

    buffer: Buffer
    found: tuple[WireField, ...]
    is_whole: bool

    def inner(self, number: int) -> Iterator[_Fields]:
        """The messages in a field."""
        for field in self.found:
            if (field.number, field.kind) == (number, LEN):
                yield _read(self.buffer, field.start, field.end)

    def has(self, *wanted: tuple[int, int]) -> bool:
        """Whether all these numbers and types of fields are there."""
        return {(f.number, f.kind) for f in self.found} >= set(wanted)

    def within(self, *numbers: int) -> bool:
        """Whether there are no fields of other numbers."""
        return {f.number for f in self.found} <= set(numbers)


def _read(buffer: Buffer, start: int, end: int) -> _Fields:
    found: list[WireField] = []
    try:
        found.extend(islice(fields(buffer, start, end), _LOOKED_AT))
    except Damaged:
        return _Fields(buffer, tuple(found), False)
    return _Fields(buffer, tuple(found), True)


def _is_onnx(model: _Fields) -> bool:
    graphs = list(model.inner(7))
    return len(graphs) == 1 and model.has((1, VARINT)) and graphs[0].has((1, LEN), (2, LEN))


def _is_caffe2(net: _Fields) -> bool:
    operators = list(net.inner(2))
    return (
        bool(operators)
        and not net.has((1, VARINT))
        and all(
            op.is_whole and op.has((4, LEN)) and (op.has((1, LEN)) or op.has((2, LEN)))
            for op in operators[:8]
        )
    )


def _is_caffe(net: _Fields) -> bool:
    return net.has((1, LEN), (100, LEN)) and any(
        layer.has((1, LEN), (2, LEN)) for layer in net.inner(100)
    )


def _is_core_ml(model: _Fields) -> bool:
    return model.has((1, VARINT), (2, LEN)) and any(f.number >= 200 for f in model.found)


def _is_mediapipe(graph: _Fields) -> bool:
    return any(map(is_calculator, graph.inner(1)))


def is_calculator(node: _Fields) -> bool:
    """Whether a field is a node of MediaPipe, whose first fields a NodeDef shares."""
    streams = [f for f in node.found if f.number in (4, 5, 6)]
    return (
        node.has((2, LEN))
        and not node.has((1, LEN))
        and any(node.buffer[f.start : f.start + 1] not in (b"/", b"\n") for f in streams)
    )


def is_calculator_at(buffer: Buffer, start: int, end: int) -> bool:
    """`is_calculator` of encoded bytes."""
    return is_calculator(_read(buffer, start, end))


def _is_fingerprint(message: _Fields) -> bool:
    return message.has((1, VARINT), (2, VARINT), (3, VARINT), (4, VARINT)) and message.within(
        1, 2, 3, 4, 5, 6, 7
    )


def _is_keras_metadata(message: _Fields) -> bool:
    for node in message.inner(1):
        identifiers = [f for f in node.found if (f.number, f.kind) == (4, LEN)]
        return any(node.buffer[f.start : f.start + 9] == b"_tf_keras" for f in identifiers)
    return False


_MESSAGES = (
    (_is_onnx, "an ONNX model", "look at it with Netron, or with the onnx package"),
    (_is_caffe, "a Caffe model", ""),
    (_is_caffe2, "a Caffe2 network (NetDef)", ""),
    (_is_core_ml, "a Core ML model", "look at it with Netron, or with coremltools"),
    (_is_mediapipe, "a MediaPipe graph, which names calculators and models", ""),
    (
        _is_fingerprint,
        "the fingerprint of a SavedModel, which holds checksums only",
        "give the folder, or saved_model.pb beside it",
    ),
    (
        _is_keras_metadata,
        "the Keras metadata of a SavedModel, which holds no graph",
        "give the folder, or saved_model.pb beside it",
    ),
)


def _is_keras(source: Source) -> bool:
    """Whether a file is of Keras: HDF5, as it was, or a zip archive with its parts, as it is."""
    head = source.head
    return head.startswith(b"\x89HDF") or (
        head.startswith(b"PK\x03\x04") and any(part in head for part in _KERAS_PARTS)
    )


def _export_line(path: str) -> str:
    """What makes a SavedModel of a Keras file."""
    folder = os.path.splitext(os.path.basename(path))[0] or "model"
    return (
        f'export it, and go on with the folder: python -c "import keras; '
        f'keras.models.load_model({path!r}).export({folder!r})"; a file of weights alone is '
        "loaded into its model first"
    )


def unknown_format(source: Source) -> UnknownFormat:
    """The error for a file of no format that is read, with what it is instead."""
    if _is_keras(source):
        return UnknownFormat(
            f"{source.path} is a Keras model in Keras's own form, not a TensorFlow model",
            _export_line(source.path),
        )
    page = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower()
    for start, what, remedy in _BEGINNINGS:
        if source.head.startswith(start) or page.startswith(start):
            return UnknownFormat(f"{source.path} is {what}, not a TensorFlow model", remedy)
    if source.path.endswith(".index"):
        return UnknownFormat(
            f"{source.path} does not end as the index of a checkpoint does: truncated or damaged",
            "copy it again from where it was written",
        )
    if source.is_text:
        what = text_of_another_kind(source) or "a text file"
        return UnknownFormat(f"{source.path} is {what}, not a TensorFlow model", _ACCEPTED)
    message = _read(source.buffer, 0, len(source))
    for recognises, what, remedy in _MESSAGES:
        if recognises(message):
            return UnknownFormat(
                f"{source.path} is {what}, not a TensorFlow model", remedy or _ACCEPTED
            )
    if message.is_whole:
        return UnknownFormat(
            f"{source.path} is a protobuf message of another kind than a TensorFlow model",
            _ACCEPTED,
        )
    return UnknownFormat(
        f"{source.path} is no TensorFlow model that can be recognised, or is damaged at its start",
        _ACCEPTED,
    )


def text_of_another_kind(source: Source) -> str:
    """What a text is that holds no TensorFlow model, as far as is known; empty if it may be one."""
    found = _NODE_FIELD.search(source.head)
    return _TEXT_FIELDS.get(found[1].decode() if found else first_text_field(source), "")
