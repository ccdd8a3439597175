"""The entries of the attribute `_class`: `loc:@name` asks to be placed where that node is."""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.graph.attributes import Attr
from graphtools.graph.node import Node

ATTRIBUTE = "_class"
PREFIX = b"loc:@"


def colocated_with(node: Node) -> list[str]:
    """Names of the nodes that a node is to be placed with."""
    value = node.attr(ATTRIBUTE)
    if value is None:
        return []
    entries = value if isinstance(value, list) else [value]
    return [
        e[len(PREFIX) :].decode("utf-8", "surrogateescape")
        for e in entries
        if isinstance(e, bytes) and e.startswith(PREFIX)
    ]


def renamed_entries(value: Attr, names: Mapping[str, str | None]) -> Attr:
    """The value of `_class` with new names; entries that would be there twice are dropped."""
    if not isinstance(value, list):
        return value
    found = []
    for entry in value:
        if isinstance(entry, bytes) and entry.startswith(PREFIX):
            old = entry[len(PREFIX) :].decode("utf-8", "surrogateescape")
            new = names.get(old, old)
            if new is None:
                continue
            if new != old:
                entry = PREFIX + new.encode("utf-8", "surrogateescape")
                if entry in found:
                    continue
        found.append(entry)
    return found
