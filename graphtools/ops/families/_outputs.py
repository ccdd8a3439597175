"""Outputs that many families of ops have in common."""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.ops.call import Call, ShapeFunction
from graphtools.ops.definitions import argument_dtypes, op_definition
from graphtools.ops.dims import SCALAR, Contradiction, Dims, merge, with_rank

#: More outputs than this are not listed: the attribute that tells the number must be damaged.
MOST_OUTPUTS = 65536


def always(shapes: Dims | list[Dims]) -> ShapeFunction:
    """The same shapes for every node."""
    return lambda _: list(shapes) if isinstance(shapes, list) else shapes


def like_input(position: int, rank: int | None = None) -> ShapeFunction:
    """The shape of an input, of which a rank may be required."""
    if rank is None:
        return lambda call: call.input(position)
    return lambda call: with_rank(call.input(position), rank)


def like_all_inputs(call: Call) -> list[Dims]:
    """Each output is one input."""
    return list(call.inputs)


def like_both_inputs(call: Call) -> Dims:
    """The shape that the first two inputs have in common."""
    return merge(call.input(0), call.input(1))


def told_by_input(position: int, rank: int | None = None) -> ShapeFunction:
    """The shape that an input holds as its values, of which a rank may be required."""
    if rank is None:
        return lambda call: call.dims(position)
    return lambda call: with_rank(call.dims(position), rank)


def told_by_attr(name: str) -> ShapeFunction:
    """The shape that an attribute states."""
    return lambda call: call.shape_attr(name)


def count_attr(call: Call, name: str) -> int:
    """An attribute that is a number of tensors.

    Raises:
        Contradiction: It is none, negative, or beyond all reason.
    """
    count = call.int_attr(name)
    if not 0 <= count <= MOST_OUTPUTS:
        raise Contradiction(f"the attribute {name!r} cannot be {count}")
    return count


def output_count(call: Call) -> int:
    """The number of outputs that the attributes tell; 0 where they do not tell it."""
    return min(len(call.output_dtypes()), MOST_OUTPUTS)


def unknown_outputs(call: Call) -> list[Dims]:
    """One unknown shape an output."""
    return [None] * output_count(call)


def scalar_outputs(call: Call) -> list[Dims]:
    """One scalar an output."""
    return [SCALAR] * output_count(call)


def check_ranks(call: Call, *ranks: int | None) -> None:
    """Require ranks of the first inputs, one after the other; None stands for any.

    Raises:
        Contradiction: An input is missing or has another rank.
    """
    for position, rank in enumerate(ranks):
        dims = call.input(position)
        if rank is not None:
            with_rank(dims, rank)


def check_dim(dims: Dims, axis: int, expected: int) -> None:
    """Require the extent of a dimension that must exist.

    Raises:
        Contradiction: It is another, or the shape is too short.
    """
    if dims is None:
        return
    found = dims[axis] if -len(dims) <= axis < len(dims) else -1
    if found is not None and found != expected:
        raise Contradiction(f"dimension {axis} must be {expected}, not {found}")


def dim_attr(call: Call, name: str) -> int | None:
    """An attribute that is a dimension; -1 stands for an unknown one.

    Raises:
        Contradiction: It is below -1 or no integer.
    """
    value = call.int_attr(name)
    if value < -1:
        raise Contradiction(f"the attribute {name!r} cannot be {value}")
    return None if value == -1 else value


def merged_dim(dims: Dims, axis: int) -> int | None:
    """A dimension where the shape has it, else None."""
    return dims[axis] if dims is not None and -len(dims) <= axis < len(dims) else None


def input_positions(call: Call) -> dict[str, range]:
    """By input argument of the op, the positions of its tensors.

    Raises:
        Contradiction: An attribute that tells a number of tensors is missing, or the node has
            fewer inputs.
    """
    definition = op_definition(call.node.op)
    found: dict[str, range] = {}
    start = 0
    for argument in definition.inputs if definition else ():
        dtypes = argument_dtypes((argument,), call.attr)
        if dtypes is None:
            raise Contradiction(f"the number of tensors of {argument.name!r} is not known")
        found[argument.name] = range(start, start + len(dtypes))
        start += len(dtypes)
    if start > len(call.inputs):
        raise Contradiction(f"{len(call.inputs)} inputs are too few, {start} are needed")
    return found


def outputs_by_argument(call: Call, shapes: Mapping[str, Dims | list[Dims]]) -> list[Dims]:
    """One shape an output, from shapes by output argument of the op; unknown for the others.

    Args:
        call: The node.
        shapes: One shape for all tensors of an argument, or a list with one for each.

    Raises:
        Contradiction: A list has another length than the argument.
    """
    definition = op_definition(call.node.op)
    found: list[Dims] = []
    for argument in definition.outputs if definition else ():
        dtypes = argument_dtypes((argument,), call.attr)
        if dtypes is None or len(found) + len(dtypes) > MOST_OUTPUTS:
            raise Contradiction(f"the number of tensors of {argument.name!r} is not known")
        dims = shapes.get(argument.name)
        if isinstance(dims, list):
            if len(dims) != len(dtypes):
                raise Contradiction(f"{len(dims)} shapes for {len(dtypes)} of {argument.name!r}")
            found += dims
        else:
            found += [dims] * len(dtypes)
    return found
