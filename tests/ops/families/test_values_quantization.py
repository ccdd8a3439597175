"""Quantization: known answers, and agreement with TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.ops.evaluation import NotConstant
from tests.arrays import f32, i8
from tests.ops.families.single_ops import arrays, check_against, here, single, value

F, Z = np.float32, np.int32


def test_fake_quant_moves_its_range_so_that_zero_is_exact() -> None:
    x = f32([-1, 0, 0.3, 9])
    found = value("FakeQuantWithMinMaxVars", x, F(-0.11), F(0.89))
    scale = F(1) / F(255)
    assert found[1] == 0
    assert np.allclose(found, [-28 * scale, 0, np.rint(0.3 / scale) * scale, 227 * scale])
    assert value("FakeQuantWithMinMaxVars", x, F(0), F(0)).tolist() == [0, 0, 0, 0]
    assert value("FakeQuantWithMinMaxArgs", f32([0.4]), min=0.0, max=3.0, num_bits=2).tolist() == [
        0
    ]


def test_quantize_and_back() -> None:
    graph = single("QuantizeV2", f32([-1, 0, 1, 9]), F(-1), F(1), T="quint8")
    codes, low, high = here(graph)
    assert codes.tolist() == [0, 128, 255, 255]
    assert low == -1
    assert high == 1
    kinds = ["quint8"]
    assert value("Dequantize", codes, low, high, kinds=kinds).tolist()[0] == -1
    scaled = value("Dequantize", i8([127]), F(-1), F(1), kinds=["qint8"], mode=b"SCALED")
    assert scaled.tolist() == [1]


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (single("FakeQuantWithMinMaxVars", f32([1]), F(1), F(2)), "include zero"),
        (single("QuantizeV2", f32([1]), F(1), F(-1), T="quint8"), "empty"),
        (single("QuantizeV2", f32([np.nan]), F(-1), F(1), T="quint8"), "NaN"),
        (single("Dequantize", i8([1]), f32([0, 0]), F(1), kinds=["qint8"]), "rank 0"),
    ],
)
def test_refusals_say_why(graph: Any, reason: str) -> None:
    with pytest.raises(NotConstant, match=reason):
        here(graph)


# Against TensorFlow

BOUND = st.floats(0.0, 20, width=32, allow_subnormal=False)


@st.composite
def ranges(draw: st.DrawFn, shape: tuple[int, ...] = ()) -> tuple[Any, Any]:
    """Two ends with zero between them."""
    count = int(np.prod(shape))
    low, high = ([draw(BOUND) for _ in range(count)] for _ in "lh")
    return -f32(low).reshape(shape), f32(high).reshape(shape) + F(0.125)


@pytest.mark.tensorflow
@settings(max_examples=150)
@given(data=st.data())
def test_fake_quant(tf: Any, data: st.DataObject) -> None:
    x = data.draw(arrays("float32", (2, 3), plain=True))
    bits: Any = {
        "num_bits": data.draw(st.integers(2, 16)),
        "narrow_range": data.draw(st.booleans()),
    }
    op = data.draw(st.sampled_from(["Args", "Vars", "VarsPerChannel"]))
    low, high = data.draw(ranges((3,) if op == "VarsPerChannel" else ()))
    name = f"FakeQuantWithMinMax{op}"
    if op == "Args":
        graph = single(name, x, min=float(low), max=float(high), **bits)
    else:
        graph = single(name, x, low, high, **bits)
    # a multiplication and an addition in one step round once
    check_against(tf, graph, 2, absolute=float(np.max(high - low)) / 2 ** bits["num_bits"] * 1e-3)


@pytest.mark.tensorflow
@settings(max_examples=150)
@given(data=st.data())
def test_quantize(tf: Any, data: st.DataObject) -> None:
    x = data.draw(arrays("float32", (2, 3), plain=True))
    kind = data.draw(st.sampled_from(["quint8", "qint8", "quint16", "qint16"]))
    mode = data.draw(st.sampled_from([b"MIN_COMBINED", b"MIN_FIRST", b"SCALED"]))
    attrs: dict[str, Any] = {"mode": mode, "T": kind}
    shape: tuple[int, ...] = ()
    if mode == b"SCALED":
        attrs["round_mode"] = data.draw(st.sampled_from([b"HALF_TO_EVEN", b"HALF_AWAY_FROM_ZERO"]))
        attrs["narrow_range"] = data.draw(st.booleans())
    if mode != b"MIN_FIRST" and data.draw(st.booleans()):
        attrs["axis"], shape = 1, (3,)
    low, high = data.draw(ranges(shape))
    graph = single("QuantizeV2", x, low, high, **attrs)
    check_against(tf, graph, must=False)


@pytest.mark.tensorflow
@settings(max_examples=150)
@given(data=st.data())
def test_dequantize(tf: Any, data: st.DataObject) -> None:
    kinds = {"quint8": "uint8", "qint8": "int8", "quint16": "uint16", "qint16": "int16"}
    kinds["qint32"] = "int32"
    kind = data.draw(st.sampled_from(sorted(kinds)))
    x = data.draw(arrays(kinds[kind], (2, 3)))
    mode = data.draw(st.sampled_from([b"MIN_COMBINED", b"MIN_FIRST", b"SCALED"]))
    attrs: dict[str, Any] = {"mode": mode, "narrow_range": data.draw(st.booleans())}
    shape: tuple[int, ...] = ()
    if mode != b"MIN_FIRST" and data.draw(st.booleans()):
        attrs["axis"], shape = 1, (3,)
    low, high = data.draw(ranges(shape))
    graph = single("Dequantize", x, low, high, kinds=[kind], **attrs)
    check_against(tf, graph, absolute=4e-6, must=kind != "qint32")


@pytest.mark.tensorflow
@settings(max_examples=100)
@given(data=st.data())
def test_requantize(tf: Any, data: st.DataObject) -> None:
    x = data.draw(arrays("int32", (2, 3)))
    low, high = data.draw(ranges())
    if data.draw(st.booleans()):
        graph = single("RequantizationRange", x, low, high, kinds=["qint32"])
    else:
        new = data.draw(ranges())
        graph = single("Requantize", x, low, high, *new, kinds=["qint32"], out_type="quint8")
    # an end of the range is computed from the whole range, and has its rounding
    rounding = 1e-7 * float(max(abs(low), abs(high)))
    check_against(tf, graph, must=graph["out"].op != "Requantize", absolute=rounding)


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_quantized_mul(tf: Any, data: st.DataObject) -> None:
    a = data.draw(arrays("uint8", (2, 3)))
    b = data.draw(arrays("uint8", data.draw(st.sampled_from([(), (3,), (2, 3)]))))
    bounds = [*data.draw(ranges()), *data.draw(ranges())]
    graph = single("QuantizedMul", a, b, *bounds, kinds=["quint8", "quint8"], Toutput="qint32")
    check_against(tf, graph)


@pytest.mark.tensorflow
@settings(max_examples=100)
@given(data=st.data())
def test_quantize_and_dequantize(tf: Any, data: st.DataObject) -> None:
    x = data.draw(arrays("float32", (2, 3), plain=True))
    op = data.draw(st.sampled_from(["V2", "V3", "V4"]))
    attrs: dict[str, Any] = {
        "signed_input": data.draw(st.booleans()),
        "range_given": data.draw(st.booleans()),
        "narrow_range": data.draw(st.booleans()),
    }
    bits = data.draw(st.integers(2, 16))
    shape: tuple[int, ...] = ()
    # TensorFlow 2.21 takes several ranges from its input only
    if data.draw(st.booleans()) and not attrs["range_given"]:
        attrs["axis"], shape = 1, (3,)
    if op != "V3":
        attrs["num_bits"] = bits
        attrs["round_mode"] = data.draw(st.sampled_from([b"HALF_TO_EVEN", b"HALF_UP"]))
    low, high = data.draw(ranges(shape))
    extra = [Z(bits)] if op == "V3" else []
    graph = single(f"QuantizeAndDequantize{op}", x, low, high, *extra, **attrs)
    check_against(tf, graph)
