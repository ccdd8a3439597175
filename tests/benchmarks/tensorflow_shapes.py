"""What TensorFlow's own shape inference says of graphs.

Run as a program with the interpreter that has TensorFlow: reads paths of binary GraphDefs, one a
line, from standard input; writes a line of JSON for each: `{"path": ..., "seconds": ...,
"tensors": {node: [[dtype, shape], ...]}}`, or `{"path": ..., "error": ...}` where TensorFlow does
not import the graph.
"""

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf


def infer(path: str) -> Any:
    definition = tf.compat.v1.GraphDef()
    with open(path, "rb") as file:
        definition.ParseFromString(file.read())
    graph = tf.Graph()
    start = time.perf_counter()
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    seconds = time.perf_counter() - start
    tensors = {}
    for operation in graph.get_operations():
        if operation.outputs:
            tensors[operation.name] = [
                [
                    output.dtype.base_dtype.name,
                    output.shape.as_list() if output.shape.rank is not None else None,
                ]
                for output in operation.outputs
            ]
    return {"seconds": seconds, "tensors": tensors}


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        found = infer(path)
    except Exception as error:  # whatever TensorFlow raises is the answer
        found = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps({"path": path, **found}) + "\n")
    sys.stdout.flush()
