"""The values of constants in TFLite models.

Source of the encodings: TensorFlow's `lite/string_util.h` for strings, and
`lite/kernels/internal/portable_tensor_utils.h` for types of less than a byte. All else stands as in
memory, little-endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.dtypes import STRING, dtype
from graphtools.graph.shape import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Bits of the types that share a byte, of which the first element has the lowest bits.
_BITS = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}


def decode(raw: memoryview, type_name: str, shape: Shape, label: str) -> NDArray[Any]:
    """The values of a tensor.

    Returns:
        An array of this shape, which shares memory with `raw` where the type admits it.

    Raises:
        InvalidValue: Values of this type or shape cannot be held.
        Damaged: The bytes do not fit the shape.
    """
    from graphtools.graph.tensor import decode_content

    count = shape.elements
    if count is None:
        raise Damaged(f"{label} is a constant with the shape {shape}")
    if type_name.startswith("unknown"):
        raise InvalidValue(f"{label} has an element type that is not known here, {type_name}")
    kind = dtype(type_name)
    if not kind.array_name:
        raise InvalidValue(f"{label} has values of type {kind}, which cannot be shown as an array")
    if kind is STRING:
        flat = _strings(raw, count, label)
    else:
        per_byte = 8 // _BITS[type_name] if type_name in _BITS else 1
        expected = -(-count // per_byte) if per_byte > 1 else count * kind.size
        if len(raw) != expected:
            raise Damaged(
                f"{label} has {len(raw):,} bytes of values, {kind} {shape} takes {expected:,}"
            )
        flat = _unpack(raw, type_name, count) if per_byte > 1 else decode_content(raw, kind)
    dims = [d for d in shape.dims or () if d is not None]
    try:
        return flat.reshape(dims)
    except ValueError:
        raise InvalidValue(f"{label} has the shape {shape}, which no array can have") from None


def real_values(
    array: NDArray[Any], scale: Sequence[float], zero_point: Sequence[int], dimension: int
) -> NDArray[Any]:
    """What stored integers stand for: scale * (q - zero_point), as float32.

    Args:
        array: The stored integers.
        scale: One for all of them, or one for each slice along `dimension`.
        zero_point: Likewise; 0 where there is none.
        dimension: The dimension that slices are counted along.

    Raises:
        InvalidValue: There are not as many numbers as slices.
    """
    import numpy as np

    zero = per_slice(zero_point or (0,), array, dimension)
    real = (array.astype(np.float64) - zero) * per_slice(scale, array, dimension)
    return np.asarray(real, np.float32)


def per_slice(numbers: Sequence[float], array: NDArray[Any], dimension: int) -> NDArray[Any]:
    """Scales or zero points, one or one for each slice, to be combined with an array.

    Raises:
        InvalidValue: There are not as many numbers as slices.
    """
    import numpy as np

    if len(numbers) == 1:
        return np.array(numbers[0], np.float64)
    if not (dimension < array.ndim and array.shape[dimension] == len(numbers)):
        raise InvalidValue(
            f"there are {len(numbers):,} scales or zero points for the shape {array.shape}, "
            f"of which the slices along dimension {dimension} have one each"
        )
    return np.array(numbers, np.float64).reshape(
        [-1 if axis == dimension else 1 for axis in range(array.ndim)]
    )


def _unpack(raw: memoryview, type_name: str, count: int) -> NDArray[Any]:
    import numpy as np

    bits = _BITS[type_name]
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    codes = np.frombuffer(raw, np.uint8)[:, None] >> shifts & ((1 << bits) - 1)
    flat: NDArray[Any] = codes.reshape(-1)[:count]
    if type_name.startswith("u"):
        return flat
    sign = np.int8(1 << (bits - 1))
    signed: NDArray[Any] = (flat.astype(np.int8) ^ sign) - sign
    return signed


def _strings(raw: memoryview, count: int, label: str) -> NDArray[Any]:
    """Strings: their number, the place of each and of the end (int32), and the bytes."""
    import itertools

    import numpy as np

    flat = np.empty(0, object)
    if not raw and not count:
        return flat
    sizes = np.frombuffer(raw[: len(raw) // 4 * 4], "<i4")
    stored = int(sizes[0]) if len(sizes) else 0
    places = sizes[1 : stored + 2].tolist()
    if stored != count or len(places) != count + 1:
        raise Damaged(f"{label} has {stored:,} strings in {len(raw):,} bytes, not {count:,}")
    if places != sorted(places) or places[0] < 0 or places[-1] > len(raw):
        raise Damaged(f"{label} has strings that leave their buffer of {len(raw):,} bytes")
    flat = np.empty(count, object)
    flat[:] = [bytes(raw[a:b]) for a, b in itertools.pairwise(places)]
    return flat
