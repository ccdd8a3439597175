"""FakeQuants before ops that make no difference to them."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.transforms.pipeline import transform
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

RANGE = """
    low = Const value=float:-0.5
    high = Const value=float:3.7
"""
POOL = 'T=float ksize={1, 2, 2, 1} strides={1, 2, 2, 1} padding="SAME" data_format="NHWC"'


def chain(*ops: str, high: float = 3.7, attrs: str = "num_bits=8 narrow_range=false") -> str:
    """A graph of ops in a row, a FakeQuant behind them."""
    lines = ["x = Placeholder dtype=float shape=[1,4,4,2]", "low = Const value=float:-0.5"]
    lines += [f"high = Const value=float:{high}", "perm = Const value=int32:[0,2,1,3]"]
    last = "x"
    for number, op in enumerate(ops):
        name, _, rest = op.partition(" ")
        second = ", perm" if name in ("Transpose", "Reshape") else ""
        lines.append(f"n{number} = {name}({last}{second}) {rest}")
        last = f"n{number}"
    lines.append(f"out = FakeQuantWithMinMaxVars({last}, low, high) {attrs}")
    return "\n".join(lines)


def test_the_op_before_gets_the_name() -> None:
    done = apply(
        f"""
        x = Placeholder dtype=float
        bias = Const value=float:[1,2]
        b = BiasAdd(x, bias) T=float
        r = Relu(b) T=float
        p = MaxPool(r) {POOL}
        {RANGE}
        fq = FakeQuantWithMinMaxVars(p, low, high, ^x) num_bits=8
        out = Identity(fq) T=float _class={{"loc:@p"}}
        """,
        "hoist_fake_quants",
        ["x"],
        ["out"],
    )
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float
        bias = Const value=float:[1,2]
        b = BiasAdd(x, bias) T=float
        fq_hoisted = FakeQuantWithMinMaxVars(b, low, high, ^x) num_bits=8
        r = Relu(fq_hoisted) T=float
        {RANGE}
        fq = MaxPool(r) {POOL}
        out = Identity(fq) T=float _class={{"loc:@fq"}}
        """,
    )


@pytest.mark.parametrize(
    "ops",
    [
        ("Relu T=float",),
        ("Identity T=float", "Relu T=float", "Identity T=float", f"MaxPool {POOL}"),
        ("Transpose T=float Tperm=int32",),
        ("SpaceToDepth T=float block_size=2",),
    ],
)
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_the_results_are_the_same(ops: tuple[str, ...], bits: int) -> None:
    source = graph(chain(*ops, attrs=f"num_bits={bits} narrow_range=true"))
    done = transform(source, "hoist_fake_quants", ["x"], ["out"]).graph
    assert done["out_hoisted"].inputs[0] == "x"
    x = random(1, 4, 4, 2) * 5
    np.testing.assert_array_equal(values(done, {"x": x}), values(source, {"x": x}))


@pytest.mark.tensorflow
@pytest.mark.parametrize("high", [3.7, 5.9, 6.0])
def test_relu6_makes_no_difference_to_a_range_within(high: float) -> None:
    source = graph(chain("Relu6 T=float", high=high))
    done = transform(source, "hoist_fake_quants", ["x"], ["out"]).graph
    feeds = {"x:0": random(1, 4, 4, 2) * 9}
    moved = "out_hoisted" in done
    assert moved or high > 5.9
    left, right = (run(tensorflow(), g, feeds, ["out:0"])[0] for g in (source, done))
    np.testing.assert_allclose(left, right, atol=1e-6)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (chain("Relu6 T=float", high=6.5), "and 'n0' at 6"),
        (chain("Relu T=float") + "\ny = Neg(n0) T=float", "is used by 'y', too"),
        (chain("Relu T=float").replace("high = Const", "high = Const(^x)"), ""),
        (chain("Relu T=float").replace("Const value=float:3.7", "Placeholder"), "is no constant"),
        (chain("Relu T=float").replace("float:3.7", "float:[3,7]"), "is not one float"),
        (chain("Relu T=float").replace("float:3.7", "float:-2"), "its range is from"),
        (chain("Relu6 T=float", attrs="num_bits=99"), "num_bits"),
        (chain("Relu T=float").replace(", low, high", ""), "three inputs"),
    ],
)
def test_it_stays_with_the_reason(before: str, reason: str) -> None:
    done = apply(before, "hoist_fake_quants", ["x"], ["out"])
    moved = "out_hoisted" in done.graph
    assert moved == (not reason)
    if reason:
        assert reason in skips(done)["out"]


@pytest.mark.parametrize("op", ["Sigmoid T=float", f"AvgPool {POOL}", "Neg T=float", "Abs T=float"])
def test_it_does_not_move_before_what_changes_values(op: str) -> None:
    done = apply(chain(op), "hoist_fake_quants", ["x"], ["out"])
    assert "out_hoisted" not in done.graph


def test_outputs_keep_their_values() -> None:
    done = apply(chain("Relu T=float"), "hoist_fake_quants", ["x"], ["out", "n0"])
    assert skips(done) == {"out": "'n0' is an input or output"}


def test_it_moves_as_far_as_it_can() -> None:
    done = apply(chain("Neg T=float", "Relu T=float", "Identity T=float"), "hoist_fake_quants")
    assert done.graph["out_hoisted"].inputs[0] == "n0"


def test_a_cycle_ends() -> None:
    done = apply(
        f"""
        {RANGE}
        a = Identity(b) T=float
        b = Identity(a) T=float
        fq = FakeQuantWithMinMaxVars(b, low, high)
        """,
        "hoist_fake_quants",
    )
    assert "fq_hoisted" not in done.graph
