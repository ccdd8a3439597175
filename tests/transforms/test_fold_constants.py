from __future__ import annotations

import numpy as np
import pytest

from graphtools.errors import InvalidValue
from tests.transforms.graphs import apply, const, graph, same, skips

SPEC = "fold_constants"


def test_what_depends_on_constants_only_is_computed() -> None:
    before = """
        x = Placeholder dtype=float shape=[?,2]
        a = Const value=float:[1,2]
        b = Const value=float:[3,4]
        sum = Add(a, b) T=float
        twice = Mul(sum, sum) T=float
        y = Mul(x, twice) T=float
    """
    after = """
        x = Placeholder dtype=float shape=[?,2]
        twice = Const value=float:[16,36]
        y = Mul(x, twice) T=float
    """
    done = apply(before, SPEC, ["x"], ["y"])
    assert same(done.graph, after)
    assert not skips(done)


def test_what_no_output_needs_goes_and_inputs_stay() -> None:
    before = """
        x = Placeholder dtype=float
        side = Placeholder dtype=float
        dead = Tanh(x) T=float
        y = Relu(x) T=float
    """
    after = """
        x = Placeholder dtype=float
        side = Placeholder dtype=float
        y = Relu(x) T=float
    """
    assert same(apply(before, SPEC, ["x", "side"], ["y"]).graph, after)
    # without outputs nothing is known to be of no use
    assert same(apply(before, SPEC).graph, before)


def test_an_output_is_folded_under_its_name() -> None:
    before = """
        a = Const value=float:2
        b = Neg(a) T=float
        c = Neg(b) T=float
    """
    after = "b = Const value=float:-2\n c = Const value=float:2"
    assert same(apply(before, SPEC, (), ["b", "c"]).graph, after)


def test_an_input_is_not_folded_though_it_is_constant() -> None:
    before = """
        a = Const value=float:2
        b = Neg(a) T=float
        c = Neg(b) T=float
    """
    assert same(apply(before, SPEC, ["a"], ["c"]).graph, before)
    after = "a = Const value=float:2\n b = Neg(a) T=float\n c = Neg(b) T=float"
    assert same(apply(before, SPEC, ["b"], ["c"]).graph, after)


def test_several_outputs_become_several_constants() -> None:
    before = """
        x = Placeholder dtype=float
        axis = Const value=int32:0
        a = Const value=float:[1,2,3]
        s = Split(axis, a) T=float num_split=3
        y = Add(x, s) T=float
        z = Add(y, s:2) T=float
    """
    after = """
        x = Placeholder dtype=float
        s = Const value=float:[1]
        s/output_2 = Const value=float:[3]
        y = Add(x, s) T=float
        z = Add(y, s/output_2) T=float
    """
    assert same(apply(before, SPEC, ["x"], ["z"]).graph, after)


def test_a_further_output_that_is_asked_for_stays() -> None:
    before = """
        axis = Const value=int32:0
        both = Const value=float:[1,2]
        halves = Split(axis, both) T=float num_split=2
        y = Neg(halves) T=float
    """
    done = apply(before, SPEC, [], ["y", "halves:1"])
    assert "halves:1" in skips(done)["halves"]
    assert done.graph["halves"].op == "Split"
    assert done.graph["y"].op == "Const"


def test_control_inputs_stay() -> None:
    before = """
        x = Placeholder dtype=float
        a = Const(^x) value=float:1
        b = Const value=float:2
        c = Add(a, b, ^init) T=float
        init = NoOp
        y = Mul(x, c) T=float
    """
    after = """
        x = Placeholder dtype=float
        c = Const(^init, ^x) value=float:3
        init = NoOp
        y = Mul(x, c) T=float
    """
    assert same(apply(before, SPEC, ["x"], ["y"]).graph, after)


def test_random_and_stateful_ops_stay() -> None:
    before = """
        shape = Const value=int32:[2]
        r = RandomUniform(shape) T=int32 dtype=float seed=1 seed2=2
        v = VariableV2 dtype=float shape=[2]
        s = Add(r, v) T=float
    """
    assert same(apply(before, SPEC, (), ["s"]).graph, before)


