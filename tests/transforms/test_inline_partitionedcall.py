from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidGraph
from graphtools.formats.graphdef import parse_graph
from graphtools.transforms import inline_partitionedcall
from tests.transforms.graphs import apply, function, same, skips

SPEC = "inline_partitionedcall"
SCALE = function(
    "scale",
    "a float, b $T",
    "double float = mul:z:0, same $T = b, second float = split:output:1",
    """
    two = Const value=float:2
    mul = Mul(a, two:output:0) T=float _class={"loc:@two", "loc:@a"}
    dim = Const value=int32:0
    split = Split(dim:output:0, mul:z:0, ^two) T=float num_split=2
    """,
)
OUTER = function(
    "outer",
    "x float",
    "y float = call:output:0",
    "call = PartitionedCall(x, x) Tin={float, float} Tout={float, float, float} f=@plain",
)
PLAIN = function(
    "plain",
    "a float, b float",
    "s float = add:z:0, t float = a, u float = b",
    "add = Add(a, b) T=float",
)


def test_a_body_takes_the_place_of_its_call() -> None:
    before = """
        x = Placeholder dtype=float
        n = Placeholder dtype=int32
        c = scale(x, n:0) T=int32 device="/gpu:0"
        y = Add(c, c:2) T=float _class={"loc:@c"}
        z = Identity(c:1) T=int32
    """
    after = """
        x = Placeholder dtype=float
        n = Placeholder dtype=int32
        c/two = Const value=float:2 device="/gpu:0"
        c/mul = Mul(x, c/two) T=float _class={"loc:@c/two"} device="/gpu:0"
        c/dim = Const value=int32:0 device="/gpu:0"
        c/split = Split(c/dim, c/mul, ^c/two) T=float num_split=2 device="/gpu:0"
        y = Add(c/mul, c/split:1) T=float
        z = Identity(n:0) T=int32
    """
    done = apply(before, SPEC, functions=[SCALE])
    assert same(done.graph, after)
    assert not skips(done)
    assert not done.graph.functions


def test_a_function_stays_that_was_not_inlined_or_is_called_yet() -> None:
    before = """
        x = Placeholder dtype=float
        c = plain(x, x)
        m = MapDefun(x) f=@plain
    """
    done = apply(before, SPEC, functions=[PLAIN, SCALE])
    assert not [n for n in done.graph if n.op == "plain"]
    assert set(done.graph.functions) == {"plain", "scale"}


def test_calls_in_bodies_are_taken_apart_too() -> None:
    before = """
        x = Placeholder dtype=float
        c = StatefulPartitionedCall(x) Tin={float} Tout={float} f=@outer
        y = Relu(c) T=float
    """
    after = """
        x = Placeholder dtype=float
        c/call/add = Add(x, x) T=float
        y = Relu(c/call/add) T=float
    """
    assert same(apply(before, SPEC, functions=[OUTER, PLAIN]).graph, after)


def test_an_output_keeps_its_name() -> None:
    before = """
        x = Placeholder dtype=float
        c = PartitionedCall(x, x) Tin={float, float} Tout={float, float, float} f=@plain
        d = PartitionedCall(x) Tin={float} Tout={float} f=@outer
    """
    after = """
        x = Placeholder dtype=float
        c/add = Add(x, x) T=float
        c = IdentityN(c/add, x, x) T={float, float, float}
        d/call/add = Add(x, x) T=float
        d = Identity(d/call/add) T=float
    """
    assert same(apply(before, SPEC, ["x"], ["c:1", "d"], [OUTER, PLAIN]).graph, after)


def test_what_waits_still_waits() -> None:
    before = """
        x = Placeholder dtype=float
        i = NoOp
        j = NoOp
        c = scale(x, x, ^i, ^j) T=float
        y = NoOp(^c)
    """
    after = """
        x = Placeholder dtype=float
        i = NoOp
        j = NoOp
        c/input_control_node = NoOp(^i, ^j)
        c/two = Const(^c/input_control_node) value=float:2
        c/mul = Mul(x, c/two) T=float _class={"loc:@c/two"}
        c/dim = Const(^c/input_control_node) value=int32:0
        c/split = Split(c/dim, c/mul, ^c/two) T=float num_split=2
        c/output_control_node = NoOp(^c/mul, ^x, ^c/split, ^c/input_control_node)
        y = NoOp(^c/output_control_node)
    """
    assert same(apply(before, SPEC, functions=[SCALE]).graph, after)


