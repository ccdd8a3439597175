"""Findings for operators that are alike: one for each reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphtools.findings.rule import Found
from graphtools.wording import and_more, counted

#: From so many kinds on one finding stands for the rest.
_MANY = 8
_SHOWN = 3


def grouped(found: Iterable[tuple[str, str, str]], remedy: str = "") -> Iterator[Found]:
    """Findings for operators.

    Args:
        found: The name, the op and what is wrong of each.
        remedy: What to do, where it is not what the rule says.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, op, message in found:
        groups.setdefault(message, []).append((name, op))
    shown = _MANY if len(groups) > _MANY + 1 else len(groups)
    for message, steps in list(groups.items())[:shown]:
        names = [name for name, _ in steps]
        yield Found(names[0], message + together(names), remedy, op=steps[0][1])
    rest = [step for steps in list(groups.values())[shown:] for step in steps]
    if rest:
        ops = ", ".join(dict.fromkeys(op for _, op in rest))
        message = f"{counted(len(rest), 'more operator')} for other reasons: {ops}"
        yield Found(rest[0][0], message, remedy, op=rest[0][1])


def together(names: list[str]) -> str:
    """What is put behind a message about the first of some operators."""
    if len(names) == 1:
        return ""
    shown = ", ".join(repr(_short(name)) for name in names[:_SHOWN])
    more = and_more(len(names) - _SHOWN) if len(names) > _SHOWN else ""
    return f" ({len(names):,} operators: {shown}{more})"


def _short(name: str) -> str:
    """The first of the names that a fused tensor has."""
    first, more, _ = name.partition(";")
    return f"{first};…" if more else first
