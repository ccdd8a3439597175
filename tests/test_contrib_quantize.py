"""The functions of tf.contrib.quantize take what people have, and rewrite it."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools import Graph, contrib_quantize
from graphtools.errors import InvalidGraph
from tests.transforms.graphs import graph
from tests.transforms.quantized_nets import INPUT, conv


def _net() -> Graph:
    text = conv("a/c", "x", "[3,3,3,8]") + "\na/Relu = Relu(a/c/Conv2D) T=float"
    return graph(INPUT + text)


def _ranges(found: Graph) -> list[str]:
    return [n.name for n in found if n.op == "FakeQuantWithMinMaxVars"]


def test_a_graph_is_rewritten_in_place() -> None:
    given = _net()
    assert contrib_quantize.create_training_graph(given, quant_delay=5) is given
    assert "a/c/weights_quant/delayed_quant/Merge" in given
    plain = _net()
    contrib_quantize.create_eval_graph(plain)
    assert _ranges(plain) == _ranges(given)
    assert "fake_quantization_step" not in plain


def test_experimental_arguments_are_those_of_the_original() -> None:
    given = contrib_quantize.experimental_create_training_graph(
        _net(), 4, 6, symmetric=True, freeze_bn_delay=None, scope="a"
    )
    bits = [given[name].attr("num_bits") for name in _ranges(given)]
    assert bits == [4, 6]
    with pytest.raises(InvalidGraph):
        contrib_quantize.experimental_create_eval_graph(_net(), quant_delay=3, scope="elsewhere")


@pytest.mark.tensorflow
def test_a_graph_of_tensorflow_gives_a_graph_def(tf: Any) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as built:
        x = v1.placeholder(tf.float32, [1, 4, 4, 3], "x")
        w = v1.get_variable("w", [3, 3, 3, 4], use_resource=True)
        tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME", name="c/Conv2D"), name="c/Relu")
    for given in (built, built.as_graph_def()):
        found = contrib_quantize.create_training_graph(given)
        assert isinstance(found, v1.GraphDef)
        with tf.Graph().as_default(), v1.Session() as session:
            tf.import_graph_def(found, name="")
            session.run([n.name for n in found.node if n.name.endswith("/Assign")])
            value = session.run(
                "c/act_quant/FakeQuantWithMinMaxVars:0", {"x:0": [[[[1.0, 0, 0]] * 4] * 4]}
            )
        assert value.shape == (1, 4, 4, 4)