def test_effects_of_a_call_still_happen() -> None:
    check = function(
        "check",
        "ok bool, x float",
        "y float = x",
        'message = Const value=string:"no"\nassert = Assert(ok, message:output:0) T={string}',
    )
    before = """
        ok = Placeholder dtype=bool
        x = Placeholder dtype=float
        c = check(ok, x)
        y = Relu(c) T=float
    """
    after = """
        ok = Placeholder dtype=bool
        x = Placeholder dtype=float
        c/message = Const value=string:"no"
        c/assert = Assert(ok, c/message) T={string}
        c/result_0 = Identity(x, ^c/assert) T=float
        y = Relu(c/result_0) T=float
    """
    assert same(apply(before, SPEC, functions=[check]).graph, after)


def test_constants_stay_on_the_branch_of_the_call() -> None:
    before = """
        p = Placeholder dtype=bool
        x = Placeholder dtype=float
        s = Switch(x, p) T=float
        c = scale(s:1, x) T=float
        m = Merge(s, c) N=2 T=float
    """
    made = apply(before, SPEC, functions=[SCALE]).graph
    assert made["c/input_control_node"].inputs == ("s:1", "x")
    assert made["c/input_control_node"].op == "IdentityN"
    assert made["c/two"].inputs == ("^c/input_control_node",)


def test_loops_in_two_copies_of_a_body_are_two_loops() -> None:
    loop = function(
        "loop", "x float", "y float = enter:output:0", 'enter = Enter(x) T=float frame_name="f"'
    )
    before = "x = Placeholder dtype=float\na = loop(x)\nb = loop(x)"
    made = apply(before, SPEC, functions=[loop]).graph
    assert made["a/enter"].attr("frame_name") == b"a/f"
    assert made["b/enter"].attr("frame_name") == b"b/f"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("c = PartitionedCall(x) f=@nobody", "no function 'nobody'"),
        ("c = PartitionedCall(x)", "no function ''"),
        ("c = plain(x)", "takes 2 inputs, not 1"),
        ("c = scale(x, x)", "which types scale takes"),
        ("c = again(x)", "calls itself"),
        ("c = broken(x)", "tensors are not all known"),
        ("c = plain(x, x)\ny = Relu(c:7)", "'y' reads a result"),
    ],
)
def test_what_cannot_be_taken_apart_stays(line: str, reason: str) -> None:
    again = function("again", "x float", "y float = c:y:0", "c = again(x)")
    broken = function("broken", "x float", "y float = nobody:z:0", "")
    before = f"x = Placeholder dtype=float\n{line}"
    done = apply(before, SPEC, functions=[PLAIN, SCALE, again, broken])
    if "itself" not in reason:
        assert same(done.graph, before)
    assert reason in " ".join(skips(done).values())


def test_what_grows_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline_partitionedcall, "MOST_NODES", 1000)
    monkeypatch.setattr(inline_partitionedcall, "MOST_COPIES", 0)
    functions = [function("f0", "x float", "y float = x", "")]
    for i in range(1, 20):
        body = f"a = f{i - 1}(x)\nb = f{i - 1}(a:y:0)"
        functions.append(function(f"f{i}", "x float", "y float = b:y:0", body))
    with pytest.raises(InvalidGraph, match="more than 1,000 nodes"):
        apply("x = Placeholder dtype=float\nc = f19(x)", SPEC, functions=functions)


@pytest.mark.tensorflow
def test_tensorflow_computes_the_same(tf: Any) -> None:
    x = np.array([1, 2, 3, 4], np.float32)

    def inner(a: Any, b: Any) -> Any:
        tf.debugging.assert_less(a, 100.0)
        return tf.sin(a) * b, tf.split(b, 2)[1]

    def outer(a: Any) -> Any:
        first, second = called(a, a + 1.0)
        return tf.concat([first, second, called(second, second)[0]], 0)

    called = tf.function(inner)
    concrete = tf.function(outer).get_concrete_function(tf.TensorSpec([4], tf.float32))
    definition = concrete.graph.as_graph_def()
    raw = definition.SerializeToString()
    loaded = parse_graph(raw, 0, len(raw))
    end = concrete.outputs[0].name
    made = apply(loaded, SPEC, ["a"], [end]).graph
    assert not [n for n in made if "PartitionedCall" in n.op]
    result = tf.compat.v1.GraphDef.FromString(b"".join(made.pieces()))
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(result, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            found = session.run(end, {"a:0": x})
    assert np.array_equal(found, outer(x).numpy())
