"""How the rules word what they find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: So many names are written out before the rest is counted.
_SHOWN = 3


def listed(names: Iterable[str], shown: int = _SHOWN) -> str:
    """Names in a line: `'a', 'b', 'c' and 12 more`."""
    quoted: Sequence[str] = [repr(name) for name in names]
    rest = len(quoted) - shown
    if rest > 0:
        return f"{', '.join(quoted[:shown])} and {rest:,} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def counted(number: int, thing: str, plural: str = "") -> str:
    """A number of things: `1 node`, `2 nodes`."""
    return f"{number:,} {thing if number == 1 else plural or thing + 's'}"


def together(names: Sequence[str]) -> str:
    """What is put behind a message about the first of some nodes: ` (2 nodes: 'a' and 'b')`."""
    return f" ({counted(len(names), 'node')}: {listed(names)})" if len(names) > 1 else ""


def how_to_fix(name: str, dims: tuple[int | None, ...] | None) -> str:
    """How to state the shape of an input of which only the batch is not known; else empty."""
    if not dims or None in dims[1:]:
        return ""
    shape = ",".join(str(1 if d is None else d) for d in dims)
    return f"fix the batch when you convert, and here: --input-shape {name}={shape}"
