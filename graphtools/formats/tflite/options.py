"""What is set of an operator: the options of TFLite's own, and those of custom operators.

Source of the layout: TensorFlow's `lite/schema/schema.fbs`, see `schema`. The options of a custom
operator are bytes of its own; mostly a FlexBuffer of a map.
"""

from __future__ import annotations

from typing import Any

from graphtools.errors import Damaged
from graphtools.formats.tflite.flatbuffer import NUMBERS, UINT8, FlatTable
from graphtools.formats.tflite.flexbuffer import decode_flexbuffer
from graphtools.formats.tflite.schema import FieldOfTable, schema

#: The slots of a table Operator: the unions with the types of them, and a custom one's bytes.
_UNIONS = ((3, 4, "BuiltinOptions"), (11, 12, "BuiltinOptions2"))
_CUSTOM_OPTIONS = 5


def operator_options(table: FlatTable, content: Any) -> dict[str, Any]:
    """The options of an operator by name, those that are left at their defaults, too.

    Members of enums are told by name (`SAME`, `RELU6`). What is a table in the options of StableHLO
    operators is left out. Custom options that are no map of a FlexBuffer are told as `bytes`, under
    the name `custom_options`; of a Flex operator, which has TensorFlow's node there, under `node`.

    Args:
        table: The operator's table.
        content: The bytes of the file.

    Raises:
        Damaged: The table leaves the file.
    """
    found: dict[str, Any] = {}
    for type_slot, slot, union in _UNIONS:
        kind = schema().enums[union].get(table.integer(type_slot, UINT8), "")
        options = table.table(slot) if kind in schema().tables else None
        if options is not None:
            for field in schema().tables[kind]:
                value = _value(options, field)
                if value is not None:
                    found[field.name] = value
    custom = table.extent(_CUSTOM_OPTIONS)
    if custom is not None and custom.size:
        found |= _custom(bytes(content[custom.start : custom.start + custom.size]))
    return found


def _value(table: FlatTable, field: FieldOfTable) -> Any:
    """The value of a field; None where it is neither numbers nor a string."""
    item = field.type.strip("[]")
    if item != field.type:
        number = NUMBERS.get(item)
        return list(table.numbers(field.slot, number)) if number else None
    if item == "string":
        return table.string(field.slot)
    if item not in NUMBERS:
        return None
    value = table.number(field.slot, NUMBERS[item], field.default)
    members = schema().enums.get(field.enum, {})
    return members.get(int(value), value) if members else value


def _custom(raw: bytes) -> dict[str, Any]:
    try:
        value = decode_flexbuffer(raw)
    except Damaged:
        return {"custom_options": raw}
    if isinstance(value, dict):
        return value
    is_flex = isinstance(value, list) and [type(v) for v in value] in ([str, str], [str, bytes])
    return {"node": value[0]} if is_flex else {"custom_options": raw}
