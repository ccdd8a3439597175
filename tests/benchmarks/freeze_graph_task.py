"""Runs TensorFlow's freeze_graph: `python freeze_graph_task.py META CHECKPOINT OUTPUTS TARGET`."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tensorflow.python.tools import freeze_graph

meta, checkpoint, outputs, target = sys.argv[1:5]
freeze_graph.freeze_graph(
    input_graph="",
    input_saver="",
    input_binary=True,
    input_checkpoint=checkpoint,
    output_node_names=outputs,
    restore_op_name="",
    filename_tensor_name="",
    output_graph=target,
    clear_devices=True,
    initializer_nodes="",
    input_meta_graph=meta,
)
