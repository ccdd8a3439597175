"""What products of matrices say: which factor is transposed, and the equation of an Einsum."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, Dims, broadcast, merge_dim, show


def turned(call: Call) -> tuple[bool, bool]:
    """Whether the first and the second factor are given transposed."""
    names = ("adj_x", "adj_y") if "Batch" in call.node.op else ("transpose_a", "transpose_b")
    return call.bool_attr(names[0]), call.bool_attr(names[1])


class Term(NamedTuple):
    """The letters of a tensor in an equation, before and behind `...` if there is one."""

    before: str
    dots: str
    behind: str

    @property
    def letters(self) -> str:
        """All letters."""
        return self.before + self.behind


class Equation(NamedTuple):
    """The equation of an Einsum: its text without blanks, its inputs and its output."""

    text: str
    inputs: list[Term]
    output: Term

    def sizes(self, shapes: list[Dims]) -> tuple[dict[str, Dim], Dims]:
        """The dimensions by letter, and what those behind `...` broadcast to.

        Raises:
            Contradiction: A shape does not fit its term.
        """
        found: dict[str, Dim] = {}
        spread: Dims = ()
        for term, dims in zip(self.inputs, shapes, strict=True):
            spread = broadcast(spread, _note(term, dims, found))
        return found, spread


def equation_of(call: Call) -> Equation:
    """The attribute `equation`, for one input or two.

    Raises:
        Contradiction: It is none, or for another number of inputs.
    """
    text = call.text_attr("equation").decode("latin-1").replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != len(call.inputs) or len(terms) > 2 or "," in right:
        raise Contradiction(f"the equation {text!r} is not for {len(call.inputs)} inputs")
    return Equation(text, [_term(term) for term in terms], _term(right))


def _term(text: str) -> Term:
    term = Term(*text.partition("..."))
    if "." in term.letters:
        raise Contradiction(f"{text!r} is no list of letters with one '...'")
    return term


def _note(term: Term, dims: Dims, sizes: dict[str, Dim]) -> Dims:
    """Note the dimensions of a term's letters; returns those of its `...`."""
    if dims is None:
        for letter in term.letters:
            sizes.setdefault(letter, None)
        return None if term.dots else ()
    count = len(term.letters)
    if len(dims) < count or (not term.dots and len(dims) > count):
        raise Contradiction(f"{show(dims)} does not fit {''.join(term)!r}")
    start, end = len(term.before), len(dims) - len(term.behind)
    for letter, size in zip(term.letters, dims[:start] + dims[end:], strict=True):
        sizes[letter] = merge_dim(sizes.get(letter), size)
    return dims[start:end]