LARGE = """
    x = Placeholder dtype=float
    dims = Const value=int32:[100]
    one = Const value=float:1
    filled = Fill(dims, one) T=float index_type=int32
    y = Add(x, filled) T=float
"""


def test_what_would_be_large_stays_and_is_told() -> None:
    spec = "fold_constants(max_constant_size_in_bytes=399)"
    done = apply(LARGE, spec, ["x"], ["y"])
    assert same(done.graph, LARGE)
    assert set(skips(done)) == {"filled"}
    assert apply(LARGE, spec.replace("399", "400"), ["x"], ["y"]).graph["filled"].op == "Const"


@pytest.mark.parametrize("parameter", ["exclude_op=Fill", "exclude_node=filled"])
def test_what_is_excluded_stays(parameter: str) -> None:
    done = apply(LARGE, f"fold_constants({parameter})", ["x"], ["y"])
    assert same(done.graph, LARGE)


SHAPES = """
    x = Placeholder dtype=float shape=[2,3] _output_shapes={[2,3]}
    shape = Shape(x) T=float out_type=int32
    y = Reshape(x, shape) T=float Tshape=int32
"""


def test_shapes_are_folded_where_it_is_asked_for() -> None:
    done = apply(SHAPES, "fold_constants(clear_output_shapes=false)", ["x"], ["y"])
    assert same(done.graph, SHAPES)
    done = apply(SHAPES, "fold_constants(fold_shapes=true)", ["x"], ["y"])
    after = """
        x = Placeholder dtype=float shape=[2,3]
        shape = Const value=int32:[2,3]
        y = Reshape(x, shape) T=float Tshape=int32
    """
    assert same(done.graph, after)


def test_the_attribute_output_shapes_is_removed() -> None:
    done = apply(SHAPES, SPEC, ["x"], ["y"])
    assert same(done.graph, SHAPES.replace(" _output_shapes={[2,3]}", ""))


def test_constants_in_loops_stay_in_their_loop() -> None:
    before = """
        start = Const value=int32:0
        enter = Enter(start) T=int32 frame_name="f" is_constant=false parallel_iterations=10
        merge = Merge(enter, next) N=2 T=int32
        limit = Const(^merge) value=int32:3
        double = Add(limit, limit) T=int32
        less = Less(merge, double) T=int32
        cond = LoopCond(less)
        switch = Switch(merge, cond) T=int32
        body = Identity(switch:1) T=int32
        one = Const(^body) value=int32:1
        add = Add(body, one) T=int32
        next = NextIteration(add) T=int32
        exit = Exit(switch) T=int32
    """
    done = apply(before, SPEC, (), ["exit"])
    kept = {n.name: n for n in done.graph}
    assert kept["double"].op == "Const"
    assert kept["double"].inputs == ("^merge",)
    assert kept["add"].op == "Add"
    assert kept["one"].inputs == ("^body",)


def test_a_wrong_limit_is_refused() -> None:
    with pytest.raises(InvalidValue, match="max_constant_size_in_bytes='x' must be an integer"):
        apply(LARGE, "fold_constants(max_constant_size_in_bytes=x)", ["x"], ["y"])


def test_a_large_constant_that_is_only_handed_on_keeps_its_values() -> None:
    values = np.arange(10_000, dtype=np.float32)
    source = graph(
        "x = Placeholder dtype=float\n pass = Identity(w) T=float\n y = Mul(x, pass) T=float"
    )
    source.add(const("w", values))
    done = apply(source, SPEC, ["x"], ["y"])
    tensor = done.graph["pass"].tensor or done.graph["w"].tensor
    assert tensor is not None
    np.testing.assert_array_equal(tensor.array(), values)


def test_what_doubles_at_each_step_is_looked_at_once() -> None:
    lines = ["axis = Const value=int32:0", "c0 = Const value=float:zeros[1000]"]
    lines += [
        f"c{i} = ConcatV2(c{i - 1}, c{i - 1}, axis) T=float N=2 Tidx=int32" for i in range(1, 50)
    ]
    done = apply("\n".join([*lines, "y = Relu(c49) T=float"]), "fold_constants", [], ["y"])
    assert done.graph["c11"].op == "Const"
    assert done.graph["c12"].op == "ConcatV2"
    assert "4,096,000,000" in skips(done)["c20"] or "bytes" in skips(done)["c20"]
