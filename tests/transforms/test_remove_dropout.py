"""remove_dropout: graphs before and after, and what must not match."""

from __future__ import annotations

import pytest

from graphtools.graph import Graph
from tests.transforms.graphs import apply, function, graph, same, skips, text_of

BEFORE = """
    x = Placeholder dtype=float shape=[1,4]
    shape = Const value=int32:[1,4]
    random = RandomUniform(shape) T=int32 dtype=float
    keep = Const value=float:0.5
    {}
    out = Relu(drop) T=float
"""
AFTER = """
    x = Placeholder dtype=float shape=[1,4]
    drop = Identity(x) T=float
    out = Relu(drop) T=float
"""
OLD = """
    div = RealDiv(x, keep) T=float
    sum = Add(keep, random) T=float
    floor = Floor(sum) T=float
"""
RANGE = """
    width = Const value=float:1
    wide = Mul(random, width) T=float
    uniform = Add(wide, keep) T=float
"""
NEW = """
    scaled = Mul(x, keep) T=float
    kept = GreaterEqual(random, keep) T=float
"""
FORMS = {
    "up to 1.12": OLD + "drop = Mul(div, floor) T=float",
    "mask first": OLD + "drop = Mul(floor, div) T=float",
    "with a range": RANGE
    + OLD.replace("(keep, random)", "(keep, uniform)")
    + "drop = Mul(div, floor) T=float",
    "from 1.13": NEW + "mask = Cast(kept) SrcT=bool DstT=float\ndrop = Mul(scaled, mask) T=float",
    "from 2.12": NEW + "none = Const value=float:0\ndrop = SelectV2(kept, scaled, none) T=float",
}


def _before(form: str) -> Graph:
    return graph(BEFORE.format(form))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_dropout_goes(form: str) -> None:
    done = apply(_before(form), "remove_dropout", ["x"], ["out"])
    assert same(done.graph, AFTER)


def test_a_dropout_that_is_an_output_keeps_its_name() -> None:
    done = apply(_before(FORMS["up to 1.12"]), "remove_dropout", ["x"], ["drop"])
    assert done.graph["drop"].op == "Identity"


def test_what_waits_for_something_still_does() -> None:
    text = FORMS["up to 1.12"].replace("drop = Mul(div, floor)", "drop = Mul(div, floor, ^init)")
    done = apply(graph("init = NoOp\n" + BEFORE.format(text)), "remove_dropout", ["x"], ["out"])
    assert done.graph["drop"].inputs == ("x", "^init")


@pytest.mark.parametrize(
    "form",
    [
        "drop = Mul(x, random) T=float",
        OLD.replace("Add(keep, random)", "Add(keep, x)") + "drop = Mul(div, floor) T=float",
        OLD.replace("RealDiv", "Sub") + "drop = Mul(div, floor) T=float",
        NEW.replace("GreaterEqual", "Less")
        + "mask = Cast(kept) SrcT=bool DstT=float\ndrop = Mul(scaled, mask) T=float",
        "drop = SelectV2(x, x, x) T=float",
    ],
)
def test_what_is_no_dropout_stays(form: str) -> None:
    before = _before(form)
    done = apply(before, "remove_dropout", ["x"], ["out"])
    assert not done.report.steps[0].edits


SCALED = NEW.replace("Mul(x, keep)", "Mul(x, two)") + "two = Const value=float:2\n"
MASK = "mask = Cast(kept) SrcT=bool DstT=float\n"


def test_what_is_scaled_behind_the_mask_is_left_as_it_was() -> None:
    text = SCALED.replace("Mul(x, two)", "Mul(x, mask)") + MASK
    done = apply(
        _before(text + "drop = Mul(two, scaled) T=float"), "remove_dropout", ["x"], ["out"]
    )
    assert done.graph["drop"].inputs == ("scaled",)
    assert done.graph["scaled"].inputs == ("x",)
    assert "two" not in done.graph


