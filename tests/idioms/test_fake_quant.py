from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from graphtools import load
from graphtools.idioms.fake_quant import (
    COMMUTES,
    FAKE_QUANTS,
    Range,
    count,
    find,
    grid_of,
    layers_of_weights,
    range_of,
)
from graphtools.ops.bodies import body_of
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.unfit import Unfit
from tests.arrays import f32
from tests.support import FIXTURES
from tests.transforms.graphs import function, graph
from tests.transforms.numerics import run
from tests.transforms.quantized_runs import tensorflow

NET = """
x = Placeholder dtype=float shape=[1,4]
lo = Const value=float:-1
hi = Const value=float:3
high = Identity(hi) T=float
q = FakeQuantWithMinMaxVars(x, lo, high) num_bits=8 narrow_range=false
a = FakeQuantWithMinMaxArgs(q) min=0.0 max=6.0 num_bits=4 narrow_range=true
"""
WEIGHTS = """
x = Placeholder dtype=float shape=[1,2]
w = Const value=float:[[1,2],[3,-4]]
s = Const value=float:[2,2]
folded = Mul(w, s) T=float
lo = Const value=float:[-6,-8]
hi = Const value=float:[6,8]
q = FakeQuantWithMinMaxVarsPerChannel(folded, lo, hi) num_bits=8 narrow_range=true
r = Identity(q) T=float
y = MatMul(x, r) T=float
z = Add(y, q) T=float
"""


def test_ranges_stand_in_inputs_behind_what_hands_on_and_in_attributes() -> None:
    own = graph(NET)
    found = find(own, infer_shapes(own))
    assert [(f.node.name, f.ranges, f.bits, f.is_narrow, f.of_weights) for f in found] == [
        ("q", (Range(-1, 3),), 8, False, False),
        ("a", (Range(0, 6),), 4, True, False),
    ]
    assert [range_of(own, f.node) for f in found] == [Range(-1, 3), Range(0, 6)]


def test_attributes_that_are_left_out_are_the_defaults_of_the_op() -> None:
    own = graph("x = Placeholder dtype=float shape=[4]\ny = FakeQuantWithMinMaxArgs(x)")
    (found,) = find(own, infer_shapes(own))
    assert (found.ranges, found.bits, found.is_narrow) == ((Range(-6, 6),), 8, False)


def test_weights_are_what_is_computed_from_constants_and_have_their_layers() -> None:
    own = graph(WEIGHTS)
    (found,) = find(own, infer_shapes(own))
    assert found.of_weights
    assert found.is_per_channel
    assert found.ranges == (Range(-6, 6), Range(-8, 8))
    assert found.asymmetric() is None
    assert [node.name for node in layers_of_weights(own, found)] == ["y"]


def test_weights_of_a_frozen_graph_are_told_from_its_values() -> None:
    frozen = load(FIXTURES / "quant/frozen.pb")
    names = {f.node.name for f in find(frozen, infer_shapes(frozen)) if f.of_weights}
    assert names == {n.name for n in frozen if n.op in FAKE_QUANTS and "weights_quant" in n.name}
    assert names


@pytest.mark.parametrize(
    ("lo", "hi", "asymmetric"),
    [("[-6,-8]", "[6,8]", None), ("[-6,-8]", "[6,7]", Range(-8, 7)), ("[-6,-8]", "[6,8.06]", None)],
)
def test_a_range_is_symmetric_but_for_rounding(lo: str, hi: str, asymmetric: Range | None) -> None:
    own = graph(
        WEIGHTS.replace("float:[-6,-8]", f"float:{lo}").replace("float:[6,8]", f"float:{hi}")
    )
    assert find(own, infer_shapes(own))[0].asymmetric() == asymmetric


@pytest.mark.parametrize(
    ("old", "new", "ranges", "reason"),
    [
        ("lo = Const value=float:-1", "lo = Placeholder dtype=float shape=[]", None, "no constant"),
        ("lo = Const value=float:-1", "lo = Const value=float:[-1,0]", None, "not one float"),
        ("lo = Const value=float:-1", "lo = Const value=float:3", (Range(3, 3),), "from 3 to 3"),
        ("lo = Const value=float:-1", "lo = Const value=float:4", (Range(4, 3),), "from 4 to 3"),
        ("(x, lo, high)", "(x, lo)", None, "three inputs"),
    ],
)
def test_a_range_that_is_none_is_not_made_up(
    old: str, new: str, ranges: tuple[Range, ...] | None, reason: str
) -> None:
    own = graph(NET.replace(old, new))
    assert find(own, infer_shapes(own))[0].ranges == ranges
    with pytest.raises(Unfit, match=reason):
        range_of(own, own["q"])


