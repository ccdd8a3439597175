"""What was measured of each op with a TensorFlow version's converter.

A table is a JSON file with one op a line, written by `graphtools probe-converter`, which runs the
converter on one node of each op and type; those of two versions are shipped, as
`tables/<version>.json`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from graphtools.errors import FileProblem, InvalidValue
from graphtools.front_end import step

FOLDER = Path(__file__).with_name("tables")
#: Version of the form of the files.
SCHEMA = 1

#: Type attributes and the types that are taken; the types of all attributes must be in their sets.
Types = Mapping[str, frozenset[str]]


class OpEntry(NamedTuple):
    """What is known of an op.

    Attributes:
        flex: Whether Select TF ops may run it.
        builtin: Types with which a node converts to builtin operators; one of them must fit. Empty
            if none does.
        fails: Types with which the conversion fails, Select TF ops or not, each with `error` or
            `crash`.
        ranks: By input number, the highest rank that converts to builtin operators.
        constant: Inputs that must be constant for builtin operators.
        unranked: Whether it converts to builtin operators when the rank of its input is unknown.
        lost: By attribute, values that do not convert to builtin operators.
    """

    flex: bool
    builtin: tuple[Types, ...]
    fails: tuple[tuple[Types, str], ...]
    ranks: Mapping[int, int]
    constant: tuple[str, ...]
    unranked: bool
    lost: Mapping[str, tuple[str, ...]]


class OpTable(NamedTuple):
    """The table of a TensorFlow version.

    Attributes:
        version: The version, as `2.21`.
        tensorflow: The release that was measured, as `2.21.0`.
        ops: What is known of each op that this TensorFlow has.
    """

    version: str
    tensorflow: str
    ops: Mapping[str, OpEntry]

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers, to compare."""
        return _number(self.version)


def versions() -> list[str]:
    """The TensorFlow versions that there are tables for, the oldest first."""
    return sorted((p.stem for p in FOLDER.glob("*.json")), key=_number)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


@functools.cache
def table(version: str | None = None) -> OpTable:
    """The table of a TensorFlow version, of the newest one if none is given.

    Args:
        version: `2.21`, or with a patch level, which does not matter; or the path of a table, which
            ends in `.json`.

    Raises:
        InvalidValue: There is no table for this version.
        FileProblem: The file cannot be read, or is no table.
    """
    if version is not None and version.endswith(".json"):
        return _read(Path(version))
    known = versions()
    wanted = known[-1] if version is None else _short(version.strip())
    if wanted not in known:
        raise InvalidValue(
            f"there is no table of what TensorFlow {version} converts",
            f"tables are there for {' and '.join(known)}; "
            + step("probe-converter", output="NAME.json")
            + " "
            "makes others, to be named by their path",
        )
    return _read(FOLDER / f"{wanted}.json")


def _short(release: str) -> str:
    return ".".join(release.split(".")[:2])


def _read(path: Path) -> OpTable:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError:  # neither JSON nor text
        content = None
    if isinstance(content, dict) and content.get("schema") == SCHEMA:
        try:
            ops = {name: _entry(entry) for name, entry in content["ops"].items()}
            return OpTable(_short(content["tensorflow"]), content["tensorflow"], ops)
        except (AttributeError, KeyError, TypeError, ValueError):  # another structure
            pass
    raise FileProblem(
        f"{path} is no table of what a converter converts",
        f"make one: {step('probe-converter', output=path.name)}",
    )


def _entry(entry: dict[str, Any]) -> OpEntry:
    return OpEntry(
        bool(entry["flex"]),
        tuple(_types(t) for t in entry.get("builtin", ())),
        tuple((_types(t), t["kind"]) for t in entry.get("fails", ())),
        {int(number): rank for number, rank in entry.get("rank", {}).items()},
        tuple(entry.get("constant", ())),
        entry.get("unranked", True),
        {name: tuple(values) for name, values in entry.get("lost", {}).items()},
    )


def _types(product: Mapping[str, str]) -> Types:
    return {k: frozenset(v.split()) for k, v in product.items() if k != "kind"}
