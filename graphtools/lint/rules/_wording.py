"""How the rules word what they find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphtools.front_end import param
from graphtools.wording import and_more, counted

#: So many names are written out before the rest is counted.
_SHOWN = 3
#: What stands for unknown dimensions of a batch of images.
_IMAGE = (1, "HEIGHT", "WIDTH", "CHANNELS")


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
        image = param(input_shapes={name: [1, 224, 224, 3]})
        number = param(input_shapes={name: list[int]()})
        return f"State its shape {when}: {image} for an image, {number} for a single number"
    unknown: Sequence[object] = [1, *(f"N{i}" for i in range(1, len(dims)))]
    unknown = _IMAGE if len(dims) == len(_IMAGE) else unknown
    given = [unknown[i] if d is None else d for i, d in enumerate(dims)]
    what = "shape" if None in dims[1:] else "batch"
    return f"Fix the {what} {when}: {param(input_shapes={name: given})}"


def as_sentence(remedy: str) -> str:
    """A remedy with a capital letter, as the others begin."""
    return remedy[:1].upper() + remedy[1:]
