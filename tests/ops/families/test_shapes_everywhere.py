"""Shape functions of state, data flow, records and devices survive everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtools import load
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.ops.call import shape_function
from graphtools.ops.inference import infer_shapes


def test_a_node_without_anything_is_survived() -> None:
    for op in shape_function.all():
        infer_shapes(Graph([Node("out", op)]))


@pytest.mark.tensorflow
@pytest.mark.parametrize("v2", [True, False])
def test_what_is_stated_holds_at_run_time(tf: Any, v2: bool, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    before = v1.control_flow_v2_enabled()
    (v1.enable_control_flow_v2 if v2 else v1.disable_control_flow_v2)()
    try:
        graph = tf.Graph()
        with graph.as_default():
            feeds = _build(tf)
        path = tmp_path / "graph.pb"
        path.write_bytes(graph.as_graph_def().SerializeToString())
        inference = infer_shapes(load(str(path)))
        assert inference.findings == ()
        tensors = [
            t
            for o in graph.get_operations()
            for t in o.outputs
            # TensorFlow tells of it in no other way
            if o._get_control_flow_context() is None and graph.is_fetchable(t)  # noqa: SLF001
            if t.dtype.base_dtype not in (tf.resource, tf.variant)
        ]
        with v1.Session(graph=graph) as session:
            values = session.run(tensors, feeds)
        assert len(tensors) > 50
        for tensor, found in zip(tensors, values, strict=True):
            ours = inference.dims(tensor.op.name, tensor.value_index)
            if ours is None:
                continue
            shape = getattr(found, "shape", ())
            assert len(ours) == len(shape), (tensor, ours, shape)
            assert all(a in (None, b) for a, b in zip(ours, shape, strict=True)), (tensor, ours)
    finally:
        (v1.enable_control_flow_v2 if before else v1.disable_control_flow_v2)()


def _build(tf: Any) -> dict[Any, Any]:
    """Loops, branches, functions, lists, tables and texts in one graph; gives what is to be fed."""
    import numpy as np

    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, [None, 3])
    flag = v1.placeholder(tf.bool, [])

    def twice(a: Any) -> Any:
        return tf.concat([a, a], 0)

    invariants = [tf.TensorShape([]), tf.TensorShape([None, 3])]
    grown = tf.while_loop(
        lambda i, _a: i < 3, lambda i, a: (i + 1, twice(a)), [0, tf.ones([2, 3])], invariants
    )
    tf.identity(grown[1])

    def inner(a: Any) -> Any:
        return tf.while_loop(lambda j, _b: j < 2, lambda j, b: (j + 1, b + 1.0), [0, a])[1]

    tf.identity(tf.while_loop(lambda i, _a: i < 2, lambda i, a: (i + 1, inner(a)), [0, x])[1])
    tf.identity(tf.cond(flag, lambda: x, lambda: twice(x)))
    tf.identity(tf.map_fn(lambda row: tf.reduce_sum(row) * tf.ones([5]), x))
    array = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(tf.ones([4, 2]))
    tf.identity(array.stack())
    tf.identity(array.gather([0, 2]))
    product, size = tf.function(lambda a, b: (tf.matmul(a, b), tf.shape(a)))(x, tf.ones([3, 7]))
    tf.reshape(product, [-1, size[1]])
    texts = tf.constant(["a b", "c"])
    tf.identity(tf.strings.split(texts).values)
    tf.strings.join([texts, "x"])
    sparse = tf.sparse.from_dense(tf.eye(3))
    tf.sparse.reduce_sum(sparse, 0)
    tf.sparse.to_dense(tf.sparse.concat(0, [sparse, sparse]))
    tf.sparse.sparse_dense_matmul(sparse, tf.ones([3, 2]))
    tf.identity(tf.ragged.constant([[1, 2], [3]]).to_tensor())
    tf.dynamic_stitch([[0, 2], [1]], [tf.ones([2, 3]), tf.ones([1, 3])])
    tf.dynamic_partition(tf.ones([4, 3]), [0, 1, 0, 1], 2)
    return {x: np.ones((6, 3)), flag: True}
