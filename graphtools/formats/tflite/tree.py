"""A TFLite model as a tree of dicts, to be changed and written again.

What stands in the file is in the tree, under the names of the schema: fields that are left at their
defaults are absent, a union is the table that it is, large values stay in the file. So what nobody
touches is kept, whatever it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from graphtools.errors import FileProblem
from graphtools.formats.tflite.flatbuffer import NUMBERS, FlatBuffer, FlatTable
from graphtools.formats.tflite.flatbuffer_writer import Scalar, Table, Value, Vector, write
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.schema import FieldOfTable, TFLiteSchema, schema

#: A table: value by name of a field. Values are numbers, `str`, `bytes` or a memoryview (vectors of
#: bytes), lists of numbers, of strings and of tables, and tables.
Tree: TypeAlias = dict[str, Any]

#: The union of a field, by the field's name. Which of its tables it is, the field before it tells.
_UNIONS = {
    "content_properties": "ContentProperties",
    "options": "ProcessUnitOptions",
    "builtin_options": "BuiltinOptions",
    "builtin_options2": "BuiltinOptions2",
    "details": "QuantizationDetails",
    "array_segments": "SparseIndexVector",
    "array_indices": "SparseIndexVector",
}


def read_tree(model: TFLiteModel) -> Tree:
    """The tree of a model.

    Example:
        >>> tree = read_tree(open_model("fixtures/quant/model.tflite"))
        >>> tree["subgraphs"][0]["tensors"][0]["name"]
        'input'

    Raises:
        FileProblem: It has what cannot be written again: constants behind the FlatBuffer, as files
            above 2 GB have, or fields of a schema that is newer than the one known here.
        Damaged: The file breaks the rules of FlatBuffers.
    """
    if any(t.external_file for s in model.subgraphs for t in s.tensors):
        raise FileProblem(f"{model.path} has constants in other files, and is not written again")
    root = FlatBuffer(model.content, model.path).root()
    tree = TreeReader(schema(), model.content, model.path).read(root, "Model")
    far = ("offset", "large_custom_options_offset")
    operators = [o for s in tree.get("subgraphs", ()) for o in s.get("operators", ())]
    if any(t.get(key, 0) > 1 for t in (*tree.get("buffers", ()), *operators) for key in far):
        raise FileProblem(
            f"{model.path} has values behind its FlatBuffer, as files above 2 GB have, and is not "
            "written again"
        )
    return tree


class TreeReader:
    """Reads tables of a FlatBuffer by a schema."""

    def __init__(self, known: TFLiteSchema, content: Any, path: str) -> None:
        """A reader.

        Args:
            known: The schema.
            content: The bytes of the FlatBuffer.
            path: The file, for messages.
        """
        self.known = known
        self.content = content
        self.path = path

    def read(self, table: FlatTable, name: str) -> Tree:
        """The tree of a table.

        Raises:
            FileProblem: It has what the schema lacks.
            Damaged: The file breaks the rules of FlatBuffers.
        """
        fields = self.known.tables[name]
        first_unknown = max((f.slot for f in fields), default=-1) + 1
        if any(table.has(slot) for slot in range(first_unknown, table.last_slot + 1)):
            raise FileProblem(
                f"{self.path} has a field of {name} that the schema known here lacks, and is not "
                "written again"
            )
        found: Tree = {}
        for field in fields:
            if table.has(field.slot):
                found[field.name] = self._value(table, field, found)
        return found

    def _value(self, table: FlatTable, field: FieldOfTable, before: Tree) -> Any:
        item = field.type.strip("[]")
        if item == field.type:
            if item in NUMBERS:
                return table.number(field.slot, NUMBERS[item], field.default)
            if item == "string":
                return table.string(field.slot, "surrogateescape")
            inner = table.table(field.slot)
            assert inner is not None
            return self.read(inner, _table_of(self.known, field, before))
        if item == "uint8":
            extent = table.extent(field.slot)
            assert extent is not None
            return memoryview(self.content)[extent.start : extent.start + extent.size]
        if item in NUMBERS:
            return list(table.numbers(field.slot, NUMBERS[item]))
        if item == "string":
            return list(table.strings(field.slot, "surrogateescape"))
        return [self.read(inner, item) for inner in table.tables(field.slot)]


def _table_of(known: TFLiteSchema, field: FieldOfTable, tree: Mapping[str, Any]) -> str:
    """The table that a field holds."""
    if field.type != "union":
        return field.type
    members = known.enums[_UNIONS[field.name]]
    kind = members.get(tree.get(f"{field.name}_type", 0), "")
    if kind not in known.tables:
        raise FileProblem(f"a {field.name} is of a kind that the schema known here lacks")
    return kind


def write_tree(tree: Tree) -> bytes:
    """The file of a model's tree.

    Raises:
        FileProblem: A union is of an unknown kind.
    """
    return write(as_table(schema(), tree, "Model"))


def as_table(known: TFLiteSchema, tree: Tree, name: str) -> Table:
    """A tree as a table to be written.

    Args:
        known: The schema.
        tree: The tree.
        name: The table that it is of.
    """
    fields = {field.name: field for field in known.tables[name]}
    return {
        fields[key].slot: _as_value(known, fields[key], value, tree) for key, value in tree.items()
    }


def _as_value(known: TFLiteSchema, field: FieldOfTable, value: Any, tree: Tree) -> Value:
    item = field.type.strip("[]")
    if isinstance(value, str | bytes | memoryview):
        return value
    if item in NUMBERS:
        code = NUMBERS[item].code
        return Vector(code, value) if item != field.type else Scalar(code, value)
    if item == field.type:
        return as_table(known, value, _table_of(known, field, tree))
    return [v if isinstance(v, str) else as_table(known, v, item) for v in value]
