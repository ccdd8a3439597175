"""Values of integer tensors that are made from shapes, put together and taken apart."""

from __future__ import annotations

import math

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function, known
from graphtools.ops.dims import canonical_axis, elements, is_known


@integer_function("Const")
def const(call: Call) -> Integers | None:
    """A constant."""
    tensor = call.tensor()
    items = tensor.integers(MOST_INTEGERS) if tensor else None
    if tensor is None or items is None:
        return None
    return Integers(tuple(d for d in tensor.shape.dims or () if d is not None), items)


@integer_function("Shape", "ShapeN")
def shape(call: Call) -> list[Integers | None]:
    """The dimensions of each input."""
    return [None if d is None else Integers((len(d),), d) for d in call.inputs]


@integer_function("Rank")
def rank(call: Call) -> Integers | None:
    """The number of dimensions."""
    dims = call.input(0)
    return None if dims is None else Integers((), (len(dims),))


@integer_function("Size")
def size(call: Call) -> Integers | None:
    """The number of elements."""
    return Integers((), (elements(call.input(0)),))


@integer_function("BroadcastGradientArgs")
def broadcast_gradient_args(call: Call) -> list[Integers | None]:
    """The axes along which each of two shapes, broadcast to one, has to be summed.

    As in TensorFlow these are all of length 1, but none if the shapes are equal.
    """
    shapes = [known(call.vector(position)) for position in (0, 1)]
    left, right = shapes
    if left is None or right is None:
        return []
    rank = max(len(left), len(right))
    found: list[Integers | None] = []
    for dims in (left, right):
        padded = (1,) * (rank - len(dims)) + dims
        axes = tuple(a for a in range(rank) if padded[a] == 1 and left != right)
        found.append(Integers((len(axes),), axes))
    return found


@integer_function("Pack")
def pack(call: Call) -> Integers | None:
    """Tensors along a new first axis; those of which nothing is known by their shapes."""
    parts = [_known_or_blank(call, position) for position in range(len(call.inputs))]
    first = parts[0] if parts else None
    if first is None or any(p is None or p.dims != first.dims for p in parts):
        return None
    axis = canonical_axis(call.int_attr("axis"), len(first.dims) + 1)
    if axis and first.dims:
        return None
    items = tuple(item for p in parts if p is not None for item in p.items)
    return Integers((len(parts), *first.dims), items)


@integer_function("ConcatV2", "Concat")
def concat(call: Call) -> Integers | None:
    """Lists one behind the other."""
    last = call.node.op == "ConcatV2"
    positions = range(len(call.inputs) - 1) if last else range(1, len(call.inputs))
    parts = [_known_or_blank(call, position) for position in positions]
    if not parts or any(p is None or len(p.dims) != 1 for p in parts):
        return None
    items = tuple(item for p in parts if p is not None for item in p.items)
    return Integers((len(items),), items)


@integer_function("Unpack")
def unpack(call: Call) -> list[Integers | None]:
    """The parts of a tensor along its first axis."""
    found = call.integers(0)
    if found is None or not found.dims or canonical_axis(call.int_attr("axis"), len(found.dims)):
        return []
    inner = found.dims[1:]
    step = math.prod(inner)
    return [Integers(inner, found.items[i * step : (i + 1) * step]) for i in range(found.dims[0])]


