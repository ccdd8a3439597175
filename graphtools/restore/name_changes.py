"""Which names an edit of a checkpoint means, and what they become."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping

from graphtools.errors import InvalidValue, unknown_name
from graphtools.wording import and_others

#: What has one of these is a regular expression.
_REGULAR = re.compile(r"[(\\^$|+]|\.\*")
#: What becomes of a name; None where it is not meant.
NameChange = Callable[[str], str | None]


def glob_matches(glob: str, name: str) -> bool:
    """Whether a glob means a name; one that ends in a slash means what is in the scope."""
    return name.startswith(glob) if glob.endswith("/") else fnmatch.fnmatchcase(name, glob)


def matched(globs: Iterable[str], names: Mapping[str, Iterable[str]], where: str) -> set[str]:
    """The keys that globs mean.

    Args:
        globs: The globs; each has to mean something.
        names: By key, all names that it goes by.
        where: The file, for messages.

    Raises:
        UnknownName: A glob means nothing.
    """
    found: set[str] = set()
    for glob in globs:
        bare = glob.removesuffix(":0")
        keys = {k for k, known in names.items() if any(glob_matches(bare, n) for n in known)}
        if not keys:
            raise unknown_name(
                "variable", glob, sorted(n for k in names.values() for n in k), where
            )
        found |= keys
    return found


def by_pattern(pattern: str, replacement: str) -> NameChange:
    r"""The change that a pattern and its replacement say.

    A pattern is a name; or a glob, whose stars stand in the replacement for what they are in the
    name; or, with any of `( \ ^ $ | +` or `.*` in it, a regular expression: of the whole name, or,
    with `^` or `$`, of the part that it matches.

    Raises:
        InvalidValue: The pattern is no regular expression, or the replacement does not fit it.

    Example:
        >>> by_pattern("net/*", "model/*")("net/conv/weights")
        'model/conv/weights'
        >>> by_pattern("^net/", "")("net/conv/weights")
        'conv/weights'
    """
    regular = bool(_REGULAR.search(pattern))
    if not regular:
        stars = pattern.count("*")
        if replacement.count("*") not in ({0, stars} if stars < 2 else {stars}):
            raise InvalidValue(
                f"{pattern!r} has {stars} stars, {replacement!r} has {replacement.count('*')}",
                "what a star stands for goes where the same star is in the replacement",
            )
        pattern = "".join(_of_glob(c) for c in pattern)
        parts = replacement.replace("\\", r"\\").split("*")
        replacement = parts[0] + "".join(rf"\g<{n}>{p}" for n, p in enumerate(parts[1:], 1))
    try:
        compiled = re.compile(pattern)
        part = regular and (pattern.startswith("^") or pattern.endswith("$"))
        re.sub(compiled, replacement, "")

        def change(name: str) -> str | None:
            found = compiled.search(name) if part else compiled.fullmatch(name)
            if found is None:
                return None
            return compiled.sub(replacement, name) if part else found.expand(replacement)
    except (re.error, IndexError) as error:
        raise InvalidValue(f"{pattern!r} to {replacement!r}: {error}") from None
    return change


def _of_glob(char: str) -> str:
    return {"*": "(.*)", "?": "."}.get(char) or re.escape(char)


def by_scope(old: str, new: str) -> NameChange:
    """The change of a scope's name; one that is empty is the root."""
    before, after = (s.strip("/") + "/" if s.strip("/") else "" for s in (old, new))

    def change(name: str) -> str | None:
        return after + name[len(before) :] if name.startswith(before) else None

    return change


def check_renaming(renamed: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse what would give two variables one name, or one none.

    Raises:
        InvalidValue: It would.
    """
    taken: dict[str, str] = {name: name for name in names if name not in renamed}
    clashes = []
    for old, new in renamed.items():
        if not new or new.startswith("\0"):
            raise InvalidValue(f"{old!r} would have the name {new!r}, which no variable can have")
        if new in taken:
            clashes.append(f"{taken[new]!r} and {old!r} would both be {new!r}")
        taken[new] = old
    if clashes:
        raise InvalidValue(
            f"{clashes[0]}{and_others(clashes)}", "drop or rename the one that is in the way first"
        )
