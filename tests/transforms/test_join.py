"""Joined graphs: what has one name in both stays two things, and the result is the composition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue
from graphtools.formats import load
from graphtools.graph import Function, Graph, Versions
from graphtools.schema import message_class
from graphtools.transforms.input_heads import put_head
from graphtools.transforms.join import join
from tests.support import FIXTURES
from tests.transforms.graphs import graph, text_of

LOOP = """
    x = Placeholder dtype=float shape=[?,3]
    factor = Const value=float:{factor}
    start = Const value=int32:0
    one = Const value=int32:1
    most = Const value=int32:{most}
    enter_i = Enter(start) T=int32 frame_name="map/while/while_context"
    enter = Enter(x) T=float frame_name="map/while/while_context"
    enter_factor = Enter(factor) T=float frame_name="map/while/while_context" is_constant=true
    enter_most = Enter(most) T=int32 frame_name="map/while/while_context" is_constant=true
    enter_one = Enter(one) T=int32 frame_name="map/while/while_context" is_constant=true
    merge_i = Merge(enter_i, next_i) T=int32 N=2
    merge = Merge(enter, next) T=float N=2
    less = Less(merge_i, enter_most) T=int32
    cond = LoopCond(less)
    switch_i = Switch(merge_i, cond) T=int32
    switch = Switch(merge, cond) T=float
    add = Add(switch_i:1, enter_one) T=int32
    mul = Mul(switch:1, enter_factor) T=float
    next_i = NextIteration(add) T=int32
    next = NextIteration(mul) T=float
    y = Exit(switch) T=float
"""


def loop(factor: float, most: int) -> Graph:
    return graph(LOOP.format(factor=factor, most=most))


def function(name: str, number: float, calls: str = "") -> Function:
    message = message_class("FunctionDef")()
    message.signature.name = name
    message.signature.input_arg.add(name="a", type=1)
    message.signature.output_arg.add(name="b", type=1)
    body = graph(
        f"c = Const value=float:{number}\n"
        + (f'd = {calls}(a) device=""\n' if calls else "d = Identity(a) T=float\n")
        + "m = Mul(a, c) T=float"
    )
    for node in body:
        message.node_def.add().MergeFromString(node.to_bytes())
    message.node_def[1].input[:] = ["a"]
    message.node_def[2].input[:] = [f"d:{'b' if calls else 'output'}:0", "c:output:0"]
    message.ret["b"] = "m:z:0"
    return Function.from_bytes(message.SerializeToString(deterministic=True))


CALL = """
    x = Placeholder dtype=float shape=[?,3]
    y = PartitionedCall(x) Tin={float} Tout={float} f=@outer
"""


def run(graph_: Graph, name: str, value: Any, tf: Any, fed: str) -> Any:
    definition = tf.compat.v1.GraphDef.FromString(graph_.to_bytes())
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(definition, name="")
        return session.run(f"{name}:0", {f"{fed}:0": value})


def test_names_colocations_and_frames_of_the_first_get_a_prefix() -> None:
    first = graph(
        """
        x = Placeholder dtype=float shape=[?,3]
        e = Enter(x) T=float frame_name="while"
        y = Exit(e) T=float _class={"loc:@x"}
        """
    )
    second = graph(
        """
        x = Placeholder dtype=float shape=[?,3]
        e = Enter(x) T=float frame_name="while"
        w = NoOp(^x)
        y = Exit(e, ^w) T=float
        """
    )
    done = join(first, second, {"y": "x"})
    assert text_of(done.graph) == text_of(
        graph(
            """
            first/x = Placeholder dtype=float shape=[?,3]
            first/e = Enter(first/x) T=float frame_name="first/while"
            first/y = Exit(first/e) T=float _class={"loc:@first/x"}
            e = Enter(first/y) T=float frame_name="while"
            w = NoOp(^first/y)
            y = Exit(e, ^w) T=float
            """
        )
    )
    assert done.report.inputs == ("first/x",)
    assert "x" in first  # the given graphs stay


def test_frames_and_state_of_one_name_are_two_though_no_node_has_one() -> None:
    first = graph('a = Placeholder dtype=float\nq = FIFOQueueV2 shared_name="queue"\nb = Relu(a)')
    second = graph("c = Placeholder dtype=float\nqueue = FIFOQueueV2\nd = Relu(c)")
    done = join(first, second, {"b": "c"})
    assert done.graph["queue"].attr("shared_name") == b"queue_1"
    second = graph('c = Placeholder dtype=float\nr = FIFOQueueV2 shared_name="q"\nd = Relu(c)')
    first = graph('a = Placeholder dtype=float\nq = FIFOQueueV2 shared_name=""\nb = Relu(a)')
    assert join(first, second, {"b": "c"}).graph["r"].attr("shared_name") == b"q_1"


def test_functions_of_one_name_are_one_where_they_are_equal_and_what_they_call_is() -> None:
    one, two = function("inner", 2.0), function("inner", 3.0)
    outer = function("outer", 5.0, "inner")
    first, second = graph(CALL, [one, outer]), graph(CALL, [two, outer])
    done = join(first, second, {"y": "x"}).graph
    assert sorted(done.functions) == ["inner", "inner_1", "outer", "outer_1"]
    assert [n.op for n in done.functions["outer_1"].nodes][1] == "inner_1"
    assert getattr(done["y"].attr("f"), "name", "") == "outer_1"
    assert sorted(join(first, first, {"y": "x"}).graph.functions) == ["inner", "outer"]


def test_versions_meet_both() -> None:
    first, second = loop(2, 3), loop(3, 2)
    first.set_versions(Versions(100, 12, (3,)))
    second.set_versions(Versions(50, 20, (2,)))
    assert join(first, second, {"y": "x"}).graph.versions == Versions(100, 20, (2, 3))


@pytest.mark.parametrize(
    ("kind", "shape", "said"),
    [
        ("int32", "[?,3]", "is float32"),
        ("float", "[?,4]", "takes [?,4]"),
        ("float", "[3]", "takes [3]"),
        ("string", "[?,3]", "is float32"),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, shape: str, said: str) -> None:
    second = graph(f"z = Placeholder dtype={kind} shape={shape}\nw = Identity(z) T={kind}")
    with pytest.raises(InvalidGraph, match=said.replace("[", r"\[").replace("?", r"\?")):
        join(loop(2, 3), second, {"y": "z"})
    if kind == "int32":
        done = join(loop(2, 3), second, {"y": "z"}, allow_cast=True).graph
        assert done[done["w"].inputs[0]].op == "Cast"


def test_what_cannot_be_joined_is_refused() -> None:
    first, second = loop(2, 3), loop(3, 2)
    for connect in ({}, {"nope": "x"}, {"y": "nope"}, {"y": "mul"}, {"y:3": "x"}):
        with pytest.raises(GraphtoolsError):
            join(first, second, connect)
    with pytest.raises(InvalidGraph, match="both graphs have"):
        join(first, second, {"y": "x"}, prefixes=("a/", "a/"))
    with pytest.raises(InvalidValue, match="is to be two tensors"):
        join(first, second, {"y": "x", "mul": "x"})


HEAD = """
    x = Placeholder dtype=float shape=[?,4,4,3]
    y = Relu(x) T=float
