"""Einsum, which is lowered: of one operand to a sum and a transpose, of two to BATCH_MATMUL."""

from __future__ import annotations

from graphtools.compat.judgement import BUILTIN, Judgement
from graphtools.compat.site import Site, rule

_SUMMED = frozenset("float32 int32 int64".split())
_TRANSPOSED = frozenset("bool float32 int32 int64 int8 uint8".split())


@rule("Einsum")
def einsum(site: Site) -> Judgement:
    """Labels that an operand repeats, and sums over everything, are not lowered; ranks are needed.

    Products are those of BATCH_MATMUL, of float32 only; with one operand the types are those of
    SUM and TRANSPOSE.
    """
    equation = site.text_attr("equation").decode("utf-8", "replace").replace(" ", "")
    left, arrow, result = equation.partition("->")
    operands = left.split(",")
    if any(site.dims_of(i) is None for i in range(len(site.sources))):
        return "the rank of an operand is unknown"
    for operand in operands:
        labels = operand.replace("...", "")
        if len(set(labels)) < len(labels):
            return f"equation {equation}: the diagonal of an operand is not lowered"
    if len(operands) == 1 and arrow:
        return _of_one(site, operands[0], result, equation)
    if len(operands) == 2 and arrow and not result:
        return f"equation {equation}: a sum over everything is not lowered"
    if len(operands) > 2:
        return f"equation {equation}: more than two operands are not lowered"
    return None


def _of_one(site: Site, operand: str, result: str, equation: str) -> Judgement:
    kind = site.type_attr("T")
    kept = "".join(label for label in operand if label in result)
    if len(kept) < len(operand) and kind not in _SUMMED:
        return f"T={kind}: equation {equation} is a SUM, which takes {', '.join(sorted(_SUMMED))}"
    if kept != result and kind not in _TRANSPOSED:
        taken = ", ".join(sorted(_TRANSPOSED))
        return f"T={kind}: equation {equation} is a TRANSPOSE, which takes {taken}"
    return BUILTIN
