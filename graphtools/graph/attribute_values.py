"""Attributes from the values that people have in Python: texts, numbers, lists, numpy arrays.

What an op declares decides what a value becomes: `"float32"` is a type for Relu's `T`, bytes for
`padding`; `[1, 2]` is a shape for Placeholder, a list of numbers for a convolution's strides. For
an op or attribute that is not known, the value itself decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphtools.declared import Declared, declared_attributes
from graphtools.errors import InvalidValue, unknown_name
from graphtools.graph.attributes import Attr, FunctionRef, Placeholder, Scalar
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.wording import did_you_mean

#: Types of values that stand in a file as they are.
_EXACT = frozenset({DType, bool, bytes, Tensor, Shape, FunctionRef, Placeholder, type(None)})


def in_file(op: str, name: str, value: object) -> Attr:
    """The value of an attribute as `Graph.set_attr` takes it, as it stands in a file.

    Args:
        op: The op of the node.
        name: The attribute.
        value: The value; what may stand in a file as it is stays so, right or wrong.

    Raises:
        InvalidValue: It cannot be that attribute's value.
    """
    if type(value) in _EXACT:
        return value  # type: ignore[return-value]
    declared = declared_attributes(op).get(name)
    if declared is None:
        return _by_itself(value, f"{op}.{name}")
    try:
        return _as_declared(value, declared, f"{op}.{name}")
    except InvalidValue:
        if _stands_in_files(value):
            return value  # type: ignore[return-value]
        raise


def _stands_in_files(value: object) -> bool:
    """Whether a file may hold a value, right or wrong, as it is."""
    items = value if type(value) is list else [value]
    return {type(item) for item in items} <= _EXACT | {int, float}


def checked(op: str, name: str, value: object) -> Attr:
    """As `in_file`, where the op has to have the attribute, and it is of that type.

    Raises:
        UnknownName: The op has no such attribute; similar names are suggested.
        InvalidValue: The value cannot be that attribute's.
    """
    known = declared_attributes(op)
    if not known or name[:1] == "_":
        return in_file(op, name, value)
    if name not in known:
        raise unknown_name("attribute", name, known, f"the op {op}")
    return _as_declared(value, known[name], f"{op}.{name}")


def _as_declared(value: object, declared: Declared, where: str) -> Attr:
    kind = declared.type
    if value is None or isinstance(value, Placeholder):
        return value
    if not kind.startswith("list("):
        return _scalar(value, kind, declared, where)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _refused(value, kind, where)
    return [_scalar(item, kind[5:-1], declared, where) for item in value]


def _scalar(value: object, kind: str, declared: Declared, where: str) -> Scalar:
    read = _KINDS.get(kind)
    found = read(value) if read else None
    if found is None:
        raise _refused(value, kind, where)
    if isinstance(value, str) and isinstance(found, bytes) and found not in declared.allowed:
        allowed = [a.decode() for a in declared.allowed if isinstance(a, bytes)]
        if allowed:
            remedy = did_you_mean(value, allowed, f"it may be {', '.join(allowed)}")
            raise InvalidValue(f"{where} cannot be {value!r}", remedy)
    return found


def _refused(value: object, kind: str, where: str) -> InvalidValue:
    return InvalidValue(f"{where} cannot be {value!r}", f"it is of the type {kind}")


def _plain(value: object) -> object:
    """A number of numpy as Python's own, and an array of one dimension as a list."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    return value


def _string(value: object) -> bytes | None:
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:  # half a character
            return None
    return bytes(value) if isinstance(value, bytes) else None


def _int(value: object) -> int | None:
    value = _plain(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(value: object) -> float | None:
    value = _plain(value)
    return float(value) if isinstance(value, int | float) and value is not True else None


def _bool(value: object) -> bool | None:
    value = _plain(value)
    return value if isinstance(value, bool) else None


def _type(value: Any) -> DType | None:
    if isinstance(value, int) and not 0 < value < 200:
        return None
    try:
        return dtype(value)
    except InvalidValue:
        return None


def _shape(value: Any) -> Shape | None:
    if isinstance(value, Shape):
        return value
    value = value.as_list() if hasattr(value, "as_list") else _plain(value)  # a TensorShape
    if not isinstance(value, list | tuple):
        return None
    dims: list[int | None] = []
    for dim in value:
        size = None if dim is None else _int(dim)
        if size is None and dim is not None:
            return None
        dims.append(size)
    return Shape(dims)


def _tensor(value: Any) -> Tensor | None:
    return value if isinstance(value, Tensor) else Tensor.of(value)


def _function(value: object) -> FunctionRef | None:
    if isinstance(value, FunctionRef):
        return value
    return FunctionRef(value, {}) if isinstance(value, str) else None


_KINDS: dict[str, Callable[[Any], Scalar | None]] = {
    "string": _string,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "type": _type,
    "shape": _shape,
    "tensor": _tensor,
    "func": _function,
}


def _by_itself(value: Any, where: str) -> Attr:
    """A value of an attribute that nobody declares."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 0) != 0:
        return Tensor.from_array(value)
    value = _plain(value)
    if isinstance(value, list | tuple) and not isinstance(value, FunctionRef):
        return [_by_itself(item, where) for item in value]  # type: ignore[misc]
    if isinstance(value, int | float | bytes) or type(value) in _EXACT:
        return value  # type: ignore[no-any-return]
    found = _string(value) if isinstance(value, str) else _type(value)
    if found is None:
        raise InvalidValue(f"{where} cannot be {value!r}", "no attribute holds such a value")
    return found
