"""What nodes cost: by hand, and as TensorFlow's profiler counts."""

from __future__ import annotations

import collections
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphtools
from graphtools.graph import Attr, Graph, Node
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.order import runnable_order
from graphtools.graph.shape import Shape
from graphtools.ops.cost import (
    MAC_OPS,
    Peak,
    Work,
    activation_bytes,
    cost_function,
    output_bytes,
    peak_memory,
    work_of,
)
from graphtools.ops.definitions import op_definition
from graphtools.ops.inference import Inference, infer_shapes
from tests.analysis.graphs import const, function, graph
from tests.support import BINARY_GRAPHS, FIXTURES, shared_models_or_none

INT32 = dtype("int32")


def placeholder(name: str, shape: Any, kind: str = "float32") -> Node:
    return Node(name, "Placeholder", (), {"dtype": dtype(kind), "shape": Shape(shape)})


def cost(op: str, *shapes: Any, **attrs: Any) -> Work | None:
    """What a node costs that reads inputs of some shapes; a list is a constant."""
    nodes = [
        const(f"x{i}", np.array(s, np.int32)) if isinstance(s, list) else placeholder(f"x{i}", s)
        for i, s in enumerate(shapes)
    ]
    inputs = tuple(n.name for n in nodes)
    made = Node("n", op, inputs, {"T": FLOAT32, "dtype": FLOAT32, **attrs})
    found = infer_shapes(Graph([*nodes, made]))
    assert not found.findings, found.findings
    return work_of(found, made)


CONV = {"strides": [1, 2, 2, 1], "padding": b"SAME"}
SAME = {"strides": [1, 1, 1, 1], "padding": b"SAME"}
POOL = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": b"VALID"}


@pytest.mark.parametrize(
    ("op", "shapes", "attrs", "macs", "flops"),
    [
        # 2 * 4 * 4 * 5 outputs, of 3 * 3 * 3 products each
        ("Conv2D", [(2, 8, 8, 3), (3, 3, 3, 5)], CONV, 160 * 27, 2 * 160 * 27),
        ("Conv2D", [(2, 3, 8, 8), (3, 3, 3, 5)],
         {"strides": [1, 1, 2, 2], "padding": b"SAME", "data_format": b"NCHW"},
         160 * 27, 2 * 160 * 27),
        # two groups of two channels
        ("Conv2D", [(1, 8, 8, 4), (3, 3, 2, 6)], SAME, 64 * 6 * 18, 2 * 64 * 6 * 18),
        ("Conv3D", [(1, 4, 4, 4, 2), (3, 3, 3, 2, 5)],
         {"strides": [1] * 5, "padding": b"SAME"}, 64 * 5 * 54, 2 * 64 * 5 * 54),
        ("DepthwiseConv2dNative", [(1, 8, 8, 3), (3, 3, 3, 2)], SAME, 64 * 6 * 9, 2 * 64 * 6 * 9),
        # the image has 8 * 8 * 3 elements, a quarter of its places is read for each product
        ("Conv2DBackpropInput", [[1, 8, 8, 3], (3, 3, 3, 5), (1, 4, 4, 5)], CONV,
         16 * 5 * 27, 2 * 16 * 5 * 27),
        # of 2 * 2 * 2 places of 5 channels, each to 27 places of 3 channels
        ("Conv3DBackpropInputV2", [[1, 4, 4, 4, 3], (3, 3, 3, 3, 5), (1, 2, 2, 2, 5)],
         {"strides": [1, 2, 2, 2, 1], "padding": b"SAME"}, 8 * 5 * 81, 2 * 8 * 5 * 81),
        ("Conv3DBackpropInputV2", [[1, 3, 4, 4, 4], (3, 3, 3, 3, 5), (1, 5, 2, 2, 2)],
         {"strides": [1, 1, 2, 2, 2], "padding": b"SAME", "data_format": b"NCDHW"},
         8 * 5 * 81, 2 * 8 * 5 * 81),
        ("MatMul", [(2, 3), (3, 5)], {}, 30, 60),
        ("MatMul", [(3, 2), (5, 3)], {"transpose_a": True, "transpose_b": True}, 30, 60),
        ("BatchMatMulV2", [(7, 2, 3), (7, 3, 5)], {}, 210, 420),
        ("BatchMatMulV2", [(7, 3, 2), (3, 5)], {"adj_x": True}, 210, 420),
        ("Einsum", [(2, 3), (3, 5)], {"N": 2, "equation": b"ab, bc -> ac"}, 30, 60),
        ("Einsum", [(2, 3), (3, 5)], {"N": 2, "equation": b"ab,bc->"}, 30, 60),
        ("AvgPool", [(1, 8, 8, 3)], POOL, 0, 16 * 3 * 4),
        ("MaxPool", [(1, 8, 8, 3)], POOL, 0, 16 * 3 * 4),
        ("AddV2", [(4, 1), (3,)], {}, 0, 12),
        ("BiasAdd", [(4, 3), (3,)], {}, 0, 12),
        ("Rsqrt", [(4, 3)], {}, 0, 24),
        ("SquaredDifference", [(4, 3), (3,)], {}, 0, 24),
        ("Softmax", [(4, 3)], {}, 0, 60),
        ("Sum", [(4, 3), [1]], {"Tidx": INT32}, 0, 8),
        ("Mean", [(4, 3), [1]], {"Tidx": INT32}, 0, 12),
        ("L2Loss", [(4, 3)], {}, 0, 35),
        ("AddN", [(4, 3)] * 3, {"N": 3}, 0, 24),
        ("Relu", [(4, 3)], {}, 0, 0),
        ("Conv2D", [(None, 8, 8, 3), (3, 3, 3, 5)], CONV, None, None),
        ("MatMul", [None, (3, 5)], {}, None, None),
        ("Einsum", [(2, 3), (3, 5)], {"N": 2, "equation": b"...b,bc->...c"}, None, None),
    ],
)  # fmt: skip
def test_work(
    op: str, shapes: list[Any], attrs: dict[str, Any], macs: int | None, flops: int | None
) -> None:
    expected = None if macs is None or flops is None else Work(macs, flops)
    assert cost(op, *shapes, **attrs) == expected


