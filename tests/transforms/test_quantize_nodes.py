"""Ops that compute with eight-bit codes."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools import Graph, GraphtoolsError, load
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import CONV, random, run
from tests.transforms.quantized_runs import run_fixture, tensorflow

POOL = 'ksize={1, 2, 2, 1} strides={1, 2, 2, 1} padding="SAME"'
QUANTIZED = 'T=quint8 mode="MIN_FIRST"'
IMAGE = "x = Placeholder dtype=float shape=[1,6,6,3]\n"
FILTER = "w = Const value=float:[[[[1,2],[3,-4],[5,6]]]]\n"


def measured(prefix: str, source: str) -> str:
    """The nodes that make codes of a tensor."""
    return f"""
        {prefix}/reshape_dims = Const(^{source}) value=int32:[-1]
        {prefix}/reduction_dims = Const(^{source}) value=int32:[0]
        {prefix}/reshape = Reshape({source}, {prefix}/reshape_dims) T=float
        {prefix}/min = Min({prefix}/reshape, {prefix}/reduction_dims) T=float keep_dims=false
        {prefix}/max = Max({prefix}/reshape, {prefix}/reduction_dims) T=float keep_dims=false
        {prefix}/quantize = QuantizeV2({source}, {prefix}/min, {prefix}/max) {QUANTIZED}
    """


def test_an_op_gets_codes_and_gives_floats() -> None:
    done = apply(
        "x = Placeholder dtype=float\ninit = NoOp\ny = Relu(x, ^init) T=float",
        "quantize_nodes",
        ["x"],
        ["y"],
    )
    q = "y_eightbit/x/quantize"
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float
        init = NoOp
        {measured("y_eightbit/x", "x")}
        y/eightbit = QuantizedRelu({q}, {q}:1, {q}:2, ^init) Tinput=quint8
        y = Dequantize(y/eightbit, y/eightbit:1, y/eightbit:2) {QUANTIZED}
        """,
    )


def test_results_of_32_bits_are_brought_to_eight() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[?,2]
        y = Mul(x, x) T=float
        """,
        "quantize_nodes",
        ["x"],
        ["y"],
    )
    q, r, s = "y_eightbit/x/quantize", "y/eightbit/requant_range", "y/eightbit/requantize"
    types = "T1=quint8 T2=quint8 Toutput=qint32"
    three = "y/eightbit, y/eightbit:1, y/eightbit:2"
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float shape=[?,2]
        {measured("y_eightbit/x", "x")}
        y/eightbit = QuantizedMul({q}, {q}, {q}:1, {q}:2, {q}:1, {q}:2) {types}
        {r} = RequantizationRange({three}) Tinput=qint32
        {s} = Requantize({three}, {r}, {r}:1) Tinput=qint32 out_type=quint8
        y = Dequantize({s}, {s}:1, {s}:2) {QUANTIZED}
        """,
    )


def test_codes_are_passed_on_as_they_are() -> None:
    done = apply(
        f"{IMAGE}p = MaxPool(x) T=float {POOL}\ny = Relu(p) T=float",
        "quantize_nodes strip_unused_nodes",
        ["x"],
        ["y"],
    )
    inputs = ("p/eightbit", "p/eightbit:1", "p/eightbit:2")
    assert done.graph["y/eightbit"].inputs == inputs
    assert [n.op for n in done.graph if n.op == "Dequantize"] == ["Dequantize"]


def test_fallback_ranges_are_constants() -> None:
    spec = "quantize_nodes(fallback_min=-2, fallback_max=6)"
    done = apply(f"{IMAGE}y = Add(x, x) T=float", spec, ["x"], ["y"]).graph
    assert done["y/eightbit/requantize"].inputs[3:] == (
        "y/eightbit/fallback_min",
        "y/eightbit/fallback_max",
    )
    assert not done["y/eightbit/fallback_min"].inputs
    assert not any(n.op == "RequantizationRange" for n in done)


def test_trained_ranges_take_the_place_of_measured_ones() -> None:
    done = apply(
        f"""
        {IMAGE}
        {FILTER}
        low = Const value=float:0
        high = Const value=float:6
        c = Conv2D(x, w) {CONV}
        r = Relu6(c) T=float
        y = FakeQuantWithMinMaxVars(r, low, high) num_bits=8 narrow_range=false
        """,
        "quantize_nodes strip_unused_nodes",
        ["x"],
        ["y"],
    ).graph
    (requantize,) = [n for n in done if n.op == "Requantize"]
    inputs = ("c/eightbit", "c/eightbit:1", "c/eightbit:2", "low", "high")
    assert requantize.inputs == inputs
    assert done["y/eightbit"].inputs[0] == requantize.name
    assert not any(n.op in ("RequantizationRange", "FakeQuantWithMinMaxVars") for n in done)


