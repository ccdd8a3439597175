"""Writes the known fields of pipeline configurations.

`python -m tests.builders.pipeline_fields OLD NEW...` makes the file from the folders
object_detection/protos of several versions, the oldest first; what a later version says counts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from graphtools.formats.pipeline_fields import FILE, SCALARS, KnownField, Messages

_PROTO_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\s+|(?P<token>\"[^\"]*\"|'[^']*'|[\w.+-]+|.)", re.S)


def fields_of_protos(texts: Iterable[str]) -> Messages:
    """The fields that .proto files of one version declare."""
    messages: Messages = {}
    enums: dict[str, str] = {}
    removed: list[tuple[str, str]] = []
    for text in texts:
        tokens = iter([m["token"] for m in _PROTO_TOKEN.finditer(text) if m["token"]])
        _declarations(tokens, "", "", messages, enums, removed)
    for scope, fields in messages.items():
        for name, field in fields.items():
            fields[name] = field._replace(type=_resolved(field.type, scope, messages, enums))
    for scope, name in removed:
        messages[scope][name] = KnownField("", removed=True)
    return messages


def _declarations(
    tokens: Iterator[str],
    scope: str,
    group: str,
    messages: Messages,
    enums: dict[str, str],
    removed: list[tuple[str, str]],
) -> None:
    """Read declarations up to the end of a message, a group or the file."""
    for token in tokens:
        if token == "}":
            return
        if token == "message":
            inner = f"{scope}.{next(tokens)}".lstrip(".")
            next(tokens)
            messages.setdefault(inner, {})
            _declarations(tokens, inner, "", messages, enums, removed)
        elif token == "enum":
            name = f"{scope}.{next(tokens)}".lstrip(".")
            next(tokens)
            enums[name] = "|".join(_enum_values(tokens))
        elif token == "oneof":
            name = next(tokens)
            next(tokens)
            _declarations(tokens, scope, name, messages, enums, removed)
        elif token == "reserved":
            names = [t.strip("\"'") for t in _statement(tokens) if t[0] in "\"'"]
            removed += [(scope, name) for name in names]
        elif token in ("syntax", "package", "import", "option", "extensions"):
            _statement(tokens)
        elif token != ";":
            _field([token, *_statement(tokens)], scope, group, messages)


def _statement(tokens: Iterator[str]) -> list[str]:
    """The tokens up to the next semicolon."""
    found = []
    for token in tokens:
        if token == ";":
            break
        found.append(token)
    return found


def _enum_values(tokens: Iterator[str]) -> Iterator[str]:
    for token in tokens:
        if token == "}":
            return
        yield token
        _statement(tokens)


def _field(words: list[str], scope: str, group: str, messages: Messages) -> None:
    """Read one field: its label, its type, its name, its number and its options."""
    label = words.pop(0) if words[0] in ("optional", "repeated", "required") else ""
    if words[0] == "map":  # map < KEY , VALUE > NAME
        entry = f"{scope}.{words[6]}.Entry"
        messages[entry] = {"key": KnownField(words[2]), "value": KnownField(words[4])}
        words[:6] = [entry]
        label = "repeated"
    kind, name = words[0], words[1].rsplit(".", 1)[-1]
    default = ""
    if "default" in words:
        default = words[words.index("default") + 2].strip("\"'")
    messages[scope][name] = KnownField(kind, label == "repeated", group, default)


def _resolved(kind: str, scope: str, messages: Messages, enums: dict[str, str]) -> str:
    """The full name of a type that is named in a scope; for an enum, its values."""
    while kind not in SCALARS:
        full = f"{scope}.{kind}".lstrip(".")
        if full in enums:
            return enums[full] if "|" in enums[full] else f"{enums[full]}|"
        if full in messages or not scope:
            return full
        scope = scope.rpartition(".")[0]
    return kind


def merged(versions: Iterable[Messages]) -> Messages:
    """The fields of all versions; what a later one says counts."""
    union: Messages = {}
    for version in versions:
        for message, fields in version.items():
            known = union.setdefault(message, {})
            for name, field in fields.items():
                old = known.get(name)
                known[name] = old._replace(removed=True) if field.removed and old else field
    return union


def as_text(messages: Messages) -> str:
    """The content of the file."""
    lines = ["# Object Detection API, by python -m tests.builders.pipeline_fields"]
    for message, fields in sorted(messages.items()):
        lines.append(message)
        for name, field in fields.items():
            parts = [name, field.type]
            parts += ["*"] * field.repeated + [f"/{field.group}"] * bool(field.group)
            parts += [f"={field.default}"] * bool(field.default) + ["removed"] * field.removed
            lines.append("  " + " ".join(parts))
    return "\n".join(lines) + "\n"


def main(folders: list[str]) -> None:
    """Write the file from folders of .proto files, the oldest version first."""
    versions = [
        fields_of_protos(p.read_text("utf-8") for p in sorted(Path(folder).glob("*.proto")))
        for folder in folders
    ]
    FILE.write_text(as_text(merged(versions)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
