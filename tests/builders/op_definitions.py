"""Makes `definitions.bin`: `python -m tests.builders.op_definitions PYTHON...`.

Each argument is an interpreter that has a TensorFlow, the newest first. The definitions are those
of the newest TensorFlow that has the op; descriptions are left out. Of TensorFlow 1.15 the ops that
`tf.contrib` registers are taken, too.

The file: a line with the newest version; for each op a line with its name, where its OpDef starts
and ends behind the index, and the version it is from; an empty line; the OpDefs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from graphtools.ops.definitions import FILE
from graphtools.schema import Message, message_class

#: Run by the interpreters: writes the version and the OpList of its TensorFlow.
_DUMP = """
import sys
import tensorflow as tf
try:
    contrib = tf.contrib
except AttributeError:
    contrib = None
if contrib:
    for name in dir(contrib):
        getattr(contrib, name, None)
try:
    from tensorflow.python.client import pywrap_tf_session as session
    session.TF_GetAllOpList
except (ImportError, AttributeError):
    from tensorflow.python import pywrap_tensorflow as session
version = ".".join(tf.__version__.split(".")[:2])
with open(sys.argv[1], "wb") as file:
    file.write(version.encode() + b"\\n" + session.TF_GetBuffer(session.TF_GetAllOpList()))
"""


def dumped(python: str) -> tuple[str, Message]:
    """The version of an interpreter's TensorFlow and its OpList."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "ops"
        subprocess.run([python, "-c", _DUMP, str(target)], check=True)
        version, _, ops = target.read_bytes().partition(b"\n")
    return version.decode(), message_class("OpList").FromString(ops)


def without_descriptions(op: Message) -> Message:
    """An OpDef with what machines read only."""
    op.ClearField("summary")
    op.ClearField("description")
    for argument in (*op.input_arg, *op.output_arg):
        argument.ClearField("description")
        argument.ClearField("experimental_full_type")
    for attribute in op.attr:
        attribute.ClearField("description")
    return op


def encoded(lists: Iterable[tuple[str, Message]]) -> bytes:
    """The content of the file.

    Args:
        lists: Versions with their OpLists, the newest first.
    """
    newest: dict[str, tuple[str, bytes]] = {}
    versions = []
    for version, ops in lists:
        versions.append(version)
        for op in ops.op:
            if op.name not in newest:
                raw = without_descriptions(op).SerializeToString(deterministic=True)
                newest[op.name] = (version, raw)
    index = [versions[0]]
    definitions = b""
    for name, (version, raw) in sorted(newest.items()):
        index.append(f"{name} {len(definitions)} {len(definitions) + len(raw)} {version}")
        definitions += raw
    return "\n".join(index).encode("ascii") + b"\n\n" + definitions


def main() -> None:
    """Write the file."""
    Path(FILE).write_bytes(encoded(dumped(python) for python in sys.argv[1:]))


if __name__ == "__main__":
    main()
