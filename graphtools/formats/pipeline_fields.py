"""Known fields of pipeline configurations, over all versions of the Object Detection API.

The fields are data, kept in `pipeline_fields.txt` beside this module: a line with the name of a
message, then an indented line per field with its name, its type (a scalar, a message, or the values
of an enum joined by `|`), a `*` where it may be repeated, `/GROUP` where only one of a group may be
set, `=VALUE` for its default, and `removed` where newer versions know it no more.

`tests/builders/pipeline_fields.py` makes it from several versions.
Source: the .proto files of the Object Detection API, from its first release to the last (2.x).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_suffix(".txt")
#: The message of the whole configuration.
ROOT = "TrainEvalPipelineConfig"
INTEGERS = {"int32", "int64", "uint32", "uint64"}
FLOATS = {"float", "double"}
SCALARS = INTEGERS | FLOATS | {"bool", "string", "bytes"}


class KnownField(NamedTuple):
    """A field of a message.

    Attributes:
        type: A scalar's name, a message's name, or the values of an enum joined by `|`.
        repeated: Whether it may occur several times.
        group: Only one field of this group may be set; empty where that does not matter.
        default: What holds where it is not set, as text; empty for the type's zero.
        removed: Whether newer versions know it no more.
    """

    type: str
    repeated: bool = False
    group: str = ""
    default: str = ""
    removed: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The values of an enum; empty for another type."""
        return tuple(self.type.split("|")) if "|" in self.type else ()


Messages = dict[str, dict[str, KnownField]]


@functools.cache
def known_fields() -> Messages:
    """Fields by name, by the name of their message; read once."""
    messages: Messages = {}
    fields: dict[str, KnownField] = {}
    for line in FILE.read_text("utf-8").splitlines():
        if line[:1] == " ":
            name, kind, *rest = line.split()
            given = {part[0]: part[1:] for part in rest if part[0] in "*/="}
            fields[name] = KnownField(
                kind, "*" in given, given.get("/", ""), given.get("=", ""), "removed" in rest
            )
        elif line[:1] != "#":
            fields = messages[line] = {}
    return messages


def default_of(path: str, message: str = ROOT) -> str:
    """The default of a field, as text, by its path; empty where it has none.

    Args:
        path: As `train_config.batch_size`.
        message: The message where the path starts.
    """
    first, _, rest = path.partition(".")
    field = known_fields()[message][first]
    return default_of(rest, field.type) if rest else field.default
