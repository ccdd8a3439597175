"""What a dropout is, which of its factors is the scale, and what is none."""

from __future__ import annotations

import pytest

from graphtools.idioms import dropout
from tests.transforms.graphs import function, graph

COMMON = """
    x = Placeholder dtype=float shape=[2,4]
    gate = Placeholder dtype=float shape=[2,4]
    rate = Const value=float:0.75
    keep = Const value=float:0.25
    four = Const value=float:4
    one = Const value=float:1
    zero = Const value=float:0
    fed = Placeholder dtype=float
    dims = Const value=int32:[2,4]
    random = RandomUniform(dims) T=int32 dtype=float
    ge = GreaterEqual(random, rate) T=float
    cast = Cast(ge) SrcT=bool DstT=float
"""


def found(text: str) -> list[str]:
    """The dropouts: their ends, with what is left and what the scale leaves."""
    listed = []
    for d in dropout.find(graph(COMMON + text)):
        kept = d.node.data_inputs[d.kept]
        scaled = "" if d.scale is None else f" {d.scale.name}>{d.scale.data_inputs[d.unscaled]}"
        listed.append(f"{d.end.name}: {d.node.name}>{kept}{scaled}")
    return listed


FLOOR = "sum = Add({}) T=float\nfloor = Floor(sum) T=float\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the scale before the mask, on either side
        ("s = Mul(x, four) T=float\ny = Mul(s, cast) T=float", "y: y>s s>x"),
        ("s = Mul(four, x) T=float\ny = Mul(cast, s) T=float", "y: y>s s>x"),
        ("s = RealDiv(x, keep) T=float\ny = Mul(s, cast) T=float", "y: y>s s>x"),
        # behind it
        ("m = Mul(x, cast) T=float\ny = Mul(m, four) T=float", "y: m>x y>m"),
        ("m = Mul(cast, x) T=float\ny = RealDiv(m, keep) T=float", "y: m>x y>m"),
        # and within it
        ("m = Mul(cast, four) T=float\ny = Mul(m, x) T=float", "y: y>x"),
        ("m = RealDiv(cast, keep) T=float\ny = Mul(x, m) T=float", "y: y>x"),
        # behind other factors, which stay
        (
            "s = Mul(x, four) T=float\ng = Mul(s, gate) T=float\ny = Mul(g, cast) T=float",
            "y: y>g s>x",
        ),
        (
            "g = Mul(keep, x) T=float\nm = Mul(g, cast) T=float\ny = Mul(four, m) T=float",
            "y: m>g y>m",
        ),
        # older and other ways to write it
        (
            FLOOR.format("random, keep") + "i = Inv(keep) T=float\ns = Mul(x, i) T=float\n"
            "y = Mul(s, floor) T=float",
            "y: y>s s>x",
        ),
        (
            FLOOR.format("fed, random") + "s = Div(x, fed) T=float\ny = Mul(floor, s) T=float",
            "y: y>s s>x",
        ),
        (
            "r = Sub(one, fed) T=float\nover = GreaterEqual(random, r) T=float\n"
            "c = Cast(over) SrcT=bool DstT=float\nh = RealDiv(one, fed) T=float\n"
            "s = Mul(x, h) T=float\ny = Mul(s, c) T=float",
            "y: y>s s>x",
        ),
        ("s = Mul(x, four) T=float\ny = SelectV2(ge, s, zero) T=float", "y: y>s s>x"),
        (
            "s = Mul(x, four) T=float\nz = ZerosLike(s) T=float\ny = Select(ge, s, z) T=float",
            "y: y>s s>x",
        ),
        (
            "less = Less(random, rate) T=float\ns = Mul(x, four) T=float\n"
            "y = SelectV2(less, zero, s) T=float",
            "y: y>s s>x",
        ),
        (
            "less = Less(random, rate) T=float\nnot = LogicalNot(less)\n"
            "s = Mul(x, four) T=float\ny = SelectV2(not, s, zero) T=float",
            "y: y>s s>x",
        ),
        # of a range
        (
            "two = Const value=float:2\nwide = Mul(random, two) T=float\n"
            "at = Const value=float:1.5\nover = GreaterEqual(wide, at) T=float\n"
            "c = Cast(over) SrcT=bool DstT=float\ns = Mul(x, four) T=float\n"
            "y = Mul(s, c) T=float",
            "y: y>s s>x",
        ),
        # with quantization between the factors
        (
            "s = Mul(x, four) T=float\nq = FakeQuantWithMinMaxArgs(s)\ny = Mul(q, cast) T=float",
            "y: y>q s>x",
        ),
        # where no factor makes up for the mask, a number is taken for the scale, and no branch
        ("s = Mul(keep, x) T=float\ny = Mul(s, cast) T=float", "y: y>s s>x"),
        ("g = Mul(x, gate) T=float\ny = Mul(g, cast) T=float", "y: y>g"),
    ],
)
def test_dropouts(text: str, expected: str) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "op", ["StatelessRandomUniform(dims, dims)", "StatelessRandomUniformV2(dims, k, k, k)"]
)
def test_random_numbers_may_be_stateless(op: str) -> None:
    text = f"k = Const value=int32:[1]\nr = {op} T=int32 dtype=float\n"
    text += "o = GreaterEqual(r, rate) T=float\ns = Mul(x, four) T=float\n"
    assert found(text + "y = SelectV2(o, s, zero) T=float") == ["y: y>s s>x"]


