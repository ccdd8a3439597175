from __future__ import annotations

import pytest

from graphtools.convert.conversion.converter_input import ConverterInput, converter_input
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.convert.conversion.quantization_checks import (
    check_constants,
    check_mode,
    input_statistics,
    with_integer_type,
)
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph import Graph
from graphtools.idioms.fake_quant import FakeQuant, find
from graphtools.ops.inference import infer_shapes
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

NET = """
x = Placeholder dtype=float shape=[1,4]
n = Placeholder dtype=int32 shape=[4]
lo = Const value=float:-1
hi = Const value=float:3
q = FakeQuantWithMinMaxVars(x, lo, hi) num_bits=8 narrow_range=false
a = FakeQuantWithMinMaxArgs(q) min=0.0 max=6.0 num_bits=8 narrow_range=true
y = Gather(a, n) Tparams=float Tindices=int32
"""


def asked(text: str) -> ConverterInput:
    return converter_input(graph(text), ["x", "n"], ["y"])


def test_statistics_follow_from_the_range_of_the_input() -> None:
    own = asked(NET)
    found = find(own.graph, own.inference)
    unsigned, notes = input_statistics(own, ConversionOptions("qat"), found)
    assert unsigned == {"x:0": (64, 255 / 4)}
    assert not notes
    signed, notes = input_statistics(
        own, ConversionOptions("qat", "int8", input_stats={"n": (0, 1), "x": (1, 2)}), found
    )
    assert signed == {"x:0": (-64, 255 / 4)}
    assert len(notes) == 2
    assert any("'n' has no effect: it is int32" in n for n in notes)


@pytest.mark.parametrize(
    ("options", "message", "remedy"),
    [
        (ConversionOptions("qat"), "range of the input 'x'", "x=128,128"),
        (ConversionOptions("qat", "int8"), "range of the input 'x'", "x=0,128"),
        (ConversionOptions("qat", "int8", input_stats={"x": (128, 128)}), "in int8", "x=0,128"),
        (ConversionOptions("qat", input_stats={"x": (-1, 128)}), "in uint8", "x=127,128"),
        (ConversionOptions("qat", input_stats={"y": (1, 2)}), "'y', which is no input", "x, n"),
    ],
)
def test_statistics_that_are_missing_or_wrong_are_refused(
    options: ConversionOptions, message: str, remedy: str
) -> None:
    own = asked(NET.replace("(q)", "(x)"))
    with pytest.raises(InvalidValue) as raised:
        input_statistics(own, options, [])
    assert message in raised.value.message
    assert remedy in raised.value.remedy


def test_constants_are_looked_through() -> None:
    text = "w = Const value=float:[1,NaN,-Infinity]\nh = Const value=float:[70000]"
    assert len(list(check_constants(graph(text), "none"))) == 1
    notes = list(check_constants(graph(text), "float16"))
    assert "2 of 3 values" in notes[0]
    assert "above 65504" in notes[1]
    for mode in ("int8", "int16x8", "qat", "dummy"):
        with pytest.raises(InvalidGraph, match="'w' has NaN"):
            list(check_constants(graph(text), mode))


def test_the_default_threshold_of_boxes_is_infinite() -> None:
    text = """
        least = Const value=float:-Infinity
        boxes = Placeholder dtype=float shape=[9,4]
        scores = Placeholder dtype=float shape=[9]
        most = Const value=int32:3
        iou = Const value=float:0.5
        kept = NonMaxSuppressionV3(boxes, scores, most, iou, least) T=float
    """
    assert not list(check_constants(graph(text), "int8"))
    with pytest.raises(InvalidGraph, match="'least' has infinity"):
        list(check_constants(graph(text + "y = Relu(least) T=float"), "int8"))


WEIGHTS = """
x = Placeholder dtype=float shape=[1,2]
w = Const value=float:[[1,2],[3,-4]]
lo = Const value=float:[-6,{low}]
hi = Const value=float:[6,8]
q = FakeQuantWithMinMaxVarsPerChannel(w, lo, hi) num_bits=8 narrow_range=true
y = MatMul(x, q) T=float
"""


def of_weights(low: int) -> tuple[Graph, list[FakeQuant]]:
    own = graph(WEIGHTS.replace("{low}", str(low)))
    return own, find(own, infer_shapes(own))


def test_weights_with_a_range_a_channel_are_int8() -> None:
    own, found = of_weights(-8)
    options, notes = with_integer_type(ConversionOptions("qat"), found, own)
    assert options.inner_type == "int8"
    assert "'q' have a range a channel" in notes[0]
    asked_for = ConversionOptions("qat", input_type="int8")
    assert with_integer_type(asked_for, found, own) == (asked_for, ())
    other = ConversionOptions("none")
    assert with_integer_type(other, found, own) == (other, ())


@pytest.mark.parametrize("which", ["quantized_type", "input_type", "output_type"])
def test_weights_with_a_range_a_channel_are_refused_as_uint8(which: str) -> None:
    own, found = of_weights(-8)
    options = ConversionOptions("qat", **{which: "uint8"})  # type: ignore[arg-type]
    with pytest.raises(InvalidGraph, match="range a channel") as raised:
        with_integer_type(options, found, own)
    assert "int8" in raised.value.remedy


def test_the_remedy_for_ranges_that_are_not_symmetric_is_no_type_that_is_refused() -> None:
    own, found = of_weights(-4)
    options, _ = with_integer_type(ConversionOptions("qat"), found, own)
    with pytest.raises(InvalidGraph, match="-4 to 8 of 'q' is not symmetric") as raised:
        check_mode(options, found, own)
    assert "uint8" not in raised.value.remedy
