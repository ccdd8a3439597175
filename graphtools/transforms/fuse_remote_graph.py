"""fuse_remote_graph."""

from __future__ import annotations

from graphtools.transforms._hexagon import FUSED_PART, refused

TRANSFORM = refused(
    "fuse_remote_graph",
    "Put a part of the graph into one node for a Hexagon DSP (refused: the runtime is gone).",
    *FUSED_PART,
)
