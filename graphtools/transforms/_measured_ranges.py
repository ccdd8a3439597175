"""Ranges that were measured, as constants of the FakeQuants of a frozen graph.

The tensors to be measured are those that training would give ranges to; in the frozen graph these
have folded batch norms. Weights have the range of their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.fake_quant import FAKE_QUANT_PER_CHANNEL, FAKE_QUANTS
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.prune import needed_nodes, remove_except
from graphtools.transforms._quantized_graph import QuantizationOptions, QuantizedGraph
from graphtools.transforms._quantizing import quantize_for_inference
from graphtools.transforms._trained_ranges import TrainedRange

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Unmeasured(NamedTuple):
    """A frozen graph with FakeQuants whose ranges are not known yet.

    Attributes:
        quantized: The graph, whose ranges are variables.
        plain: The same graph, in which nothing reads the FakeQuants.
        tensors: What is to be measured there: what layers and sums give.
        outputs: Its outputs.
    """

    quantized: QuantizedGraph
    plain: Graph
    tensors: tuple[str, ...]
    outputs: tuple[str, ...]


def find_unmeasured(
    graph: Graph, outputs: Sequence[str], options: QuantizationOptions
) -> Unmeasured:
    """Put FakeQuants into a frozen graph.

    Raises:
        InvalidGraph: It has variables, or FakeQuants already, or nothing that can be quantized.
    """
    for node in graph:
        if node.op in VARIABLE_OPS:
            raise InvalidGraph(f"{node.name!r} is a variable", "freeze the graph first")
        if node.op in FAKE_QUANTS:
            raise InvalidGraph(f"{node.name!r} is a FakeQuant: the graph has ranges already")
    done = quantize_for_inference(graph, options, outputs)
    plain = done.graph.copy()
    for made in done.ranges:
        plain.redirect(Ref.parse(made.result), Ref.parse(made.tensor))
    tensors = tuple(made.tensor for made in done.ranges if not made.of_weights)
    ends = [producer(name) for name in (*outputs, *tensors)]
    remove_except(plain, needed_nodes(plain, ends))
    given = (done.report.outputs.get(name, name) for name in outputs)
    return Unmeasured(done, plain, tensors, tuple(given))


def with_measured_ranges(
    found: Unmeasured, measured: Mapping[str, tuple[float, float]], options: QuantizationOptions
) -> Graph:
    """The graph with its ranges as constants.

    Args:
        found: The graph.
        measured: By tensor, its least and largest value.
        options: Whether ranges are symmetric.
    """
    import numpy as np

    graph = found.quantized.graph.copy()
    inference = infer_shapes(graph)
    for made in found.quantized.ranges:
        if made.of_weights:
            symmetric = options.symmetric or options.per_channel
            ends = _of_weights(graph, inference, made, symmetric=symmetric)
        else:
            low, high = measured[made.tensor]
            is_sum = made.prefix.rpartition("/")[2].startswith("activation_")
            even = options.symmetric and not is_sum
            ends = _ends(np.float32(low), np.float32(high), symmetric=even)
        for end, value in zip(("min", "max"), ends, strict=True):
            node = graph[f"{made.prefix}/{end}"]
            attrs: Mapping[str, Any] = {"dtype": FLOAT32, "value": Tensor.from_array(value)}
            graph.replace(node, [Node(node.name, "Const", (), attrs)])
    remove_except(graph, needed_nodes(graph, [producer(name) for name in found.outputs]))
    return graph


def _of_weights(
    graph: Graph, inference: Inference, made: TrainedRange, *, symmetric: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The range of weights: of all, or of each channel."""
    import numpy as np

    quant = next(n for n in graph if n.op in FAKE_QUANTS and _scope(n) == made.prefix)
    ref = Ref.parse(quant.data_inputs[0])
    values = inference.value(ref.node, ref.index)
    if values is None:
        raise InvalidGraph(
            f"the weights {made.tensor!r} are no constants", "freeze the graph first"
        )
    axes = tuple(range(values.ndim - 1)) if quant.op == FAKE_QUANT_PER_CHANNEL else None
    low, high = np.asarray(values.min(axes)), np.asarray(values.max(axes))
    return _ends(low, high, symmetric=symmetric)


def _scope(node: Node) -> str:
    return node.name.rpartition("/")[0]


def _ends(low: Any, high: Any, *, symmetric: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """The ends of a range with zero in it, and with something between."""
    import numpy as np

    low, high = np.minimum(low, np.float32(0)), np.maximum(high, np.float32(0))
    high = np.where(high > low, high, np.float32(1)).astype(np.float32)
    if symmetric:
        high = np.maximum(high, -low).astype(np.float32)
        low = -high
    return np.asarray(low, np.float32), np.asarray(high, np.float32)
