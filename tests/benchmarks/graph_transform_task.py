"""Runs the C++ Graph Transform Tool: `python graph_transform_task.py IN OUT INPUT OUTPUTS STEP...`.

Needs TensorFlow 1.15; prints the seconds of the call itself.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tensorflow.tools.graph_transforms import TransformGraph

source, target, inputs, outputs = sys.argv[1:5]
graph = tf.compat.v1.GraphDef()
with open(source, "rb") as file:
    graph.ParseFromString(file.read())
start = time.time()
result = TransformGraph(graph, inputs.split(","), outputs.split(","), sys.argv[5:])
print(time.time() - start)
with open(target, "wb") as file:
    file.write(result.SerializeToString())
