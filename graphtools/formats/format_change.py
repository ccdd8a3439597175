"""Changes a model between protobuf's binary and text form, and nothing else of it."""

from __future__ import annotations

import os
from typing import NamedTuple

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats import open_model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import FILE_NAMES, SavedModel
from graphtools.formats.source import open_source, write_file
from graphtools.formats.text import encode_text
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import step
from graphtools.schema import message_class
from graphtools.schema.wire import PROTOBUF_LIMIT


class FormatChange(NamedTuple):
    """A model that was written in the other form.

    Attributes:
        source: The model.
        target: What was written.
        kind: `GraphDef`, `MetaGraphDef` or `SavedModel`; the target is of the same kind.
        encoding: `binary` or `text`, of the target.
        bytes: Size of the target.
        note: What to know of the target; empty for nothing.
    """

    source: str
    target: str
    kind: str
    encoding: str
    bytes: int
    note: str = ""


def change_format(
    path: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    as_text: bool | None = None,
) -> FormatChange:
    """Write a model as text if it is binary, or as binary if it is text, and no other way.

    Nothing is stripped: functions, versions, collections and signatures stay. What TensorFlow
    would not find again in the text, as fields that are newer than the known ones, is refused.

    Args:
        path: A GraphDef, MetaGraphDef or SavedModel.
        target: Where it goes; written whole or not at all.
        as_text: Whether it is to be text; by default if the target ends in `.pbtxt`.

    Raises:
        InvalidValue: The model has this form already, or cannot be written in the other one.
        FileProblem: It is of another kind, or the target cannot be written.

    Example:
        >>> change_format("frozen.pb", "frozen.pbtxt").kind
        'GraphDef'
    """
    name = os.fspath(target)
    as_text = name.endswith(".pbtxt") if as_text is None else as_text
    model = open_model(path)
    if isinstance(model, TFLiteModel):
        raise FileProblem(
            f"{model.path} is a {model.kind}, of which no graph can be made without loss",
            "operators are fused and weights quantized; take the graph that it was made of, or "
            f"its weights: {step('variables', 'FILE', output='weights.npz')}",
        )
    if not isinstance(model, GraphFile | MetaGraph | SavedModel):
        raise FileProblem(
            f"{model.path} is a {model.kind}, which is no graph in protobuf's form",
            f"see what is in it with: {step('summary', 'FILE')}",
        )
    _check_target(model, name, as_text=as_text)
    source = open_source(_file_of(model))
    message = model.kind  # these files are the messages that they are called by
    raw = encode_text(source, message) if source.is_text else source.whole()[0 : len(source)]
    content = _text_of(raw, message, model.path) if as_text else raw
    write_file(name, [content])
    note = ""
    if model.kind == "SavedModel" and os.path.basename(name) not in FILE_NAMES:
        wanted = FILE_NAMES[as_text]
        note = f"TensorFlow loads it as a folder with {wanted}, beside variables/ and assets/"
    encoding = "text" if as_text else "binary"
    return FormatChange(model.path, name, model.kind, encoding, len(content), note)


def _check_target(model: GraphFile | MetaGraph | SavedModel, target: str, *, as_text: bool) -> None:
    """Refuse what would change nothing, and a name that is that of another kind.

    Raises:
        InvalidValue: It is so.
    """
    if target.endswith(".meta") and model.kind != "MetaGraphDef":
        raise InvalidValue(
            f"{target} would be a MetaGraphDef, and {model.path} is a {model.kind}",
            "name a file that ends in .pb or .pbtxt",
        )
    if (model.encoding == "text") != as_text:
        return
    remedy = "name a file that ends in .pb" if as_text else "name a file that ends in .pbtxt"
    if not as_text and model.kind != "GraphDef":
        remedy = f"for a frozen graph: {step('freeze', model.path, output=target)}"
    form = "text" if as_text else "binary"
    raise InvalidValue(f"{model.path} is {form} already, a {model.kind}", remedy)


def _file_of(model: GraphFile | MetaGraph | SavedModel) -> str:
    """The file that a model stands in."""
    if os.path.isdir(model.path):
        names = [os.path.join(model.path, name) for name in FILE_NAMES]
        return next(name for name in names if os.path.exists(name))
    return model.path


def _text_of(raw: bytes, name: str, path: str) -> bytes:
    """An encoded message in text format, which says the same.

    Raises:
        InvalidValue: It is above 2 GB, or has fields that have no name here.
    """
    from google.protobuf import text_format
    from google.protobuf.descriptor_pool import DescriptorPool

    if len(raw) > PROTOBUF_LIMIT:
        raise InvalidValue(
            f"{path} has {len(raw):,} bytes; protobuf limits text to 2 GB", "keep it binary"
        )
    message = message_class(name).FromString(raw)
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        raise InvalidValue(
            f"{path} has fields that are newer than those known here, which text would lose",
            "keep it binary",
        )
    # an Any is kept as its bytes, whatever types this process knows
    return str(text_format.MessageToString(message, descriptor_pool=DescriptorPool())).encode()
