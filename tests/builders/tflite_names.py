"""Writes the names of TFLite's operators and types: `python -m tests.builders.tflite_names`.

They are made from the schema in the package of the installed TensorFlow.
"""

from __future__ import annotations

from graphtools.formats.tflite.names import FILE


def text() -> str:
    """The content of the file, made from the installed TensorFlow."""
    import tensorflow
    from tensorflow.lite.python import schema_py_generated as schema

    lines = [f"# TensorFlow {tensorflow.__version__}, by python -m tests.builders.tflite_names"]
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
