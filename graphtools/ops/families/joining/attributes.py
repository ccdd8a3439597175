"""What the ops say that join tensors and take them apart."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, canonical_axis, show

#: More tensors than this are not taken for the outputs of one node: the number must be damaged.
_MOST_OUTPUTS = 1_000_000


def output_count(call: Call, name: str) -> int:
    """The number of outputs, as an attribute states it.

    Raises:
        Contradiction: It is negative or absurd.
    """
    count = call.int_attr(name)
    if not 0 <= count <= _MOST_OUTPUTS:
        raise Contradiction(f"{count} cannot be the number of outputs")
    return count


def packed_axis(call: Call, rank: int) -> int:
    """The attribute `axis`, of the tensors of a rank that are packed, or unpacked."""
    return canonical_axis(call.int_attr("axis"), rank)


def joined(call: Call) -> tuple[int, range]:
    """The input that is the axis of a concatenation, and those that are its parts.

    Raises:
        Contradiction: There are fewer inputs.
    """
    count = call.int_attr("N")
    axis, first = (0, 1) if call.node.op in ("Concat", "QuantizedConcat") else (count, 0)
    if count < 1 or first + count > len(call.inputs) or axis >= len(call.inputs):
        raise Contradiction(f"{len(call.inputs)} inputs are too few to join {count} tensors")
    return axis, range(first, first + count)


def split_sizes(call: Call, dims: tuple[Dim, ...], axis: int) -> list[Dim]:
    """How long the parts are into which a Split or SplitV cuts an axis.

    One size of a SplitV may be -1, which is the rest.

    Raises:
        Contradiction: The axis cannot be cut so.
    """
    count, total = output_count(call, "num_split"), dims[axis]
    if call.node.op == "SplitV":
        sizes = call.vector(1)
        if sizes is None or (count == 1 and sizes[0] in (None, -1)):
            return [total if count == 1 else None] * count
        return _with_rest(sizes, total)
    if total is not None and (not count or total % count):
        raise Contradiction(f"axis {axis} of {show(dims)} cannot be cut into {count} equal parts")
    return [None if total is None else total // count] * count


def _with_rest(sizes: tuple[Dim, ...], total: Dim) -> list[Dim]:
    """Sizes of the parts of a whole, with the one that is left open put in where it follows."""
    if any(s is not None and s < -1 for s in sizes) or sizes.count(-1) > 1:
        raise Contradiction(f"{list(sizes)} are no sizes of parts")
    is_open = [s is None or s == -1 for s in sizes]
    given = sum(s for s, o in zip(sizes, is_open, strict=True) if s is not None and not o)
    rest = None if total is None else total - given
    if rest is not None and (rest < 0 or (rest and not any(is_open))):
        raise Contradiction(f"the sizes {list(sizes)} do not add up to {total}")
    missing = rest if is_open.count(True) == 1 else None
    return [missing if o else s for s, o in zip(sizes, is_open, strict=True)]
