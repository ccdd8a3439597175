from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.convert.conversion.options import (
    ConversionOptions,
    check_options,
    read_default_ranges,
    read_input_stats,
)
from graphtools.errors import InvalidValue

pytestmark = pytest.mark.usefixtures("command_line")


def test_statistics_are_read_by_input() -> None:
    assert read_input_stats(["image=128,127.5", "a/b:0 = 0,1", "2,3"]) == {
        "image": (128, 127.5),
        "a/b:0": (0, 1),
        "": (2, 3),
    }
    for text in ("image", "image=1", "image=1,2,3", "image=a,b", "=,"):
        with pytest.raises(InvalidValue, match="is not NAME=mean,std"):
            read_input_stats([text])


def test_ranges_are_read() -> None:
    assert read_default_ranges(None) is None
    assert read_default_ranges("-1, 6") == (-1, 6)
    with pytest.raises(InvalidValue, match="is not min,max"):
        read_default_ranges("6")


def test_statistics_without_a_name_are_those_of_any_input() -> None:
    options = ConversionOptions(input_stats={"a": (1, 2), "": (3, 4)})
    assert options.stats_of("a:0") == (1, 2)
    assert options.stats_of("b") == (3, 4)
    assert ConversionOptions().stats_of("a") is None


@pytest.mark.parametrize(
    ("options", "inner"),
    [
        (ConversionOptions("qat"), "uint8"),
        (ConversionOptions("qat", input_type="int8"), "int8"),
        (ConversionOptions("qat", input_type="float32"), "uint8"),
        (ConversionOptions("qat", quantized_type="int8", input_type="float32"), "int8"),
    ],
)
def test_the_type_of_quantized_values_follows_from_the_input(
    options: ConversionOptions, inner: str
) -> None:
    assert options.inner_type == inner
    check_options(options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ConversionOptions("best"), "no way to quantize"),
        (ConversionOptions("int8", input_type="int16"), "float32 or int8 or uint8"),
        (ConversionOptions("float16", output_type="int8"), "int8 or qat"),
        (ConversionOptions("int8", quantized_type="int8"), "qat or dummy"),
        (ConversionOptions("qat", quantized_type="int16"), "uint8 or int8"),
    ],
)
def test_what_does_not_go_together_is_refused(options: ConversionOptions, message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        check_options(options)
    assert message in str(raised.value)


@given(st.floats(), st.floats())
def test_no_statistics_pass_that_the_converter_dies_of(mean: float, std: float) -> None:
    options = ConversionOptions("qat", input_stats={"x": (mean, std)})
    try:
        check_options(options)
    except InvalidValue:
        assert not (math.isfinite(mean) and math.isfinite(std)) or std < 1e-29
    else:
        assert math.isfinite(mean)
        assert 0 < std < math.inf


@given(st.floats(), st.floats())
def test_no_ranges_pass_that_the_converter_dies_of(low: float, high: float) -> None:
    options = ConversionOptions("dummy", default_ranges=(low, high))
    try:
        check_options(options)
    except InvalidValue as problem:
        assert problem.remedy
    else:
        assert low <= 0 <= high
        assert 0 < (high - low) / 255 < math.inf