def test_inputs_are_fed_as_codes() -> None:
    spec = "quantize_nodes(input_min=-1, input_max=1) strip_unused_nodes"
    source = f"{IMAGE}ids = Placeholder dtype=int32\ny = Relu(x) T=float\nz = Identity(ids) T=int32"
    done = apply(source, spec, ["x", "ids"], ["y", "z"]).graph
    assert str(done["x"].attr("dtype")) == "quint8"
    assert str(done["ids"].attr("dtype")) == "int32"
    assert done["y/eightbit"].inputs == ("x", "x_eightbit/min", "x_eightbit/max")


def test_attributes_of_the_op_are_kept() -> None:
    done = apply(
        f"""
        {IMAGE}
        size = Const value=int32:[3,3]
        r = ResizeBilinear(x, size) T=float half_pixel_centers=true
        s = Split(axis, x) T=float num_split=3
        axis = Const value=int32:3
        y = MatMul(a, s:1) T=float transpose_a=true
        a = Placeholder dtype=float shape=[2,2]
        """,
        "quantize_nodes",
        ["x", "a"],
        ["r", "y"],
    ).graph
    assert done["r/eightbit"].attr("half_pixel_centers") is True
    assert done["r/eightbit"].attr("align_corners") is False
    assert done["r/eightbit"].inputs[1] == "size"
    assert done["y/eightbit"].attr("transpose_a") is True
    assert done["y_eightbit/s__port__1/reshape_dims"].inputs == ("^s",)


def test_ops_that_are_ignored_stay() -> None:
    done = apply(f"{IMAGE}y = Relu(x) T=float", "quantize_nodes(ignore_op=Relu, ignore_op=Elu)")
    assert done.graph["y"].op == "Relu"
    assert "Elu" in done.report.steps[0].notes[0]


CONV_NODE = f"{IMAGE}{FILTER}y = Conv2D(x, w) {CONV}"
SUM = "y = {op}(a, b) T=float\na = Placeholder dtype=float shape={a}\n"
SUM += "b = Placeholder dtype=float shape={b}"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (CONV_NODE.replace("NHWC", "NCHW"), "NHWC only"),
        (f"{CONV_NODE} dilations={{1, 2, 2, 1}}", "no dilation"),
        (CONV_NODE.replace("{1, 1, 1, 1}", "{1, 1, 2, 1}"), "same stride"),
        (CONV_NODE.replace("{1, 1, 1, 1}", "{1, 1}"), "damaged"),
        (CONV_NODE.replace("{1, 1, 1, 1}", "5"), "damaged"),
        (CONV_NODE.replace("strides={1, 1, 1, 1}", ""), "no attribute strides"),
        (CONV_NODE.replace('"SAME"', '"EXPLICIT"'), "explicit padding"),
        (f"{IMAGE}y = MaxPool(x) T=float {POOL.replace('2, 1}', '2, 2}')}", "height and width"),
        (f'{IMAGE}y = AvgPool(x) T=float {POOL} data_format="NCHW"', "NHWC only"),
        (f"{IMAGE}y = Concat(d, x, x) T=float N=2\nd = Const value=int32:-1", "axis"),
        (f"{IMAGE}y = Concat(d, x, x) T=float N=2\nd = Placeholder dtype=int32", "axis"),
        ("x = Placeholder dtype=float shape=[0,3]\ny = Relu(x) T=float", "is empty"),
        (SUM.format(op="Add", a="[2,3]", b="[2,1]"), "these shapes"),
        (SUM.format(op="Mul", a="[?,4,4,3]", b="[?,1,1,3]"), "these shapes"),
        (SUM.format(op="Mul", a="unknown", b="[3]"), "these shapes"),
        (SUM.format(op="Mul", a="[?,?]", b="[?,?]"), "these shapes"),
    ],
)
def test_what_would_not_compute_the_same_stays_with_the_reason(before: str, reason: str) -> None:
    done = apply(before, "quantize_nodes", (), ["y"])
    assert reason in skips(done)["y"]
    assert not done.graph["y"].op.startswith("Dequantize")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("[2,3]", "[2,3]"),
        ("[?,4]", "[?,4]"),
        ("[?,?,3]", "[3]"),
        ("[?,?,?]", "[1]"),
        ("[1,1]", "[?,?]"),
        ("[5,4,3]", "[1,4,3]"),
        ("[4,3]", "[5,4,3]"),
        ("[?,3]", "[5,4,3]"),
        ("[1,3]", "[2,1,3]"),
    ],
)
def test_sums_of_tensors_that_are_repeated_are_quantized(a: str, b: str) -> None:
    done = apply(SUM.format(op="Add", a=a, b=b), "quantize_nodes", ["a", "b"], ["y"])
    assert done.graph["y"].op == "Dequantize"
    assert not skips(done)


