"""Findings for operators that are alike: one for each op and reason."""

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
    groups: dict[tuple[str, str], list[str]] = {}
    for name, op, message in found:
        groups.setdefault((op, message), []).append(name)
    shown = _MANY if len(groups) > _MANY + 1 else len(groups)
    for (op, message), names in list(groups.items())[:shown]:
        yield Found(names[0], message + together(names), remedy, op=op)
    rest = list(groups.items())[shown:]
    if rest:
        total = sum(len(names) for _, names in rest)
        ops = ", ".join(dict.fromkeys(op for (op, _), _ in rest))
        (op, _), names = rest[0]
        yield Found(names[0], f"{counted(total, 'more operator')} of these: {ops}", remedy, op=op)


def together(names: list[str]) -> str:
    """What is put behind a message about the first of some operators."""
    if len(names) == 1:
        return ""
    shown = ", ".join(map(repr, names[:_SHOWN]))
    more = and_more(len(names) - _SHOWN) if len(names) > _SHOWN else ""
    return f" ({len(names):,} operators: {shown}{more})"
