"""Inputs that are fed as eight-bit codes."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools import GraphtoolsError
from tests.transforms.graphs import apply, same, skips
from tests.transforms.numerics import random, run
from tests.transforms.quantized_runs import tensorflow

STEP = "quantize_placeholders(input_min=-1, input_max=1)"


def test_placeholders_become_codes_with_a_dequantize() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[?,2]
        ids = Placeholder dtype=int32 shape=[?]
        c = Const(^x) value=int32:1
        y = Relu(x, ^x) T=float
        """,
        STEP,
        ["x", "ids"],
        ["y"],
    )
    attrs = 'T=quint8 mode="MIN_FIRST"'
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=quint8 shape=[?,2]
        ids = Placeholder dtype=int32 shape=[?]
        c = Const(^x) value=int32:1
        y = Relu(x_eightbit/dequantize, ^x) T=float
        x_eightbit/min = Const value=float:-1
        x_eightbit/max = Const value=float:1
        x_eightbit/dequantize = Dequantize(x, x_eightbit/min, x_eightbit/max) {attrs}
        """,
    )
    assert skips(done) == {"ids": "its dtype is int32, and only float32 is quantized"}


def test_what_is_an_output_too_stays() -> None:
    done = apply("x = Placeholder dtype=float", STEP, ["x"], ["x"])
    assert skips(done) == {"x": "it is an output, too"}


def test_a_placeholder_without_a_dtype_stays() -> None:
    assert "x" in skips(apply("x = Placeholder", STEP, ["x"]))


@pytest.mark.parametrize(
    "parameters",
    [
        "input_min=1, input_max=1",
        "input_min=2, input_max=1",
        "input_min=nan, input_max=1",
        "input_min=0, input_max=inf",
        "input_min=0",
        "input_max=0",
    ],
)
def test_a_range_is_asked_for(parameters: str) -> None:
    with pytest.raises(GraphtoolsError, match="input_m"):
        apply("x = Placeholder dtype=float", f"quantize_placeholders({parameters})")


@pytest.mark.tensorflow
def test_the_codes_stand_for_the_range() -> None:
    done = apply("x = Placeholder dtype=float shape=[?]\ny = Relu(x) T=float", STEP, ["x"], ["y"])
    x = random(100)
    codes = np.round((x + 1) * 127.5).astype(np.uint8)
    tf = tensorflow()
    codes = codes.astype(tf.quint8.as_numpy_dtype)
    (got,) = run(tf, done.graph, {"x:0": codes}, ["y:0"])
    assert np.abs(got - np.maximum(x, 0)).max() <= 1.01 / 127.5
