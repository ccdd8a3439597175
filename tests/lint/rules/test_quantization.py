"""GT400-GT419: FakeQuants, their ranges, and what they do not cover."""

from __future__ import annotations

import pytest

from graphtools.graph import Graph
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.lint.tables import all_rules
from graphtools.ops.bodies import body_of, function_of
from tests.lint.graphs import Case
from tests.transforms.graphs import function, graph
from tests.transforms.test_remove_ema import BEFORE as TRAINED

CONV = 'T=float padding="SAME" strides={1, 1, 1, 1} data_format="NHWC"'
RANGES = """
    zero = Const value=float:0
    low = Const value=float:-1
    one = Const value=float:1
    six = Const value=float:6
    x = Placeholder dtype=float shape=[1,8,8,2]
    w = Const value=float:zeros[1,1,2,2]
"""
FLOAT = f"""
    x = Placeholder dtype=float shape=[1,8,8,2]
    w = Const value=float:zeros[1,1,2,2]
    conv = Conv2D(x, w) {CONV}
    relu = Relu(conv) T=float
    add = AddV2(relu, relu) T=float
    y = Relu6(add) T=float
"""
#: Two layers, fully quantized.
GOOD = (
    RANGES
    + f"""
    wq = FakeQuantWithMinMaxVars(w, low, one) narrow_range=true
    conv = Conv2D(x, wq) {CONV}
    bias = Const value=float:[1,2]
    sum = BiasAdd(conv, bias) T=float
    relu = Relu6(sum) T=float
    act = FakeQuantWithMinMaxVars(relu, zero, six)
    pool = MaxPool(act) T=float padding="SAME" strides={{1, 2, 2, 1}} ksize={{1, 2, 2, 1}}
    conv2 = Conv2D(pool, wq) {CONV}
    y = FakeQuantWithMinMaxVars(conv2, low, one)
"""
)
#: The range of what MaxPool moves stands behind it.
MOVED = (
    GOOD.replace("MaxPool(act)", "MaxPool(relu)")
    .replace("act = FakeQuantWithMinMaxVars(relu, zero, six)", "")
    .replace("Conv2D(pool", "Conv2D(act")
    .replace("    conv2 =", "    act = FakeQuantWithMinMaxVars(pool, zero, six)\n    conv2 =")
)
#: A dilated convolution ends with what puts its batch together again.
DILATED = GOOD.replace("BiasAdd(conv, bias)", "BiasAdd(back, bias)").replace(
    "    bias =",
    """    block = Const value=int32:[1,1]
    crops = Const value=int32:[[0,0],[0,0]]
    back = BatchToSpaceND(conv, block, crops) T=float Tblock_shape=int32 Tcrops=int32
    bias =""",
)
ELU = GOOD.replace("MaxPool(act)", "MaxPool(act2)").replace(
    "    pool =",
    """    elu = Elu(act) T=float
    act2 = FakeQuantWithMinMaxVars(elu, low, six)
    pool =""",
)
#: A factor that becomes part of the weights of the convolution behind it.
SCALED = GOOD.replace("Conv2D(pool, wq)", "Conv2D(half, wq)").replace(
    "    conv2 =",
    """    factor = Const value=float:0.5
    half = Mul(pool, factor) T=float
    conv2 =""",
)
#: What is done to an image before the first FakeQuant.
PREPARED = GOOD.replace("Conv2D(x, wq)", "Conv2D(prepared, wq)").replace(
    "    conv =",
    """    half = Const value=float:0.5
    two = Mul(x, half) T=float
    quant = FakeQuantWithMinMaxVars(two, low, one)
    minus = Sub(two, one) T=float
    prepared = FakeQuantWithMinMaxVars(minus, low, one)
    conv =""",
)
PLAIN_RELU = GOOD.replace("Relu6", "Relu")
CONCAT = (
    RANGES
    + """
    a = FakeQuantWithMinMaxVars(x, zero, six)
    b = FakeQuantWithMinMaxVars(x, zero, one)
    axis = Const value=int32:3
    cat = ConcatV2(a, b, axis) T=float Tidx=int32 N=2
    y = FakeQuantWithMinMaxVars(cat, zero, six)
"""
)
EIGHT_BIT = (
    RANGES
    + """
    q = QuantizeV2(x, zero, six) T=quint8
    y = Dequantize(q, q:1, q:2) T=quint8
"""
)


def _act(low: str, high: str) -> str:
    return GOOD.replace("(relu, zero, six)", f"(relu, {low}, {high})").replace(
        "bias =", "nan = Const value=float:[1]\n    bias ="
    )


