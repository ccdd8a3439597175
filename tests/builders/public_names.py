"""Makes `public_names.txt`: `python -m tests.builders.public_names OLD_PYTHON NEW_PYTHON`.

The arguments are an interpreter that has the last TensorFlow 1 and one that has a current one. The
file: a line with both versions, and a line for each public name without `tf.`: `1` if the old one
has it, `2` if the new one has it, `v` if the new one has it in `tf.compat.v1`, then the name, and
behind it the name that the new one has for the same thing where it is another.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphtools.explain.public_names import FILE

#: Run by the interpreters: writes version, names with the identity of what they name, and those of
#: `tf.compat.v1`.
_DUMP = """
import json, sys, types
import tensorflow as tf

hidden = ("compat", "python", "core", "tools", "pywrap_tensorflow", "absolute_import", "division",
          "print_function")

def walk(module, prefix, found, seen, depth):
    try:
        listed = dir(module)
    except Exception:  # a lazy module that does not load
        return
    for name in listed:
        if name.startswith("_") or name in hidden:
            continue
        try:
            thing = getattr(module, name)
        except Exception:
            continue
        place = str(getattr(thing, "__name__", "")) if isinstance(thing, types.ModuleType) else ""
        if place and not place.startswith(("tensorflow", "keras", "tf_keras")):
            continue
        found[prefix + name] = id(thing)
        if isinstance(thing, types.ModuleType) and id(thing) not in seen and depth < 5:
            if name not in ("contrib", "flags"):
                walk(thing, prefix + name + ".", found, seen | {id(thing)}, depth + 1)

names, old = {}, {}
walk(tf, "", names, {id(tf)}, 0)
v1 = getattr(tf.compat, "v1", None)
if v1 is not None:
    walk(v1, "", old, {id(v1), id(tf)}, 0)
version = ".".join(tf.__version__.split(".")[:2])
names["compat"] = 0
with open(sys.argv[1], "w") as file:
    json.dump([version, names, old], file)
"""


def dumped(python: str) -> tuple[str, dict[str, int], dict[str, int]]:
    """The version of an interpreter's TensorFlow, its public names, and those of `compat.v1`."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "names"
        subprocess.run([python, "-c", _DUMP, str(target)], check=True)
        version, names, old = json.loads(target.read_text())
    return version, names, old


def encoded(
    old: tuple[str, Mapping[str, int], Any], new: tuple[str, Mapping[str, int], Mapping[str, int]]
) -> str:
    """The content of the file."""
    by_thing: dict[int, str] = {}
    for name, thing in new[1].items():
        if thing not in by_thing or len(name) < len(by_thing[thing]):
            by_thing[thing] = name
    lines = [f"{old[0]} {new[0]}"]
    for name in sorted({*old[1], *new[1], *new[2]}):
        flags = ("1" if name in old[1] else "") + ("2" if name in new[1] else "")
        flags += "v" if name in new[2] else ""
        same = "" if name in new[1] else by_thing.get(new[2].get(name, -1), "")
        lines.append(" ".join(filter(None, (flags, name, same))))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the file."""
    old, new = map(dumped, sys.argv[1:3])
    Path(FILE).write_text(encoded(old, new), encoding="ascii")


if __name__ == "__main__":
    main()
