"""Shapes of ops that cut, gather, scatter, join and pad tensors."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    add,
    canonical_axis,
    concatenate,
    dim,
    elements,
    is_known,
    merge,
    merge_dim,
    part,
    replaced,
    show,
    unknown,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.shapes._outputs import like_input, told_by_attr, told_by_input
from graphtools.ops.shapes.array import output_count

# Joined


@shape_function("Pack")
def pack(call: Call) -> Dims:
    """All inputs are alike; their number becomes a dimension at the axis."""
    dims: Dims = None
    for other in call.inputs:
        dims = merge(dims, other)
    handle = call.handle(0)
    if handle is not None and all(call.handle(p) == handle for p in range(1, len(call.inputs))):
        call.give_handle(0, handle)
    if dims is None:
        return None
    axis = canonical_axis(call.int_attr("axis"), len(dims) + 1)
    return (*dims[:axis], len(call.inputs), *dims[axis:])


shape_function("_ParallelConcatStart")(told_by_attr("shape"))


@shape_function("ParallelConcat")
def parallel_concat(call: Call) -> Dims:
    """What the attribute states; each input is one slice of it."""
    dims = call.shape_attr("shape")
    if dims is None or not dims or not is_known(dims):
        raise Contradiction("the attribute 'shape' must be known and not that of a scalar")
    for other in call.inputs:
        if not is_known(other):
            raise Contradiction("the shapes of all inputs must be known")
        merge(other, (1, *dims[1:]))
    return dims


@shape_function("Concat", "ConcatV2", "QuantizedConcat", "QuantizedConcatV2", "_MklConcatV2")
def concat(call: Call) -> Dims | list[Dims]:
    """The inputs are alike but for the axis, along which they are added up."""
    op = call.node.op
    if op in ("Concat", "QuantizedConcat"):
        axis, first = 0, 1
    else:
        axis, first = call.int_attr("N"), 0
    count = call.int_attr("N")
    if count < 1 or first + count > len(call.inputs) or axis >= len(call.inputs):
        raise Contradiction(f"{len(call.inputs)} inputs are too few to join {count} tensors")
    with_rank(call.input(axis), 0)
    found = _joined(call.inputs[first : first + count], call.integer(axis))
    return [found, (), ()] if op[0] == "Q" else found


def _joined(shapes: list[Dims], axis: int | None) -> Dims:
    rank = next((len(dims) for dims in shapes if dims is not None), None)
    if rank is None:
        return None
    if rank == 0:
        raise Contradiction("scalars cannot be concatenated")
    for dims in shapes:
        with_rank(dims, rank)
    if axis is None:
        return unknown(rank)
    axis = canonical_axis(axis, rank)
    merged: Dims = None
    total: Dim = 0
    for dims in shapes:
        merged = merge(merged, replaced(dims, axis, None))
        total = add(total, None if dims is None else dims[axis])
    return replaced(merged, axis, total)


# Taken apart


@shape_function("Unpack")
def unpack(call: Call) -> list[Dims]:
    """Each output is the input without the axis, whose dimension is their number."""
    count = output_count(call, "num")
    dims = call.input(0)
    for output in range(count if call.handle(0) is not None else 0):
        call.give_handle(output, call.handle(0))
    if dims is None:
        return [None] * count
    axis = canonical_axis(call.int_attr("axis"), len(dims))
    if dims[axis] not in (None, count):
        raise Contradiction(f"axis {axis} of {show(dims)} does not give {count} tensors")
    return [dims[:axis] + dims[axis + 1 :]] * count


@shape_function("Split")
def split(call: Call) -> list[Dims]:
    """The axis is cut into equal parts."""
    count = output_count(call, "num_split")
    dims, axis = call.input(1), call.integer(0)
    if dims is None:
        return [None] * count
    if axis is None:
        return [unknown(len(dims))] * count
    axis = canonical_axis(axis, len(dims))
    size = dims[axis]
    if size is not None and (not count or size % count):
        raise Contradiction(f"axis {axis} of {show(dims)} cannot be cut into {count} equal parts")
    return [replaced(dims, axis, None if size is None else size // count)] * count


@shape_function("SplitV")
def split_v(call: Call) -> list[Dims]:
    """The axis is cut into parts of given sizes; one of them may be -1, which is the rest."""
    count = output_count(call, "num_split")
    dims = call.input(0)
    axis, sizes = call.integer(2), call.vector(1)
    if sizes is not None and len(sizes) != count:
        raise Contradiction(f"{len(sizes)} sizes are given for {count} parts")
    if dims is None:
        return [None] * count
    if axis is None:
        return [dims if count == 1 else unknown(len(dims))] * count
    axis = canonical_axis(axis, len(dims))
    total = dims[axis]
    if sizes is None or (count == 1 and sizes[0] in (None, -1)):
        size = total if count == 1 else None
        return [replaced(dims, axis, size)] * count
    return [replaced(dims, axis, size) for size in _part_sizes(sizes, total)]


def _part_sizes(sizes: tuple[Dim, ...], total: Dim) -> list[Dim]:
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


@shape_function("Slice", "_MklSlice")
def slice_(call: Call) -> Dims:
    """Sizes as given; -1 is all that follows the beginning."""
    dims = call.input(0)
    for position in (1, 2):
        with_rank(call.input(position), 1)
    merge(call.input(1), call.input(2))
    starts, sizes = call.vector(1), call.vector(2)
    count = len(starts) if starts is not None else None if sizes is None else len(sizes)
    if dims is None and count is None:
        return None
    if dims is not None and count not in (None, len(dims)):
        raise Contradiction(f"{show(dims)} cannot be sliced by {count} numbers")
    rank = len(dims) if dims is not None else count or 0
    dims = with_rank(dims, rank)
    empty = (None,) * rank
    return tuple(map(_sliced, dims, starts or empty, sizes or empty))


def _sliced(dim: Dim, start: Dim, size: Dim) -> Dim:
    if (start is not None and start < 0) or (size is not None and size < -1):
        raise Contradiction(f"a slice cannot start at {start} with the size {size}")
    if size == -1:
        size = None if dim is None or start is None else dim - start
    if size is not None and size < 0:
        raise Contradiction(f"a slice cannot start at {start} in a dimension of {dim}")
    return size


# Gathered and scattered


@shape_function("Gather")
def gather(call: Call) -> Dims:
    """For each index a slice of the first input."""
    dims = with_rank_at_least(call.input(0), 1)
    return concatenate(call.input(1), part(dims, 1))


@shape_function("GatherV2")
def gather_v2(call: Call) -> Dims:
    """For each index a slice along the axis; leading batch dimensions go together."""
    params, indices = with_rank_at_least(call.input(0), 1), call.input(1)
    with_rank(call.input(2), 0)
    batch = call.int_attr("batch_dims")
    axis = call.integer(2)
    if params is None:
        return None
    if batch < 0:
        if indices is None:
            return None
        batch += len(indices)
    with_rank_at_least(indices, batch) if 0 <= batch <= 254 else _refuse_batch(batch)
    if axis is None:
        rank = (
            None
            if indices is None or call.int_attr("batch_dims") < 0
            else len(params) + len(indices) - 1 - batch
        )
        return None if rank is None or rank < 0 else unknown(rank)
    axis = canonical_axis(axis, len(params))
    if indices is None:
        return None
    return (*params[:axis], *indices[batch:], *params[axis + 1 :])


def _refuse_batch(batch: int) -> None:
    raise Contradiction(f"there cannot be {batch} batch dimensions")


@shape_function("GatherNd")
def gather_nd(call: Call) -> Dims:
    """For each row of indices the slice that they lead to."""
    params = call.input(0)
    indices = with_rank_at_least(call.input(1), 1)
    depth = dim(indices, -1)
    if params is None or depth is None or indices is None:
        return None
    if depth > len(params):
        raise Contradiction(f"{depth} indices lead nowhere in {show(params)}")
    return indices[:-1] + params[depth:]


@shape_function("ScatterNd")
def scatter_nd(call: Call) -> Dims:
    """The third input is the shape."""
    dims = call.dims(2)
    _check_scatter(dims, call.input(0), call.input(1))
    return dims


@shape_function(
    "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax",
    "TensorScatterMin", "ScatterNdNonAliasingAdd",
)  # fmt: skip
def tensor_scatter(call: Call) -> Dims:
    """As the first input is, some slices of which are replaced."""
    dims = call.input(0)
    if call.node.op != "ScatterNdNonAliasingAdd":
        with_rank_at_least(dims, 1)
    _check_scatter(dims, call.input(1), call.input(2))
    return dims


def _check_scatter(dims: Dims, indices: Dims, updates: Dims) -> None:
    """For each row of indices there is an update of the slice that they lead to."""
    if elements(dims) == 0 and (elements(indices) or elements(updates)):
        raise Contradiction(f"{show(dims)} has no element to be updated")
    if indices is None or not updates:
        return
    if not indices:
        raise Contradiction("the indices cannot be a scalar")
    outer = len(indices) - 1
    depth = indices[-1]
    if depth is not None and dims is not None:
        merge(indices[:-1], updates[:outer])
        merge(dims[depth:], updates[outer:])


# Padded


@shape_function("Pad", "PadV2", "MirrorPad")
def pad(call: Call) -> Dims:
    """Each dimension with what is added before and behind."""
    return _padded(call, 1)


@shape_function("MirrorPadGrad")
def mirror_pad_grad(call: Call) -> Dims:
    """Each dimension without what was added."""
    return _padded(call, -1)


def _padded(call: Call, sign: int) -> Dims:
    dims = call.input(0)
    count, two = with_rank(call.input(1), 2)
    if sign > 0:
        merge_dim(two, 2)
    found = call.integers(1)
    if dims is None:
        if count is None or count > 254:
            return None
        dims = (None,) * count
    merge_dim(count, len(dims))
    if found is None or len(found.items) != 2 * len(dims):
        return unknown(len(dims))
    if any(v is not None and v < 0 for v in found.items):
        raise Contradiction(f"a padding cannot be negative: {list(found.items)}")
    padded = []
    for size, before, behind in zip(dims, found.items[::2], found.items[1::2], strict=True):
        new = (
            None if size is None or before is None or behind is None
            else size + sign * (before + behind)
        )  # fmt: skip
        if new is not None and new < 0:
            raise Contradiction(f"{show(dims)} is less than its paddings {list(found.items)}")
        padded.append(new)
    return tuple(padded)


# Strided slices


@shape_function("StridedSlice")
def strided_slice(call: Call) -> Dims:
    """Slices as `x[start:end:step, ..., newaxis, index]`, by bits of the masks.

    Source: TensorFlow's `ValidateStridedSliceOp`.
    """
    starts, ends, steps = [with_rank(call.input(p), 1)[0] for p in (1, 2, 3)]
    count = merge_dim(starts, merge_dim(ends, steps))
    call.give_handle(0, call.handle(0))
    dims = call.input(0)
    if count is None or dims is None or count > 64 or call.integers(3) is None:
        return None
    return _strided(call, dims, count)


def _strided(call: Call, dims: tuple[Dim, ...], count: int) -> Dims:
    masks = [
        call.int_attr(name)
        for name in ("begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask")
    ]
    open_start, open_end, shrinks, news, ellipses = masks
    if ellipses & (ellipses - 1):
        raise Contradiction("a slice cannot have several ellipses")
    ellipses &= (1 << count) - 1
    bits = [1 << i for i in range(count)]
    inserted = sum(bool(news & bit and not ellipses & bit) for bit in bits)
    skipped = len(dims) - (count - inserted - bool(ellipses))
    if skipped < 0:
        raise Contradiction(f"{show(dims)} has too few dimensions for {count - inserted} indices")
    empty = (None,) * count
    starts, ends, steps = [call.vector(position) or empty for position in (1, 2, 3)]
    found: list[Dim] = []
    axis = 0
    for i, bit in enumerate(bits):
        if ellipses & bit:
            found += dims[axis : axis + skipped]
            axis += skipped
        elif news & bit:
            found.append(1)
        else:
            start = None if open_start & bit else starts[i]
            end = None if open_end & bit else ends[i]
            size = dims[axis]
            axis += 1
            if shrinks & bit:
                _check_index(size, None if open_start & bit else start, steps[i])
                continue
            knows_start = bool(open_start & bit) or start is not None
            knows_end = bool(open_end & bit) or end is not None
            found.append(_strided_size(size, start, end, steps[i], knows=knows_start and knows_end))
    return (*found, *dims[axis:])


def _check_index(size: Dim, index: Dim, step: Dim) -> None:
    if size is not None and step is not None and step <= 0:
        raise Contradiction(f"a single index cannot go by steps of {step}")
    if size is not None and index is not None and not -size <= index < size:
        raise Contradiction(f"the index {index} is outside of a dimension of {size}")


def _strided_size(size: Dim, start: Dim, end: Dim, step: Dim, *, knows: bool) -> Dim:
    """Elements of `[start:end:step]`, where None is the end of the dimension."""
    if step == 0:
        raise Contradiction("a slice cannot go by steps of 0")
    if size is None or not knows or step is None:
        return None
    return len(range(*slice(start, end, step).indices(max(size, 0))))


shape_function("StridedSliceGrad")(told_by_input(0))
shape_function("StridedSliceAssign", "TensorStridedSliceUpdate")(like_input(0))


@shape_function("Bucketize", "NthElement", "KthOrderStatistic")
def along_last(call: Call) -> Dims:
    """A bucket for each element; or of each row one element."""
    dims = call.input(0)
    if call.node.op == "Bucketize":
        return dims
    dims = with_rank_at_least(dims, 1)
    if call.node.op == "NthElement":
        place, size = call.integer(1), dim(dims, -1)
        if place is not None and (place < 0 or (size is not None and place >= size)):
            raise Contradiction(f"there is no element {place} in rows of {size}")
    return part(dims, 0, -1)
