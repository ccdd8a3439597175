"""Constant tensors: dtype, shape, and the values when somebody asks for them.

Source of the encodings: TensorFlow's tensor.proto and `Tensor::FromProto`. Values stand either in
`tensor_content` (as in memory, little-endian) or in a typed field, whose last value fills what the
shape leaves over.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.dtypes import FLOAT32, STRING, DType, dtype
from graphtools.graph.shape import Shape
from graphtools.schema import Message, message_class
from graphtools.schema.wire import LEN, Buffer, Payload, encode_varint, varint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Typed field by name of the dtype; all others stand in int_val.
_FIELD = {
    "float32": "float_val",
    "float64": "double_val",
    "float16": "half_val",
    "bfloat16": "half_val",
    "complex64": "scomplex_val",
    "complex128": "dcomplex_val",
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "bool": "bool_val",
    "string": "string_val",
}
_CONTENT = 4
#: Larger contents stand beside the message, which would copy them each time they are looked at.
_MOST_IN_MESSAGE = 1 << 12
#: So many bytes of a tensor's content are a sample of it.
_SAMPLE = 64
#: Codes of module struct for the integer types.
_INTEGER_CODES = {
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "int8": "b",
    "int16": "h",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "bool": "?",
}
_FLOAT_CODES = {"float32": "f", "float64": "d"}
#: Last bytes of numbers of float32 below 2^99.
_MODERATE_ENDS = bytes(b for b in range(256) if b & 127 <= 112)
#: Bits of the types that are narrower than a byte.
_BITS = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}
#: A constant with fewer values than elements is written out up to this many bytes, the most that a
#: GraphDef in protobuf can hold.
_MAX_EXPANSION = 1 << 31


class Tensor:
    """A constant: dtype, shape, and lazily its values.

    A tensor read from a file keeps a reference to the file's bytes; its values are decoded by
    `array()` each time that is called.

    Attributes:
        dtype: Element type.
        shape: Shape; fully known in any valid tensor.

    Example:
        >>> tensor = Tensor.of([[1, 2], [3, 4]], "uint8")
        >>> tensor
        Tensor(uint8 [2,2])
        >>> tensor.array().sum(axis=0)
        array([4, 6], dtype=uint64)
    """

    __slots__ = ("_buffer", "_message", "_payload", "dtype", "shape")

    def __init__(
        self, message: Message, buffer: Buffer = b"", payload: Payload | None = None
    ) -> None:
        """Wrap a TensorProto, the large field of which may stand in a buffer instead."""
        self.dtype: DType = dtype(message.dtype).base
        self.shape = Shape.from_proto(message.tensor_shape)
        self._message = message
        self._buffer = buffer
        self._payload = payload

    @classmethod
    def from_array(cls, array: Array, type_: DType | str | None = None) -> Tensor:
        """A tensor with the values of an array, in the most compact encoding.

        Args:
            array: Values of any shape; strings as `bytes` or `str` in an object array.
            type_: Element type, where it is not the array's own (bfloat16, quantized, string).

        Raises:
            InvalidValue: The array's type has no counterpart.
        """
        import numpy as np

        array = np.asarray(array)
        if type_ is None:
            type_ = STRING if array.dtype.kind in "OSU" else dtype(array.dtype.name)
        kind = dtype(type_).base
        message = message_class("TensorProto")(dtype=kind.number)
        Shape(array.shape).to_proto(message.tensor_shape)
        content = _fill(message, kind, array) if array.size else b""
        if len(content) > _MOST_IN_MESSAGE:
            return cls(message, content, Payload(_CONTENT, 0, len(content)))  # type: ignore[arg-type]
        message.tensor_content = content
        return cls(message)

    @classmethod
    def of(cls, value: object, type_: object = None) -> Tensor:
        """A tensor of what people have: an array, a number, a text, or lists of these.

        Args:
            value: The value.
            type_: Element type; None for that of an array, and for what TensorFlow takes numbers of
                Python for: int32, float32.

        Raises:
            InvalidValue: The value has no counterpart, or would lose something by that type.

        Example:
            >>> Tensor.of([1, 2, 3]), Tensor.of(0.5), Tensor.of("text")
            (Tensor(int32 [3]), Tensor(float32 []), Tensor(string []))
            >>> Tensor.of(np.zeros((2, 3)), "float32")
            Tensor(float32 [2,3])
            >>> Tensor.of(0.5, "int32")
            Traceback (most recent call last):
            ...
            graphtools.errors.InvalidValue: values of float64 cannot be int32 without loss
              convert them first
        """
        import numpy as np

        try:
            array = np.asarray(value)
        except ValueError as error:  # lists of different lengths
            raise InvalidValue(f"{value!r} cannot be a tensor: {error}") from None
        kind = None if type_ is None else dtype(type_).base
        if array.dtype.kind == "O" and not all(isinstance(v, str | bytes) for v in array.flat):
            raise InvalidValue(f"{value!r} cannot be a tensor", "give numbers, texts or bytes")
        if kind is None and not isinstance(value, np.ndarray | np.generic):
            kind = {"i": dtype(3), "f": dtype(1)}.get(array.dtype.kind)
        if kind is None or (kind is STRING) is (array.dtype.kind in "OS"):
            wanted = None if kind in (None, STRING) else kind.numpy()
            exact = wanted is None or np.can_cast(array.dtype, wanted, "same_kind")
            if exact or np.array_equal(array.astype(wanted), array):
                return cls.from_array(array if wanted is None else array.astype(wanted), kind)
        raise InvalidValue(
            f"values of {array.dtype} cannot be {kind} without loss", "convert them first"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return Tensor.from_bytes, (self.to_bytes(),)

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, _memo: object) -> Tensor:
        return self

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Tensor:
        """Decode a TensorProto.

        Raises:
            google.protobuf.message.DecodeError: The bytes are none.
        """
        return cls(message_class("TensorProto").FromString(encoded))

    @classmethod
    def without_values(cls, kind: DType, shape: Shape) -> Tensor:
        """A tensor of which only type and shape are told; TensorFlow takes its values for zeros."""
        message = message_class("TensorProto")(dtype=kind.base.number)
        shape.to_proto(message.tensor_shape)
        return cls(message)

    @property
    def elements(self) -> int:
        """Number of elements.

        Raises:
            Damaged: A dimension is not known, which no valid tensor has.
        """
        count = self.shape.elements
        if count is None:
            raise Damaged(f"a constant with the shape {self.shape} has no values")
        return count

    @property
    def nbytes(self) -> int:
        """Bytes of the values in memory; for strings the sum of their lengths."""
        if self.dtype is STRING:
            return sum(len(s) for s in self._message.string_val)
        return (self.shape.elements or 0) * self.dtype.size

    def array(self) -> Array:
        """The values; the array is read-only where it shares memory with the file.

        Returns:
            An array of the tensor's shape; bfloat16 and float8 as float32, strings as `bytes` in an
            object array, int4 and the like one element a byte.

        Raises:
            Damaged: The encoded values do not fit the shape.
            InvalidValue: Values of this type cannot be held (resource, variant, unknown).
        """
        import numpy as np

        count = self.elements
        if not self.dtype.array_name:
            self.dtype.numpy()
        if self.dtype is STRING:
            strings = self._strings(count)
            values = np.empty(len(strings), object)
            values[:] = strings
        else:
            values = self._numbers()
        dims: Any = self.shape.dims or ()
        if self._has_content and len(values) != count:
            raise Damaged(
                f"a constant of {count:,} elements ({self.dtype} {self.shape}) "
                f"has the values of {len(values):,}"
            )
        if len(values) >= count:
            return in_shape(values[:count], self.shape)
        if len(values) <= 1:
            empty: Any = b"" if self.dtype is STRING else 0
            fill = values[0] if len(values) else np.array(empty, self.dtype.numpy())[()]
            with _numpy_limits(self.shape):
                return np.broadcast_to(np.asarray(fill, self.dtype.numpy()), dims)
        _check_expansion(count, self)
        full = np.empty(count, values.dtype)
        full[: len(values)] = values
        full[len(values) :] = values[-1]
        return in_shape(full, self.shape)

    def integers(self, most: int) -> tuple[int, ...] | None:
        """The values of a small tensor of integers or booleans, flat; needs no numpy.

        Args:
            most: Number of elements up to which the values are wanted.

        Returns:
            None for other types, larger tensors, and values that do not fit the shape.
        """
        found = self._unpacked(_INTEGER_CODES.get(self.dtype.name), most)
        return None if found is None else tuple([int(v) for v in found])

    def floats(self, most: int) -> tuple[float, ...] | None:
        """The values of a small tensor of float32 or float64, flat; needs no numpy.

        Args:
            most: Number of elements up to which the values are wanted.

        Returns:
            None for other types, larger tensors, and values that do not fit the shape.
        """
        return self._unpacked(_FLOAT_CODES.get(self.dtype.name), most)

    def _unpacked(self, code: str | None, most: int) -> tuple[Any, ...] | None:
        """The values of a small tensor of numbers, as module struct reads them."""
        count = self.shape.elements
        if code is None or count is None or count > most or self._payload:
            return None
        content = self._message.tensor_content
        if content:
            if len(content) != count * self.dtype.size:
                return None
            return struct.unpack(f"<{count}{code}", content)
        values = getattr(self._message, _FIELD.get(self.dtype.name, "int_val"))
        found = tuple(values[:count])
        return found + (found[-1] if found else 0,) * (count - len(found))

    def strings(self, most: int) -> list[bytes] | None:
        """The values of a small tensor of strings, flat; needs no numpy.

        Args:
            most: Number of elements up to which the values are wanted.

        Returns:
            None for other types, larger tensors, and values that do not fit the shape.
        """
        count = self.shape.elements
        if self.dtype is not STRING or count is None or count > most:
            return None
        try:
            found = self._strings(count)[:count]
        except Damaged:
            return None
        return found + [found[-1] if found else b""] * (count - len(found))

    def is_moderate(self) -> bool:
        """Whether the values are of float32, and all surely below 2^99; needs no numpy.

        False also where that is not known.
        """
        count = self.shape.elements
        if self.dtype is not FLOAT32 or count is None or self.nbytes > _MAX_EXPANSION >> 3:
            return False
        if not self._has_content:
            values = self.floats(_SAMPLE)
            return values is not None and all(abs(v) < 2.0**99 for v in values)
        raw = bytes(self._payload_bytes(_CONTENT) or self._message.tensor_content)
        # the last byte of each has the sign and all but one bit of the exponent
        return len(raw) == 4 * count and not raw[3::4].translate(None, _MODERATE_ENDS)

    def sample(self) -> bytes:
        """The first bytes of the values as they are encoded; tensors that are equal have the same.

        Empty where they do not stand in `tensor_content`.
        """
        if self._payload and self._payload.field == _CONTENT:
            start, end = self._payload.start, self._payload.end
            return bytes(self._buffer[start : min(end, start + _SAMPLE)])
        return bytes(self._message.tensor_content[:_SAMPLE])

    @property
    def _has_content(self) -> bool:
        if self._payload and self._payload.field == _CONTENT:
            return True
        return bool(self._message.tensor_content)

    def _strings(self, count: int) -> list[bytes]:
        """The encoded strings; in tensor_content all lengths stand before all bytes."""
        if not self._has_content:
            return list(self._message.string_val)
        raw = bytes(self._payload_bytes(_CONTENT) or self._message.tensor_content)
        if count > len(raw):  # each length takes a byte at least
            raise Damaged(f"a constant of {count:,} strings has {len(raw):,} bytes")
        pos = 0
        lengths = []
        for _ in range(count):
            length, pos = varint(raw, pos, len(raw))
            lengths.append(length)
        if pos + sum(lengths) != len(raw):
            raise Damaged(f"the lengths of {count:,} strings do not fit their {len(raw):,} bytes")
        ends = list(itertools.accumulate(lengths, initial=pos))
        return [raw[a:b] for a, b in itertools.pairwise(ends)]

    def _numbers(self) -> Array:
        """The encoded values as a flat array, before the last one is repeated."""
        import numpy as np

        name = self.dtype.name
        if self._has_content:
            raw = self._payload_bytes(_CONTENT) or self._message.tensor_content
            return decode_content(raw, self.dtype)
        if name.startswith("float8"):
            return decode_content(self._message.float8_val, self.dtype)
        field = _FIELD.get(name, "int_val")
        item = {"float_val": "<f4", "scomplex_val": "<f4", "dcomplex_val": "<f8"}.get(field, "<f8")
        large = self._payload_bytes(self._message.DESCRIPTOR.fields_by_name[field].number)
        if large:
            flat = np.frombuffer(large, item)
        elif field in ("half_val", "int_val"):
            # int_val may hold more than the type does; TensorFlow cuts off the upper bits
            flat = np.array(getattr(self._message, field), "int64")
        else:
            wide = item if "complex" in field else self.dtype.numpy()
            flat = np.array(getattr(self._message, field), wide)
        if field == "half_val":
            codes = flat.astype(np.uint16)
            if name == "float16":
                return codes.view(np.float16)
            from graphtools.graph import narrow_floats

            return narrow_floats.decode(codes, name)
        if field in ("scomplex_val", "dcomplex_val"):
            return flat[: len(flat) // 2 * 2].view(self.dtype.numpy())
        return _low_bits(flat.astype(self.dtype.numpy(), copy=False), self.dtype)

    def _payload_bytes(self, field: int) -> memoryview | None:
        """The payload that was left in the buffer, if it is that of a field."""
        if self._payload is None or self._payload.field != field:
            return None
        return memoryview(self._buffer)[self._payload.start : self._payload.end]  # type: ignore[arg-type]

    @classmethod
    def from_content(cls, kind: DType, shape: Shape, content: memoryview) -> Tensor:
        """A tensor whose values stand in memory as they do in `tensor_content`; not copied.

        Args:
            kind: Element type, no string.
            shape: Shape; fully known.
            content: The bytes, little-endian.
        """
        message = message_class("TensorProto")(dtype=kind.number)
        shape.to_proto(message.tensor_shape)
        return cls(message, content, Payload(_CONTENT, 0, len(content)))  # type: ignore[arg-type]

    def pieces(self) -> list[bytes | memoryview]:
        """The encoded TensorProto in pieces, so that large values are not copied."""
        found: list[bytes | memoryview] = [self._message.SerializeToString(deterministic=True)]
        if self._payload:
            field, start, end = self._payload
            found.append(encode_varint(field << 3 | LEN) + encode_varint(end - start))
            found.append(memoryview(self._buffer)[start:end])  # type: ignore[arg-type]
        return found

    @property
    def encoded_size(self) -> int:
        """Bytes of the encoded TensorProto; its values are not copied for that."""
        size: int = self._message.ByteSize()
        if self._payload:
            field, start, end = self._payload
            size += len(encode_varint(field << 3 | LEN) + encode_varint(end - start)) + end - start
        return size

    def to_bytes(self) -> bytes:
        """The encoded TensorProto."""
        return b"".join(self.pieces())

    def __repr__(self) -> str:
        return f"Tensor({self.dtype} {self.shape})"


class ComputedTensor(Tensor):
    """A constant whose values are computed when somebody asks for them.

    Dtype, shape and size are known before that.
    """

    __slots__ = ("_compute",)

    def __init__(self, kind: DType, shape: Shape, compute: Callable[[], Tensor]) -> None:
        """A tensor that is to be computed.

        Args:
            kind: Element type.
            shape: Shape; fully known.
            compute: Gives the tensor; called once at most.
        """
        self.dtype = kind
        self.shape = shape
        self._compute = compute

    def __getattr__(self, name: str) -> Any:
        """Fill what `Tensor` holds the values in, of which nothing is there yet."""
        if name not in Tensor.__slots__:
            raise AttributeError(name)
        made = self._compute()
        for slot in Tensor.__slots__:
            setattr(self, slot, getattr(made, slot))
        return object.__getattribute__(self, name)

    @property
    def encoded_size(self) -> int:
        """Bytes of the encoded TensorProto, near enough, and without computing it."""
        return self.nbytes


@contextlib.contextmanager
def _numpy_limits(shape: Shape) -> Iterator[None]:
    """Translate numpy's refusal of a shape."""
    try:
        yield
    except ValueError:
        raise Damaged(f"no array can have the shape {_describe(shape)}") from None