@pytest.mark.parametrize("end", [math.nan, math.inf])
def test_a_range_without_an_end_is_told(end: float) -> None:
    assert not Range(0, end).is_finite
    assert not Range(0, end).is_sound
    assert not Range(end, 1).is_sound


def test_bits_that_the_op_does_not_take_are_none() -> None:
    own = graph(NET.replace("num_bits=4", "num_bits=17"))
    assert find(own, infer_shapes(own))[1].bits == 0
    with pytest.raises(Unfit, match="between 2 and 16"):
        grid_of(own["a"], Range(0, 6))


def test_those_in_functions_are_counted_and_found_in_the_body() -> None:
    inner = "q = FakeQuantWithMinMaxArgs(x) min=0.0 max=6.0 num_bits=8 narrow_range=false"
    own = graph(
        "a = Placeholder dtype=float", [function("f", "x float", "r float = q:outputs:0", inner)]
    )
    assert count(own) == 1
    body = body_of(own.functions["f"], own.functions, {}, own.versions)
    assert body is not None
    assert [f.ranges for f in find(body.graph, infer_shapes(body.graph))] == [(Range(0, 6),)]


GRIDS = [
    (low, high, bits, narrow)
    for (low, high), bits, narrow in itertools.product(
        [(-1, 3), (0, 6), (-6, 0), (-0.6, 0.59), (-1e-3, 7), (-5, 1e-3)],
        [2, 4, 8, 16],
        [False, True],
    )
]


@pytest.mark.tensorflow
@pytest.mark.parametrize(("low", "high", "bits", "narrow"), GRIDS)
def test_the_grid_ends_where_the_kernel_of_tensorflow_cuts(
    low: float, high: float, bits: int, narrow: bool
) -> None:
    attrs = f"num_bits={bits} narrow_range={str(narrow).lower()}"
    own = graph(
        f"""
        x = Placeholder dtype=float shape=[3]
        q = FakeQuantWithMinMaxArgs(x) min={float(low)} max={float(high)} {attrs}
        """
    )
    grid = grid_of(own["q"], Range(low, high))
    (found,) = run(tensorflow(), own, {"x:0": f32([-1e3, 0, 1e3])}, ["q:0"])
    assert np.allclose(found, [grid.low, 0, grid.high], rtol=1e-5, atol=1e-6)


@pytest.mark.tensorflow
@pytest.mark.parametrize("op", sorted(COMMUTES - {"Relu6"}))
def test_before_what_commutes_it_does_the_same_as_behind(op: str) -> None:
    more = {
        "ExpandDims": ("axis = Const value=int32:0", ", axis", "T=float Tdim=int32"),
        "Reshape": ("axis = Const value=int32:[64]", ", axis", "T=float Tshape=int32"),
        "Transpose": ("axis = Const value=int32:[3,1,2,0]", ", axis", "T=float Tperm=int32"),
        "SpaceToDepth": ("", "", "T=float block_size=2"),
        "DepthToSpace": ("", "", "T=float block_size=2"),
        "MaxPool": ("", "", 'T=float ksize={1,2,2,1} strides={1,2,2,1} padding="VALID"'),
    }
    constant, argument, attrs = more.get(op, ("", "", "T=float"))
    quant = "FakeQuantWithMinMaxArgs({}) min=-1.0 max=1.5 num_bits=3 narrow_range=false"
    own = graph(
        f"""
        x = Placeholder dtype=float shape=[1,4,4,4]
        {constant}
        o = {op}(x{argument}) {attrs}
        behind = {quant.format("o")}
        q = {quant.format("x")}
        before = {op}(q{argument}) {attrs}
        """
    )
    values = np.random.default_rng(1).normal(0, 1.5, (1, 4, 4, 4)).astype(np.float32)
    before, behind = run(tensorflow(), own, {"x:0": values}, ["before:0", "behind:0"])
    assert np.array_equal(before, behind)
