"""Long lists of names by scope, so that a person can read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: So many scopes side by side are joined where they differ in their numbers only.
_MANY = 4
_NUMBER = re.compile(r"\d+")

_Parts = tuple[str, ...]


class ScopeGroup(NamedTuple):
    """Names in one scope, or in scopes that differ in their numbers only.

    Attributes:
        scope: The scope, with `*` for numbers that differ; a name where it is the only one.
        names: The names.
    """

    scope: str
    names: tuple[str, ...]


class _Group(NamedTuple):
    prefix: _Parts
    names: list[_Parts]


def grouped(names: Iterable[str], limit: int = 10) -> list[ScopeGroup]:
    """Names grouped by scope, as finely as helps reading.

    The largest group is split first, as long as what comes out has more than two names on the
    average, but not by the names themselves; scopes that hold a single scope are joined with it.

    Args:
        names: The names.
        limit: The number of groups that may be reached.
    """
    first = sorted(tuple(name.split("/")) for name in names)
    if not first:
        return []
    groups = _split(_Group((), first))
    while True:
        splits = [
            (len(group.names), -place, inner)
            for place, group in enumerate(groups)
            if len(inner := _split(group)) > 1
            and len(group.names) > 2 * len(inner)
            and len(groups) - 1 + len(inner) <= limit
        ]
        if not splits:
            break
        _, place, inner = max(splits, key=lambda s: s[:2])
        groups[-place : -place + 1] = inner
    return [
        ScopeGroup("/".join(g.prefix), tuple("/".join(parts) for parts in g.names)) for g in groups
    ]


def _split(group: _Group) -> list[_Group]:
    """A group by the next part of the names."""
    depth = len(group.prefix)
    if depth and any(len(parts) <= depth + 1 for parts in group.names):
        return [group]
    found = _by_part(group.names, depth, joined=False)
    if len(found) > _MANY:
        found = _by_part(group.names, depth, joined=True)
    return [_narrowed(_Group((*group.prefix, part), names)) for part, names in found.items()]


def _by_part(names: Sequence[_Parts], depth: int, *, joined: bool) -> dict[str, list[_Parts]]:
    """Names by one of their parts; with numbers left out, where this joins several."""
    found: dict[str, list[_Parts]] = {}
    for parts in names:
        key = _NUMBER.sub("*", parts[depth]) if joined else parts[depth]
        found.setdefault(key, []).append(parts)
    return {_shown(inner, depth): inner for inner in found.values()}


def _shown(names: Sequence[_Parts], depth: int) -> str:
    """The part that names have in common at a depth."""
    split = [_NUMBER.split(name[depth]) for name in names]
    numbers = zip(*(_NUMBER.findall(name[depth]) for name in names), strict=True)
    shown = [found[0] if len(set(found)) == 1 else "*" for found in numbers]
    return "".join(a + b for a, b in zip(split[0], [*shown, ""], strict=True))


def _narrowed(group: _Group) -> _Group:
    """A group with all the scopes that its names have in common."""
    prefix, names = group
    if len(names) == 1:
        return _Group(names[0], names)
    while all(len(parts) > len(prefix) + 1 for parts in names):
        following = {parts[len(prefix)] for parts in names}
        if len(following) > 1:
            break
        prefix = (*prefix, following.pop())
    return _Group(prefix, names)
