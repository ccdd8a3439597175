"""Names of the operators and element types of TFLite: `python -m graphtools.formats.tflite.names`.

The names are data, made from the schema in TensorFlow's package and kept in `names.txt`
beside this module. Run as a program, which needs TensorFlow, this module writes that file anew.
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


def text() -> str:
    """The content of the file, made from the installed TensorFlow."""
    import tensorflow
    from tensorflow.lite.python import schema_py_generated as schema

    lines = [f"# TensorFlow {tensorflow.__version__}, by python -m graphtools.formats.tflite.names"]
    for kind, enum in (("operator", schema.BuiltinOperator), ("type", schema.TensorType)):
        members = {n: v for n, v in vars(enum).items() if n[0] != "_" and isinstance(v, int)}
        for name, number in sorted(members.items(), key=lambda member: member[1]):
            lines.append(f"{kind} {number} {name.lower() if kind == 'type' else name}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), "ascii")


if __name__ == "__main__":
    main()
