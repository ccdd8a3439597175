"""What joins and changes strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


def _each(function: Callable[..., Any], kind: Any, *arrays: Array) -> Array:
    """A function of the elements of arrays of one shape."""
    if any(a.dtype != object for a in arrays):
        raise NotConstant("strings were expected")
    found = np.empty(arrays[0].size, kind)
    for i, values in enumerate(zip(*(a.reshape(-1).tolist() for a in arrays), strict=True)):
        found[i] = function(*values)
    return found.reshape(arrays[0].shape)


@kernel("StringJoin")
def string_join(call: Call, *parts: Array) -> Array:
    """Strings one behind the other, scalars repeated."""
    separator = call.text_attr("separator")
    shapes = {p.shape for p in parts if p.ndim}
    if len(shapes) > 1:
        raise NotConstant("the shapes of the inputs differ")
    whole = _checks.broadcast(*parts)
    longest = sum(max(map(len, p.reshape(-1).tolist()), default=0) for p in parts)
    require_room(whole[0].size, longest + len(separator) * len(parts) + 8)
    return _each(lambda *values: separator.join(values), object, *whole)


@kernel("StringLength")
def string_length(call: Call, x: Array) -> Array:
    """The number of bytes, or of characters."""
    if call.attr("unit") != b"UTF8_CHAR":
        return _each(len, np.int32, x)
    return _each(lambda s: sum(byte & 0xC0 != 0x80 for byte in s), np.int32, x)


@kernel("StringLower", "StringUpper")
def string_case(call: Call, x: Array) -> Array:
    """Lower, or upper, ASCII letters."""
    if call.attr("encoding"):
        raise NotConstant("only ASCII letters are changed")
    lower = call.node.op == "StringLower"
    return _each(lambda s: s.lower() if lower else s.upper(), object, x)
