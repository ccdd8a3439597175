"""How the rules word what they find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphtools.wording import and_more, counted

#: So many names are written out before the rest is counted.
_SHOWN = 3
#: What stands for unknown dimensions of a batch of images.
_IMAGE = ("1", "HEIGHT", "WIDTH", "CHANNELS")


def listed(names: Iterable[str], shown: int = _SHOWN) -> str:
    """Names in a line: `'a', 'b', 'c' and 12 more`."""
    quoted: Sequence[str] = [repr(name) for name in names]
    if len(quoted) > shown:
        return ", ".join(quoted[:shown]) + and_more(len(quoted) - shown)
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def together(names: Sequence[str]) -> str:
    """What is put behind a message about the first of some nodes: ` (2 nodes: 'a' and 'b')`."""
    return f" ({counted(len(names), 'node')}: {listed(names)})" if len(names) > 1 else ""


def how_to_fix(name: str, dims: tuple[int | None, ...] | None) -> str:
    """How to state the shape of an input that is not known, or not wholly."""
    when = "when you convert, and here"
    if dims is None:
        shape = f"{name}=1,224,224,3 for an image, {name}= for a single number"
        return f"State its shape {when}: --input-shape {shape}"
    given = [str(d) if d is not None else f"N{i}" for i, d in enumerate(dims)]
    given[:1] = ["1" if d is None else str(d) for d in dims[:1]]
    if len(dims) == len(_IMAGE):
        given = [_IMAGE[i] if d is None else str(d) for i, d in enumerate(dims)]
    what = "shape" if None in dims[1:] else "batch"
    return f"Fix the {what} {when}: --input-shape {name}={','.join(given)}"


def as_sentence(remedy: str) -> str:
    """A remedy with a capital letter, as the others begin."""
    return remedy[:1].upper() + remedy[1:]
