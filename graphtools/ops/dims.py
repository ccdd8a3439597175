"""Arithmetic of shapes with unknown dimensions and unknown ranks.

Shapes are plain tuples here, `Dims`, since inference handles many: None where the rank is unknown,
else one entry a dimension, None where it is unknown. The rules are those of TensorFlow's
`InferenceContext`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphtools.errors import InvalidGraph
from graphtools.graph.shape import Shape

Dim = int | None
Dims = tuple[Dim, ...] | None

SCALAR: Dims = ()


class Contradiction(InvalidGraph):
    """Shapes or values that an op cannot take; TensorFlow would refuse the node."""


def show(dims: Dims) -> str:
    """A shape as people write it, `[1,?,3]`."""
    return str(Shape(dims))


def unknown(rank: int) -> Dims:
    """A shape of a known rank."""
    return (None,) * rank


def is_known(dims: Dims) -> bool:
    """Whether rank and all dimensions are known."""
    return dims is not None and None not in dims


def elements(dims: Dims) -> int | None:
    """Number of elements, None where it is not known; 0 where one dimension is known to be 0."""
    if dims is None:
        return None
    count = 1
    known = True
    for dim in dims:
        if dim is None:
            known = False
        else:
            count *= dim
    return count if known or count == 0 else None


def dim(dims: Dims, axis: int) -> Dim:
    """A dimension, counted from the end where the axis is negative; None where it is unknown.

    Raises:
        Contradiction: The shape does not have so many dimensions.
    """
    if dims is None:
        return None
    if not -len(dims) <= axis < len(dims):
        least = axis + 1 if axis >= 0 else -axis
        raise Contradiction(f"a shape of rank {least} or more was expected, not {show(dims)}")
    return dims[axis]


def with_rank(dims: Dims, rank: int) -> tuple[Dim, ...]:
    """A shape known to have a rank.

    Raises:
        Contradiction: It has another.
    """
    if dims is None:
        return (None,) * rank
    if len(dims) != rank:
        raise Contradiction(f"a shape of rank {rank} was expected, not {show(dims)}")
    return dims


def with_rank_at_least(dims: Dims, rank: int) -> Dims:
    """A shape known to have a rank or a higher one; unchanged.

    Raises:
        Contradiction: It has a lower one.
    """
    if dims is not None and len(dims) < rank:
        raise Contradiction(f"a shape of rank {rank} or more was expected, not {show(dims)}")
    return dims


def with_rank_at_most(dims: Dims, rank: int) -> Dims:
    """A shape known to have a rank or a lower one; unchanged.

    Raises:
        Contradiction: It has a higher one.
    """
    if dims is not None and len(dims) > rank:
        raise Contradiction(f"a shape of rank {rank} or less was expected, not {show(dims)}")
    return dims


def merge_dim(a: Dim, b: Dim) -> Dim:
    """What is known of a dimension of which two things are known.

    Raises:
        Contradiction: The two differ.
    """
    if a is None or a == b:
        return b
    if b is None:
        return a
    raise Contradiction(f"the dimensions {a} and {b} must be equal")


def merge(a: Dims, b: Dims) -> Dims:
    """What is known of a shape of which two things are known.

    Raises:
        Contradiction: The two differ.
    """
    if a is None or a == b:
        return b
    if b is None:
        return a
    try:
        if len(a) == len(b):
            return tuple([merge_dim(x, y) for x, y in zip(a, b, strict=True)])
    except Contradiction:
        pass
    raise Contradiction(f"the shapes {show(a)} and {show(b)} must be equal")


def merge_all(shapes: Iterable[Dims]) -> Dims:
    """What is known of a shape of which several things are known.

    Raises:
        Contradiction: Two of them differ.
    """
    found: Dims = None
    for dims in shapes:
        found = merge(found, dims)
    return found


def relax(a: Dims, b: Dims) -> Dims:
    """What is true of a tensor that has either the one shape or the other."""
    if a == b:
        return a
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple([x if x == y else None for x, y in zip(a, b, strict=True)])


def concatenate(a: Dims, b: Dims) -> Dims:
    """The dimensions of one shape followed by those of another."""
    return None if a is None or b is None else a + b


def part(dims: Dims, start: int, end: int | None = None) -> Dims:
    """Some of the dimensions, as a slice of a list; unknown where the rank is."""
    return None if dims is None else dims[start:end]


def replaced(dims: Dims, axis: int, new: Dim) -> Dims:
    """A shape with another dimension at an axis, which may be counted from the end.

    Raises:
        Contradiction: The shape does not have so many dimensions.
    """
    dim(dims, axis)
    if dims is None:
        return None
    axis %= len(dims)
    return (*dims[:axis], new, *dims[axis + 1 :])


def broadcast_dim(a: Dim, b: Dim) -> Dim:
    """The dimension that two broadcast to.

    Raises:
        Contradiction: They differ, and neither is 1.
    """
    if a == 1:
        return b
    if b == 1 or a == b:
        return a
    if a is None or b is None:
        # an unknown dimension is 1 or equal to the other, which is not 1
        return b if a is None else a
    raise Contradiction(f"the dimensions {a} and {b} cannot be broadcast")


def broadcast(a: Dims, b: Dims) -> Dims:
    """The shape that two broadcast to, as in numpy.

    Raises:
        Contradiction: They do not broadcast.
    """
    if a == b:
        return a
    if a is None or b is None:
        return None
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    lead = len(longer) - len(shorter)
    try:
        tail = [broadcast_dim(x, y) for x, y in zip(longer[lead:], shorter, strict=True)]
    except Contradiction:
        raise Contradiction(f"the shapes {show(a)} and {show(b)} cannot be broadcast") from None
    return longer[:lead] + tuple(tail)


def add(a: Dim, b: Dim) -> Dim:
    """The sum of two dimensions."""
    return None if a is None or b is None else a + b


def multiply(a: Dim, b: Dim) -> Dim:
    """The product of two dimensions; 0 where one is 0."""
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else a * b


def least(a: Dim, b: Dim) -> Dim:
    """The smaller of two dimensions; 0 where one is 0."""
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else min(a, b)


def product(dims: Iterable[Dim]) -> Dim:
    """The product of dimensions."""
    return elements(tuple(dims))


def canonical_axis(axis: int, rank: int) -> int:
    """An axis counted from the front.

    Raises:
        Contradiction: A shape of this rank does not have it.
    """
    if not -rank <= axis < rank:
        raise Contradiction(f"a tensor of rank {rank} has no axis {axis}")
    return axis % rank


def window_output(
    size: Dim,
    window: Dim,
    stride: int,
    padding: bytes,
    dilation: int = 1,
    explicit: Sequence[int] = (0, 0),
    *,
    may_be_empty: bool = False,
) -> Dim:
    """The number of positions of a sliding window, as of a convolution or pooling.

    With SAME it is ceil(size / stride); otherwise
    floor((size + padding - effective window) / stride) + 1, where a window dilated by d spans
    (window - 1) * d + 1. Source: TensorFlow's `GetWindowedOutputSize`.

    Args:
        size: Extent of the input.
        window: Extent of the window.
        stride: Step of the window, at least 1.
        padding: b"SAME", b"VALID" or b"EXPLICIT".
        dilation: Distance of the window's elements.
        explicit: For EXPLICIT, the elements that are added before and behind.
        may_be_empty: Whether a window that is a little too large gives 0 positions.

    Raises:
        Contradiction: The stride or dilation is not positive, or the window does not fit.
    """
    if stride <= 0 or dilation <= 0:
        raise Contradiction(f"stride {stride} and dilation {dilation} must be positive")
    if padding == b"SAME":
        return None if size is None else -(-size // stride)
    if size is None or window is None:
        return None
    total = size + (sum(explicit) if padding == b"EXPLICIT" else 0)
    span = (window - 1) * dilation + 1
    reach = total - span + stride
    if reach <= -stride or (span > total and not may_be_empty):
        raise Contradiction(f"a window of {span} does not fit into an extent of {total}")
    return max(reach, 0) // stride
