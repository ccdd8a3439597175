"""Inputs that samples are fed to, and whether values fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.graph.dtypes import DType
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SampledInput(NamedTuple):
    """An input that is to be fed.

    Attributes:
        name: Name of the tensor, as `input` or `input:0`.
        dtype: Its element type.
        shape: Its shape; of rank 1 and more, the first dimension is the batch.
        key: What it is called in a signature; empty if it is in none.
    """

    name: str
    dtype: DType
    shape: Shape
    key: str = ""

    @property
    def ref(self) -> Ref:
        """The tensor."""
        return Ref.from_user(self.name)

    @property
    def tensor(self) -> str:
        """The full name, as `input:0`."""
        return self.ref.tensor

    @property
    def dims(self) -> tuple[int | None, ...]:
        """The dimensions, which `check_inputs` has found to be known in number."""
        assert self.shape.dims is not None
        return self.shape.dims

    @property
    def batch(self) -> int:
        """How many samples one run takes; 1 where that is open."""
        return (self.dims[0] if self.dims else None) or 1

    def __str__(self) -> str:
        return f"{str(self.ref)!r} ({self.dtype.base.name} {self.shape})"


def keys_by_tensor(given: Mapping[str, str], inputs: Sequence[SampledInput]) -> dict[str, str]:
    """What the values of inputs are called in the data, by full tensor name.

    Args:
        given: The same by names as a user writes them.
        inputs: The inputs.

    Raises:
        InvalidValue: A name is that of no input.
    """
    by_key = {item.key: item.tensor for item in inputs if item.key}
    tensors = {item.tensor for item in inputs}
    found = {}
    for name, key in given.items():
        tensor = Ref.from_user(name).tensor
        found[tensor if tensor in tensors else by_key.get(name, tensor)] = key
    for name in found.keys() - tensors:
        raise InvalidValue(
            f"{param('keys')} names {str(Ref.parse(name))!r}, which is not among the inputs",
            f"the inputs are {', '.join(str(item.ref) for item in inputs)}",
        )
    return found


def read_keys(texts: Sequence[str]) -> dict[str, str]:
    """The features or arrays that `--key` gives by input, as `image=image/encoded`.

    Raises:
        InvalidValue: One is of another form.
    """
    found = {}
    for text in texts:
        name, _, feature = text.partition("=")
        if not name.strip() or not feature.strip():
            raise InvalidValue(
                f"{param('keys')} {text!r} is not NAME=FEATURE",
                f"as {param(keys={'image': 'image/encoded'})}",
            )
        found[name.strip()] = feature.strip()
    return found


def check_inputs(inputs: Sequence[SampledInput]) -> None:
    """Check that inputs can be fed.

    Raises:
        InvalidValue: There is none, or one holds no numbers, or its shape is not known.
    """
    if not inputs:
        raise InvalidValue("there is no input that samples could be fed to")
    for item in inputs:
        if not item.dtype.array_name or item.dtype.numpy().kind not in "fiub":
            raise InvalidValue(
                f"the input {str(item.ref)!r} is of type {item.dtype.base.name}, which samples "
                "cannot be fed to",
                f"cut the graph behind it: name tensors of numbers as {param('inputs')}",
            )
        if item.shape.dims is None:
            raise InvalidValue(
                f"the shape of the input {str(item.ref)!r} is not known, so nothing tells whether "
                "samples fit it",
                f"give it: {param(input_shapes={item.ref: [1, 224, 224, 3]})}",
            )
        if 0 in item.shape.dims:
            raise InvalidValue(f"the input {item} has no elements: nothing can be fed")


def fitted(item: SampledInput, array: NDArray[Any], where: str) -> NDArray[Any]:
    """Values of a sample in the type of their input, after they have been checked.

    Args:
        item: The input.
        array: The values, with the dimension of the batch.
        where: Where they are from, as `file.npz, 'x', sample 3`, for messages.

    Raises:
        InvalidValue: They have another shape or type, or are not finite.
    """
    import numpy as np

    if not fits(item.dims, array.shape):
        raise InvalidValue(
            f"{where} has the shape {Shape(array.shape)}, the input {str(item.ref)!r} takes "
            f"{item.shape}",
            f"reshape the data, or give another shape: {param('input_shapes')}",
        )
    wanted = item.dtype.numpy()
    if not castable(array, item.dtype):
        raise InvalidValue(
            f"{where} holds {array.dtype.name}, the input {str(item.ref)!r} takes "
            f"{item.dtype.base.name}",
            f"save the values as {item.dtype.base.name}",
        )
    with np.errstate(over="ignore"):
        values: NDArray[Any] = np.ascontiguousarray(array.astype(wanted)).reshape(array.shape)
    if wanted.kind == "f" and not np.isfinite(values).all():
        wrong = int(values.size - np.isfinite(values).sum())
        raise InvalidValue(
            f"{where} holds {wrong:,} of {values.size:,} values that are NaN or infinite as "
            f"{item.dtype.base.name}",
            "a range that is not finite breaks the quantization: mend the data, or take it out",
        )
    return values


def fits(dims: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    """Whether an array of a shape can be fed to an input of some dimensions."""
    return len(dims) == len(shape) and all(
        d is None or d == n for d, n in zip(dims, shape, strict=True)
    )


def castable(array: NDArray[Any], kind: DType) -> bool:
    """Whether values can be taken for those of a type: float64 for float32, int64 for uint8."""
    import numpy as np

    wanted = kind.numpy()
    if wanted.kind in "iu" and array.dtype.kind in "iu":
        limits = np.iinfo(wanted)
        return not array.size or (limits.min <= array.min() and array.max() <= limits.max)
    return np.can_cast(array.dtype, wanted, "same_kind")