@pytest.mark.parametrize(
    "text",
    [
        # a mask alone may be wanted
        "y = Mul(x, cast) T=float",
        # noise
        "y = Mul(x, random) T=float",
        "n = Add(x, random) T=float\ny = Mul(n, four) T=float",
        # one or the other by chance
        "s = Mul(x, four) T=float\ny = SelectV2(ge, s, x) T=float",
        "s = Mul(x, four) T=float\ny = SelectV2(ge, s, one) T=float",
        # a sample of what the network has computed
        "p = Sigmoid(gate) T=float\no = GreaterEqual(random, p) T=float\n"
        "s = Mul(x, four) T=float\ny = SelectV2(o, s, zero) T=float",
        # no mask of chance
        "o = GreaterEqual(gate, rate) T=float\ns = Mul(x, four) T=float\n"
        "y = SelectV2(o, s, zero) T=float",
        # alpha_dropout
        "g = Mul(x, gate) T=float\nm = Mul(g, cast) T=float\nrest = Sub(one, cast) T=float\n"
        "alpha = Mul(four, rest) T=float\nsum = Add(m, alpha) T=float\ny = Mul(sum, keep) T=float",
        # the mask makes several of one
        "v = Const value=float:[[1,2,3,4]]\ns = Mul(v, four) T=float\ny = Mul(s, cast) T=float",
        # what comes after the point is lost, so that it is no longer a uniform number
        "i = Cast(random) SrcT=float DstT=int32\nf = Cast(i) SrcT=int32 DstT=float\n"
        "o = GreaterEqual(f, rate) T=float\ns = Mul(x, four) T=float\n"
        "y = SelectV2(o, s, zero) T=float",
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) == []


def test_the_search_ends_on_cycles() -> None:
    assert found("a = Mul(b, cast) T=float\nb = Mul(a, four) T=float\ny = Mul(y, cast) T=float")
    assert not found("c = Add(c, random) T=float\nf = Floor(c) T=float\ny = Mul(x, f) T=float")


def test_functions_are_looked_at() -> None:
    body = COMMON.replace("x = Placeholder dtype=float shape=[2,4]\n", "").replace(
        "RandomUniform(dims)", "RandomUniform(dims:output:0)"
    )
    body = body.replace("(random, rate)", "(random:output:0, rate:output:0)")
    body = body.replace("(ge)", "(ge:z:0)")
    body += "s = Mul(four:output:0, x) T=float\ny = Mul(s:z:0, cast:y:0) T=float"
    source = graph(
        "a = Placeholder dtype=float", [function("f", "x float", "r float = y:z:0", body)]
    )
    assert [(n, d.end.name) for n, d in dropout.find_in_functions(source)] == [("f", "y")]
