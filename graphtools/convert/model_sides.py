"""The two models of a comparison, each with its ends and a way to run it: graph or TFLite model."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.convert.detection_postprocess import POSTPROCESS, options_of, postprocess
from graphtools.convert.detections import OUTPUT_NAMES
from graphtools.convert.feeds import Feeds, fitted_to, random_feeds
from graphtools.convert.frozen_models import FrozenModel
from graphtools.convert.litert import LiteRT
from graphtools.convert.litert_tensors import LiteRTTensor, fitted, random_values
from graphtools.convert.runs import Runs
from graphtools.convert.tflite_kinds import conversion_kind
from graphtools.convert.worker import Worker
from graphtools.errors import InvalidGraph
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes

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
    """

    name: str
    key: str
    dtype: str
    dims: tuple[int | None, ...] | None
    tensor: LiteRTTensor | None = None

    @property
    def is_quantized(self) -> bool:
        """Whether its elements are integers that stand for real values."""
        return self.tensor is not None and self.tensor.is_quantized


class EndValue(NamedTuple):
    """The value of an output, or of a tensor within.

    Attributes:
        real: What it stands for.
        dtype: Element type of what is stored.
        step: Its quantization step, the largest where there are several; 0 if it is not quantized.
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


class GraphSide(Side):
    """A graph that TensorFlow runs, but for TFLite_Detection_PostProcess, which numpy computes.

    Attributes:
        graph: The graph, without that op.
        postprocess: The node of that op; None if there is none.
    """

    what = "TensorFlow graph"
    kind = "float"

    def __init__(
        self, model: FrozenModel, worker: Worker, input_shapes: Mapping[str, Shape] | None = None
    ) -> None:
        """Prepare.

        Args:
            model: The frozen graph with its ends.
            worker: Runs it.
            input_shapes: Shapes of inputs that do not follow from the graph.

        Raises:
            UnknownName: An input or output is not there.
            InvalidGraph: An op TFLite_Detection_PostProcess is not as it has to be.
        """
        self.path = model.path
        self.notes = ()
        if model.checkpoint:
            self.notes = (f"the values of {model.path} come from {model.checkpoint}",)
        self.graph = model.graph
        self._worker = worker
        refs = [Ref.from_user(n) for n in (*model.inputs, *model.outputs)]
        for ref in refs:
            model.graph.find(ref.node)
        given = {str(Ref.from_user(n)): s for n, s in (input_shapes or {}).items()}
        known = {n: s for n, s in given.items() if n in {str(r) for r in refs}}
        self._inference = infer_shapes(model.graph, known)
        ends = [self._end(ref, model.keys) for ref in refs]
        self.inputs = tuple(ends[: len(model.inputs)])
        self.outputs = tuple(ends[len(model.inputs) :])
        self.postprocess = _postprocess_of(model.graph)
        if self.postprocess is not None:
            options_of(self.postprocess)
            self.graph = model.graph.copy()
            self.graph.remove(self.postprocess.name)

    def fit(self, end: End, array: Array) -> Array:
        """See `Side`."""
        ref = Ref.parse(end.name)
        kind = self._inference.dtype(ref.node, ref.index)
        return fitted_to(ref, array, kind, self._inference.shape(ref.node, ref.index))

    def random(self, end: End, shape: Shape | None, seed: int) -> Array:
        """See `Side`."""
        shapes = {end.name: shape} if shape is not None else None
        found = random_feeds(self.graph, [end.name], shapes, seed)
        return next(iter(found.arrays.values()))

    def run(self, feeds: Mapping[str, Array]) -> dict[str, EndValue]:
        """See `Side`."""
        return self.fetch(feeds, [end.name for end in self.outputs])

    def fetch(self, feeds: Mapping[str, Array], names: Sequence[str]) -> dict[str, EndValue]:
        """The values of any of its tensors.

        Raises:
            TensorFlowProblem: TensorFlow does not run the graph.
        """
        node = self.postprocess
        wanted = list(dict.fromkeys(names))
        late = [n for n in wanted if node is not None and Ref.parse(n).node == node.name]
        fetches = [n for n in wanted if n not in late]
        if late and node is not None:
            fetches += [str(Ref.parse(text)) for text in node.data_inputs]
        tensors = [Ref.parse(n).tensor for n in dict.fromkeys(fetches)]
        arrays = Feeds({Ref.parse(n).tensor: array for n, array in feeds.items()})
        runs = Runs(self._worker, arrays, tensors, 0.0, 0.0)
        found = {
            str(Ref.parse(name)): EndValue(value.array, value.dtype)
            for name, value in runs.values(self.graph, tensors).items()
        }
        if late and node is not None:
            parts = [found[str(Ref.parse(text))].real for text in node.data_inputs]
            outputs = postprocess(parts[0], parts[1], parts[2], options_of(node))
            found |= {n: EndValue(outputs[Ref.parse(n).index], "float32") for n in late}
        return {name: found[name] for name in wanted}

    @property
    def detection_outputs(self) -> dict[str, str]:
        """See `Side`."""
        names = {end.name for end in self.outputs} | {end.key for end in self.outputs}
        by_key = {end.key: end.name for end in self.outputs if end.key}
        roles = {
            role: next((by_key.get(n, n) for n in known if n in names), "")
            for role, known in OUTPUT_NAMES.items()
        }
        return roles if all(roles.values()) else {}

    @property
    def first_class(self) -> int:
        """See `Side`."""
        return 0 if self.postprocess is not None else 1

    def _end(self, ref: Ref, keys: Mapping[str, str]) -> End:
        kind = self._inference.dtype(ref.node, ref.index)
        dims = self._inference.shape(ref.node, ref.index).dims
        return End(str(ref), keys.get(str(ref), ""), kind.base.name if kind else "", dims)


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
        keys = {
            index: key
            for signature in model.signatures
            if signature.subgraph == 0
            for key, index in (*signature.inputs.items(), *signature.outputs.items())
        }
        self._names = _distinct([t.name for t in (*loaded.inputs, *loaded.outputs)])
        ends = [
            End(name, keys.get(t.index, ""), t.dtype, t.signature, t)
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
        if shape is not None and shape.dims is not None:
            tensor = dataclasses.replace(tensor, signature=shape.dims)
        return random_values(tensor, seed)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, EndValue]:
        """See `Side`."""
        found = self._litert.run(self.path, [feeds[end.name] for end in self.inputs])
        names = [end.name for end in self.outputs]
        return {n: _value(v) for n, v in zip(names, found.outputs, strict=True)}

    def run_layers(self, feeds: Mapping[str, Array]) -> list[tuple[LiteRTTensor, EndValue]]:
        """The tensors that its operators compute, in the order of execution.

        Raises:
            GraphtoolsError: It does not run.
        """
        given = [feeds[end.name] for end in self.inputs]
        found = self._litert.run(self.path, given, every_tensor=True)
        return [(v.tensor, _value(v)) for v in found.tensors]

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


def canonical(name: str) -> str:
    """The name of a tensor of a TFLite model as a graph would write it: without `:0`."""
    return name.removesuffix(":0")


def _distinct(names: Sequence[str]) -> list[str]:
    """Canonical names, those that come again with the number of times."""
    found: list[str] = []
    for name in map(canonical, names):
        number = 1
        wanted = name
        while wanted in found:
            number += 1
            wanted = f"{name} #{number}"
        found.append(wanted)
    return found


def _tensor(end: End) -> LiteRTTensor:
    assert end.tensor is not None
    return end.tensor


def _value(value: Any) -> EndValue:
    tensor: LiteRTTensor = value.tensor
    step = max(tensor.scale) if tensor.is_quantized else 0.0
    return EndValue(value.real, tensor.dtype, step)


def _postprocess_of(graph: Any) -> Node | None:
    """The node TFLite_Detection_PostProcess of a graph, None if there is none.

    Raises:
        InvalidGraph: There are several, or it does not have its three inputs.
    """
    nodes = [n for n in graph if n.op == POSTPROCESS]
    if len(nodes) > 1:
        raise InvalidGraph(f"the graph has {len(nodes)} nodes of {POSTPROCESS}")
    if nodes and len(nodes[0].data_inputs) != 3:
        raise InvalidGraph(f"the node {nodes[0].name!r} ({POSTPROCESS}) does not have 3 inputs")
    return nodes[0] if nodes else None
