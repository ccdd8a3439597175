"""rewrite_quantized_stripped_model_for_hexagon."""

from __future__ import annotations

from graphtools.transforms._hexagon import refused

TRANSFORM = refused(
    "rewrite_quantized_stripped_model_for_hexagon",
    "Put a quantized graph into one node for a Hexagon DSP (refused: the runtime is gone).",
    "input_shape0",
    "input_type0",
    "hexagon_shape",
)
