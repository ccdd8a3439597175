"""Functions of integers of which some are unknown."""

from __future__ import annotations

from collections.abc import Callable

from graphtools.ops.call import Call, Integers, integer_function
from graphtools.ops.families._integers import in_range

_UNARY: dict[str, Callable[[int], int]] = {
    "Neg": lambda a: -a,
    "Abs": abs,
    "Sign": lambda a: (a > 0) - (a < 0),
    "Square": lambda a: a * a,
    "LogicalNot": lambda a: not a,
    "Cast": lambda a: a,
}


@integer_function(*_UNARY)
def unary(call: Call) -> Integers | None:
    """An operation on one tensor, element by element.

    A Cast to a type of another range is followed for values that both have.
    """
    found = call.integers(0)
    if found is None:
        return None
    operation = _UNARY[call.node.op]
    if call.node.op == "Cast" and call.dtype_attr("DstT") not in (None, call.dtype_attr("SrcT")):
        kind = call.dtype_attr("DstT")
        if kind is not None and kind.name == "bool":
            return Integers(found.dims, tuple(None if v is None else v != 0 for v in found.items))
    values = [None if v is None else operation(v) for v in found.items]
    items = in_range(call, values)
    return Integers(found.dims, items) if any(v is not None for v in items) else None