CASES = [
    Case("GT401", GOOD.replace("MaxPool(act)", "MaxPool(relu)"), GOOD, "relu",
         says="lacks a min/max range, and 'pool' computes with it"),
    Case("GT401", GOOD.replace("y = Fake", "z = Fake") + "y = Identity(conv2) T=float", GOOD,
         "conv2", says="it is an output"),
    Case("GT401", GOOD.replace("pool = MaxPool(act)", "m = Mul(act, act) T=float\n"
         "    add = AddV2(m, act) T=float\n    pool = MaxPool(add)"), FLOAT, "m",
         says="'add' computes with it"),
    Case("GT401", PREPARED, PREPARED.replace("Sub(two, one)", "Sub(quant, one)"), "two",
         says="'minus' computes with it"),
    Case("GT401", ELU, GOOD, "elu", says="no Elu in eight bits"),
    Case("GT401", GOOD.replace("act = Fake", "unread = Fake").replace("(act)", "(relu)"),
         MOVED, "relu"),
    Case("GT401", GOOD.replace("MaxPool(act)", "MaxPool(relu)"), SCALED, "relu"),
    Case("GT401", GOOD.replace("MaxPool(act)", "MaxPool(relu)"), DILATED, "relu"),
    Case("GT402", GOOD.replace("Conv2D(pool, wq)", "Conv2D(pool, w)"), GOOD, "conv2"),
    Case("GT403", _act("six", "zero"), GOOD, "act", says="6 to 0: it is empty"),
    Case("GT403", _act("zero", "zero"), GOOD, "act", says="empty"),
    Case("GT403", _act("one", "six"), GOOD, "act", says="does not contain zero",
         severity="warning"),
    Case("GT403", _act("six", "zero"), GOOD, "act", target="tensorflow-cpu", severity="warning"),
    Case("GT404", CONCAT, CONCAT.replace("(x, zero, one)", "(x, zero, six)"), "cat",
         says="2 ranges, from 0..1 to 0..6", cured=True),
    Case("GT405", GOOD.replace("(w, low, one)", "(w, low, six)"), GOOD, "wq"),
    Case("GT406", GOOD.replace("y =", "z =") + "q = QuantizeV2(z, low, one) T=quint8\n"
         "y = Dequantize(q, q:1, q:2) T=quint8", GOOD, "q"),
    Case("GT407", GOOD.replace("(relu, zero, six)", "(relu, zero, top)").replace("relu =",
         "axes = Const value=int32:[0,1,2,3]\n    top = Max(sum, axes) T=float Tidx=int32\n"
         "    relu ="), GOOD, "act"),
    Case("GT407", TRAINED, GOOD, "q", outputs=("q",), cured=True),
    Case("GT408", PLAIN_RELU, GOOD, "relu", says="'act' cuts"),
    Case("GT408", PLAIN_RELU.replace("MaxPool(act)", "MaxPool(relu)"), GOOD, "relu",
         says="without a range"),
    Case("GT409", GOOD.replace("BiasAdd(conv, bias)", "Mul(conv, bias)"), GOOD, "sum",
         says="product with constants"),
    Case("GT409", GOOD.replace("sum = BiasAdd(conv, bias) T=float",
         "sum = FusedBatchNormV3(conv, bias, bias, bias, bias) T=float U=float is_training=false"),
         GOOD, "sum", says="a batch norm behind 'conv'"),
    Case("GT410", EIGHT_BIT, GOOD, "q"),
]  # fmt: skip


def test_a_nan_range() -> None:
    import numpy as np

    from tests.transforms.graphs import const, graph
    from tests.transforms.numerics import replaced

    broken = replaced(graph(GOOD), const("six", np.float32(np.nan)))
    found = Case("GT403", broken, GOOD, "act").findings(broken)
    assert [f.severity for f in found] == ["error"]
    assert "no finite numbers" in found[0].message


def test_many_missing_ranges_are_one_finding() -> None:
    layers = "".join(
        f"c{n + 1} = Conv2D(c{n}, w) {CONV}\n    r{n} = Relu6(c{n + 1}) T=float\n    "
        for n in range(9)
    )
    text = RANGES + "c0 = FakeQuantWithMinMaxVars(x, zero, six)\n" + layers
    text += "\ny = FakeQuantWithMinMaxVars(c9, zero, six)"
    (found,) = Case("GT401", text, GOOD, None).findings(Case("GT401", text, GOOD, None).bad_graph())
    assert found.message.startswith("8 tensors lack a min/max range")


@pytest.mark.parametrize("code", [c for c in all_rules() if c.startswith("GT4")])
def test_a_float_graph_is_no_affair_of_quantization(code: str) -> None:
    case = Case(code, FLOAT, FLOAT, None)
    assert not case.findings(case.good_graph())


def _in_function(source: Graph) -> Graph:
    """A graph whose nodes stand in a function that it calls, but for the input."""
    argument = function("f", "x float", "r float = x", "")
    body = body_of(argument, {}, {})
    assert body is not None
    for node in source:
        if node.op != "Placeholder":
            body.graph.add(node.copy())
    text = """
        x = Placeholder dtype=float shape=[1,8,8,2]
        y = PartitionedCall(x) f=@f Tin={float} Tout={float}
    """
    return graph(text, [function_of(argument, body._replace(results=("y",)))])


_WRAPPED = [
    case
    for case in CASES
    if case.outputs == ("y",)
    and [n.name for n in case.bad_graph() if n.op in PLACEHOLDERS] == ["x"]
]


def test_most_cases_can_stand_in_a_function() -> None:
    assert len(_WRAPPED) > 20


@pytest.mark.parametrize("case", _WRAPPED, ids=str)
def test_what_stands_in_a_function_is_found_there(case: Case) -> None:
    plain = [f.message for f in case.findings(case.bad_graph())]
    inside = case.findings(_in_function(case.bad_graph()))
    assert [f.message.replace("'y/", "'") for f in inside] == plain
    assert all(f.node.startswith("y") and f.op and not f.cure for f in inside)
    assert not case.findings(_in_function(case.good_graph()))
