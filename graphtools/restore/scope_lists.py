"""The comma-separated scopes that TF-slim and SSD-Tensorflow take, and what is wrong with them.

A scope of `checkpoint_exclude_scopes` excludes every variable whose name begins with it, be there a
slash behind it or not. One of `trainable_scopes` is a regular expression that has to match the
beginning of the variable's name. Blanks around a scope are stripped; an empty scope, which a comma
at the end makes, is the beginning of every name.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Sequence

from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.restore.plan import ScopeFinding


def split_scopes(text: str | None) -> list[str] | None:
    """The scopes of an option, stripped as the programs do; None where it is not set."""
    return None if text is None else [part.strip() for part in text.split(",")]


def check_patterns(scopes: Sequence[str]) -> None:
    """Check that scopes are regular expressions.

    Raises:
        InvalidValue: One is none.
    """
    for scope in scopes:
        try:
            re.compile(scope)
        except re.error as error:
            raise InvalidValue(
                f"{param('trainable_scopes')}: {scope!r} is no regular expression: {error}",
                "the scopes to be trained are regular expressions, matched from the name's start",
            ) from None


def excluding_scope(name: str, scopes: Sequence[str]) -> str | None:
    """The first scope that excludes a variable, None where none does."""
    return next((s for s in scopes if name.startswith(s)), None)


def trained_by(name: str, scopes: Sequence[str]) -> list[str]:
    """The scopes that a variable is trained by; each match adds it to the list once more."""
    # the programs match the tensor's name
    return [s for s in scopes if not s or re.match(s, f"{name}:0")]


def exclude_findings(text: str | None, names: Sequence[str]) -> list[ScopeFinding]:
    """What each scope of checkpoint_exclude_scopes does."""
    if not text:
        return []
    found, option = [], param("checkpoint_exclude_scopes")
    for raw in text.split(","):
        scope = raw.strip()
        matched = [n for n in names if n.startswith(scope)]
        problem, remedy = _problem(scope, matched, names)
        if not problem and raw != scope:
            problem = (
                f"a blank stands beside {scope!r}: TF-slim and SSD-Tensorflow strip it, tools that "
                "do not ignore this scope silently"
            )
            remedy = "write the list without blanks"
        found.append(ScopeFinding(option, scope, len(matched), problem, remedy))
    return found


def trainable_findings(text: str | None, names: Sequence[str]) -> list[ScopeFinding]:
    """What each scope of trainable_scopes does; see `exclude_findings`."""
    if text is None:
        return []
    scopes = split_scopes(text) or []
    found, option = [], param("trainable_scopes")
    for place, scope in enumerate(scopes):
        matched = [n for n in names if trained_by(n, [scope])]
        others = scopes[:place]
        twice = [n for n in matched if trained_by(n, others)]
        problem, remedy = "", ""
        if not scope:
            problem = "an empty scope (a comma too many) trains every variable"
            remedy = "remove the comma"
        elif not matched:
            problem, remedy = f"{scope!r} matches no variable", _suggestion(scope, names)
        elif twice:
            also = trained_by(twice[0], others)[0]
            problem = (
                f"{len(twice):,} variables of {scope!r} are matched by {also!r}, too: they are in "
                "the list of variables to train twice, and their gradients are applied twice"
            )
            remedy = "remove the scope that lies within the other"
        found.append(ScopeFinding(option, scope, len(matched), problem, remedy))
    return found


def _problem(scope: str, matched: Sequence[str], names: Sequence[str]) -> tuple[str, str]:
    if not scope:
        return (
            "an empty scope (a comma too many) is the beginning of every name: it excludes every "
            "variable",
            "remove the comma",
        )
    if not matched:
        return f"{scope!r} excludes nothing", _suggestion(scope, names)
    if scope.endswith("/"):
        return "", ""
    inner = [n for n in matched if n[len(scope) : len(scope) + 1] not in "/"]
    beyond = sorted({_whole(n, scope) for n in inner})
    within = len(matched) - len(inner)
    # conv1 is hardly meant for conv10, even if there is no conv1
    numbered = scope[-1].isdigit() and all(n[len(scope)].isdigit() for n in inner)
    if beyond and (within or numbered):
        shown = ", ".join(beyond[:4]) + (", ..." if len(beyond) > 4 else "")
        return (
            f"{scope!r} excludes {shown}{', too' if within else ''}: a scope is the beginning of a "
            "name, without regard to slashes",
            f"write {scope}/ to mean the scope alone",
        )
    return "", ""


def _whole(name: str, scope: str) -> str:
    """The part of a name up to the end of the component that a scope ends within."""
    end = name.find("/", len(scope))
    return name if end < 0 else name[:end]


def _suggestion(scope: str, names: Sequence[str]) -> str:
    """The scope that may be meant by one that matches nothing."""
    known: dict[str, None] = {}
    for name in names:
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            known["/".join(parts[:depth])] = None
    bare = scope.strip("/'\" ")
    close = [k for k in known if k.endswith(f"/{bare}")]
    lowered = {k.lower(): k for k in reversed(known)}
    close += [lowered[k] for k in difflib.get_close_matches(bare.lower(), lowered, 2, 0.7)]
    if re.search(r"[*+?^$\\]", scope) and not close:
        return "it is the beginning of a name, no regular expression"
    close = list(dict.fromkeys(close))[:2]
    return "did you mean " + " or ".join(repr(c) for c in close) + "?" if close else ""


def shortest_exclude_list(bad: Sequence[str], good: Sequence[str]) -> tuple[str, ...]:
    """The fewest scopes that exclude some variables, and none of the others where that can be.

    Beginnings of names that no variable to be kept has lie one within another or apart; so the
    shortest such beginning of each variable to be excluded gives the fewest. It is then written as
    a scope, where there is one of the same effect.

    Args:
        bad: Variables that have to be excluded.
        good: Variables that can be restored.
    """
    kept = sorted(good)
    groups: dict[str, list[str]] = {}
    for name in sorted(bad):
        place = bisect_left(kept, name)
        shared = max(
            (_shared(name, other) for other in kept[max(place - 1, 0) : place + 1]), default=0
        )
        # where a variable to be kept begins with the whole name, it is excluded as well
        groups.setdefault(name[: shared + 1], []).append(name)
    found = [_readable(start, group) for start, group in groups.items()]
    return tuple(sorted(found, key=_with_numbers))


def _with_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts block4 before block10."""
    parts = re.split(r"(\d+)", name)
    return [(int(p), "") if p.isdigit() else (0, p) for p in parts]


def _shared(left: str, right: str) -> int:
    """Number of characters that two names begin with alike."""
    pairs = zip(left, right, strict=False)
    differing = (i for i, (a, b) in enumerate(pairs) if a != b)
    return next(differing, min(len(left), len(right)))


def _readable(start: str, group: Sequence[str]) -> str:
    """The shortest scope that begins with a text and that all names of a group begin with."""
    first, last = group[0], group[-1]
    common = first[: _shared(first, last)] if len(group) > 1 else first
    end = common.find("/", max(len(start) - 1, 0))
    if end >= 0:
        # the slash is part of what tells the group apart, or not needed
        return common[:end] if end >= len(start) else common[: end + 1]
    return common
