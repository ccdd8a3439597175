"""Makes `first_versions.txt`: `python -m tests.builders.first_versions WHEEL...`.

Each argument is a wheel of TensorFlow as `pip download --no-deps` brings it, one a minor version.
What a version has is read from the Python functions that its build generated for its ops: up to
TensorFlow 2.0 they hold the OpDefs as text, later they name op and attributes. For some ops no
function is made, so an op also counts as there where its name is a string of the shared libraries;
and a new attribute counts as new only where the version before had a function without it.

The file: a line an op, `NAME VERSION [ATTRIBUTE=VERSION ...]`, with the first version that has it.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

from graphtools.ops.definitions import op_names
from graphtools.ops.first_versions import FILE, in_order

_TEXT_OP = re.compile(
    r'^(?:# |[^\n]*""")?op \{\n(?:# )?  name: "(\w+)"(.*?)^(?:# )?\}', re.M | re.S
)
_TEXT_ATTR = re.compile(r'^(?:# )?  attr \{\n(?:# )?    name: "(\w+)"', re.M)
_FUNCTION = re.compile(r"^def .*?(?=^def |\Z)", re.M | re.S)
_CALLED = re.compile(r'(?:_apply_op_helper|_execute\.execute)\(\s*b?"(\w+)"')
_ATTRS = re.compile(r"_attrs = (?:None|\((.*?)\)$)", re.M | re.S)
_ATTR_NAME = re.compile(r'(?:^|[\s,])"(\w+)",')
#: Ops that no graph of a user's has; not all of their attributes stand in functions.
_INTERNAL = ("_", "Copy", "Debug")
#: Bytes of a library that are looked through at a time.
_PIECE = 1 << 24


class Version(NamedTuple):
    """What one version has.

    Attributes:
        name: As `1.15`.
        functions: The attributes of each op that has a generated function.
        strings: Names of ops among the strings of its libraries.
    """

    name: str
    functions: dict[str, set[str]]
    strings: set[str]


def read_functions(text: str) -> dict[str, set[str]]:
    """The ops of a generated Python file with their attributes."""
    found = {name: set(_TEXT_ATTR.findall(body)) for name, body in _TEXT_OP.findall(text)}
    if found:
        return found
    for function in _FUNCTION.findall(text):
        attributes = {n for listed in _ATTRS.findall(function) for n in _ATTR_NAME.findall(listed)}
        for op in set(_CALLED.findall(function)):
            found.setdefault(op, set()).update(attributes)
    return found


def strings_in(library: IO[bytes], known: set[bytes]) -> set[str]:
    """Which of the known strings a shared library has, each between two zero bytes."""
    found: set[bytes] = set()
    last = b""
    while piece := library.read(_PIECE):
        strings = (last + piece).split(b"\0")
        found |= known.intersection(strings)
        last = strings[-1][-100:]
    return {name.decode() for name in found}


def read_wheel(path: Path, known: set[bytes]) -> Version:
    """What the TensorFlow of a wheel has."""
    functions: dict[str, set[str]] = {}
    strings: set[str] = set()
    with zipfile.ZipFile(path) as wheel:
        for member in wheel.namelist():
            name = member.rpartition("/")[2]
            if name.startswith("gen_") and name.endswith(".py"):
                functions |= read_functions(wheel.read(member).decode("utf-8"))
            elif re.search(r"\.so(\.\d+)*$", name):
                with wheel.open(member) as library:
                    strings |= strings_in(library, known)
    return Version(".".join(path.name.split("-")[1].split(".")[:2]), functions, strings)


def lines(versions: Iterable[Version]) -> list[str]:
    """The lines of the file: ops and attributes that the oldest version does not have."""
    first: dict[str, str] = {}
    attributes: dict[str, dict[str, str]] = {}
    before: dict[str, set[str]] = {}
    for version in versions:
        for op in version.functions.keys() | version.strings:
            first.setdefault(op, version.name)
        for op, names in version.functions.items():
            for name in names - before.get(op, names):
                attributes.setdefault(op, {}).setdefault(name, version.name)
            before[op] = before.get(op, set()) | names
    oldest = min(first.values(), key=in_order)
    return [
        " ".join((op, first[op], *(f"{n}={v}" for n, v in sorted(attributes.get(op, {}).items()))))
        for op in sorted(first)
        if (first[op] != oldest or op in attributes) and not op.startswith(_INTERNAL)
    ]


def main() -> None:
    """Write the file."""
    known = {name.encode() for name in op_names()}
    versions = sorted((read_wheel(Path(p), known) for p in sys.argv[1:]), key=by_version)
    Path(FILE).write_text("\n".join(lines(versions)) + "\n", "ascii")


def by_version(version: Version) -> tuple[int, ...]:
    """Sorts versions."""
    return in_order(version.name)


if __name__ == "__main__":
    main()
