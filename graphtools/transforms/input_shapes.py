"""Gives a graph's inputs other shapes: `give_shapes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphtools.errors import InvalidGraph
from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.bodies import body_of, function_of
from graphtools.ops.control_flow import ENTERS
from graphtools.ops.handing_on import INTO_BRANCHES, INTO_FRAMES, SAME_TENSOR, way_to_source
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.schema import message_class
from graphtools.transforms._behind_sizes import Edit, Level, Unproven, levels
from graphtools.transforms._held_dimensions import STATES_ELEMENTS, find_edits
from graphtools.wording import and_others

#: A constant is told by what stands before it: so many may stand in a row.
_ROUNDS = 64
#: Constants up to so many bytes are made larger or smaller.
_MOST_BYTES = 1 << 26
#: What a node or function states of shapes, which are others then.
_STATED = ("_output_shapes", "output_shapes", "_input_shapes")
_MOST_NAMES = 3
#: Sizes that are tried for an open dimension.
_MOST_SIZES = 12


def give_shapes(
    graph: Graph, shapes: Mapping[str, Shape], before: Inference | None = None
) -> list[str]:
    """Give inputs other shapes; constants that are proven to hold one of their dimensions follow.

    A batch may stand in a Reshape, in the size of a transposed convolution, in a state that is
    filled with zeros or in the elements of a list, in functions too.

    Args:
        graph: The graph, which is changed.
        shapes: The shapes, by tensor.
        before: The inferred shapes of the graph as it was; they are inferred if None.

    Returns:
        What followed, for the user.

    Example:
        >>> give_shapes(graph, {"image": Shape((1, 224, 224, 3))})
        ['the constant of flat (Reshape) holds [1,144] now, not [128,144]']

    Raises:
        InvalidGraph: Something contradicts the new shapes, and is not proven to follow.
    """
    if before is None:
        own_functions(graph)
        # old graphs do not tell that an input is a single value, and it was one before, too
        single = {name: shape for name, shape in shapes.items() if shape.dims == ()}
        before = infer_shapes(graph.copy(), single)
    given = {Ref.from_user(name): shape for name, shape in shapes.items()}
    if all(before.shape(ref.node, ref.index) == shape for ref, shape in given.items()):
        _state(graph, given)
        return []
    before = _with_only_size(before, given)
    changes = _changes(before, given)
    _state(graph, given)
    _forget_stated(graph)
    own_functions(graph)
    notes: dict[str, None] = {}
    for _ in range(_ROUNDS):
        after = infer_shapes(graph, {ref.tensor: shape for ref, shape in given.items()})
        found = [f for level in levels(before, after, changes) for f in find_edits(level)]
        edits = [f for f in found if isinstance(f, Edit)]
        if not edits:
            break
        notes |= dict.fromkeys(_apply(graph, edits))
    unproven = [f for f in found if isinstance(f, Unproven)]
    _refuse_contradictions(before, after, unproven, shapes)
    return list(notes)


def _changes(before: Inference, given: Mapping[Ref, Shape]) -> dict[int, int]:
    """By a size that an input had, the one that it gets, where there is but one."""
    found: dict[int, set[int]] = {}
    for ref, shape in given.items():
        for was, now in zip(before.dims(ref.node, ref.index) or (), shape.dims or (), strict=False):
            if was is not None and now is not None:
                found.setdefault(was, set()).add(now)
    return {was: now for was, (now, *others) in found.items() if not others and was != now}


def _with_only_size(before: Inference, given: Mapping[Ref, Shape]) -> Inference:
    """The inferred shapes with the only size that an open dimension of inputs can have.

    A graph may state that it takes any batch, and hold one in its constants: with every other it
    contradicts itself.
    """
    sizes: dict[int, None] = {}
    after = _inferred(before, given, None)
    known = {(i.function, f.node) for i in levels(before, before) for f in i.before.findings}
    for level in levels(after, after):
        for finding in level.after.findings:
            if (level.function, finding.node) in known:
                continue
            for text in level.after.graph[finding.node].data_inputs:
                sizes |= dict.fromkeys(level.held(text) or ())
                sizes |= dict.fromkeys(d for d in level.new(text) or () if d is not None)
    fitting = []
    for size in [size for size in sizes if size > 0][:_MOST_SIZES]:
        tried = _inferred(before, given, size)
        if not any(
            (i.function, f.node) not in known
            for i in levels(tried, tried)
            for f in i.after.findings
        ):
            fitting.append(tried)
    return fitting[0] if len(fitting) == 1 else before


def _inferred(before: Inference, given: Mapping[Ref, Shape], size: int | None) -> Inference:
    """The shapes with a size for what is open in inputs; with the given shapes if it is None."""
    shapes = {}
    for ref, shape in given.items():
        old = before.dims(ref.node, ref.index)
        if size is not None and old is not None:
            shape = Shape(size if d is None else d for d in old)
        shapes[ref.tensor] = shape
    return infer_shapes(before.graph, shapes)


def state_elements(graph: Graph, shapes: Mapping[str, Shape]) -> Inference:
    """State the shapes of the elements of lists of tensors where they are open and proven.

    The converter lowers a list whose elements are of a shape that is stated; a recurrent layer
    states it with an open batch.

    Args:
        graph: The graph, which is changed.
        shapes: Shapes of inputs, by tensor.

    Returns:
        The inferred shapes of the graph as it is then.
    """
    for _ in range(_ROUNDS):
        inference = infer_shapes(graph, shapes)
        found = [f for level in levels(inference, inference) for f in find_edits(level)]
        edits = [f for f in found if isinstance(f, Edit) and f.values is not None]
        if not edits:
            break
        for _note in _apply(graph, edits):
            pass
    return inference


def own_functions(graph: Graph) -> None:
    """Give each node that calls a function a function of its own, where several call one.

    The functions are then told apart by the shapes with which they are called; and the converter,
    which lowers the lists in a loop's body by changing it, does not find a body twice.
    """
    callers: dict[str, str] = {}
    for node in graph if graph.functions else ():
        for name, value in list(node.attrs.items()):
            if not isinstance(value, FunctionRef) or value.name not in graph.functions:
                continue
            if callers.setdefault(value.name, node.name) != node.name:
                number = len(graph.functions)
                while (copy := f"{value.name}_{number}") in graph.functions:
                    number += 1
                graph.set_function(_renamed(graph.functions[value.name], copy))
                graph.set_attr(node, name, FunctionRef(copy, value.attrs))


def _renamed(function: Function, name: str) -> Function:
    message = message_class("FunctionDef").FromString(function.encoded)
    message.signature.name = name
    return Function.from_bytes(message.SerializeToString())


def _state(graph: Graph, shapes: Mapping[Ref, Shape]) -> None:
    """Let placeholders state their shapes."""
    for ref, shape in shapes.items():
        node = graph[ref.node]
        if node.op in PLACEHOLDERS and node.attr("shape") != shape:
            graph.set_attr(node, "shape", shape)


def _forget_stated(graph: Graph) -> None:
    """Remove what nodes and functions state of shapes, which may be others now."""
    for node in graph:
        for name in _STATED:
            if name in node.attrs and node.op != "MapDefun":
                graph.remove_attr(node, name)
    for function in list(graph.functions.values()):
        if any(name.encode() in function.encoded for name in _STATED):
            graph.set_function(_without_stated(function))


def _without_stated(function: Function) -> Function:
    message = message_class("FunctionDef").FromString(function.encoded)
    holders = [message.attr, *(a.attr for a in message.arg_attr.values())]
    holders += [node.attr for node in message.node_def if node.op != "MapDefun"]
    for attrs in holders:
        for name in _STATED:
            attrs.pop(name, None)
    return Function.from_bytes(message.SerializeToString())


# Contradictions that are left


def _refuse_contradictions(
    before: Inference, after: Inference, unproven: list[Unproven], shapes: Mapping[str, Shape]
) -> None:
    """Refuse shapes that something contradicts which did not follow.

    Raises:
        InvalidGraph: Something does.
    """
    known = {(i.function, f.node) for i in levels(before, after) for f in i.before.findings}
    told: dict[str, None] = {}
    for level in levels(before, after):
        for finding in level.after.findings:
            if (level.function, finding.node) not in known:
                held = _held(level, level.after.graph[finding.node])
                told[f"{_named(level, finding.node)}, {finding.op}: {finding.message}{held}"] = None
    for place in unproven:
        source = _source(place.level, place.source)
        told[f"{_named(place.level, place.node)} reads {source!r}, which keeps its size"] = None
    if told:
        given = ", ".join(f"{name}={shape}" for name, shape in shapes.items())
        lines = list(told)
        listed = "; ".join(lines[:_MOST_NAMES]) + and_others(lines, _MOST_NAMES)
        raise InvalidGraph(
            f"the graph cannot take the shape {given}: {listed}",
            "give all inputs that belong together their shapes, or keep those that the graph has",
        )


def _held(level: Level, node: Node) -> str:
    """The constants of integers that a node reads, which may be what contradicts."""
    found = []
    for text in node.data_inputs:
        values = level.held(text)
        if values is not None:
            source = _source(level, text)
            found.append(f"{source!r} holds {list(values)}")
    return f"; {', '.join(found)}" if found else ""


def _source(level: Level, text: str) -> str:
    """Name of the node that a tensor comes from."""
    *_, (_ref, node) = way_to_source(level.after.graph, text) or [(None, None)]
    return node.name if node is not None else text


def _named(level: Level, node: str) -> str:
    return f"{node!r} in the function {level.function!r}" if level.function else repr(node)


# Edits


def _apply(graph: Graph, edits: list[Edit]) -> Iterator[str]:
    """Let constants hold what they are to.

    Raises:
        InvalidGraph: One would have to hold two things at once, or is not the same along an axis
            that changes.
    """
    wanted: dict[tuple[str, str, int | None], Edit] = {}
    for edit in edits:
        key = edit.level.function, edit.node, edit.position
        other = wanted.setdefault(key, edit)
        if other[3:] != edit[3:]:
            raise InvalidGraph(
                f"{_named(edit.level, edit.node)} would have to read a constant of two shapes",
                "give all inputs that belong together their shapes",
            )
    for name in {function for function, *_ in wanted}:
        own = [edit for edit in wanted.values() if edit.level.function == name]
        if not name:
            yield from _edit(graph, own)
            continue
        body = body_of(graph.functions[name], graph.functions, {})
        if body is None:
            raise InvalidGraph(f"the function {name!r} cannot be read, and would have to change")
        yield from _edit(body.graph, own)
        graph.set_function(function_of(graph.functions[name], body))


def _edit(graph: Graph, edits: list[Edit]) -> Iterator[str]:
    for edit in edits:
        reader = graph[edit.node]
        if edit.position is None:
            graph.set_attr(reader, "element_shape", Shape(edit.values))
            continue
        text = reader.data_inputs[edit.position]
        before = edit.level.held(text)
        value = _value(edit, graph, text)
        constant = _own_constant(graph, text)
        if constant is not None:
            graph.set_attr(constant, "value", value)
        else:
            _add_constant(graph, reader, edit.position, value)
        now = edit.level.after.graph[edit.node].op
        what = f"the constant of {_named(edit.level, edit.node)} ({now})"
        if edit.values is None:
            yield f"{what} has the shape {value.shape} now"
        elif reader.op not in STATES_ELEMENTS:
            yield f"{what} holds {list(edit.values)} now, not {list(before or ())}"


def _value(edit: Edit, graph: Graph, text: str) -> Tensor:
    """What a constant is to be.

    Raises:
        InvalidGraph: It is not the same along the axis that changes, or too large.
    """
    import numpy as np

    ref = Ref.parse(text)
    after = edit.level.after
    if edit.values is not None:
        kind = after.dtype(ref.node, ref.index)
        dims = after.dims(ref.node, ref.index)
        array = np.array(edit.values, kind.base.name if kind is not None else "int32")
        return Tensor.from_array(array.reshape(() if dims == () else (-1,)))
    tensor = graph[ref.node].tensor
    if tensor is None or tensor.nbytes > _MOST_BYTES:
        raise InvalidGraph(f"{ref.node!r} would have to change, and is too large")
    array = tensor.array()
    row = array.take([0], edit.axis)
    if not (array == row).all():
        raise InvalidGraph(
            f"{_named(edit.level, ref.node)} has {array.shape[edit.axis]} different rows, one for "
            f"each of what becomes {edit.size}",
            "keep the shape that the graph has",
        )
    return Tensor.from_array(row.repeat(edit.size, edit.axis), tensor.dtype)


def _own_constant(graph: Graph, text: str) -> Node | None:
    """The constant that a tensor is handed on from, where all of the way has but one reader."""
    for _, node in way_to_source(graph, text, SAME_TENSOR | INTO_FRAMES | INTO_BRANCHES):
        if len(graph.consumers(node.name)) != 1:
            return None
        if node.op == "Const":
            return node
    return None


def _add_constant(graph: Graph, reader: Node, position: int, value: Tensor) -> None:
    """Let a node read a constant of its own.

    Raises:
        InvalidGraph: There are loops, in which a constant would have to stand.
    """
    source = graph.get(Ref.parse(reader.data_inputs[position]).node)
    controls = source.control_inputs if source is not None and source.op == "Const" else ()
    if not controls and any(node.op in ENTERS for node in graph):
        raise InvalidGraph(
            f"{reader.name!r} would have to read another constant, and may stand in a loop",
            "keep the shape that the graph has",
        )
    name = graph.free_name(f"{reader.name}/new_shape")
    attrs: dict[str, Attr] = {"dtype": value.dtype, "value": value}
    graph.add(Node(name, "Const", tuple(f"^{c}" for c in controls), attrs), before=reader)
    graph.replace_input(reader, position, name)
