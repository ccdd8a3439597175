"""A TFLite model as one of the two models of a comparison."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphtools.analysis.tflite_kinds import conversion_kind
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.shape import Shape
from graphtools.run.litert import LiteRT
from graphtools.run.litert_tensors import (
    LiteRTTensor,
    LiteRTValue,
    dequantize,
    fitted,
    random_values,
)
from graphtools.verify.detection_postprocess import POSTPROCESS
from graphtools.verify.detections import OUTPUT_NAMES
from graphtools.verify.model_sides import End, EndValue, Side, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class LiteRTSide(Side):
    """A TFLite model that LiteRT runs.

    Attributes:
        model: What the file holds.
    """

    what = "TFLite model"

    def __init__(self, model: TFLiteModel, litert: LiteRT) -> None:
        """Load a model.

        Raises:
            MissingExtra: LiteRT is not installed.
            LiteRTProblem: LiteRT does not load it.
        """
        self.path = model.path
        self.model = model
        self.kind = conversion_kind(model)
        self._litert = litert
        loaded = litert.inspect(model.path)
        stored = _quantized(model)
        keys = {
            index: key
            for signature in model.signatures
            if signature.subgraph == 0
            for key, index in (*signature.inputs.items(), *signature.outputs.items())
        }
        self._names = _distinct([t.name for t in (*loaded.inputs, *loaded.outputs)])
        ends = [
            End(name, keys.get(t.index, ""), t.dtype, t.signature, t, stored.get(t.index))
            for name, t in zip(self._names, (*loaded.inputs, *loaded.outputs), strict=True)
        ]
        self.inputs = tuple(ends[: len(loaded.inputs)])
        self.outputs = tuple(ends[len(loaded.inputs) :])
        self.notes = ()

    def fit(self, end: End, array: Array) -> Array:
        """See `Side`."""
        return fitted(array, _tensor(end))

    def random(self, end: End, shape: Shape | None, seed: int) -> Array:
        """See `Side`."""
        tensor = _tensor(end)
        dims = tensor.signature if shape is None or shape.dims is None else shape.dims
        if end.stored_as is None:
            return random_values(dataclasses.replace(tensor, signature=dims), seed)
        # values that its integers stand for: others would be cut, which says nothing of the model
        stored = dataclasses.replace(end.stored_as, name=tensor.name, signature=dims)
        return dequantize(random_values(stored, seed), stored)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, EndValue]:
        """See `Side`."""
        found = self._litert.run(self.path, [feeds[end.name] for end in self.inputs])
        pairs = zip(self.outputs, found.outputs, strict=True)
        return {end.name: _value(v, end.stored_as or v.tensor) for end, v in pairs}

    def fetch(self, feeds: Mapping[str, Array], names: Sequence[str]) -> dict[str, LiteRTValue]:
        """The values of any of its tensors, as they are stored.

        Args:
            feeds: Values of inputs by name.
            names: Names as in `outputs` or `tensors`.

        Raises:
            InvalidValue: LiteRT gives a tensor no memory, as nothing reads it.
            GraphtoolsError: It does not run.
        """
        places = {end.name: place for place, end in enumerate(self.outputs)}
        inner = {name: self.tensors[name] for name in names if name not in places}
        given = [feeds[end.name] for end in self.inputs]
        found = self._litert.run(self.path, given, tensors=tuple(inner.values()))
        by_index = {value.tensor.index: value for value in found.tensors}
        for name, index in inner.items():
            if index not in by_index:
                raise InvalidValue(f"the tensor {name!r} has no values: LiteRT computes none")
        return {
            name: found.outputs[places[name]] if name in places else by_index[inner[name]]
            for name in names
        }

    @cached_property
    def tensors(self) -> dict[str, int]:
        """The tensors of the first subgraph by name; those that come again with the number."""
        tensors = self.model.subgraphs[0].tensors
        names = _distinct([tensor.name for tensor in tensors])
        return {name: tensor.index for name, tensor in zip(names, tensors, strict=True)}

    def run_layers(self, feeds: Mapping[str, Array]) -> list[tuple[LiteRTTensor, EndValue]]:
        """The tensors that its operators compute, in the order of execution.

        Raises:
            GraphtoolsError: It does not run.
        """
        given = [feeds[end.name] for end in self.inputs]
        found = self._litert.run(self.path, given, every_tensor=True)
        return [(v.tensor, _value(v, v.tensor)) for v in found.tensors]

    @property
    def detection_outputs(self) -> dict[str, str]:
        """See `Side`."""
        operators = [o for o in self.model.subgraphs[0].operators if o.op == POSTPROCESS]
        indices = operators[-1].outputs if operators else ()
        by_index = {end.tensor.index: end.name for end in self.outputs if end.tensor}
        roles = dict(zip(OUTPUT_NAMES, (by_index.get(i, "") for i in indices), strict=False))
        return roles if len(roles) == len(OUTPUT_NAMES) and all(roles.values()) else {}

    @property
    def first_class(self) -> int:
        """See `Side`."""
        return 0


def _distinct(names: Sequence[str]) -> list[str]:
    """Canonical names, those that come again with the number of times."""
    found: dict[str, None] = {}
    counts: dict[str, int] = {}
    for name in map(canonical, names):
        wanted = name
        while wanted in found:
            counts[name] = counts.get(name, 1) + 1
            wanted = f"{name} #{counts[name]}"
        found[wanted] = None
    return list(found)


def _tensor(end: End) -> LiteRTTensor:
    assert end.tensor is not None
    return end.tensor


def _value(value: LiteRTValue, stored: LiteRTTensor) -> EndValue:
    """A value with the step of the tensor that it is stored in, or made of."""
    step = max(stored.scale) if stored.is_quantized else 0.0
    return EndValue(value.real, value.tensor.dtype, step)


def _quantized(model: TFLiteModel) -> dict[int, LiteRTTensor]:
    """By index of a float input or output, the quantized tensor that it becomes or is made of."""
    graph = model.subgraphs[0]
    tensors = {t.index: t for t in graph.tensors}
    found = {}
    for operator in graph.operators:
        if operator.op not in ("QUANTIZE", "DEQUANTIZE") or not operator.outputs:
            continue
        ends = operator.inputs[0], operator.outputs[0]
        real, stored = ends if operator.op == "QUANTIZE" else reversed(ends)
        end, tensor = tensors.get(real), tensors.get(stored)
        if end is None or tensor is None or tensor.quantization is None:
            continue
        shape = end.shape_signature.dims
        one_scale = "int" in tensor.dtype and len(tensor.quantization.scale) == 1
        if end.dtype == "float32" and one_scale and shape is not None:
            found[real] = LiteRTTensor(
                index=stored,
                name=tensor.name,
                dtype=tensor.dtype,
                shape=(),
                signature=shape,
                scale=tensor.quantization.scale,
                zero_point=tensor.quantization.zero_point,
                dimension=0,
            )
    return found
