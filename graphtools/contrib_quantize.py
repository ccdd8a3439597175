"""The functions of `tf.contrib.quantize`, for graphs that TensorFlow 2 trains.

    from graphtools.contrib_quantize import create_training_graph

They take a `graphtools.Graph`, which they rewrite in place, or a `GraphDef` or `tf.Graph`, of which
they give a rewritten GraphDef. New variables are nodes as all others; for a `.meta` file, whose
collections have to know of them, there is `graphtools quantize-training`.

What is done, and where it is other than the original: docs/quantization.md.
"""

from __future__ import annotations

from typing import Any

from graphtools.graph.graph import Graph
from graphtools.transforms._quantized_graph import QuantizationOptions
from graphtools.transforms._quantizing import quantize

__all__ = [
    "create_eval_graph",
    "create_training_graph",
    "experimental_create_eval_graph",
    "experimental_create_training_graph",
]


def create_training_graph(input_graph: Any, quant_delay: int = 0) -> Any:
    """Rewrite a training graph so that ranges are trained.

    Args:
        input_graph: The graph, with its loss and without optimizer.
        quant_delay: In so many runs ranges are gathered before they count.

    Returns:
        The graph that was given, if it is one of graphtools, else a GraphDef.

    Raises:
        InvalidGraph: It has an optimizer, or nothing that can be quantized.

    Example:
        >>> create_training_graph(graphtools.load("train.meta"), quant_delay=2000)
        Graph(597 nodes, 0 functions)
    """
    return _rewritten(input_graph, QuantizationOptions(quant_delay=quant_delay), training=True)


def create_eval_graph(input_graph: Any) -> Any:
    """Rewrite a graph for inference so that it reads trained ranges."""
    return _rewritten(input_graph, QuantizationOptions(), training=False)


def experimental_create_training_graph(
    input_graph: Any,
    weight_bits: int = 8,
    activation_bits: int = 8,
    symmetric: bool = False,
    quant_delay: int = 0,
    freeze_bn_delay: int | None = None,
    scope: str | None = None,
) -> Any:
    """As `create_training_graph`, with more to choose.

    Args:
        input_graph: The graph.
        weight_bits: Bits of weights.
        activation_bits: Bits of what layers give.
        symmetric: Whether ranges reach as far down as up.
        quant_delay: In so many runs ranges are gathered before they count.
        freeze_bn_delay: From which run on folded batch norms use moving averages.
        scope: Only what is below this scope is quantized.
    """
    options = QuantizationOptions(
        weight_bits,
        activation_bits,
        symmetric,
        quant_delay=quant_delay,
        freeze_bn_delay=freeze_bn_delay,
        scope=scope or "",
    )
    return _rewritten(input_graph, options, training=True)


def experimental_create_eval_graph(
    input_graph: Any,
    weight_bits: int = 8,
    activation_bits: int = 8,
    symmetric: bool = False,
    quant_delay: int | None = None,  # noqa: ARG001 - the original counted runs of inference, too
    scope: str | None = None,
) -> Any:
    """As `create_eval_graph`, with more to choose; a delay has no effect in inference."""
    options = QuantizationOptions(weight_bits, activation_bits, symmetric, scope=scope or "")
    return _rewritten(input_graph, options, training=False)


def _rewritten(given: Any, options: QuantizationOptions, *, training: bool) -> Any:
    if isinstance(given, Graph):
        quantize(given, options, (), training=training)
        return given
    from graphtools.formats.graphdef import parse_graph

    definition = given.as_graph_def() if hasattr(given, "as_graph_def") else given
    raw = definition.SerializeToString()
    graph = quantize(parse_graph(raw, 0, len(raw)), options, (), training=training).graph
    return type(definition).FromString(b"".join(graph.pieces()))
