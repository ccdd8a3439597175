"""place_remote_graph_arguments."""

from __future__ import annotations

from graphtools.transforms._hexagon import FUSED_PART, refused

TRANSFORM = refused(
    "place_remote_graph_arguments",
    "Note which nodes a Hexagon DSP is to run (refused: the runtime is gone).",
    *FUSED_PART,
)
