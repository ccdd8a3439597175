"""What is attached to a TFLite model for programs that prepare its inputs and read its outputs.

A piece of metadata named `TFLITE_METADATA` is a FlatBuffer of its own, of the table ModelMetadata.
Files that it names, as labels, stand in a zip behind the model's FlatBuffer, stored and not
compressed. Source: the metadata writers of tflite-support, and what MediaPipe reads.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from typing import Any

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.source import make_folder, write_file
from graphtools.formats.tflite.flatbuffer import FlatBuffer
from graphtools.formats.tflite.flatbuffer_writer import write
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.schema import metadata_schema
from graphtools.formats.tflite.tree import Tree, TreeReader, as_table

#: The name under which the metadata are attached.
METADATA = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
#: The enum of a field of the metadata, by the table and the field.
_ENUMS = {
    ("AssociatedFile", "type"): "AssociatedFileType",
    ("ImageProperties", "color_space"): "ColorSpaceType",
    ("BoundingBoxProperties", "type"): "BoundingBoxType",
    ("BoundingBoxProperties", "coordinate_type"): "CoordinateType",
    ("ScoreCalibrationOptions", "score_transformation"): "ScoreTransformationType",
    ("Content", "content_properties_type"): "ContentProperties",
    ("ProcessUnit", "options_type"): "ProcessUnitOptions",
}
#: The time that is written for all files, so that the same input gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: Files of an archive are read up to so many bytes together; labels and vocabularies are small.
_MOST = 1 << 28


def model_metadata(model: TFLiteModel) -> dict[str, Any] | None:
    """The metadata of a model as JSON's types; None where it has none.

    Members of enums are told by name. It is the form of `--metadata`, too.

    Raises:
        Damaged: They break the rules of FlatBuffers.
        FileProblem: They have what the schema known here lacks.
    """
    found = next((m for m in model.metadata if m.name == METADATA), None)
    if found is None:
        return None
    content = bytes(model.buffer_data(found.buffer))
    if content[4:8] != _IDENTIFIER:
        raise Damaged(f"{model.path}: its metadata are none: they lack {_IDENTIFIER.decode()}")
    reader = TreeReader(metadata_schema(), content, f"{model.path}: metadata")
    tree = reader.read(FlatBuffer(content, reader.path).root(), "ModelMetadata")
    named: dict[str, Any] = _with_names(tree, "ModelMetadata")
    return named


def encode_metadata(metadata: Mapping[str, Any]) -> bytes:
    """The FlatBuffer of metadata, given in the form that `model_metadata` has.

    Raises:
        InvalidValue: They have a field that the schema lacks, or a value of another type.
    """
    tree = _with_numbers(metadata, "ModelMetadata", "metadata")
    try:
        return write(as_table(metadata_schema(), tree, "ModelMetadata"), _IDENTIFIER)
    except Exception as problem:  # a number, a list or a text that is none
        raise InvalidValue(f"the metadata have a value of another type: {problem}") from None


def _with_names(tree: Tree, table: str) -> Tree:
    """A tree in which members of enums are told by name."""
    found: Tree = {}
    for field in metadata_schema().tables[table]:
        if field.name not in tree:
            continue
        value = tree[field.name]
        members = metadata_schema().enums.get(_ENUMS.get((table, field.name), ""), {})
        inner = field.type.strip("[]")
        if field.type == "union":
            inner = str(found[f"{field.name}_type"])
        if isinstance(value, list) and inner in metadata_schema().tables:
            found[field.name] = [_with_names(v, inner) for v in value]
        elif isinstance(value, dict):
            found[field.name] = _with_names(value, inner)
        elif isinstance(value, memoryview):
            found[field.name] = value.hex()
        else:
            found[field.name] = members.get(value, value) if isinstance(value, int) else value
    return found


def _with_numbers(value: Mapping[str, Any], table: str, where: str) -> Tree:
    """The inverse of `_with_names`."""
    from graphtools.wording import did_you_mean

    fields = {field.name: field for field in metadata_schema().tables[table]}
    found: Tree = {}
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{where} is no object: {value!r}")
    for key, given in value.items():
        if key not in fields:
            raise InvalidValue(
                f"{where} has a field {key!r}, which a {table} does not have",
                did_you_mean(key, fields) or f"it has {', '.join(fields)}",
            )
        field, there = fields[key], f"{where}.{key}"
        inner = field.type.strip("[]")
        if field.type == "union":
            inner = str(value.get(f"{key}_type"))
            if inner not in metadata_schema().tables:
                raise InvalidValue(f"{there} needs {key}_type beside it, the kind that it is")
        enum = _ENUMS.get((table, key))
        if enum is not None and isinstance(given, str):
            numbers = {name: number for number, name in metadata_schema().enums[enum].items()}
            if given not in numbers:
                raise InvalidValue(
                    f"{there} is {given!r}, which there is not",
                    did_you_mean(given, numbers) or f"there are {', '.join(numbers)}",
                )
            found[key] = numbers[given]
        elif inner in metadata_schema().tables:
            is_list = inner != field.type and field.type != "union"
            if is_list and not isinstance(given, list):
                raise InvalidValue(f"{there} is no list: {given!r}")
            found[key] = (
                [_with_numbers(v, inner, f"{there}[{i}]") for i, v in enumerate(given)]
                if is_list
                else _with_numbers(given, inner, there)
            )
        elif inner == "uint8" and inner != field.type:
            found[key] = bytes.fromhex(given)
        else:
            found[key] = given
    return found


def associated_files(model: TFLiteModel) -> dict[str, bytes]:
    """The files behind a model's FlatBuffer, by name; none where it has none.

    Raises:
        Damaged: What is behind it is a damaged archive.
    """
    if model.content.rfind(b"PK\5\6") < 0:
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(model.content[:])) as archive:
            members = archive.infolist()
            if sum(m.file_size for m in members) > _MOST:
                raise Damaged(f"{model.path}: the files behind the model are too large to be true")
            return {m.filename: archive.read(m) for m in members}
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        RuntimeError,
        OSError,
        ValueError,
    ) as problem:
        raise Damaged(f"{model.path}: the files behind the model are damaged: {problem}") from None


def extract_files(model: TFLiteModel, folder: str) -> tuple[str, ...]:
    """Write the files behind a model's FlatBuffer into a folder, which is made if it is not there.

    Returns:
        The paths of what was written.

    Raises:
        InvalidValue: There are none, or one has a name that leads out of the folder.
        FileProblem: They cannot be written.
        Damaged: See `associated_files`.
    """
    files = associated_files(model)
    if not files:
        raise InvalidValue(f"{model.path} has no files behind it, as labels")
    for name in files:
        if os.path.basename(name) != name or name in ("", ".", ".."):
            raise InvalidValue(f"{model.path} has a file named {name!r}, which is not written")
    make_folder(folder)
    paths = [os.path.join(folder, name) for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        write_file(path, [content])
    return tuple(paths)


def archive_of(files: Mapping[str, bytes], offset: int) -> bytes:
    """The archive that stands behind a FlatBuffer.

    Args:
        files: Content by name; nothing is compressed, as MediaPipe wants it.
        offset: Bytes of the FlatBuffer, from whose start places are counted.
    """
    if not files:
        return b""
    out = io.BytesIO(bytes(offset))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)
    return out.getvalue()[offset:]
