"""What slices say: StridedSlice's three lists and five masks, and Slice's two lists."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, Dims, merge_dim, show, with_rank


class IndexEntry(NamedTuple):
    """One entry of an index `x[start:end:step, ..., newaxis, start]`.

    Attributes:
        axis: The axis of the input, None where a new one is made.
        start: First element, None for the end of the axis or where it is not known; so `end`.
        end: The element at which it stops.
        step: Distance of the elements, None where it is not known.
        is_single: Whether it names a single element, whose axis goes.
        is_known: Whether start and end are known.
    """

    axis: int | None
    start: Dim = None
    end: Dim = None
    step: Dim = 1
    is_single: bool = False
    is_known: bool = True


def strided_index(call: Call, dims: Dims) -> list[IndexEntry] | None:
    """The entries of a StridedSlice for a tensor, those among them that an ellipsis stands for.

    Source: TensorFlow's `ValidateStridedSliceOp`.

    Returns:
        None where their number, the rank or all steps are unknown.

    Raises:
        Contradiction: The lists differ in length, or the tensor has too few dimensions.
    """
    starts, ends, steps = [with_rank(call.input(position), 1)[0] for position in (1, 2, 3)]
    count = merge_dim(starts, merge_dim(ends, steps))
    if count is None or dims is None or count > 64 or call.integers(3) is None:
        return None
    names = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    begins, finishes, ellipses, new, single = [call.int_attr(f"{name}_mask") for name in names]
    if ellipses & (ellipses - 1):
        raise Contradiction("a slice cannot have several ellipses")
    used = sum(not (ellipses | new) >> i & 1 for i in range(count))
    if used > len(dims):
        used += sum(ellipses >> i & 1 for i in range(count))
        raise Contradiction(f"{show(dims)} has too few dimensions for {used} indices")
    empty = (None,) * count
    lists = zip(*[call.vector(position) or empty for position in (1, 2, 3)], strict=True)
    found: list[IndexEntry] = []
    axis = 0
    for i, (start, end, step) in enumerate(lists):
        if ellipses >> i & 1:
            found += [IndexEntry(axis + j) for j in range(len(dims) - used)]
            axis += len(dims) - used
        elif new >> i & 1:
            found.append(IndexEntry(None))
        else:
            is_single = bool(single >> i & 1)  # whatever the masks say of its start
            first, last = begins >> i & 1 and not is_single, finishes >> i & 1
            is_known = bool((first or start is not None) and (last or end is not None))
            bounds = (None if first else start, None if last else end)
            found.append(IndexEntry(axis, *bounds, step, is_single, is_known))
            axis += 1
    return found + [IndexEntry(rest) for rest in range(axis, len(dims))]


def block(call: Call, dims: tuple[Dim, ...]) -> list[tuple[Dim, Dim]]:
    """Where a Slice of a tensor starts on each axis, and how many elements it takes.

    Raises:
        Contradiction: One is negative; as a size -1 stands for all that follow the start.
    """
    empty = (None,) * len(dims)
    return list(map(_extent, dims, call.vector(1) or empty, call.vector(2) or empty))


def _extent(dim: Dim, start: Dim, size: Dim) -> tuple[Dim, Dim]:
    if (start is not None and start < 0) or (size is not None and size < -1):
        raise Contradiction(f"a slice cannot start at {start} with the size {size}")
    if size == -1:
        size = None if dim is None or start is None else dim - start
    if size is not None and size < 0:
        raise Contradiction(f"a slice cannot start at {start} in a dimension of {dim}")
    return start, size