def test_what_has_a_cost_function_is_an_op() -> None:
    for name in [*cost_function.all(), *MAC_OPS]:
        assert op_definition(name) is not None, name
    assert not MAC_OPS - set(cost_function.all())


def test_a_function_costs_what_its_body_costs_at_each_call() -> None:
    inner = function("g", ["p"], "y:product:0", "y MatMul p p")
    outer = function("f", ["p"], "b:result:0", "a g p", "b g a:result:0")
    made = graph(placeholder("x", [3, 3]), "call f x", "own f call", functions=[outer, inner])
    found = infer_shapes(made)
    assert work_of(found, made["call"]) == Work(54, 108)
    assert work_of(found, made["own"]) == Work(54, 108)


def test_the_cost_of_a_function_that_is_not_known_is_not_known() -> None:
    own = function("f", ["p"], "y:product:0", "z f p", "y MatMul p p")
    attrs: dict[str, Attr] = {"f": FunctionRef("gone", {}), "Tin": [FLOAT32], "Tout": [FLOAT32]}
    made = graph(
        placeholder("x", [3, 3]),
        "a f x",
        Node("b", "PartitionedCall", ("x",), attrs),
        functions=[own],
    )
    found = infer_shapes(made)
    assert work_of(found, made["a"]) is None
    assert work_of(found, made["b"]) is None


# Memory


