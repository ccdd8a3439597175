"""remove_dropout: graphs before and after, and what must not match."""

from __future__ import annotations

import pytest

from graphtools.graph import Graph
from tests.transforms.graphs import apply, graph, same

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