def in_shape(values: Array, shape: Shape) -> Array:
    """Flat values in the shape of their tensor, the elements of which they are.

    Raises:
        Damaged: The shape has other elements, or so many dimensions that it must be damaged.
    """
    with _numpy_limits(shape):
        return values.reshape(shape.dims or ())


def once(array: Array) -> Array:
    """An array without its repetitions: one element of each axis along which it repeats itself.

    `Tensor.array` gives one value that stands for many so, and only this may be worked with where
    the file says that it stands for 2^60.

    Example:
        >>> once(np.broadcast_to(np.float32(1), (1 << 30, 1 << 30))).shape
        (1, 1)
    """
    places = *(slice(None if step else 1) for step in array.strides), ...
    return array[places]


def _describe(shape: Shape) -> str:
    """A shape for a message; one from a damaged file may have any number of dimensions."""
    return str(shape) if (shape.rank or 0) <= 32 else f"of {shape.rank:,} dimensions"


def _check_expansion(count: int, tensor: Tensor) -> None:
    if count * max(tensor.dtype.size, 8) > _MAX_EXPANSION:
        raise InvalidValue(f"a constant of {count:,} elements is too large to be written out")


def _is_narrow(kind: DType) -> bool:
    return kind.name == "bfloat16" or kind.name.startswith("float8")


