"""An operator of a `.tflite` as a step, of which runtimes state their limits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel, TFLiteTensor
from graphtools.ops.dims import Dims

#: Constants of more elements are weights, not axes or paddings.
_MOST_INTEGERS = 256


class OperatorStep:
    """An operator as it stands in a file; see `compat.step.RuntimeStep`."""

    def __init__(self, model: TFLiteModel, subgraph: Subgraph, operator: Operator) -> None:
        """A step of a subgraph of a model."""
        self.op = operator.op
        self.operator = operator
        self._model = model
        #: Its inputs; None for an optional one that is left out.
        self.tensors = [subgraph.tensors[i] if i >= 0 else None for i in operator.inputs]
        #: Its outputs that are not left out.
        self.results = [subgraph.tensors[i] for i in operator.outputs if i >= 0]
        #: Whether the size of an input may change: then that in the file is the one that is taken.
        self.is_resizable = any(
            subgraph.tensors[i].shape_signature.elements is None for i in subgraph.inputs if i >= 0
        )
        self.inputs: Sequence[Dims] = [self.dims(t) if t else None for t in self.tensors]
        self.outputs: Sequence[Dims] = [self.dims(t) for t in self.results]

    @cached_property
    def _options(self) -> dict[str, Any]:
        return self._model.options(self.operator)

    def dims(self, tensor: TFLiteTensor) -> Dims:
        """The shape that memory is planned for; None for a dimension that only values tell.

        An open batch is 1 until an input is resized: compilers and delegates take it so.
        """
        shape = tensor.shape if self.is_resizable else tensor.shape_signature
        return None if shape.dims is None else tuple(shape.dims)

    @property
    def gives(self) -> str:
        """The dtype that the first output has for a delegate that computes in float: it unpacks
        what is quantized to eight bits.
        """
        return seen_as_float(self.results[0]) if self.results else ""

    def is_constant(self, position: int) -> bool:
        """Whether an input is stored in the file, or left out."""
        tensor = self.tensors[position]
        return tensor is None or tensor.is_constant

    def integers(self, position: int) -> Sequence[int | None] | None:
        """The values of a small constant of integers, flat."""
        tensor = self.tensors[position] if position < len(self.tensors) else None
        if tensor is None or not tensor.is_constant or tensor.dtype not in ("int32", "int64"):
            return None
        if (
            tensor.is_sparse
            or tensor.external_file
            or (tensor.shape.elements or 0) > _MOST_INTEGERS
        ):
            return None
        return [int(value) for value in self._model.tensor_data(tensor).reshape(-1).tolist()]

    def dtype(self, position: int) -> str:
        """The dtype of an input, as `gives`."""
        tensor = self.tensors[position] if position < len(self.tensors) else None
        return seen_as_float(tensor) if tensor is not None else ""

    def option(self, name: str) -> Any:
        """An option of the operator."""
        return self._options.get(name)


def dims_of(tensor: TFLiteTensor) -> Dims:
    """The shape that may change from run to run: None for a dimension that does."""
    dims = tensor.shape_signature.dims
    return None if dims is None else tuple(dims)


def seen_as_float(tensor: TFLiteTensor) -> str:
    """A tensor's dtype; `float32` where it is quantized to eight bits."""
    is_packed = tensor.dtype in ("int8", "uint8") and is_quantized(tensor)
    return "float32" if is_packed else tensor.dtype


def is_quantized(tensor: TFLiteTensor) -> bool:
    """Whether a tensor's integers stand for real values, by a scale."""
    return tensor.quantization is not None and bool(tensor.quantization.scale)
