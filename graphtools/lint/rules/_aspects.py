"""What about a node decides that it does not convert: its op, a dtype, a shape, a constant.

`graphtools.compat` states a reason that begins with the property that decides: `T=float64: ...`,
`rank 7: ...`, `the axis is not constant`, `the rank of its input is unknown`, `TFLite has no Erf`.
"""

from __future__ import annotations

import re

from graphtools.compat.prediction import Blocker
from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import dtype
from graphtools.ops import control_flow

OP, DTYPE, SHAPE, CONSTANT, CONTROL_FLOW = "op", "dtype", "shape", "constant", "control flow"
#: Beginnings of the ops of v1 control flow, of which TensorArrays are a part.
_CONTROL_FLOW = ("TensorArray", "Stack", *sorted(control_flow.CONTROL_FLOW | {"LoopCond"}))
_PROPERTY = re.compile(r"\w+=(\w+)")
_UNKNOWN = re.compile(r"\b(is|are) (not known|unknown)\b|\bis not known\b|\bless is known\b")
_NOT_CONSTANT = re.compile(r"\b(is|are) (not|no) constants?\b|\bmust be constant\b")


def aspect_of(blocker: Blocker) -> str:
    """What decides about a node."""
    if blocker.op.startswith(_CONTROL_FLOW):
        return CONTROL_FLOW
    stated = _PROPERTY.match(blocker.reason)
    if stated is not None and _is_dtype(stated[1]):
        return DTYPE
    if _NOT_CONSTANT.search(blocker.reason):
        return CONSTANT
    return SHAPE if _UNKNOWN.search(blocker.reason) else OP


def _is_dtype(text: str) -> bool:
    try:
        dtype(text)
    except InvalidValue:
        return False
    return True