def test_what_is_no_float_stays_without_a_word() -> None:
    done = apply("x = Placeholder dtype=int32\ny = Add(x, x) T=int32", "quantize_nodes")
    assert done.graph["y"].op == "Add"
    assert not skips(done)


FAKE_QUANT = """
    x = Placeholder dtype=float
    low = Const value=float:{low}
    high = Const value=float:6
    y = FakeQuantWithMinMaxVars(x, low, high) {rest}
"""


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (FAKE_QUANT.format(low=-1, rest="num_bits=4"), "not of eight bits"),
        (FAKE_QUANT.format(low=-1, rest="narrow_range=true"), "narrow_range"),
        (FAKE_QUANT.format(low=1, rest=""), "does not include zero"),
        (FAKE_QUANT.format(low=7, rest=""), "its range is from"),
        (
            FAKE_QUANT.format(low=-1, rest="").replace("low = Const", "low = Placeholder"),
            "no constant",
        ),
    ],
)
def test_other_fake_quants_stay(before: str, reason: str) -> None:
    done = apply(before, "quantize_nodes", ["x"], ["y"])
    assert reason in skips(done)["y"]
    assert done.graph["y"].op == "FakeQuantWithMinMaxVars"


@pytest.mark.parametrize(
    "parameters",
    ["input_min=1", "fallback_max=1", "fallback_min=1, fallback_max=2", "input_min=2, input_max=1"],
)
def test_ranges_are_checked(parameters: str) -> None:
    with pytest.raises(GraphtoolsError, match="_m"):
        apply(IMAGE, f"quantize_nodes({parameters})")


@pytest.mark.parametrize(
    "before",
    [
        "y = Relu",
        "y = Relu T=float",
        "y = Concat(x) T=float N=99999999\nx = Placeholder dtype=float",
        "y = Conv2D(x) T=float\nx = Placeholder dtype=float",
        "y = Relu(x) T=float\nx = Relu(y) T=float",
        "x = Placeholder dtype=float\nd = Dequantize(x)\ny = QuantizeV2(d) T=quint8",
        'd = Dequantize T=quint8\ny = QuantizeV2(d) T=quint8 mode="MIN_FIRST"',
        "r = Requantize(y, y, y, y, y)\ny = QuantizeV2",
        "y = FakeQuantWithMinMaxVars",
    ],
)
def test_damaged_graphs_end_well(before: str) -> None:
    apply(before, "quantize_nodes(fallback_min=-1, fallback_max=1)")


SMALL = f"""
    x = Placeholder dtype=float shape=[1,6,6,3]
    w = Const value=float:[[[[0.5,-0.2],[0.3,-0.4],[0.25,0.6]]]]
    b = Const value=float:[0.1,-0.3]
    c = Conv2D(x, w) {CONV}
    d = BiasAdd(c, b) T=float
    r = Relu6(d) T=float
    out = AvgPool(r) T=float {POOL}
"""


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "spec",
    [
        "quantize_nodes",
        "quantize_nodes(fallback_min=-2, fallback_max=2)",
        "quantize_weights(minimum_size=2) quantize_nodes strip_unused_nodes",
    ],
)
def test_errors_are_some_steps_in_tensorflow(spec: str) -> None:
    source = graph(SMALL)
    done = transform(source, spec, ["x"], ["out"]).graph
    feeds = {"x:0": random(1, 6, 6, 3)}
    left, right = (run(tensorflow(), g, feeds, ["out:0"])[0] for g in (source, done))
    step = 4 / 255
    assert 0 < np.abs(left - right).max() < 3 * step


@pytest.mark.tensorflow
@pytest.mark.parametrize("fallback", ["", "(fallback_min=-10, fallback_max=10)"])
def test_loops_still_run(fallback: str) -> None:
    name = "control_flow/v1/frozen.pb"
    done = transform(load(str(FIXTURES / name)), f"quantize_nodes{fallback}").graph
    assert any(n.op.startswith("Quantized") for n in done)
    for got, wanted in run_fixture(name, done):
        assert got.shape == wanted.shape
        assert np.isfinite(got).all()


@pytest.mark.tensorflow
def test_a_classifier_computes_nearly_the_same() -> None:
    name = "classifier/frozen.pb"
    spec = "fold_constants remove_nodes(op=Identity) fold_old_batch_norms quantize_nodes"
    outputs = ["MobilenetV1/Predictions/Reshape_1", "MobilenetV1/Logits/SpatialSqueeze"]
    done: Graph = transform(load(str(FIXTURES / name)), spec, ["input"], outputs).graph
    assert sum(n.op == "QuantizedConv2D" for n in done) > 1
    for got, wanted in run_fixture(name, done):
        assert np.abs(got - wanted).max() < 0.15 * max(1, np.abs(wanted).max())
