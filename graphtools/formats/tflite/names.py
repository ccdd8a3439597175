"""Names of the operators and element types of TFLite.

The names are data, made by `tests/builders/tflite_names.py` from the schema in TensorFlow's package
and kept in `names.txt` beside this module.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_suffix(".txt")


class Names(NamedTuple):
    """The names of the schema.

    Attributes:
        operators: Name of a builtin operator by its number, as `CONV_2D`.
        types: Name of an element type by its number, as `float32`.
    """

    operators: dict[int, str]
    types: dict[int, str]


@functools.cache
def names() -> Names:
    """The names, read once."""
    found: dict[str, dict[int, str]] = {"operator": {}, "type": {}}
    for line in FILE.read_text("ascii").splitlines():
        if not line.startswith("#"):
            kind, number, name = line.split()
            found[kind][int(number)] = name
    return Names(found["operator"], found["type"])
