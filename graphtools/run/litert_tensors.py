"""Tensors of TFLite models: what LiteRT says of them, and the values that they take and give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue
from graphtools.formats.tflite.values import per_slice, real_values
from graphtools.run.passing import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Starts the random numbers that inputs are fed with that are given no values.
SEED = 0


@dataclasses.dataclass(frozen=True)
class LiteRTTensor(Message):
    """A tensor as LiteRT describes it.

    Attributes:
        index: Place in the model.
        name: Name.
        dtype: Element type, as `float32`; `string` for strings.
        shape: Dimensions, once shapes are known; [] where only the running operator knows them.
        signature: The shape with None for dimensions that may be of any size.
        scale: One for the tensor, one for each slice, or none where it is not quantized.
        zero_point: As many as scales.
        dimension: The dimension that slices are counted along.
    """

    index: int
    name: str
    dtype: str
    shape: tuple[int, ...]
    signature: tuple[int | None, ...]
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    dimension: int

    @property
    def is_quantized(self) -> bool:
        """Whether its elements are integers that stand for real values."""
        return bool(self.scale) and "int" in self.dtype


class LiteRTValue(NamedTuple):
    """The value of a tensor.

    Attributes:
        tensor: The tensor.
        raw: Its values as they are stored.
    """

    tensor: LiteRTTensor
    raw: Array

    @property
    def real(self) -> Array:
        """What the values stand for: float32 where it is quantized, else the values themselves."""
        return dequantize(self.raw, self.tensor)


def tensor_of(detail: Mapping[str, Any]) -> LiteRTTensor:
    """A tensor of what LiteRT's interpreter says of it."""
    import numpy as np

    parameters = detail["quantization_parameters"]
    kind = np.dtype(detail["dtype"])
    shape = tuple(int(d) for d in detail["shape"])
    # models of old converters have no signature
    signature = tuple(int(d) for d in detail["shape_signature"]) or shape
    return LiteRTTensor(
        index=int(detail["index"]),
        name=detail["name"],
        dtype="string" if kind.kind in "SUO" else kind.name,
        shape=shape,
        signature=tuple(None if d < 0 else d for d in signature),
        scale=tuple(float(s) for s in parameters["scales"]),
        zero_point=tuple(int(z) for z in parameters["zero_points"]),
        dimension=int(parameters["quantized_dimension"]),
    )


def dequantize(array: Array, tensor: LiteRTTensor) -> Array:
    """What stored integers stand for: scale * (q - zero_point), as float32.

    Returns:
        The values themselves where it is not quantized.
    """
    if not tensor.is_quantized:
        return array
    return real_values(array, tensor.scale, tensor.zero_point, tensor.dimension)


def quantize(array: Array, tensor: LiteRTTensor) -> Array:
    """The integers that stand for real values: round(x / scale) + zero_point, within their type."""
    import numpy as np

    scale = per_slice(tensor.scale, array, tensor.dimension)
    zero = per_slice(tensor.zero_point or (0,), array, tensor.dimension)
    limits = np.iinfo(tensor.dtype)
    integers = np.rint(array.astype(np.float64) / scale) + zero
    return np.asarray(np.clip(integers, limits.min, limits.max).astype(tensor.dtype))


def fitted(array: Array, tensor: LiteRTTensor) -> Array:
    """Values as an input takes them.

    Args:
        array: Values; floats for an input that is quantized.
        tensor: The input.

    Raises:
        InvalidValue: They are of another kind or shape, or not finite and to be quantized.
    """
    import numpy as np

    label = f"the input {tensor.name!r}"
    dims = tensor.signature
    fits = len(dims) == array.ndim and all(
        d is None or d == n for d, n in zip(dims, array.shape, strict=True)
    )
    if not fits:
        raise InvalidValue(
            f"{label} has the shape {_shape(dims)}, its values have {_shape(array.shape)}"
        )
    if tensor.dtype == "string":
        if array.dtype.kind not in "OSU":
            raise InvalidValue(f"{label} is string, its values are {array.dtype.name}")
        return array.astype(np.object_)
    wanted = np.dtype(tensor.dtype)
    if array.dtype == wanted:
        return array
    if tensor.is_quantized and array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise InvalidValue(f"{label} is quantized, and its values are not all finite")
        return quantize(array, tensor)
    integers = array.dtype.kind in "iu" and wanted.kind in "iu"
    if integers and _within(array, wanted):
        return array.astype(wanted)
    if integers or not np.can_cast(array.dtype, wanted, "same_kind"):
        raise InvalidValue(f"{label} is {tensor.dtype}, its values are {array.dtype.name}")
    return array.astype(wanted)


def random_values(tensor: LiteRTTensor, seed: int = SEED) -> Array:
    """Random values for an input, the same each time.

    Floats are normally distributed; integers take all values of their type where they stand for
    real ones or are bytes, and 0 to 4 elsewhere, so that they do for indices. Dimensions of any
    size are 1. Strings are empty.

    Args:
        tensor: The input.
        seed: Starts the random numbers.

    Raises:
        InvalidValue: Its type cannot be fed.
    """
    import numpy as np

    shape = tuple(1 if d is None else d for d in tensor.signature)
    numbers = np.random.default_rng([seed, *tensor.name.encode()])
    if tensor.dtype == "string":
        return np.full(shape, b"", np.object_)
    try:
        wanted = np.dtype(tensor.dtype)
    except TypeError:
        wanted = np.dtype(np.void)
    if wanted.kind in "iu" and (tensor.is_quantized or tensor.dtype in ("uint8", "int8")):
        limits = np.iinfo(wanted)
        return numbers.integers(limits.min, limits.max, shape, wanted.type, endpoint=True)
    if wanted.kind in "iu":
        return numbers.integers(0, 5, shape, wanted.type)
    if wanted.kind == "b":
        return numbers.integers(0, 2, shape).astype(wanted)
    if wanted.kind in "fc":
        return numbers.standard_normal(shape).astype(wanted)
    raise InvalidValue(f"the input {tensor.name!r} cannot be fed: its type is {tensor.dtype}")


def _within(array: Array, wanted: Any) -> bool:
    import numpy as np

    limits = np.iinfo(wanted)
    return not array.size or bool(limits.min <= array.min() and array.max() <= limits.max)


def _shape(dims: Iterable[int | None]) -> str:
    return "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"
