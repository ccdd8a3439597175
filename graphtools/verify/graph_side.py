"""A graph as one of the two models of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidGraph
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.model.loading import ModelGraph
from graphtools.ops.inference import infer_shapes
from graphtools.run.worker import Worker
from graphtools.verify.detection_postprocess import (
    POSTPROCESS,
    options_of,
    postprocess,
)
from graphtools.verify.detections import OUTPUT_NAMES
from graphtools.verify.feeds import Feeds, fitted_to, random_feeds
from graphtools.verify.model_sides import End, EndValue, Side
from graphtools.verify.runs import Runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class GraphSide(Side):
    """A graph that TensorFlow runs, but for TFLite_Detection_PostProcess, which numpy computes.

    Attributes:
        graph: The graph, without that op.
        postprocess: The node of that op; None if there is none.
    """

    what = "TensorFlow graph"
    kind = "float"

    def __init__(
        self, model: ModelGraph, worker: Worker, input_shapes: Mapping[str, Shape] | None = None
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
        worker.own_files |= model.own_files
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
        return fitted_to(ref, array, kind, Shape(end.dims))

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


def _postprocess_of(graph: Graph) -> Node | None:
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