"""


@pytest.mark.parametrize(
    ("steps", "fed"),
    [
        (["uint8", "scale=1/127.5", "shift=-1"], "uint8 [?,4,4,3]"),
        (["mean=1:2:3", "std=2"], "float32 [?,4,4,3]"),
        (["uint8", "resize=4x4"], "uint8 [?,?,?,3]"),
        (["decode-jpeg", "resize", "scale=2"], "string []"),
    ],
)
def test_a_head_is_put_in_front(steps: list[str], fed: str) -> None:
    made = graph(HEAD)
    assert put_head(made, "x", steps) == [f"'x' takes {fed} now"]
    assert made["y"].inputs[0].startswith("preprocess/")


@pytest.mark.parametrize(
    "step",
    ["scale=0/0", "scale=a", "std=0", "std=-1", "scale=inf", "mean=1:2", "resize=3", "resize=5x5",
     "resize=0x4", "resise", "uint8=3", "scale=1e999", "shift="],
)  # fmt: skip
def test_a_step_that_is_none_is_refused(step: str) -> None:
    with pytest.raises(InvalidValue):
        put_head(graph(HEAD), "x", [step])
    with pytest.raises(InvalidValue, match="first"):
        put_head(graph(HEAD), "x", ["scale=2", "uint8"])


@pytest.mark.tensorflow
def test_joined_graphs_compute_the_composition(tf: Any) -> None:
    value = np.random.default_rng(0).random((2, 3), np.float32)
    joined = join(loop(1.5, 3), loop(0.5, 2), {"y": "x"}).graph
    np.testing.assert_allclose(run(joined, "y", value, tf, "first/x"), value * 1.5**3 / 4, 1e-6)
    one, two = function("inner", 2.0), function("inner", 3.0)
    outer = function("outer", 5.0, "inner")
    first, second = graph(CALL, [one, outer]), graph(CALL, [two, outer])
    joined = join(first, second, {"y": "x"}).graph
    np.testing.assert_allclose(run(joined, "y", value, tf, "first/x"), value * 150, 1e-6)


@pytest.mark.tensorflow
def test_a_head_computes_what_it_says(tf: Any) -> None:
    random = np.random.default_rng(0)
    model = load(str(FIXTURES / "classifier/frozen.pb"))
    end = "MobilenetV1/Predictions/Reshape_1"
    image = random.integers(0, 255, (50, 40, 3), np.uint8)
    jpeg = tf.io.encode_jpeg(image).numpy()
    decoded = tf.cast(tf.io.decode_jpeg(jpeg)[None], tf.float32)
    sized = tf.compat.v1.image.resize_bilinear(decoded, [32, 32]).numpy()
    made = model.copy()
    put_head(made, "input", ["decode-jpeg", "resize", "scale=1/127.5", "shift=-1"])
    want = run(model, end, sized / 127.5 - 1, tf, "input")
    np.testing.assert_allclose(run(made, end, jpeg, tf, "input"), want, 1e-4, 1e-6)
    made = model.copy()
    put_head(made, "input", ["mean=1:2:3", "std=2:4:8"])
    want = run(model, end, (sized - [1, 2, 3]) / [2, 4, 8], tf, "input")
    np.testing.assert_allclose(run(made, end, sized, tf, "input"), want, 1e-4, 1e-6)
