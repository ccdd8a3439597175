"""Operators that put numbers in another place or shape, and those that work along dimensions."""

from __future__ import annotations

from math import prod

from graphtools.convert.editing.batch import BatchAxis, BatchStep, Unfollowed, batch_rule


def _first(step: BatchStep, place: int = 0) -> BatchAxis:
    """Where the batch is in the one input that may have it."""
    step.only(place)
    found = step.axis(place)
    if found is None:
        raise Unfollowed(f"the batch is not in its input {place}")
    return found


@batch_rule("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
def reshape(step: BatchStep) -> None:
    """The same numbers in their order, in another shape."""
    found = _first(step)
    dims, new = step.dims(step.inputs[0]), step.dims(step.outputs[0])
    if not found.is_outermost:
        raise Unfollowed("samples do not stand one behind the other")
    if step.op != "RESHAPE":
        step.give(_kept_dimension(step, found, dims, new))
        return
    at = found.axis if dims[: found.axis] == new[: found.axis] else 0
    if at != found.axis and prod(dims[: found.axis]) != 1:
        raise Unfollowed(f"it makes {new} of {dims}, where the batch is not the first dimension")
    if at >= len(new) or new[at] % step.before:
        raise Unfollowed(f"it makes {new} of {dims}, which does not have the batch")
    after = BatchAxis(at, new[at] // step.before)
    if step.shape_axis(1) is None and len(step.inputs) > 1:
        step.change(1, at, after.times)
    elif step.shape_axis(1) not in (None, after):
        raise Unfollowed("the shape that it is given has the batch elsewhere")
    options = step.operator.get("builtin_options", {})
    if options.get("new_shape"):
        shape = list(options["new_shape"])
        if shape[at] == step.before * after.times:
            shape[at] = step.scaled(shape[at])
        options["new_shape"] = shape
    step.give(after)


def _kept_dimension(
    step: BatchStep, found: BatchAxis, dims: list[int], new: list[int]
) -> BatchAxis:
    """Where a dimension is once dimensions of 1 went or came."""
    if step.op == "EXPAND_DIMS":
        axis = step.constant(1)[0]
        axis += len(new) if axis < 0 else 0
        return found._replace(axis=found.axis + (axis <= found.axis))
    gone = step.editor.option(step.operator, "squeeze_dims", [])
    gone = {d % len(dims) for d in gone} or {i for i, d in enumerate(dims) if d == 1}
    if found.axis in gone:
        raise Unfollowed("it takes the dimension of the batch out")
    return found._replace(axis=found.axis - sum(d < found.axis for d in gone))


@batch_rule("TRANSPOSE")
def transpose(step: BatchStep) -> None:
    """Dimensions in another order."""
    found = _first(step)
    order = step.constant(1)
    step.give(found._replace(axis=[d % len(order) for d in order].index(found.axis)))


@batch_rule("CONCATENATION", "PACK")
def join(step: BatchStep) -> None:
    """Several tensors along a dimension, an own one for PACK."""
    if step.op == "PACK" and any(step.shape_axis(i) for i in range(len(step.inputs))):
        _shape_of_numbers(step)
        return
    if any(step.shape_axis(i) for i in range(len(step.inputs))):
        _joined_shapes(step)
        return
    rank = len(step.dims(step.outputs[0]))
    axis = step.editor.option(step.operator, "axis")
    axis += rank if axis < 0 else 0
    found = {step.axis(place) for place in range(len(step.inputs))}
    if len(found) != 1:
        names = [step.editor.name(i) for p, i in enumerate(step.inputs) if step.axis(p) is None]
        where = f": {names[0]!r} lacks it" if names else ""
        raise Unfollowed(f"its inputs do not have the batch in the same dimension{where}")
    own = found.pop()
    if own is None:
        raise Unfollowed("it computes with the number of samples")
    if step.op == "PACK":
        own = own._replace(axis=own.axis + (axis <= own.axis))
    elif own.axis == axis:
        raise Unfollowed("it joins along the batch")
    step.give(own)


def _shape_of_numbers(step: BatchStep) -> None:
    places = [i for i in range(len(step.inputs)) if step.shape_axis(i)]
    found = step.shape_axis(places[0])
    if len(places) != 1 or found is None:
        raise Unfollowed("it makes a shape with the batch in several places")
    step.give_shape(places[0], found.times)


def _joined_shapes(step: BatchStep) -> None:
    start, found = 0, None
    for place, index in enumerate(step.inputs):
        own = step.shape_axis(place)
        if own is not None:
            if found is not None:
                raise Unfollowed("it makes a shape with the batch in several places")
            found = own._replace(axis=start + own.axis)
        start += prod(step.dims(index))
    assert found is not None
    step.give_shape(found.axis, found.times)


@batch_rule("UNPACK", "SPLIT", "SPLIT_V")
def part(step: BatchStep) -> None:
    """A tensor in parts along a dimension."""
    found = _first(step, 1 if step.op == "SPLIT" else 0)
    rank = len(step.dims(step.inputs[1 if step.op == "SPLIT" else 0]))
    axis = (
        step.editor.option(step.operator, "axis")
        if step.op == "UNPACK"
        else step.constant(0 if step.op == "SPLIT" else 2)[0]
    ) % rank
    if axis == found.axis:
        raise Unfollowed("it parts along the batch")
    gone = step.op == "UNPACK" and axis < found.axis
    step.give(found._replace(axis=found.axis - gone))


@batch_rule(
    *("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL"),
    *("ARG_MAX", "ARG_MIN"),
)
def reduce(step: BatchStep) -> None:
    """Numbers along dimensions together."""
    found = _first(step)
    rank = len(step.dims(step.inputs[0]))
    axes = {a % rank for a in step.constant(1)}
    if found.axis in axes:
        raise Unfollowed("it works along the batch")
    kept = step.editor.option(step.operator, "keep_dims", False) and "ARG" not in step.op
    gone = 0 if kept else sum(a < found.axis for a in axes)
    step.give(found._replace(axis=found.axis - gone))


@batch_rule("PAD", "PADV2", "MIRROR_PAD")
def pad(step: BatchStep) -> None:
    """Numbers around a tensor."""
    found = _first(step)
    paddings = step.constant(1)
    if any(paddings[2 * found.axis : 2 * found.axis + 2]):
        raise Unfollowed("it pads the batch")
    step.give(found)


@batch_rule("SLICE")
def cut_out(step: BatchStep) -> None:
    """A part of a tensor."""
    found = _first(step)
    if step.constant(1)[found.axis]:
        raise Unfollowed("it takes a part of the batch")
    step.change(2, found.axis, found.times)
    step.give(found)


@batch_rule("STRIDED_SLICE")
def strided(step: BatchStep) -> None:
    """A part of a tensor, by steps and masks; or a number of a shape."""
    begin, end, strides = (step.constant(place) for place in (1, 2, 3))
    masks = {
        key: step.editor.option(step.operator, f"{key}_mask")
        for key in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    of_shape = step.shape_axis(0)
    if of_shape is not None:
        _part_of_shape(step, of_shape, begin, end, masks)
        return
    found = _first(step)
    if masks["ellipsis"] or masks["new_axis"]:
        raise Unfollowed("its masks are not followed here")
    bit = 1 << found.axis
    if found.axis < len(begin):
        whole = (masks["begin"] & bit or not begin[found.axis]) and strides[found.axis] == 1
        if masks["shrink_axis"] & bit or not whole:
            raise Unfollowed("it takes a part of the batch")
        if not masks["end"] & bit:
            step.change(2, found.axis, found.times)
    gone = sum(bool(masks["shrink_axis"] >> i & 1) for i in range(found.axis))
    step.give(found._replace(axis=found.axis - gone))


def _part_of_shape(
    step: BatchStep, found: BatchAxis, begin: list[int], end: list[int], masks: dict[str, int]
) -> None:
    """A number, or some, of a shape."""
    size = prod(step.dims(step.inputs[0]))
    first = 0 if masks["begin"] & 1 else begin[0] % size if size else 0
    if masks["shrink_axis"] & 1:
        if first == found.axis:
            step.give_shape(0, found.times)
        return
    last = size if masks["end"] & 1 else end[0] + (size if end[0] < 0 else 0)
    if first <= found.axis < last:
        step.give_shape(found.axis - first, found.times)


@batch_rule("SHAPE")
def shape(step: BatchStep) -> None:
    """The shape of a tensor as numbers."""
    found = _first(step)
    step.give_shape(found.axis, found.times)


@batch_rule("GATHER")
def gather(step: BatchStep) -> None:
    """Parts of a tensor by their numbers."""
    if step.shape_axis(0) is not None:
        numbers = step.constant(1)
        if step.shape_axis(0) == BatchAxis(numbers[0]) and len(numbers) == 1:
            step.give_shape(0)
            return
        raise Unfollowed("it takes several numbers of a shape")
    rank = len(step.dims(step.inputs[0]))
    axis = step.editor.option(step.operator, "axis") % rank
    of_table, of_numbers = step.axis(0), step.axis(1)
    if step.editor.option(step.operator, "batch_dims") or (of_table and of_numbers):
        raise Unfollowed("both the table and the numbers have the batch")
    if of_numbers is not None:
        step.give(of_numbers._replace(axis=axis + of_numbers.axis))
        return
    if of_table is None:
        raise Unfollowed("it takes parts by the number of samples")
    if of_table.axis == axis:
        raise Unfollowed("it takes parts of the batch")
    more = len(step.dims(step.inputs[1])) - 1 if axis < of_table.axis else 0
    step.give(of_table._replace(axis=of_table.axis + more))


@batch_rule("EMBEDDING_LOOKUP")
def look_up(step: BatchStep) -> None:
    """Rows of a table by their numbers."""
    step.give(_first(step, 0))


@batch_rule("TILE")
def tile(step: BatchStep) -> None:
    """A tensor several times."""
    found = _first(step)
    if step.constant(1)[found.axis] != 1:
        raise Unfollowed("it repeats the batch")
    step.give(found)


@batch_rule("CUMSUM", "REVERSE_V2", "TOPK_V2")
def along(step: BatchStep) -> None:
    """Numbers along a dimension, of which all stay or the largest are taken."""
    found = _first(step)
    rank = len(step.dims(step.inputs[0]))
    axes = [-1] if step.op == "TOPK_V2" else step.constant(1)
    if found.axis in {a % rank for a in axes}:
        raise Unfollowed("it works along the batch")
    step.give(found)
