"""The first TensorFlow that has an op or an attribute.

Source: the public wheels of TensorFlow 0.12 to 2.21, the first of each minor version, of which
`tests.builders.first_versions` makes `first_versions.txt`. What is not in it is as old as 0.12, or
was found in none of them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable

from graphtools.graph.node import Node

#: What is as old needs nothing; such an op stands in the table for an attribute's sake.
_OLDEST = "0.12"
FILE = os.path.join(os.path.dirname(__file__), "first_versions.txt")


def in_order(version: str) -> tuple[int, ...]:
    """A version such as `1.15` as what sorts."""
    return tuple(int(part) for part in version.split("."))


@functools.cache
def _table() -> dict[str, tuple[str, dict[str, str]]]:
    table = {}
    with open(FILE, encoding="ascii") as file:
        for line in file:
            op, version, *attributes = line.split()
            table[op] = (version, dict(a.split("=") for a in attributes))
    return table


def first_version(op: str, attribute: str = "") -> str:
    """The first TensorFlow that has an op, or one of its attributes; empty if that is not known.

    Example:
        >>> first_version("Cast", "Truncate")
        '1.11'
    """
    version, attributes = _table().get(op, ("", {}))
    if attribute:
        return attributes.get(attribute, "")
    return "" if version == _OLDEST else version


def needed_version(nodes: Iterable[Node]) -> tuple[str, list[str]]:
    """The least TensorFlow that has all ops and attributes of nodes, as far as it is known.

    A TensorFlow refuses an attribute that it does not know, also one that has its default.

    Returns:
        The version, and what is not in any before it, as `AddV2` or `Cast.Truncate`, sorted;
        empty where all of it is older than the versions that are known.

    Example:
        >>> from graphtools.graph.node import Node
        >>> needed_version([Node("a", "Add"), Node("b", "AddV2")])
        ('1.5', ['AddV2'])
    """
    table = _table()
    needs: dict[str, str] = {}
    for node in nodes:
        known = table.get(node.op)
        if known is None:
            continue
        version, attributes = known
        if version != _OLDEST:
            needs[node.op] = version
        for name, since in attributes.items():
            if f"{node.op}.{name}" not in needs and node.has_attr(name):
                needs[f"{node.op}.{name}"] = since
    if not needs:
        return "", []
    least = max(needs.values(), key=in_order)
    return least, sorted(what for what, since in needs.items() if since == least)
