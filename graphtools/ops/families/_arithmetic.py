"""Work that is so much for each element, which the costs of many families are."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import CostFunction, Work
from graphtools.ops.dims import Dims, elements


def times(dims: Dims, factor: int | None) -> int | None:
    """So much for each element of a tensor, None where it is not known."""
    count = elements(dims)
    return None if count is None or factor is None else count * factor


def macs(count: int | None) -> Work | None:
    """Multiply-accumulates, each two floating point operations."""
    return None if count is None else Work(count, 2 * count)


def flops(count: int | None) -> Work | None:
    """Floating point operations that are no multiply-accumulates."""
    return None if count is None else Work(0, count)


def by_input(factor: int) -> CostFunction:
    """So many operations for each element of the first input."""
    return lambda call: flops(times(call.input(0), factor))


def by_output(factor: int) -> CostFunction:
    """So many operations for each element of the output."""
    return lambda call: flops(times(call.output_dims(0), factor))


def fewer(call: Call) -> Work | None:
    """All elements of the input but one for each of the output, as when they are added up."""
    before, after = elements(call.input(0)), elements(call.output_dims(0))
    return None if before is None or after is None else Work(0, before - after)
