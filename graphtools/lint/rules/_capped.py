"""Keeps the findings of one rule to a number that somebody can read."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from graphtools.findings.rule import Found, RuleFunction
from graphtools.lint.subject import Subject

#: So many findings of a rule are told one by one; the last of them counts the rest.
MOST = 20


def capped(function: RuleFunction) -> RuleFunction:
    """Let a rule that may find something at every node tell of the first ones and count the rest.

    Put between the declaration of the rule and its function.
    """

    @functools.wraps(function)
    def counting(subject: Subject) -> Iterator[Found]:
        kept: list[Found] = []
        rest = 0
        cures: set[str | None] = set()
        for found in function(subject):
            if len(kept) < MOST:
                kept.append(found)
            else:
                rest += 1
                cures.add(found.cure)
        if rest:
            last = kept[-1]
            # a cure is that of all of them, or of none
            cure = last.cure if cures == {last.cure} else ""
            kept[-1] = last._replace(message=f"{last.message} (and {rest:,} more nodes)", cure=cure)
        yield from kept

    return counting
