"""The two models of a comparison, each with its ends and a way to run it: graph or TFLite model."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.graph.shape import Shape
from graphtools.run.litert_tensors import LiteRTTensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class End(NamedTuple):
    """An input or output.

    Attributes:
        name: Name of the tensor, without `:0`.
        key: What it is called in a signature; empty if it is in none.
        dtype: Element type; empty where it is not known.
        dims: Dimensions, None for those that are not fixed; None alone where not even their number
            is known.
        tensor: The tensor, in a TFLite model.
        stored_as: The quantized tensor that a float input of a TFLite model is turned into, or that
            a float output is made of; None where there is none.
    """

    name: str
    key: str
    dtype: str
    dims: tuple[int | None, ...] | None
    tensor: LiteRTTensor | None = None
    stored_as: LiteRTTensor | None = None

    @property
    def is_quantized(self) -> bool:
        """Whether its elements are integers that stand for real values."""
        return self.tensor is not None and self.tensor.is_quantized


class EndValue(NamedTuple):
    """The value of an output, or of a tensor within.

    Attributes:
        real: What it stands for.
        dtype: Element type of what is stored.
        step: Its quantization step, or that of what it is made of; the largest where there are
            several, 0 if there is none.
    """

    real: Array
    dtype: str
    step: float = 0.0


class Side(abc.ABC):
    """A model of a comparison.

    Attributes:
        path: The model.
        what: What it is: `TensorFlow graph` or `TFLite model`.
        kind: Kind of the conversion that it went through, as `float`; see `TOLERANCES`.
        inputs: Its inputs.
        outputs: Its outputs.
        notes: What the user is to know.
    """

    path: str
    what: str
    kind: str
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]
    notes: tuple[str, ...]

    @abc.abstractmethod
    def fit(self, end: End, array: Array) -> Array:
        """Values as one of its inputs takes them.

        Raises:
            InvalidValue: They are of another kind or shape.
        """

    @abc.abstractmethod
    def random(self, end: End, shape: Shape | None, seed: int) -> Array:
        """Random values for one of its inputs, of a shape if one is given.

        Raises:
            InvalidValue: The shape is not known, or the type cannot be fed.
        """

    @abc.abstractmethod
    def run(self, feeds: Mapping[str, Array]) -> dict[str, EndValue]:
        """Its outputs by name, for values of inputs by name.

        Raises:
            GraphtoolsError: It does not run.
        """

    @property
    @abc.abstractmethod
    def detection_outputs(self) -> dict[str, str]:
        """By role, as in `OUTPUT_NAMES`, its output; empty where it is no detector."""

    @property
    @abc.abstractmethod
    def first_class(self) -> int:
        """Number of the first class in its detections."""


def canonical(name: str) -> str:
    """The name of a tensor of a TFLite model as a graph would write it: without `:0`."""
    return name.removesuffix(":0")
