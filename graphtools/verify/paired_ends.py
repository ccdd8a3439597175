"""Which input and output of a model belongs to which of another: by name, by key, or by order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.graph.shape import Shape
from graphtools.verify.model_sides import End, canonical


class PairedEnds(NamedTuple):
    """Inputs or outputs of two models, by pairs.

    Attributes:
        pairs: Those that belong together.
        left: Those of the first model that belong to none.
        right: Those of the second.
        notes: Which were paired by order.
    """

    pairs: tuple[tuple[End, End], ...]
    left: tuple[End, ...]
    right: tuple[End, ...]
    notes: tuple[str, ...]


def pair_ends(a: Sequence[End], b: Sequence[End], what: str) -> PairedEnds:
    """Find out which ends of two models belong together.

    Names count first, then keys of signatures; what is left is paired in its order, if the shapes
    can be the same, or else by the shapes where only one fits.

    Args:
        a: Ends of the first model.
        b: Ends of the second.
        what: What they are, as `input`.
    """
    left, right = list(a), list(b)
    pairs: list[tuple[End, End]] = []
    for same in (_same_name, _same_key):
        for end in list(left):
            partner = next((other for other in right if same(end, other)), None)
            if partner is not None:
                pairs.append((end, partner))
                left.remove(end)
                right.remove(partner)
    rest = _by_order(left, right) or _by_shape(left, right)
    notes = []
    if rest:
        shown = ", ".join(f"{x.name} - {y.name}" for x, y in rest)
        notes.append(f"the {what}s do not have the same names, and are paired so: {shown}")
        left = [end for end in left if end not in [x for x, _ in rest]]
        right = [end for end in right if end not in [y for _, y in rest]]
        pairs += rest
    pairs.sort(key=lambda pair: list(a).index(pair[0]))
    return PairedEnds(tuple(pairs), tuple(left), tuple(right), tuple(notes))


def require_pairs(found: PairedEnds, what: str, paths: tuple[str, str]) -> None:
    """Check that there are pairs.

    Raises:
        InvalidValue: There are none.
    """
    if found.pairs or not (found.left or found.right):
        return
    lists = (
        ", ".join(f"{e.name} {Shape(e.dims)}" for e in ends) or "none"
        for ends in (found.left, found.right)
    )
    raise InvalidValue(
        f"no {what} of {paths[0]} can be told to be one of {paths[1]}: "
        + " against ".join(f"[{text}]" for text in lists),
        f"name those of the graph, in the order of the other model: --{what}s NAMES",
    )


def _same_name(a: End, b: End) -> bool:
    """Whether ends have the same name; one of a fused operator has several."""
    return bool(set(map(canonical, a.name.split(";"))) & set(map(canonical, b.name.split(";"))))


def _same_key(a: End, b: End) -> bool:
    return bool({a.key, a.name} & {b.key, b.name} - {""})


def _by_order(left: Sequence[End], right: Sequence[End]) -> list[tuple[End, End]]:
    if len(left) != len(right):
        return []
    pairs = list(zip(left, right, strict=True))
    return pairs if all(_may_be_equal(x, y) for x, y in pairs) else []


def _by_shape(left: Sequence[End], right: Sequence[End]) -> list[tuple[End, End]]:
    """Pairs of which neither fits any other."""
    fits = {x: [y for y in right if _may_be_equal(x, y)] for x in left}
    return [
        (x, ys[0])
        for x, ys in fits.items()
        if len(ys) == 1 and sum(ys[0] in other for other in fits.values()) == 1
    ]


def _may_be_equal(a: End, b: End) -> bool:
    if a.dims is None or b.dims is None or () in (a.dims, b.dims):
        # of custom operators, a TFLite model has no shape but []
        return True
    return len(a.dims) == len(b.dims) and all(
        x is None or y is None or x == y for x, y in zip(a.dims, b.dims, strict=True)
    )
