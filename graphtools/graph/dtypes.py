"""Element types of tensors, as TensorFlow numbers and names them.

Source: TensorFlow's types.proto and `tf.dtypes`. A reference type (of a VariableV2's output) has
the number of its base type plus 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

#: Number, name in proto (without DT_), name in Python, bytes of an element in memory (0: it
#: varies), numpy's name of the array that holds the values.
_TABLE: Final = (
    (1, "FLOAT", "float32", 4, "float32"),
    (2, "DOUBLE", "float64", 8, "float64"),
    (3, "INT32", "int32", 4, "int32"),
    (4, "UINT8", "uint8", 1, "uint8"),
    (5, "INT16", "int16", 2, "int16"),
    (6, "INT8", "int8", 1, "int8"),
    (7, "STRING", "string", 0, "object"),
    (8, "COMPLEX64", "complex64", 8, "complex64"),
    (9, "INT64", "int64", 8, "int64"),
    (10, "BOOL", "bool", 1, "bool"),
    (11, "QINT8", "qint8", 1, "int8"),
    (12, "QUINT8", "quint8", 1, "uint8"),
    (13, "QINT32", "qint32", 4, "int32"),
    (14, "BFLOAT16", "bfloat16", 2, "float32"),
    (15, "QINT16", "qint16", 2, "int16"),
    (16, "QUINT16", "quint16", 2, "uint16"),
    (17, "UINT16", "uint16", 2, "uint16"),
    (18, "COMPLEX128", "complex128", 16, "complex128"),
    (19, "HALF", "float16", 2, "float16"),
    (20, "RESOURCE", "resource", 0, ""),
    (21, "VARIANT", "variant", 0, ""),
    (22, "UINT32", "uint32", 4, "uint32"),
    (23, "UINT64", "uint64", 8, "uint64"),
    (24, "FLOAT8_E5M2", "float8_e5m2", 1, "float32"),
    (25, "FLOAT8_E4M3FN", "float8_e4m3fn", 1, "float32"),
    (26, "FLOAT8_E4M3FNUZ", "float8_e4m3fnuz", 1, "float32"),
    (27, "FLOAT8_E4M3B11FNUZ", "float8_e4m3b11fnuz", 1, "float32"),
    (28, "FLOAT8_E5M2FNUZ", "float8_e5m2fnuz", 1, "float32"),
    (29, "INT4", "int4", 1, "int8"),
    (30, "UINT4", "uint4", 1, "uint8"),
    (31, "INT2", "int2", 1, "int8"),
    (32, "UINT2", "uint2", 1, "uint8"),
    (33, "FLOAT4_E2M1FN", "float4_e2m1fn", 1, ""),
)
_REF = 100


class DType:
    """An element type. There is one instance per number, so that `is` and `==` agree.

    Attributes:
        number: Number in TensorFlow's `DataType` enum.
        name: Name in Python, as `float32`; `float32_ref` for a reference; `unknown_77` for a number
            that no TensorFlow has given out.
        size: Bytes of one element in memory and in `tensor_content`; 0 where it varies.
        array_name: Name of the numpy type that holds the values; empty where there is none. Types
            that numpy lacks (bfloat16, float8) are held as float32, which has all their values.

    Example:
        >>> kind = dtype("bfloat16")
        >>> kind.number, kind.size, kind.is_floating, dtype("float32_ref").base
        (14, 2, True, float32)
    """

    __slots__ = ("array_name", "name", "number", "proto_name", "size")

    def __init__(self, number: int, proto_name: str, name: str, size: int, array: str) -> None:
        self.number = number
        self.proto_name = proto_name
        self.name = name
        self.size = size
        self.array_name = array

    @property
    def is_ref(self) -> bool:
        """Whether this is the type of a reference to a variable."""
        return self.number > _REF

    @property
    def base(self) -> DType:
        """The type without reference."""
        return dtype(self.number - _REF) if self.is_ref else self

    @property
    def is_floating(self) -> bool:
        """Whether the values are real numbers with a fraction."""
        return self.name.startswith(("float", "bfloat"))

    @property
    def is_handle(self) -> bool:
        """Whether a value only stands for what is elsewhere: a resource or a variant."""
        return self.base.name in ("resource", "variant")

    @property
    def is_integer(self) -> bool:
        """Whether the values are whole numbers, quantized ones among them."""
        return self.name.startswith(("int", "uint", "qint", "quint"))

    def numpy(self) -> np.dtype:  # type: ignore[type-arg]
        """The numpy type that holds the values.

        Raises:
            InvalidValue: Values of this type cannot be held (resource, variant, unknown).
        """
        import numpy as np

        if not self.array_name:
            from graphtools.errors import InvalidValue

            raise InvalidValue(f"values of type {self.name} cannot be shown as an array")
        return np.dtype(self.array_name)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[object, ...]:
        return dtype, (self.number,)


_BY_NUMBER: dict[int, DType] = {}
for _number, _proto, _name, _size, _array in _TABLE:
    _BY_NUMBER[_number] = DType(_number, f"DT_{_proto}", _name, _size, _array)
    _BY_NUMBER[_number + _REF] = DType(
        _number + _REF, f"DT_{_proto}_REF", f"{_name}_ref", _size, _array
    )
_BY_NAME = {d.name: d for d in _BY_NUMBER.values()} | {d.proto_name: d for d in _BY_NUMBER.values()}
#: Other spellings that people type.
_BY_NAME |= {
    "float": _BY_NUMBER[1],
    "double": _BY_NUMBER[2],
    "int": _BY_NUMBER[3],
    "half": _BY_NUMBER[19],
    "str": _BY_NUMBER[7],
}


#: Types of Python itself, as TensorFlow takes them.
_PYTHON = {float: 1, int: 3, str: 7, bytes: 7, bool: 10, complex: 18}


def dtype(key: object) -> DType:
    """The DType of a number, of a name (`float32`, `float`, `DT_FLOAT`), or of itself.

    Args:
        key: Or a type of numpy, of TensorFlow (`tf.float32`), or of Python, which has TensorFlow's
            width then: `int` is int32, `float` is float32.

    Raises:
        InvalidValue: No type has this name. Numbers never raise: a file may hold any.

    Example:
        >>> dtype("float32"), dtype(1), dtype("DT_FLOAT_REF").base
        (float32, float32, float32)
        >>> import numpy as np
        >>> dtype(np.uint8), dtype(np.zeros(2, ">i8").dtype), dtype(bool)
        (uint8, int64, bool)
    """
    if isinstance(key, DType):
        return key
    if isinstance(key, int):
        found = _BY_NUMBER.get(key)
        if found is None:
            found = _BY_NUMBER[key] = DType(key, f"DT_{key}", f"unknown_{key}", 0, "")
        return found
    try:
        return _BY_NAME[key] if isinstance(key, str) else _foreign(key)
    except (KeyError, TypeError):
        from graphtools.errors import InvalidValue
        from graphtools.wording import did_you_mean

        usual = "types are named as float32, uint8, int64, string"
        remedy = did_you_mean(key, _BY_NAME, usual) if isinstance(key, str) else usual
        raise InvalidValue(f"{key!r} is no element type", remedy) from None


def _foreign(key: object) -> DType:
    """The DType of a type of Python, TensorFlow or numpy.

    Raises:
        KeyError, TypeError: It is none of these.
    """
    if isinstance(key, type) and key in _PYTHON:
        return _BY_NUMBER[_PYTHON[key]]
    number = getattr(key, "as_datatype_enum", None)
    if isinstance(number, int):
        return _BY_NUMBER[number]
    import numpy as np

    if isinstance(key, type) and not issubclass(key, np.generic):
        raise TypeError(key)
    found = np.dtype(key) if isinstance(key, type) else key
    if not isinstance(found, np.dtype):
        raise TypeError(key)
    return _BY_NUMBER[7] if found.kind in "OSU" else _BY_NAME[found.name]


FLOAT32, INT32, INT64, STRING = dtype(1), dtype(3), dtype(9), dtype(7)
RESOURCE, BOOL, UINT8 = dtype(20), dtype(10), dtype(4)
