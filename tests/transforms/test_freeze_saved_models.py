"""SavedModels of TensorFlow 2 with variables inside functions: frozen, they compute the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.graph.functions import called_functions
from graphtools.model.loading import load_model
from tests.transforms.numerics import run

pytestmark = pytest.mark.tensorflow


def _while(tf: Any, m: Any) -> Any:
    def body(i: Any, y: Any) -> tuple[Any, Any]:
        pos = tf.cond(tf.reduce_sum(y) > 0, lambda: tf.tanh(y @ m.w), lambda: tf.tanh(y @ m.v))
        return i + 1, pos

    return lambda x: tf.while_loop(lambda i, _y: i < 3, body, [0, x])[1]


def _nested_loops(tf: Any, m: Any) -> Any:
    def inner(y: Any) -> Any:
        return tf.while_loop(lambda i, _y: i < 2, lambda i, y: (i + 1, tf.tanh(y @ m.w)), [0, y])[1]

    return lambda x: tf.while_loop(lambda i, _y: i < 2, lambda i, y: (i + 1, inner(y)), [0, x])[1]


def _branches(tf: Any, m: Any) -> Any:
    def chosen(x: Any) -> Any:
        return tf.cast(tf.reduce_sum(x) > 0, tf.int32)

    return lambda x: tf.switch_case(chosen(x), [lambda: x @ m.w, lambda: x @ m.v])


def _one_function_two_variables(tf: Any, m: Any) -> Any:
    multiply = tf.function(lambda x, w: x @ w, reduce_retracing=True)
    return lambda x: multiply(multiply(x, m.w), m.wide)


def _map_and_scan(tf: Any, m: Any) -> Any:
    def step(a: Any, row: Any) -> Any:
        return tf.tanh(tf.linalg.matvec(m.w, a) + row)

    def mapped(x: Any) -> Any:
        return tf.map_fn(lambda row: tf.linalg.matvec(m.v, row), x)

    return lambda x: tf.scan(step, mapped(x), initializer=tf.zeros([4]))


def _lookups(tf: Any, m: Any) -> Any:
    def fn(x: Any) -> Any:
        ids = tf.cast(tf.math.argmax(x, axis=1), tf.int32)
        sparse = tf.sparse.from_dense(ids[:, None] + 1)
        rows = tf.map_fn(lambda i: tf.gather(m.w, i), ids, fn_output_signature=tf.float32)
        return (
            tf.nn.embedding_lookup(m.v, ids)
            + tf.nn.embedding_lookup_sparse(m.rows, sparse, None, combiner="mean")
            + tf.raw_ops.ResourceGatherNd(resource=m.w.handle, indices=ids[:, None], dtype="float")
            + rows
        )

    return fn


def _save(tf: Any, build: Callable[[Any, Any], Any], folder: Path) -> Any:
    random = np.random.default_rng(1)
    module = tf.Module()
    shapes = {"w": (4, 4), "v": (4, 4), "wide": (4, 7), "rows": (9, 4)}
    for name, shape in shapes.items():
        setattr(module, name, tf.Variable(random.normal(size=shape).astype(np.float32), name=name))
    spec = tf.TensorSpec([None, 4], tf.float32, name="x")
    fn = build(tf, module)
    module.f = tf.function(lambda x: {"y": fn(x)}, input_signature=[spec])
    tf.saved_model.save(module, str(folder), signatures=module.f)
    return module


@pytest.mark.parametrize(
    "build",
    [_while, _nested_loops, _branches, _one_function_two_variables, _map_and_scan, _lookups],
)
def test_a_frozen_saved_model_computes_the_same(
    build: Callable[[Any, Any], Any], tf: Any, tmp_path: Path
) -> None:
    module = _save(tf, build, tmp_path)
    model = load_model(tmp_path).runnable
    graph = model.graph
    assert not set(graph.functions) - called_functions(graph)
    for function in tf.compat.v1.GraphDef.FromString(
        b"".join(map(bytes, graph.pieces()))
    ).library.function:
        kinds = {argument.type for argument in function.signature.input_arg}
        assert tf.resource.as_datatype_enum not in kinds, function.signature.name
    x = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)
    (got,) = run(tf, graph, {"serving_default_x:0": x}, ["StatefulPartitionedCall:0"])
    np.testing.assert_allclose(got, module.f(x)["y"].numpy(), rtol=1e-5, atol=1e-6)


def test_two_runs_give_the_same_bytes(tf: Any, tmp_path: Path) -> None:
    _save(tf, _while, tmp_path / "model")
    for seed in "01":
        command = [sys.executable, "-m", "graphtools", "freeze", str(tmp_path / "model"), "-o"]
        target = str(tmp_path / f"{seed}.pb")
        subprocess.run([*command, target], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert (tmp_path / "0.pb").read_bytes() == (tmp_path / "1.pb").read_bytes()
