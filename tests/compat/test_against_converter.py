"""Predictions against the installed TensorFlow's converter, on graphs that are made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.table import versions
from graphtools.formats import graph_of, open_model

pytestmark = pytest.mark.tensorflow


def placeholder(tf: Any, shape: Any, kind: str = "float32") -> Any:
    return tf.compat.v1.placeholder(kind, shape)


def erf(tf: Any, x: Any) -> Any:
    return tf.raw_ops.Erf(x=x)


def convolution(tf: Any) -> Any:
    x = placeholder(tf, [None, 8, 8, 3])
    return tf.nn.relu6(tf.nn.conv2d(x, tf.ones([3, 3, 3, 4]), 1, "SAME"))


def convolution_of_unknown_channels(tf: Any) -> Any:
    return tf.nn.conv2d(placeholder(tf, [1, 8, 8, None]), tf.ones([3, 3, 3, 4]), 1, "SAME")


def fed_axis(tf: Any) -> Any:
    x = placeholder(tf, [2, 3])
    return tf.concat([x, x], placeholder(tf, [], "int32"))


def folded_constant(tf: Any) -> Any:
    return placeholder(tf, [4]) + erf(tf, tf.constant([1.0, 2.0, 3.0, 4.0]))


def part_of_a_shape(tf: Any) -> Any:
    x = placeholder(tf, [None, 3])
    return x + erf(tf, tf.cast(tf.shape(x)[0], "float32"))


def conditional(tf: Any) -> Any:
    x = placeholder(tf, [4])
    return tf.compat.v1.cond(placeholder(tf, [], "bool"), lambda: erf(tf, x), lambda: x + 1)


def constant_predicate(tf: Any) -> Any:
    x = placeholder(tf, [4])
    return tf.compat.v1.cond(tf.constant(False), lambda: erf(tf, x), lambda: x + 1)


def loop(tf: Any) -> Any:
    x = placeholder(tf, [4])
    return tf.compat.v1.while_loop(lambda i, _y: i < 3, lambda i, y: (i + 1, erf(tf, y)), [0, x])[1]


def function(tf: Any) -> Any:
    return tf.function(lambda x: erf(tf, x) + 1)(placeholder(tf, [4]))


def many_dimensions(tf: Any) -> Any:
    return tf.transpose(placeholder(tf, [2] * 7), [6, 5, 4, 3, 2, 1, 0])


def printed(tf: Any) -> Any:
    x = placeholder(tf, [4])
    with tf.control_dependencies([tf.print(x)]):
        return x + 1


def statistics_of_a_batch(tf: Any) -> Any:
    x = placeholder(tf, [1, 4, 4, 2])
    ones = tf.ones([2])
    return tf.raw_ops.FusedBatchNormV3(x=x, scale=ones, offset=ones, mean=ones, variance=ones)[1]


def statistics_in_a_branch(tf: Any) -> Any:
    x, ones = placeholder(tf, [1, 4, 4, 2]), tf.ones([2])

    def normalized(training: bool) -> Any:
        function = tf.compat.v1.nn.fused_batch_norm
        given = {} if training else {"mean": ones, "variance": ones}
        return function(x, ones, ones, is_training=training, **given)[:3]

    flag = placeholder(tf, [], "bool")
    return tf.compat.v1.cond(flag, lambda: normalized(True), lambda: normalized(False))[0]


def flag_by_default(tf: Any) -> Any:
    x = placeholder(tf, [4])
    flag = tf.compat.v1.placeholder_with_default(True, [])
    return tf.compat.v1.cond(tf.logical_not(flag), lambda: erf(tf, x), lambda: x + 1)


def loop_that_appends(tf: Any) -> Any:
    x = placeholder(tf, [1, 2])
    return tf.compat.v1.while_loop(
        lambda i, _y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, x], 0)),
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])],
    )[1]


def mapped(tf: Any) -> Any:
    return tf.map_fn(lambda row: tf.nn.relu(row) + 1, placeholder(tf, [3, 4]))


def recurrent_of_doubles(tf: Any) -> Any:
    return tf.scan(lambda total, row: total + row, placeholder(tf, [3, 4], "float64"))


@pytest.mark.parametrize("v2", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        convolution,
        convolution_of_unknown_channels,
        fed_axis,
        folded_constant,
        part_of_a_shape,
        conditional,
        constant_predicate,
        loop,
        function,
        many_dimensions,
        printed,
        statistics_of_a_batch,
        statistics_in_a_branch,
        flag_by_default,
        loop_that_appends,
        mapped,
        recurrent_of_doubles,
    ],
)
def test_a_prediction_is_what_the_converter_does(
    tf: Any, tmp_path: Path, make: Callable[[Any], Any], v2: bool
) -> None:
    version = ".".join(tf.__version__.split(".")[:2])
    if version not in versions():
        pytest.skip(f"no table for TensorFlow {version}")
    v1 = tf.compat.v1
    was_enabled = v1.control_flow_v2_enabled()
    (v1.enable_control_flow_v2 if v2 else v1.disable_control_flow_v2)()
    try:
        with tf.Graph().as_default() as graph:
            tf.identity(make(tf), name="result")
    finally:
        (v1.enable_control_flow_v2 if was_enabled else v1.disable_control_flow_v2)()
    path = tmp_path / "graph.pb"
    definition = v1.graph_util.extract_sub_graph(graph.as_graph_def(), ["result"])
    path.write_bytes(definition.SerializeToString())
    inputs = [n.name for n in definition.node if n.op == "Placeholder"]

    def converts(*sets: str) -> tuple[bool, set[str]]:
        converter = v1.lite.TFLiteConverter.from_frozen_graph(str(path), inputs, ["result"])
        converter.target_spec.supported_ops = [getattr(tf.lite.OpsSet, name) for name in sets]
        try:
            converter.convert()
        except Exception as error:
            found = [e.location.call for e in getattr(error, "errors", [])]
            return False, {calls[0].name for calls in found if calls}
        return True, set()

    builtins, named = converts("TFLITE_BUILTINS")
    select, _ = converts("TFLITE_BUILTINS", "SELECT_TF_OPS")
    told = predict_conversion(
        graph_of(open_model(str(path))), inputs, ["result"], tf_version=tf.__version__
    )
    assert (told.builtins, told.select) == (builtins, select)
    if select:  # where it fails altogether, it stops at the first
        assert {b.node for b in told.blockers} == named
