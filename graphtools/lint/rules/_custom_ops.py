"""Custom operators that TFLite's interpreters bring along."""

from __future__ import annotations

from graphtools.graph.node import Node

#: Operators that interpreters know by their names, as custom ones.
KNOWN = frozenset(
    {
        "AudioSpectrogram",
        "Mfcc",
        "TFLite_Detection_PostProcess",
        "Convolution2DTransposeBias",
        "MaxPoolingWithArgmax2D",
        "MaxUnpooling2D",
    }
)


def is_custom_op(node: Node) -> bool:
    """Whether a node is made for TFLite: its op is known there, or it tells its output types."""
    return node.op in KNOWN or node.attr("_output_types") is not None
