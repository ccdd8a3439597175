"""How things are counted, how the rest of a list is told, and which name may be meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 node`, `2,324 nodes`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def and_more(number: int, noun: str = "") -> str:
    """What follows a list of which a number is left out: ` and 12 more`; empty if none is."""
    if number <= 0:
        return ""
    return f" and {counted(number, f'more {noun}')}" if noun else f" and {number:,} more"


def and_others(items: Sized, shown: int = 1) -> str:
    """What follows the first of some things: ` (and 12 more)`; empty if these are all."""
    return f" (and {len(items) - shown:,} more)" if len(items) > shown else ""


def listed(names: Sequence[str], most: int) -> str:
    """Names in a line, the first of them and how many more: `'a', 'b' and 12 more`."""
    return ", ".join(map(repr, names[:most])) + and_more(len(names) - most)


def similar(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The name that is most like another, whatever the case; empty where none is alike.

    Args:
        name: The name that is not known.
        known: The names that are.
        cutoff: From 0 to 1, how much alike they have to be.
    """
    import difflib

    lowered = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), lowered, 1, cutoff)
    return lowered[close[0]] if close else ""


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for a name that is not known: the one that may be meant, or what else to do.

    Example:
        >>> did_you_mean("relu", ["Relu", "Tanh"])
        "did you mean 'Relu'?"
    """
    close = similar(name, known)
    return f"did you mean {close!r}?" if close else otherwise


def printable(text: str) -> str:
    """A name with control characters escaped, so that it can do nothing to a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