def test_bytes_of_outputs() -> None:
    made = graph(
        placeholder("x", [4, 6]),
        const("axis", np.int32(0)),
        Node("s", "Split", ("axis", "x"), {"T": FLOAT32, "num_split": 2}),
        Node("half", "Cast", ("x",), {"SrcT": FLOAT32, "DstT": dtype("float16")}),
        placeholder("words", [9], "string"),
        placeholder("open", [None]),
        "unknown Whatever x",
        "same Identity x",
        "fixed Relu axis",
    )
    found = infer_shapes(made)
    sizes = {n.name: output_bytes(found, n) for n in made}
    assert (sizes["s"], sizes["half"], sizes["words"], sizes["open"]) == (96, 48, 0, None)
    anew = {n.name: activation_bytes(found, n) for n in made}
    assert (anew["x"], anew["s"], anew["same"], anew["axis"], anew["fixed"]) == (96, 96, 0, 0, 0)


def peak(made: Graph) -> Peak:
    return peak_memory(infer_shapes(made), runnable_order(made)[0])


def test_a_tensor_is_released_behind_its_last_reader() -> None:
    made = graph(placeholder("x", [10]), "a Relu x", "b Relu a", "c Relu b")
    assert peak(made) == Peak(80, "a", 0)


def test_a_tensor_that_is_read_late_is_kept() -> None:
    made = graph(placeholder("x", [10]), "a Relu x", "b Relu a", "c AddV2 b x")
    assert peak(made) == Peak(120, "b", 0)


def test_what_nobody_reads_is_kept() -> None:
    made = graph(placeholder("x", [10]), "a Relu x", "b Relu x", "c Relu x")
    assert peak(made) == Peak(160, "c", 0)


def test_reshapes_share_the_memory_of_their_input() -> None:
    made = graph(placeholder("x", [10]), "i Identity x", "j StopGradient i", "a Relu j", "b Relu a")
    assert peak(made) == Peak(80, "a", 0)


def test_a_tensor_whose_view_is_read_late_is_kept() -> None:
    made = graph(placeholder("x", [10]), "i Identity x", "a Relu x", "b Relu a", "c AddV2 i b")
    assert peak(made) == Peak(120, "b", 0)


def test_constants_take_no_activation_memory() -> None:
    assert peak(graph(const("c", [1.0] * 100), "a Relu c")) == Peak(0, "", 0)
    assert peak(Graph([])) == Peak(0, "", 0)


def test_unknown_sizes_are_counted() -> None:
    made = graph(placeholder("x", [10]), placeholder("y", [None]), "a Relu y", "b Relu x")
    assert peak(made) == Peak(80, "b", 2)


def test_what_a_function_makes_while_it_runs_counts() -> None:
    inner = function(
        "f",
        ["p"],
        "s:output:0",
        const("axis", np.int32(0)),
        Node("wide", "ConcatV2", ("p",) * 9 + ("axis:output:0",), {"T": FLOAT32, "N": 9}),
        Node("s", "Sum", ("wide:output:0", "axis:output:0"), {"T": FLOAT32, "Tidx": INT32}),
    )
    made = graph(placeholder("x", [10]), "call f x", functions=[inner])
    assert peak(made) == Peak(40 + 364, "call/s", 0)


# TensorFlow's profiler


def profiled(tf: Any, definition: Any) -> dict[str, int]:
    """The flops of each node for which TensorFlow has figures."""
    from tensorflow.python.framework import ops
    from tensorflow.python.profiler.internal import flops_registry  # noqa: F401

    found = {}
    with tf.Graph().as_default() as built:
        tf.import_graph_def(definition, name="")
    for operation in built.get_operations():
        try:
            statistics = ops.get_stats_for_node_def(built, operation.node_def, "flops")
        except (ValueError, AssertionError, TypeError, IndexError):
            continue  # shapes that the profiler does not know, NCHW
        if statistics.value is not None:
            found[operation.name] = statistics.value
    return found


def compared(tf: Any, path: Path) -> collections.Counter[str]:
    """By op, how many nodes of a graph cost as much as in TensorFlow; all must."""
    definition = tf.compat.v1.GraphDef()
    definition.ParseFromString(path.read_bytes())
    theirs = profiled(tf, definition)
    found: Inference = infer_shapes(graphtools.load(path))
    equal: collections.Counter[str] = collections.Counter()
    for name, flops in theirs.items():
        node = found.graph[name]
        work = work_of(found, node)
        assert work is not None, (path, name, node.op)
        assert work.flops == flops, (path, name, node.op, found.call(node).inputs)
        equal[node.op] += 1
    return equal