@integer_function("Split", "SplitV")
def split(call: Call) -> list[Integers | None]:
    """The parts of a list: equal ones, or of stated sizes of which one may be left open."""
    whole = call.integers(1 if call.node.op == "Split" else 0)
    if whole is None or len(whole.dims) != 1:
        return []
    count = call.int_attr("num_split")
    sizes: list[int | None]
    if call.node.op == "Split":
        if count <= 0 or len(whole.items) % count:
            return []
        sizes = [len(whole.items) // count] * count
    else:
        sizes = list(call.vector(1) or ())
        if sizes.count(-1) == 1:
            rest = len(whole.items) - sum(s for s in sizes if s is not None) - 1
            sizes[sizes.index(-1)] = rest
    found: list[Integers | None] = []
    start = 0
    for length in sizes:
        if length is None or length < 0:
            return []
        found.append(Integers((length,), whole.items[start : start + length]))
        start += length
    return found if start == len(whole.items) else []


@integer_function("StridedSlice")
def strided_slice(call: Call) -> Integers | None:
    """Part of a list, or one of its elements."""
    whole = call.integers(0)
    bounds = [call.integers(position) for position in (1, 2, 3)]
    if whole is None or len(whole.dims) != 1 or call.int_attr("new_axis_mask"):
        return None
    if any(b is None or len(b.items) > 1 for b in bounds):
        return None
    if any(b is not None and not b.items for b in bounds) or call.int_attr("ellipsis_mask") & 1:
        return whole
    begin, end, step = (b.items[0] if b is not None else None for b in bounds)
    if step is None or not step:
        return None
    if call.int_attr("shrink_axis_mask") & 1:
        if begin is None or not -len(whole.items) <= begin < len(whole.items):
            return None
        return Integers((), (whole.items[begin],))
    if call.int_attr("begin_mask") & 1:
        begin = None
    elif begin is None:
        return None
    if call.int_attr("end_mask") & 1:
        end = None
    elif end is None:
        return None
    items = whole.items[begin:end:step]
    return Integers((len(items),), items)


@integer_function("Slice")
def slice_(call: Call) -> Integers | None:
    """Part of a list; the size -1 means all that is left."""
    whole, begin, length = call.integers(0), call.integer(1), call.integer(2)
    if whole is None or len(whole.dims) != 1 or begin is None or length is None:
        return None
    end = len(whole.items) if length == -1 else begin + length
    if not 0 <= begin <= end <= len(whole.items):
        return None
    return Integers((end - begin,), whole.items[begin:end])


@integer_function("Gather", "GatherV2")
def gather(call: Call) -> Integers | None:
    """Elements of a list, by their positions."""
    whole, where = call.integers(0), call.integers(1)
    if whole is None or where is None or len(whole.dims) != 1:
        return None
    count = len(whole.items)
    if any(i is not None and not 0 <= i < count for i in where.items):
        return None
    return Integers(where.dims, tuple(None if i is None else whole.items[i] for i in where.items))


@integer_function("ExpandDims", "Squeeze", "Reshape")
def reshaped(call: Call) -> Integers | None:
    """The same elements in another shape, that of inference."""
    found = call.integers(0)
    dims = call.output_dims(0)
    if found is None or dims is None or not is_known(dims):
        return None
    if math.prod(d or 0 for d in dims) != len(found.items):
        return None
    return Integers(tuple(d or 0 for d in dims), found.items)


@integer_function("Fill")
def fill(call: Call) -> Integers | None:
    """One value everywhere."""
    return _filled(call, call.integer(1))


@integer_function("ZerosLike")
def zeros_like(call: Call) -> Integers | None:
    """Zero everywhere."""
    return _filled(call, 0)


@integer_function("OnesLike")
def ones_like(call: Call) -> Integers | None:
    """One everywhere."""
    return _filled(call, 1)


def _filled(call: Call, value: int | None) -> Integers | None:
    dims = call.output_dims(0)
    count = elements(dims)
    kind = (call.output_dtypes() or [None])[0]
    if value is None or dims is None or count is None or count > MOST_INTEGERS:
        return None
    if kind is None or kind.is_floating or "complex" in kind.name:
        return None
    return Integers(tuple(d or 0 for d in dims), (value,) * count)


@integer_function("Range")
def range_(call: Call) -> Integers | None:
    """Numbers from a start up to a limit, which is not among them."""
    start, limit, step = (call.integer(position) for position in (0, 1, 2))
    if start is None or limit is None or not step:
        return None
    numbers = range(start, limit, step)
    if len(numbers) > MOST_INTEGERS:
        return None
    return Integers((len(numbers),), tuple(numbers))


@integer_function("Tile")
def tile(call: Call) -> Integers | None:
    """A list, repeated."""
    whole, times = call.integers(0), call.integer(1)
    if whole is None or len(whole.dims) != 1 or times is None or times < 0:
        return None
    if len(whole.items) * times > MOST_INTEGERS:
        return None
    items = whole.items * times
    return Integers((len(items),), items)


@integer_function("Reverse", "ReverseV2")
def reverse(call: Call) -> Integers | None:
    """A list backwards."""
    whole, which = call.integers(0), call.vector(1)
    if whole is None or len(whole.dims) != 1 or which is None or None in which:
        return None
    # Reverse says for each axis whether it is turned, ReverseV2 lists those that are
    turned = any(which) if call.node.op == "Reverse" else bool(which)
    return Integers(whole.dims, whole.items[::-1] if turned else whole.items)


def _known_or_blank(call: Call, position: int) -> Integers | None:
    """The values of an input, all unknown where only its shape is known."""
    found = call.integers(position)
    if found is not None:
        return found
    dims = call.input(position)
    count = elements(dims)
    if dims is None or count is None or count > MOST_INTEGERS:
        return None
    return Integers(tuple(d or 0 for d in dims), (None,) * count)
