"""Graphs made ready for the converter, as far as ranges go."""

from __future__ import annotations

import pytest

from graphtools.convert.conversion.quantization_ranges import (
    with_default_ranges,
    with_exact_fake_quants,
    with_ranges_of_joined,
)
from graphtools.errors import InvalidValue
from graphtools.formats import load
from graphtools.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import count, range_of
from tests.support import FIXTURES
from tests.transforms.fake_quants import FQ, X, fake_quant
from tests.transforms.graphs import graph
from tests.transforms.numerics import STATISTICS, close, ops, random, values

BATCH_NORM = f"""
{X}
w = Const value=float:[[[[1,-1],[0.5,2]]]]
{STATISTICS}
c = Conv2D(x, w) T=float strides={{1, 1, 1, 1}} padding="SAME" data_format="NHWC"
n = FusedBatchNorm(c, scale, offset, mean, variance) T=float is_training=false epsilon=0.001
out = Relu6(n) T=float
"""


def quantization_aware() -> Graph:
    return load(str(FIXTURES / "quant/frozen.pb"))


def test_batch_norms_are_part_of_the_weights_before_these_get_their_range() -> None:
    made, notes = with_default_ranges(graph(BATCH_NORM), ["x"], ["out"], 0, 6)
    assert "FusedBatchNorm" not in ops(made)
    assert ops(made).count("FakeQuantWithMinMaxVars") == 2
    assert notes == (
        "2 tensors without a range got a FakeQuant: weights that of their values, others that "
        "from 0 to 6",
    )


def test_weights_are_left_to_the_converter_where_that_is_asked() -> None:
    made, _ = with_default_ranges(graph(BATCH_NORM), ["x"], ["out"], 0, 6, weights=False)
    assert ops(made).count("FakeQuantWithMinMaxVars") == 1


def test_trained_ranges_stay_and_nothing_is_done_twice() -> None:
    source = quantization_aware()
    trained = {n.name: n.inputs[0] for n in source if n.op == "FakeQuantWithMinMaxVars"}
    made, _ = with_default_ranges(source, ["input"], ["logits"], 0, 6)
    assert trained.keys() <= {n.name for n in made if n.op == "FakeQuantWithMinMaxVars"}
    again, notes = with_default_ranges(made, ["input"], ["logits"], 0, 6)
    assert not notes
    assert len(again) == len(made)


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue):
        with_default_ranges(graph(BATCH_NORM), ["x"], ["out"], 6, 0)


def test_a_float_model_of_a_quantization_aware_graph_computes_what_it_does() -> None:
    source = quantization_aware()
    made, notes = with_exact_fake_quants(source, ["input"], ["logits"])
    assert not count(made)
    assert len(notes) == 1
    feeds = {"input": random(1, 16, 16, 3)}
    assert close(values(source, feeds, "logits"), values(made, feeds, "logits"), 1e-4)


def test_a_graph_without_fake_quants_is_left_as_it_is() -> None:
    source = graph(BATCH_NORM)
    assert with_exact_fake_quants(source, ["x"], ["out"]) == (source, ())


def test_a_fake_quant_that_stays_is_told() -> None:
    source = graph(
        f"{X}\nlow = Placeholder dtype=float\nout = FakeQuantWithMinMaxVars(x, low, low) {FQ}"
    )
    made, notes = with_exact_fake_quants(source, ["x", "low"], ["out"])
    assert count(made)
    assert "'out' stays a FakeQuant" in notes[1]


def test_what_is_joined_gets_the_range_that_holds_all() -> None:
    text = f"""
    {X}
    axis = Const value=int32:3
    {fake_quant("a", "x", 0, 5)}
    {fake_quant("b", "x", -2, 2)}
    out = ConcatV2(a, b, axis) T=float N=2 Tidx=int32
    """
    given = graph(text)
    made = with_ranges_of_joined(given)
    sources = [made[Ref.parse(i).node] for i in made["out"].data_inputs[:2]]
    assert [tuple(range_of(made, node)) for node in sources] == [(-2, 5), (-2, 5)]
    assert [node.data_inputs[0] for node in sources] == ["a", "b"]


def test_what_has_one_range_already_stays() -> None:
    text = f"""
    {X}
    axis = Const value=int32:3
    {fake_quant("a", "x", 0, 5)}
    {fake_quant("b", "x", 0, 5)}
    out = ConcatV2(a, b, axis) T=float N=2 Tidx=int32
    """
    given = graph(text)
    assert with_ranges_of_joined(given) is given
    unknown = graph(text.replace("ConcatV2(a, b,", "ConcatV2(a, x,"))
    assert with_ranges_of_joined(unknown) is unknown
