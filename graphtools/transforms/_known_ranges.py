"""Which ranges a training has found: of a graph that was rewritten, or of a checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms.fake_quant import FAKE_QUANTS, LAYERS
from graphtools.idioms.quantized_layer import DELAYED, range_behind
from graphtools.ops.handing_on import source_node

#: What may stand between a FakeQuant of weights and their layer.
_ARRANGED = frozenset({"Reshape", "Transpose", "Identity"})


def _reads_range(graph: Graph, layer: Node) -> bool:
    """Whether the weights of a layer are what a FakeQuant gives, maybe rearranged."""
    source = source_node(graph, layer.data_inputs[1], _ARRANGED) if layer.data_inputs[1:] else None
    return source is not None and (source.op in FAKE_QUANTS or source.name.endswith(DELAYED))


class KnownRanges:
    """The ranges that a training has found, or is to find.

    Attributes:
        missing: Scopes of ranges that it lacks, by what they are of.
        unfolded: Layers that were quantized without their batch norms, as contrib.quantize did
            where there is a bias between.
    """

    def __init__(
        self,
        scopes: Mapping[str, int],
        by_tensor: Mapping[str, str] | None = None,
        unfolded: Collection[str] = (),
    ) -> None:
        """Tell which ranges there are.

        Args:
            scopes: Their scopes, each with the number of channels that have ranges of their own,
                or 0 where one range is of all.
            by_tensor: Their scopes by the tensor that they are of, as a training graph tells them.
            unfolded: Layers that were quantized without their batch norms.
        """
        self.missing: dict[str, str] = {}
        self.unfolded = unfolded
        self._scopes = scopes
        self._by_tensor = by_tensor

    @classmethod
    def of_graph(cls, graph: Graph) -> KnownRanges:
        """Those of a graph that was rewritten for training."""
        found, scopes = {}, {}
        direct = {n.name for n in graph if n.op in LAYERS and _reads_range(graph, n)}
        for node in graph:
            if node.op in FAKE_QUANTS and node.data_inputs:
                scope, _, _ = node.name.rpartition("/")
                variable = graph.get(f"{scope}/min")
                shape = variable.attr("shape") if variable is not None else None
                dims = shape.dims if isinstance(shape, Shape) else None
                scopes[scope] = (dims[0] or 0) if dims else 0
                source = graph.get(producer(node.data_inputs[0]))
                if source is not None and source.name.startswith(f"{scope}/"):
                    found[source.data_inputs[0]] = scope  # one a channel, of arranged weights
                else:
                    found[str(Ref.parse(node.data_inputs[0]))] = scope
        return cls(scopes, found, {name for name in direct if not name.endswith("_Fold")})

    def channels(self, scope: str) -> int | None:
        """For how many channels a range was found, 0 for one of all; None where there is none."""
        return self._scopes.get(scope)

    def scope(self, tensor: str, free: str, *, needed: bool) -> str | None:
        """The scope of the range of a tensor, None where it is to have none.

        Args:
            tensor: The tensor.
            free: Its scope by the order in which ranges are made.
            needed: Whether every training of this kind has it.
        """
        if self._by_tensor is not None:
            found = self._by_tensor.get(tensor)
        else:
            found = free if free in self._scopes else None
        if found is None and needed:
            self.missing[free] = tensor
            return free
        return found


def existing_range(graph: Graph, text: str) -> str:
    """The scope of a range that a tensor has from an earlier rewrite; empty for none."""
    source = source_node(graph, text, _ARRANGED)
    if source is not None and source.name.endswith(DELAYED):
        return source.name.removesuffix(DELAYED)
    if source is None or source.op not in FAKE_QUANTS:
        source = range_behind(graph, producer(text))
    return source.name.rpartition("/")[0] if source is not None else ""
