"""place_remote_graph_arguments."""

from __future__ import annotations

from graphtools.transforms._hexagon import refused

TRANSFORM = refused(
    "place_remote_graph_arguments",
    "Note which nodes a Hexagon DSP is to run (refused: the runtime is gone).",
    "input_types",
    "input_shapes",
    "fused_nodes",
    "fused_op_types",
    "border_inputs",
    "border_outputs",
    "remote_fused_graph_executor_name",
    "remote_graph_executor_name",
)
