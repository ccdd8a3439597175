"""Integers of what makes tensors."""

from __future__ import annotations

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function
from graphtools.ops.dims import elements


@integer_function("Const")
def const(call: Call) -> Integers | None:
    """A constant."""
    tensor = call.tensor()
    items = tensor.integers(MOST_INTEGERS) if tensor else None
    if tensor is None or items is None:
        return None
    return Integers(tuple(d for d in tensor.shape.dims or () if d is not None), items)


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