def _storage(kind: DType) -> np.dtype[Any]:
    """The little-endian numpy type of the bytes in tensor_content."""
    import numpy as np

    if _is_narrow(kind):
        return np.dtype(f"<u{kind.size}")
    stored: np.dtype[Any] = kind.numpy().newbyteorder("<")
    return stored


def content_bytes(array: Array, kind: DType) -> bytes:
    """The values as they stand in `tensor_content` and in the data files of checkpoints."""
    return bytes(_content_of(array, kind))


def _content_of(array: Array, kind: DType) -> bytes | memoryview:
    """As `content_bytes`; what is large and cannot be changed, as values in a file, not copied."""
    import numpy as np

    if _is_narrow(kind):
        from graphtools.graph import narrow_floats

        array = narrow_floats.encode(array, kind.name)
    stored = np.ascontiguousarray(array).astype(_storage(kind), copy=False)
    if stored.flags.writeable or stored.nbytes <= _MOST_IN_MESSAGE:
        return stored.tobytes()
    return stored.reshape(-1).view(np.uint8).data


def decode_content(raw: bytes | memoryview, kind: DType, big_endian: bool = False) -> Array:
    """The values of bytes as they stand in `tensor_content`, flat.

    Raises:
        InvalidValue: Values of this type cannot be held.
        Damaged: The bytes end within an element.
    """
    import numpy as np

    stored = _storage(kind)
    if len(raw) % stored.itemsize:
        raise Damaged(f"{len(raw):,} bytes of {kind} end within an element")
    flat: Array = np.frombuffer(raw, stored.newbyteorder(">") if big_endian else stored)
    # what compares bytes, as `compare_values`, needs them in one order
    flat = flat.astype(stored, copy=False)
    if _is_narrow(kind):
        from graphtools.graph import narrow_floats

        return narrow_floats.decode(flat, kind.name)
    return _low_bits(flat, kind)