# long: a list of layers
@pytest.mark.tensorflow
def test_tensorflow_counts_the_same(tf: Any, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as built:
        image = v1.placeholder(tf.float32, [2, 16, 16, 4])

        def weights(*shape: int) -> Any:
            return v1.constant(np.zeros(shape, np.float32))

        for strides, dilations, padding in ((1, 1, "SAME"), (2, 1, "VALID"), (1, 2, "SAME")):
            for channels in (4, 2):
                tf.nn.conv2d(
                    image, weights(3, 3, channels, 6), strides, padding, dilations=dilations
                )
            tf.raw_ops.DepthwiseConv2dNative(
                input=image,
                filter=weights(3, 3, 4, 2),
                strides=[1, strides, strides, 1],
                padding=padding,
                dilations=[1, dilations, dilations, 1],
            )
        for stride in (1, 2):
            tf.nn.conv2d_transpose(
                image, weights(3, 3, 5, 4), [2, 16 * stride, 16 * stride, 5], stride
            )
        flat = v1.placeholder(tf.float32, [6, 8])
        tf.matmul(flat, weights(8, 3))
        tf.matmul(flat, weights(6, 3), transpose_a=True)
        tf.matmul(flat, weights(3, 8), transpose_b=True)
        for pool in (tf.nn.max_pool2d, tf.nn.avg_pool2d):
            pool(image, 2, 2, "VALID")
            pool(image, 3, 1, "SAME")
        binaries = (tf.add, tf.subtract, tf.multiply, tf.divide, tf.maximum, tf.minimum, tf.pow,
                    tf.greater, tf.less, tf.equal, tf.math.squared_difference)  # fmt: skip
        for binary in binaries:
            binary(flat, flat)
            binary(flat, v1.placeholder(tf.float32, [8]))
        for unary in (tf.square, tf.math.rsqrt, tf.math.log, tf.negative, tf.math.reciprocal,
                      tf.nn.softmax, tf.nn.l2_loss):  # fmt: skip
            unary(flat)
        for axis in (0, 1, [0, 1]):
            tf.reduce_sum(flat, axis)
            tf.reduce_mean(flat, axis)
        tf.argmax(flat, 1)
        tf.add_n([flat, flat, flat])
        tf.nn.bias_add(image, weights(4))
    file = tmp_path / "graph.pb"
    file.write_bytes(built.as_graph_def().SerializeToString())
    equal = compared(tf, file)
    least = {
        "Conv2D": 6, "DepthwiseConv2dNative": 3, "Conv2DBackpropInput": 2, "MatMul": 3,
        "MaxPool": 2, "AvgPool": 2, "Sum": 3, "Mean": 3, "ArgMax": 1, "AddN": 1, "BiasAdd": 1,
        "AddV2": 2, "Sub": 2, "Mul": 2, "RealDiv": 2, "Maximum": 2, "Minimum": 2, "Pow": 2,
        "Greater": 2, "Less": 2, "Equal": 2, "SquaredDifference": 2, "Square": 1, "Rsqrt": 1,
        "Log": 1, "Neg": 1, "Reciprocal": 1, "Softmax": 1, "L2Loss": 1,
    }  # fmt: skip
    assert equal == least


@pytest.mark.tensorflow
def test_tensorflow_counts_the_same_for_the_fixtures(tf: Any) -> None:
    total: collections.Counter[str] = collections.Counter()
    files = [FIXTURES / name for name in BINARY_GRAPHS]
    shared = shared_models_or_none()
    if shared is not None:
        files += [shared / "slim/mobilenet_v1_0.25_128/frozen.pb"]
    refused = []
    for file in files:
        try:
            total += compared(tf, file)
        except tf.errors.NotFoundError:  # a custom op of TFLite
            refused.append(file.name)
    assert len(refused) < 3, refused
    assert total["Conv2D"]
    assert total.total() > 50
