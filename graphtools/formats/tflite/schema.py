"""The tables of TFLite's schema, as data.

What fields each table has stands in `schema.txt` beside this module, made from the schema in
TensorFlow's package by `tests/builders/tflite_schema.py`. A line of it is a table and its fields,
each as `name:slot:type=default`; `[type]` is a vector, a name in capitals another table, and
`union` one of several, the type of which is the field before. An enum is a line of its members, as
`=name:number`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_suffix(".txt")

#: The enum of a field, by the field's name; the generated code does not tell it.
_ENUMS = {
    "fused_activation_function": "ActivationFunctionType",
    "padding": "Padding",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
    "kernel_type": "LSTMKernelType",
    "combiner": "CombinerType",
    "mode": "MirrorPadMode",
    "reduce_function": "ReduceWindowFunction",
    "algorithm": "RngAlgorithm",
    "comparison_direction": "StablehloComparisonDirection",
    "compare_type": "StablehloComparisonType",
    "in_data_type": "TensorType",
    "out_data_type": "TensorType",
    "output_type": "TensorType",
    "idx_out_type": "TensorType",
    "quantized_bias_type": "TensorType",
    "key_dtype": "TensorType",
    "value_dtype": "TensorType",
}


class FieldOfTable(NamedTuple):
    """A field of a table.

    Attributes:
        name: Name, as `stride_w`.
        slot: Its place in the schema, counted from 0.
        type: `int8`, `string`, `union`, the name of a table; in brackets for a vector.
        default: What an absent number is.
    """

    name: str
    slot: int
    type: str
    default: float

    @property
    def enum(self) -> str:
        """The enum that its numbers are members of; empty where they are plain numbers."""
        return _ENUMS.get(self.name, "") if self.type in ("int8", "int32") else ""


class TFLiteSchema(NamedTuple):
    """TFLite's schema.

    Attributes:
        tables: The fields of each table, by its name.
        enums: Name of each member by its number, by the name of the enum or union.
    """

    tables: dict[str, tuple[FieldOfTable, ...]]
    enums: dict[str, dict[int, str]]


@functools.cache
def schema() -> TFLiteSchema:
    """The schema of models, read once.

    Example:
        >>> schema().tables["SoftmaxOptions"]
        (FieldOfTable(name='beta', slot=0, type='float32', default=0.0),)
    """
    return _read(FILE)


@functools.cache
def metadata_schema() -> TFLiteSchema:
    """The schema of what is attached to models as their metadata, read once."""
    return _read(FILE.with_name("metadata_schema.txt"))


def _read(file: Path) -> TFLiteSchema:
    tables: dict[str, tuple[FieldOfTable, ...]] = {}
    enums: dict[str, dict[int, str]] = {}
    for line in file.read_text("ascii").splitlines():
        name, *words = line.split()
        if name == "#":
            continue
        if words and words[0][0] == "=":
            members = (word[1:].split(":") for word in words)
            enums[name] = {int(number): member for member, number in members}
            continue
        fields = []
        for word in words:
            field, slot, rest = word.split(":")
            kind, _, default = rest.partition("=")
            fields.append(FieldOfTable(field, int(slot), kind, float(default or 0)))
        tables[name] = tuple(fields)
    return TFLiteSchema(tables, enums)
