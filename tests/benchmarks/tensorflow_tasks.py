"""What `nodes`, `ops`, `summary`, `variables`, `diff` and `edit-checkpoint` do, by TensorFlow.

Run as a program: `python tensorflow_tasks.py TASK FILE...`. Works with TensorFlow 1.15 and 2, and
with their Python versions.
"""

import collections
import os
import sys
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf


def read_graph(path: str) -> Any:
    graph = tf.compat.v1.GraphDef()
    with open(path, "rb") as file:
        graph.ParseFromString(file.read())
    return graph


def nodes(path: str) -> None:
    for node in read_graph(path).node:
        print(node.name, "===>", node.op)


def ops(path: str) -> None:
    counts = collections.Counter(node.op for node in read_graph(path).node)
    for op, count in counts.most_common():
        print(op, count)


def summary(path: str) -> None:
    graph = read_graph(path)
    known = {node.name for node in graph.node}
    consumed = set()
    elements: collections.Counter[tuple[str, str]] = collections.Counter()
    controls = 0
    for node in graph.node:
        for name in node.input:
            controls += name.startswith("^")
            source = name.lstrip("^").split(":")[0]
            consumed.add(source)
            if source not in known:
                print("invalid input", node.name, name)
        if node.op == "Const":
            tensor = node.attr["value"].tensor
            size = 1
            for dim in tensor.tensor_shape.dim:
                size *= dim.size
            elements[tf.as_dtype(tensor.dtype).name, node.name.split("/")[0]] += size
    print(graph.versions.producer, len(graph.node), controls, elements.most_common(20))
    print("inputs", [n.name for n in graph.node if n.op == "Placeholder"])
    print("outputs", [n.name for n in graph.node if n.name not in consumed and n.op != "Const"])
    print(collections.Counter(node.device for node in graph.node))
    ops(path)


def variables(path: str) -> None:
    reader = tf.compat.v1.train.load_checkpoint(path)
    dtypes = reader.get_variable_to_dtype_map()
    for name, shape in sorted(reader.get_variable_to_shape_map().items()):
        print(name, dtypes[name].name, shape)


def diff(path: str, other: str) -> None:
    a, b = (tf.compat.v1.train.load_checkpoint(p) for p in (path, other))
    left, right = a.get_variable_to_shape_map(), b.get_variable_to_shape_map()
    left_dtypes, right_dtypes = a.get_variable_to_dtype_map(), b.get_variable_to_dtype_map()
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) != right.get(name) or left_dtypes.get(name) != right_dtypes.get(name):
            print(name, left.get(name), right.get(name))


def rename(path: str, target: str) -> None:
    reader = tf.compat.v1.train.load_checkpoint(path)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        found = []
        for name in sorted(reader.get_variable_to_shape_map()):
            values = reader.get_tensor(name)
            new = name.replace("net/", "model/net/", 1)
            found.append(tf.compat.v1.Variable(values, name=new, trainable=False))
        session.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(found)
        saver.save(session, target, write_meta_graph=False, write_state=False)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