def _low_bits(values: Array, kind: DType) -> Array:
    """Values of the 2- and 4-bit types: only the low bits of each byte count."""
    bits = _BITS.get(kind.name)
    return values if bits is None else values << (8 - bits) >> (8 - bits)


def _fill(message: Message, kind: DType, array: Array) -> bytes | memoryview:
    """Write values into a TensorProto if they are strings, or all equal.

    Returns:
        The content for `tensor_content` otherwise; empty if the values were written.
    """
    if kind is STRING:
        strings = [s.encode() if isinstance(s, str) else bytes(s) for s in array.ravel().tolist()]
        if len(set(strings)) == 1:
            strings = strings[:1]
        message.string_val.extend(strings)
        return b""
    single = once(array)
    raw = _content_of(single if single.size == 1 else array, kind)
    size = len(raw) // (1 if single.size == 1 else math.prod(array.shape))
    first = bytes(raw[:size])
    alike = first == raw[-size:] and raw == first * (len(raw) // size)
    if kind.name.startswith("float8") and single.size == 1:
        raw = first * math.prod(array.shape)  # has no field for one value that stands for all
    if not alike or kind.name.startswith("float8"):
        return raw
    field = _FIELD.get(kind.name, "int_val")
    value = decode_content(first, kind)[0]
    if field == "half_val":
        message.half_val.append(int.from_bytes(first, "little"))
    elif field in ("scomplex_val", "dcomplex_val"):
        getattr(message, field).extend([value.real, value.imag])
    else:
        getattr(message, field).append(value.item())
    return b""
