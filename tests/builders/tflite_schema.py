"""Writes the tables of TFLite's schema: `python -m tests.builders.tflite_schema`.

They are made from the schema in the package of the installed TensorFlow.
"""

from __future__ import annotations

import inspect
import re

from graphtools.formats.tflite.schema import FILE


def text() -> str:
    """The content of the file, made from the installed TensorFlow."""
    import tensorflow
    from tensorflow.lite.python import schema_py_generated as generated

    code = inspect.getsource(generated)
    sources = dict(re.findall(r"^class (\w+)\(object\):\n(.*?)(?=^\S)", code, re.DOTALL | re.M))
    made_by = "python -m tests.builders.tflite_schema"
    lines = [f"# TensorFlow {tensorflow.__version__}, by {made_by}"]
    for name, source in sorted(sources.items()):
        if name.endswith("T") and name[:-1] in sources:
            continue  # the same as an object of Python
        if "GetRootAs" in source:
            lines.append(" ".join([name, *_fields(source)]))
        else:
            numbers = re.findall(r"^    (\w+) = (-?\d+)$", source, re.M)
            members = sorted(numbers, key=lambda member: int(member[1]))
            lines.append(" ".join([name, *(f"={member}:{number}" for member, number in members)]))
    return "\n".join(lines) + "\n"


def _fields(source: str) -> list[str]:
    """The fields of a table by the code that reads them."""
    found = []
    for method in re.split(r"\n    # \w+\n    def ", source)[1:]:
        name = method[: method.index("(")]
        slot = re.search(r"_tab\.Offset\((\d+)\)", method)
        if slot is None or re.match(r"\w+(AsNumpy|Length|IsNone)\(self\)", method):
            continue
        table = re.search(r"obj = (\w+)\(", method)
        number = re.search(r"number_types\.(\w+)Flags,", method)
        if "_tab.Union(" in method:
            kind = "union"
        elif table:
            kind = table[1]
        else:
            kind = number[1].lower() if number else "string"
        if "Vector(" in method:
            kind = f"[{kind}]"
        default = method.rstrip().rpartition("return ")[2]
        default = {"None": "0", "False": "0", "True": "1"}.get(default, default)
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
        found.append(f"{snake}:{(int(slot[1]) - 4) // 2}:{kind}" + f"={default}" * (default != "0"))
    return found


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), "ascii")


if __name__ == "__main__":
    main()
