"""Shapes of ops that call functions.

A loop starts with what enters it. What its body gives is joined to that, and the body is inferred
again, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.attributes import FunctionRef
from graphtools.ops.call import (
    Call,
    FunctionResult,
    Handle,
    Integers,
    KnownArgument,
    integer_function,
    shape_function,
)
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    merge,
    part,
    relax,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import output_count, unknown_outputs

#: Rounds in which the shapes of a loop are joined before those that still change are given up.
_ROUNDS = 8


def _given(call: Call, outcomes: Sequence[FunctionResult | None]) -> list[Dims]:
    """The outputs where one of several functions is called: what is true of all."""
    count = output_count(call)
    shapes: list[Dims] = [None] * count
    if outcomes and all(o is not None and len(o.shapes) == count for o in outcomes):
        known = [o for o in outcomes if o is not None]
        shapes = list(known[0].shapes)
        for outcome in known[1:]:
            shapes = [relax(a, b) for a, b in zip(shapes, outcome.shapes, strict=True)]
        for position in range(count):
            handles = [o.handles[position] for o in known]
            call.give_handle(position, relax_handles(handles))
    return _with_stated(call, shapes)


def _with_stated(call: Call, shapes: list[Dims]) -> list[Dims]:
    """Shapes, with what the attribute `output_shapes` says of them where it holds."""
    stated = call.shapes_attr("output_shapes") if call.trusts_attributes else []
    if not stated:
        return shapes
    if len(stated) != len(shapes):
        raise Contradiction(f"{len(stated)} output_shapes are not one for each output")
    return [merge(a, b) for a, b in zip(shapes, stated, strict=True)]


def relax_handles(handles: Sequence[Handle | None]) -> Handle | None:
    """What is true of a resource or variant that holds either of several things."""
    found = handles[0]
    for other in handles[1:]:
        if found is None or other is None or len(found) != len(other):
            return None
        joined = []
        for (kind, dims), (other_kind, other_dims) in zip(found, other, strict=True):
            if kind is not other_kind:
                return None
            joined.append((kind, relax(dims, other_dims)))
        found = tuple(joined)
    return found


def _all_inputs(call: Call, start: int = 0) -> range:
    return range(start, len(call.inputs))


@shape_function("PartitionedCall", "StatefulPartitionedCall")
def called(call: Call) -> list[Dims]:
    """What the function gives."""
    return _given(call, [call.run(call.function_attr("f"), _all_inputs(call))])


@shape_function("TPUPartitionedCall")
def called_on_device(call: Call) -> list[Dims]:
    """What the function gives for all inputs but the last, which tells the device."""
    positions = range(max(len(call.inputs) - 1, 0))
    return _given(call, [call.run(call.function_attr("f"), positions)])


@shape_function("RemoteCall")
def called_remotely(call: Call) -> list[Dims]:
    """What the function gives for all inputs but the first, which tells the target."""
    return _given(call, [call.run(call.function_attr("f"), _all_inputs(call, 1))])


@shape_function("XlaLaunch")
def launched(call: Call) -> list[Dims]:
    """What the function gives: it takes constants, arguments and resources as the node does."""
    return _given(call, [call.run(call.function_attr("function"), _all_inputs(call))])


shape_function("XlaLaunchV2", "XlaIf", "XlaWhile", "XlaHostCompute", "XlaCallModule")(
    unknown_outputs
)


@shape_function("If", "StatelessIf", "_If")
def either(call: Call) -> list[Dims]:
    """What both branches give, or the one that is taken where the condition is known."""
    names = ["then_branch", "else_branch"]
    condition = call.integer(0) if call.input(0) in (None, ()) else None
    if condition is not None:
        names = names[:1] if condition else names[1:]
    functions = [call.function_attr(n) for n in names]
    return _given(call, [call.run(f, _all_inputs(call, 1)) for f in functions])


@shape_function("Case", "StatelessCase")
def one_of(call: Call) -> list[Dims]:
    """What all branches give, or the one that is taken where the number is known.

    A number that no branch has takes the last.
    """
    call.input(0)
    value = call.attr("branches")
    branches = value if isinstance(value, list) else []
    number = call.integer(0)
    if number is not None and branches:
        branches = [branches[number if 0 <= number < len(branches) else -1]]
    functions = [b if isinstance(b, FunctionRef) else None for b in branches]
    return _given(call, [call.run(f, _all_inputs(call, 1)) for f in functions])


@shape_function("SymbolicGradient")
def gradient(call: Call) -> list[Dims]:
    """Each output is the gradient by one input, of its shape."""
    count = output_count(call)
    if len(call.inputs) < count:
        raise Contradiction(f"{len(call.inputs)} inputs are too few for {count} gradients")
    return call.inputs[:count]


@shape_function("MapDefun")
def mapped(call: Call) -> list[Dims]:
    """As many rows as the arguments have, of the shapes that are stated or given."""
    mapped_over = len(call.dtypes_attr("Targuments"))
    count = output_count(call)
    stated = call.shapes_attr("output_shapes")
    if len(stated) != count:
        raise Contradiction(f"{len(stated)} output_shapes are not one for each output")
    rows: Dims = (None,)
    arguments = [call.argument(p) for p in _all_inputs(call)]
    for position, argument in enumerate(arguments[:mapped_over]):
        dims = with_rank_at_least(argument.shape, 1)
        rows = merge(rows, part(dims, 0, 1))
        arguments[position] = KnownArgument(part(dims, 1))
    outcome = call.run_with(call.function_attr("f"), arguments)
    shapes: list[Dims] = [None] * count
    if outcome is not None and len(outcome.shapes) == count:
        shapes = outcome.shapes
    return [concatenate(rows, dims) for dims in _with_stated(call, shapes)]


# Loops


def settle(
    call: Call,
    body: FunctionRef,
    start: Sequence[KnownArgument],
    leading: Sequence[KnownArgument] = (),
) -> list[KnownArgument] | None:
    """What is true of the variables of a loop in every round.

    Args:
        call: The loop's node.
        body: The function that takes the variables and gives their next values.
        start: What enters the loop.
        leading: What the body takes before the variables and does not give.

    Returns:
        Shapes and what is held; values of integers for those that the body passes through. None
        where nothing is known of the body.
    """
    stated = call.shapes_attr("output_shapes") if call.trusts_attributes else []
    if len(stated) != len(start):
        stated = [None] * len(start)
    state = [
        KnownArgument(merge(a.shape, dims), a.handle) for a, dims in zip(start, stated, strict=True)
    ]
    through = call.passed_through(body)
    offset = len(leading)
    constant = [
        a.integers if through.get(position) == position + offset else None
        for position, a in enumerate(start)
    ]
    for number in range(_ROUNDS):
        state = [a._replace(integers=c) for a, c in zip(state, constant, strict=True)]
        outcome = call.run_with(body, [*leading, *state])
        if outcome is None or len(outcome.shapes) != len(state):
            return None
        results = [merge(a, b) for a, b in zip(outcome.shapes, stated, strict=True)]
        joined = [
            KnownArgument(relax(a.shape, dims), relax_handles([a.handle, handle]))
            for a, dims, handle in zip(state, results, outcome.handles, strict=True)
        ]
        if all(
            a.shape == b.shape and a.handle == b.handle for a, b in zip(state, joined, strict=True)
        ):
            return state
        if number >= _ROUNDS // 2:
            # what still changes may go on to change: give it up
            joined = [
                b if a.shape == b.shape and a.handle == b.handle else KnownArgument(None)
                for a, b in zip(state, joined, strict=True)
            ]
        state = joined
    return None


def _loop(call: Call, body: FunctionRef | None, first: int) -> list[Dims]:
    start = [call.argument(p) for p in _all_inputs(call, first)]
    count = output_count(call)
    if len(start) != count:
        raise Contradiction(f"{len(start)} variables enter a loop, {count} leave it")
    leading = [KnownArgument(SCALAR)] if first else []
    state = settle(call, body, start, leading) if body is not None else None
    if state is None:
        return _with_stated(call, [None] * count)
    if not first:
        call.run_with(call.function_attr("cond"), state)  # its shapes are wanted, too
    for position, argument in enumerate(state):
        call.give_handle(position, argument.handle)
    return _with_stated(call, [a.shape for a in state])


@shape_function("While", "StatelessWhile", "_While")
def while_loop(call: Call) -> list[Dims]:
    """What is true of the variables before and after any number of rounds."""
    return _loop(call, call.function_attr("body"), 0)


@shape_function("For")
def for_loop(call: Call) -> list[Dims]:
    """What is true of the variables before and after any number of rounds.

    The inputs before them are start, limit and step; the body takes the counter first.
    """
    return _loop(call, call.function_attr("body"), 3)


@integer_function("PartitionedCall", "StatefulPartitionedCall")
def called_integers(call: Call) -> list[Integers | None]:
    """What the function gives."""
    outcome = call.run(call.function_attr("f"), range(len(call.inputs)))
    return outcome.integers if outcome else []
