"""Whether the types of a node are among those of a table, and how it is said where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.ops.call import Call

if TYPE_CHECKING:
    from graphtools.compat.table import Types


def _values(call: Call, name: str) -> list[str]:
    """The names of the types that an attribute gives."""
    value = call.attr(name)
    values = value if isinstance(value, list) else [value]
    return [v.base.name for v in values if isinstance(v, DType)]


def shown(value: Attr) -> str:
    """An attribute's value as tables write it: texts without quotes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def fitting(call: Call, types: Types) -> bool:
    """Whether the types of all attributes are among those that are taken."""
    return not wrong(call, types)


def wrong(call: Call, types: Types) -> list[str]:
    """The attributes whose types are not among those that are taken, as `T=float64`."""
    found = []
    for name, taken in types.items():
        found += [f"{name}={value}" for value in _values(call, name) if value not in taken]
    return found


def misfit(call: Call, products: Sequence[Types]) -> str:
    """Why a node fits none of some sets of types: what is wrong for the nearest of them."""
    nearest = min(products, key=lambda types: len(wrong(call, types)))
    odd = wrong(call, nearest)
    names = list(dict.fromkeys(text.partition("=")[0] for text in odd))
    taken = "; ".join(f"{name}={', '.join(sorted(nearest[name]))}" for name in names)
    return f"{', '.join(odd)}: TFLite's {call.node.op} takes {taken}"
