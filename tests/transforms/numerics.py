"""Runs small graphs of the tests: with our own kernels, or in TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphtools.graph import Graph, Node
from graphtools.ops.value import evaluate
from graphtools.transforms.pipeline import Transformed, transform
from tests.transforms.graphs import const, graph

Arrays = Mapping[str, Any]
#: Attributes of a convolution, in lines of text.
CONV = 'T=float strides={1, 1, 1, 1} padding="SAME" data_format="NHWC"'
#: How a mean far from zero and a small variance are told apart from what would do nothing.
STATISTICS = """
    scale = Const value=float:[2,-1]
    offset = Const value=float:[0.5,3]
    mean = Const value=float:[1,-2]
    variance = Const value=float:[3,0.25]
"""


def random(*shape: int, seed: int = 0) -> Any:
    """Numbers that are not too large."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def with_constants(before: str | Graph, constants: Arrays) -> Graph:
    """A graph with further constants at its beginning."""
    rest = graph(before) if isinstance(before, str) else before
    return Graph([*(const(name, value) for name, value in constants.items()), *rest])


def fed(source: Graph, feeds: Arrays) -> Graph:
    """A graph in which constants have taken the place of placeholders."""
    twin = source.copy()
    for name, value in feeds.items():
        twin.replace(twin[name], [const(name, value)])
    return twin


def values(source: Graph, feeds: Arrays, output: str = "out") -> Any:
    """What our kernels give."""
    return evaluate(fed(source, feeds), output)


def run(tf: Any, source: Graph, feeds: Arrays, outputs: Sequence[str]) -> list[Any]:
    """What TensorFlow gives, without its own optimisers."""
    message = tf.compat.v1.GraphDef()
    message.ParseFromString(b"".join(map(bytes, source.pieces())))
    config = tf.compat.v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(message, name="")
        with tf.compat.v1.Session(graph=imported, config=config) as session:
            found: list[Any] = session.run(list(outputs), dict(feeds))
    return found


def close(left: Any, right: Any, relative: float = 1e-5) -> bool:
    """Whether arrays agree, relative to the largest value."""
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    largest = max(float(np.abs(left).max(initial=0)), 1e-9)
    error = float(np.abs(left - right).max(initial=0)) / largest
    assert error <= relative, f"relative error {error:.1e}"
    return True


def checked(
    source: Graph, spec: str, feeds: Arrays, outputs: Sequence[str] = ("out",)
) -> Transformed:
    """Transform a graph, and see that our kernels give the same as before."""
    done = transform(source, spec, list(feeds), list(outputs))
    for output in outputs:
        assert close(values(source, feeds, output), values(done.graph, feeds, output))
    return done


def ops(source: Graph) -> list[str]:
    """The ops of a graph, in order, constants left out."""
    return [node.op for node in source if node.op not in ("Const", "Placeholder")]


def without(source: Graph, name: str, attribute: str) -> Graph:
    """A graph in which a node lacks an attribute."""
    twin = source.copy()
    twin.remove_attr(twin[name], attribute)
    return twin


def replaced(source: Graph, node: Node) -> Graph:
    """A graph in which one node is another."""
    twin = source.copy()
    twin.replace(twin[node.name], [node])
    return twin
