"""Finds constants that hold a dimension of an input, and what they are to hold for another one.

What a constant stands for is told by two inferences, of the graph as it was and with the new
shapes. Where a dimension changes, what is held beside it follows if it is proven to be the same:

- a Reshape keeps the order of its elements, so that dimensions whose products are equal are the
  same ones;
- the batch of a transposed convolution is that of its input, its size the one that the strides and
  the padding make of the input's;
- what is computed element by element, joined or stacked has one size: the constant, or what is
  filled, tiled or counted to the size, is made as large as what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from graphtools.graph.functions import LOOPS
from graphtools.graph.node import Node
from graphtools.graph.order import LOOP_STARTS
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.call import shape_function
from graphtools.ops.dims import Dim, Dims, is_known
from graphtools.ops.handing_on import (
    source_node,
)
from graphtools.ops.inference import Inference
from graphtools.ops.list_elements import MAKERS, element_dims
from graphtools.transforms._behind_sizes import (
    HANDS_ON,
    Edit,
    Level,
    Unproven,
    integers_edit,
    size_edits,
)

#: By op, the input that states the shape of the elements of a list.
STATES_ELEMENTS = {
    **dict.fromkeys(MAKERS, 0),
    "TensorListFromTensor": 1,
    "TensorListStack": 1,
    "TensorListGetItem": 2,
}
_LOOPS = LOOP_STARTS | LOOPS


def find_edits(level: Level) -> Iterator[Edit | Unproven]:
    """What constants of a graph or body are to hold, now that shapes are others."""
    for node in level.after.graph:
        texts = node.data_inputs
        if node.op in STATES_ELEMENTS:
            yield from _elements(level, node)
            continue
        if node.op == "PlaceholderWithDefault":
            yield from _default(level, node)
        if node.op in _LOOPS:
            yield from _loop(level, node)
        if node.op == "TensorArrayGatherV3":
            yield from _gathered(level, node)
        if not any(level.old(t) != level.new(t) for t in texts):
            continue
        rule = _RULES.get(node.op)
        if rule is not None:
            yield from rule(level, node)
        yield from _agreements(level, node)


# What tells an output's shape


def _reshape(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """A Reshape keeps the order: dimensions of equal products are the same."""
    text, stated = node.data_inputs[:2]
    held, new = level.had(node, 1), level.new(text)
    pair = _completed(level.old(text), held) if held is not None else None
    if pair is None or new is None or held is None or len(new) != len(pair[0]):
        return
    wanted: list[Dim] = list(pair[1])
    for taken, given in _groups(*pair):
        if [pair[0][i] for i in taken] == [new[i] for i in taken]:
            continue
        size = _product([new[i] for i in taken])
        old = prod(pair[0][i] for i in taken)
        kept = [(pair[0][i], new[i]) for i in taken]
        place = _place(level, given, [pair[1][j] for j in given], old, size, kept)
        if place is None:
            yield Unproven(level, node.name, stated)
            return
        axis, wanted[axis] = place
    wanted = [-1 if value == -1 else size for value, size in zip(held, wanted, strict=True)]
    if sum(value in (None, -1) for value in wanted) > 1:
        yield Unproven(level, node.name, stated)
        return
    yield from integers_edit(level, node, 1, wanted)


def _completed(old: Dims, held: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The shapes before and after a Reshape, where all dimensions follow from what is known."""
    if old is None or 0 in held or 0 in old or old.count(None) + held.count(-1) > 1:
        return None
    known = [d for d in old if d is not None]
    stated = [v for v in held if v != -1]
    more, rest = (prod(stated), prod(known)) if None in old else (prod(known), prod(stated))
    if rest < 1 or more % rest:
        return None
    full = tuple(more // rest if d is None else d for d in old)
    out = tuple(more // rest if v == -1 else v for v in held)
    return (full, out) if prod(full) == prod(out) else None


def _groups(old: Sequence[int], out: Sequence[int]) -> Iterator[tuple[range, range]]:
    """The smallest ranges of axes of two shapes that hold the same elements."""
    i = j = 0
    while i < len(old) or j < len(out):
        start = i, j
        i, j = min(i + 1, len(old)), min(j + 1, len(out))
        while (a := prod(old[start[0] : i])) != (b := prod(out[start[1] : j])):
            if a < b:
                i += 1
            else:
                j += 1
        yield range(start[0], i), range(start[1], j)


def _product(sizes: Sequence[Dim]) -> Dim:
    known = [s for s in sizes if s is not None]
    return prod(known) if len(known) == len(sizes) else None


def _place(
    level: Level,
    axes: Sequence[int],
    sizes: Sequence[int],
    old: int,
    new: Dim,
    taken: Sequence[tuple[int, Dim]],
) -> tuple[int, Dim] | None:
    """The axis that changes where a number of elements does, and its size; None where it is not
    certain.

    Args:
        level: Where the Reshape stands.
        axes: Axes of its output.
        sizes: Their sizes as they were.
        old: The product of these.
        new: What the product becomes.
        taken: The sizes of the same elements in the input, as they were and are.
    """
    if len(axes) == 1:
        return axes[0], new
    if new is None or old == 1:
        return None
    larger = [axis for axis, size in zip(axes, sizes, strict=True) if size != 1]
    if len(larger) == 1:
        return larger[0], new
    # of several one is the size of an input, and the others stay
    found = [
        (axis, size * new // old)
        for axis, size in zip(axes, sizes, strict=True)
        if not size * new % old and (size, size * new // old) in level.changes
    ]
    if len(found) != 1:
        return None
    place = axes.index(found[0][0])
    change = sizes[place], found[0][1]
    at = [prod(was for was, _ in taken[:i]) for i, pair in enumerate(taken) if pair == change]
    # a dimension of the input that is told as such is not moved by a Reshape
    return found[0] if not at or prod(sizes[:place]) in at else None


def _transposed_convolution(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """The batch is that of what is convolved; sizes are those that strides and padding make."""
    stated, filters, text = node.data_inputs[:3]
    held, old, new = level.had(node, 0), level.old(text), level.new(text)
    kernel = level.new(filters)
    if held is None or old is None or new is None or not len(held) == len(old) == len(new):
        return
    layout = node.attr("data_format")
    first = 2 if isinstance(layout, bytes) and layout.startswith(b"NC") else 1
    strides, dilations = node.attr("strides"), node.attr("dilations")
    wanted = list(held)
    for axis, (was, now) in enumerate(zip(old, new, strict=True)):
        if was == now:
            continue
        spatial = first <= axis < first + len(held) - 2
        if not axis and now is not None and was in (None, held[0]):
            wanted[0] = now
            continue
        step = strides[axis] if isinstance(strides, list) and axis < len(strides) else None
        gap = dilations[axis] if isinstance(dilations, list) and axis < len(dilations) else 1
        width = kernel[axis - first] if spatial and kernel is not None else None
        if not isinstance(step, int) or width is None or was is None or now is None or gap != 1:
            yield Unproven(level, node.name, stated)
            return
        overlap = max(width - step, 0) if node.attr("padding") == b"VALID" else 0
        if node.attr("padding") not in (b"SAME", b"VALID") or held[axis] != was * step + overlap:
            yield Unproven(level, node.name, stated)
            return
        wanted[axis] = now * step + overlap
    yield from integers_edit(level, node, 0, wanted)


def _slice(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """A size that reaches the end goes on to reach it; whether the only row is all is not known."""
    text = node.data_inputs[0]
    starts, sizes, old, new = (
        level.had(node, 1),
        level.had(node, 2),
        level.old(text),
        level.new(text),
    )
    if starts is None or sizes is None or old is None or new is None:
        return
    if not len(starts) == len(sizes) == len(old) == len(new):
        return
    wanted = list(sizes)
    for axis, (was, now) in enumerate(zip(old, new, strict=True)):
        end = starts[axis] + sizes[axis]
        if was == now or now is None or (was != end and end <= now):
            continue
        if was == 1 or was != end:
            yield Unproven(level, node.name, node.data_inputs[2])
        else:
            wanted[axis] = now - starts[axis]
    if min(wanted, default=0) >= -1:
        yield from integers_edit(level, node, 2, wanted)


def _broadcast(level: Level, node: Node) -> Iterator[Edit]:
    """A dimension that is not repeated is that of the input."""
    text = node.data_inputs[0]
    held, old, new = level.had(node, 1), level.old(text), level.new(text)
    if held is None or old is None or new is None or len(old) > len(held) or len(old) != len(new):
        return
    wanted = list(held)
    for axis in range(-len(old), 0):
        was, now = old[axis], new[axis]
        if was not in (None, 1, now) and now is not None and held[axis] == was:
            wanted[axis] = now
    yield from integers_edit(level, node, 1, wanted)


def _array(level: Level, node: Node) -> Iterator[Edit]:
    """The elements of an array of tensors are of the shape that is written to it."""
    handle, value = node.data_inputs[0], node.data_inputs[2]
    old, new = level.old(value), level.new(value)
    if "Scatter" in node.op:
        old, new = (dims[1:] if dims else None for dims in (old, new))
    maker = source_node(level.after.graph, handle, HANDS_ON)
    stated = maker.attr("element_shape") if maker is not None else None
    if maker is None or not isinstance(stated, Shape) or None in (stated.dims, old, new):
        return
    if is_known(new) and stated.dims == old and stated.dims != new:
        yield Edit(level, maker.name, None, tuple(d or 0 for d in new or ()))


def _gathered(level: Level, node: Node) -> Iterator[Edit]:
    """What is gathered of an array is of the shape that the array states now."""
    maker = source_node(level.after.graph, node.data_inputs[0], HANDS_ON)
    old = level.before.graph.get(maker.name) if maker is not None else None
    if maker is None or old is None:
        return
    stated = maker.attr("element_shape")
    if not isinstance(stated, Shape) or not is_known(stated.dims) or stated.dims is None:
        return
    held = node.attr("element_shape")
    if old.attr("element_shape") == held and held != stated:
        yield Edit(level, node.name, None, tuple(d or 0 for d in stated.dims))


_RULES: dict[str, Callable[[Level, Node], Iterator[Edit | Unproven]]] = {
    "Reshape": _reshape,
    "Slice": _slice,
    "BroadcastTo": _broadcast,
    "Conv2DBackpropInput": _transposed_convolution,
    "Conv3DBackpropInputV2": _transposed_convolution,
    "DepthwiseConv2dNativeBackpropInput": _transposed_convolution,
    "TensorArrayWriteV3": _array,
    "TensorArrayScatterV3": _array,
}


def _elements(level: Level, node: Node) -> Iterator[Edit]:
    """The shape of a list's elements, where all that is put in has another one, or tells it."""
    position = STATES_ELEMENTS[node.op]
    if position >= len(node.data_inputs) or level.new(node.data_inputs[position]) == ():
        return  # a single -1 is told by the first item, to the converter too
    held = level.held(node.data_inputs[position])
    old, new = (_element(inference, node) for inference in (level.before, level.after))
    if held is None or new is None or len(held) != len(new):
        return
    was = old if old is not None and len(old) == len(new) else (None,) * len(new)
    wanted = [
        now if now is not None and (value == -1 or value == then or then is None) else value
        for value, then, now in zip(held, was, new, strict=True)
    ]
    yield from integers_edit(level, node, position, wanted)


def _element(inference: Inference, node: Node) -> Dims:
    """The shape of the elements of the list that a node makes or reads, from what is put in."""
    if node.name not in inference.graph:
        return None
    if node.op == "TensorListFromTensor":
        ref = Ref.parse(node.data_inputs[0])
        rows = inference.dims(ref.node, ref.index)
        return rows[1:] if rows else None
    if node.op in MAKERS:
        return element_dims(inference, node.name)
    ref = Ref.parse(node.data_inputs[0])
    held = inference.handle(ref.node, ref.index)
    return held[0][1] if held is not None and len(held) == 1 else None


# What has to be of one size


def _loop(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """What enters a loop is as large as what goes round in it.

    Where that is not so any more, nothing is known of its size: a size of an input is tried then.
    """
    for position, text in enumerate(node.data_inputs):
        output = 0 if node.op in LOOP_STARTS else position
        old, new = level.before.dims(node.name, output), level.after.dims(node.name, output)
        entering = level.new(text)
        if old is None or entering is None or len(old) != len(entering) or old == new:
            continue
        for axis, (was, held) in enumerate(zip(old, entering, strict=True)):
            now = new[axis] if new is not None and axis < len(new) else None
            if was is None or now is not None or held != was:
                continue
            changes = dict(level.changes)
            if was in changes:
                yield from size_edits(level, node, position, axis, was, changes[was])
            else:
                yield Unproven(level, node.name, text)


def _default(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """The default of an input is of its shape."""
    new, default = level.after.dims(node.name), node.data_inputs[0]
    old = level.new(default)
    if new is None or old is None or len(old) != len(new):
        return
    for axis, (was, now) in enumerate(zip(old, new, strict=True)):
        if now not in (None, was):
            yield from size_edits(level, node, 0, axis, was, now)


def _agreements(level: Level, node: Node) -> Iterator[Edit | Unproven]:
    """What other inputs of a node are to be, where they were as large as one that changed."""
    texts = node.data_inputs
    old, new = [level.old(t) for t in texts], [level.new(t) for t in texts]
    for places, is_strict in _aligned(level, node, old, new):
        changes = {
            (was, now)
            for p, axis in places
            if (was := (old[p] or ())[axis]) != (now := (new[p] or ())[axis])
        }
        if len(changes) != 1:
            continue
        was, now = changes.pop()
        if now is None or (was is None and not is_strict):
            continue
        for p, axis in places:
            held = (new[p] or ())[axis]
            if held in (None, now) or (held == 1 and not is_strict):
                continue
            if (old[p] or ())[axis] == held and was in (None, held):
                yield from size_edits(level, node, p, axis, held, now)


def _aligned(
    level: Level, node: Node, old: Sequence[Dims], new: Sequence[Dims]
) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """The axes of a node's inputs that are of one size, and whether 1 is no exception."""
    function = shape_function.get(node.op)
    if function is None:
        return
    ranks = {p: len(d) for p, d in enumerate(old) if d is not None and len(new[p] or ()) == len(d)}
    if function is shape_function.get("AddV2") or node.op == "SelectV2":
        first, strict = 1, False
    elif node.op.startswith("BatchMatMul"):
        first, strict = 3, False
    elif node.op in ("ConcatV2", "Concat", "Pack", "AddN", "Select"):
        yield from _joined(level, node, ranks)
        return
    else:
        return
    for back in range(first, max(ranks.values(), default=0) + 1):
        yield [(p, rank - back) for p, rank in ranks.items() if rank >= back], strict


def _joined(
    level: Level, node: Node, ranks: dict[int, int]
) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    apart: int | None = None
    if node.op.startswith("Concat"):
        place = 0 if node.op == "Concat" else len(node.data_inputs) - 1
        held = level.held(node.data_inputs[place])
        if held is None or len(held) != 1:
            return
        ranks = {p: rank for p, rank in ranks.items() if p != place}
        apart = held[0] % max(ranks.values(), default=1)
    if len(set(ranks.values())) == 1:
        for axis in range(next(iter(ranks.values()))):
            if axis != apart:
                yield [(p, axis) for p in ranks], True
