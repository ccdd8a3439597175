"""fuse_remote_graph."""

from __future__ import annotations

from graphtools.transforms._hexagon import refused

TRANSFORM = refused(
    "fuse_remote_graph",
    "Put a part of the graph into one node for a Hexagon DSP (refused: the runtime is gone).",
    "input_types",
    "input_shapes",
    "fused_nodes",
    "fused_op_types",
    "border_inputs",
    "border_outputs",
    "remote_fused_graph_executor_name",
    "remote_graph_executor_name",
)