def test_a_branch_is_never_lost() -> None:
    gate = "gate = Placeholder dtype=float shape=[1,4]\n"
    text = gate + SCALED + MASK + "gated = Mul(scaled, gate) T=float\n"
    done = apply(
        _before(text + "drop = Mul(gated, mask) T=float"), "remove_dropout", ["x"], ["out"]
    )
    assert done.graph["drop"].inputs == ("gated",)
    assert done.graph["gated"].inputs == ("scaled", "gate")
    assert done.graph["scaled"].op == "Identity"
    assert "random" not in done.graph


def test_what_is_scaled_and_read_elsewhere_stays() -> None:
    text = SCALED + MASK + "quantized = FakeQuantWithMinMaxArgs(scaled)\n"
    text += "other = Neg(quantized) T=float\ndrop = Mul(quantized, mask) T=float"
    done = apply(_before(text), "remove_dropout", ["x"], ["out", "other"])
    assert skips(done) == {
        "drop": "'quantized', which is scaled for the mask, is used elsewhere, too"
    }
    done = apply(_before(text), "remove_dropout", ["x"], ["out", "scaled"])
    assert skips(done) == {"drop": "'scaled' is an input or output"}


def test_what_ran_before_the_mask_runs_before_what_is_left() -> None:
    text = (SCALED + MASK).replace(
        "GreaterEqual(random, keep)", "GreaterEqual(random, keep, ^init)"
    )
    done = apply(
        graph("init = NoOp\n" + BEFORE.format(text + "drop = Mul(scaled, mask) T=float")),
        "remove_dropout", ["x"], ["out"],
    )  # fmt: skip
    assert done.graph["drop"].inputs == ("x", "^init")


def test_a_mask_made_outside_of_a_loop_leaves_no_edge_into_it() -> None:
    text = (SCALED + MASK).replace(
        "GreaterEqual(random, keep)", "GreaterEqual(random, keep, ^init)"
    )
    text += 'inner = Enter(mask) T=float frame_name="f" is_constant=true\n'
    done = apply(
        graph("init = NoOp\n" + BEFORE.format(text + "drop = Mul(scaled, inner) T=float")),
        "remove_dropout", ["x"], ["out"],
    )  # fmt: skip
    assert done.graph["drop"].inputs == ("x",)


def test_dropouts_in_functions_go() -> None:
    body = """
        shape = Shape(a) T=float
        random = RandomUniform(shape:output:0) T=int32 dtype=float
        half = Const value=float:0.5
        two = Const value=float:2
        zero = Const value=float:0
        scaled = Mul(a, two:output:0) T=float
        kept = GreaterEqual(random:output:0, half:output:0) T=float
        drop = SelectV2(kept:z:0, scaled:z:0, zero:output:0) T=float
        split = Split(half_way:output:0, drop:output:0) T=float num_split=2
        half_way = Const value=int32:1
        sum = AddV2(split:output:1, split:output:0) T=float
    """
    inner = function("inner", "a float", "r float = sum:z:0, d float = drop:output:0", body)
    text = """
        x = Placeholder dtype=float shape=[1,4]
        y = StatefulPartitionedCall(x) Tin={float} Tout={float,float} f=@inner
    """
    done = apply(text, "remove_dropout", ["x"], ["y"], [inner])
    after = done.graph.functions["inner"]
    assert text_of(after.nodes) == (
        "drop = Identity(a) T=float32\n"
        "split = Split(half_way:output:0, drop:output:0) T=float32 num_split=2\n"
        "half_way = Const value=int32:1\n"
        "sum = AddV2(split:output:1, split:output:0) T=float32"
    )
    assert after.outputs == {"r": "sum:z:0", "d": "drop:output:0"}


def test_what_the_mask_has_waited_for_is_waited_for_by_the_result() -> None:
    form = FORMS["from 2.12"].replace("(random, keep)", "(random, keep, ^update)")
    text = BEFORE.format(form) + "state = VariableV2 dtype=float shape=[]\n"
    done = apply(text + "update = AssignAdd(state, keep) T=float", "remove_dropout", ["x"], ["out"])
    assert done.graph["drop"].inputs == ("x", "^update")
