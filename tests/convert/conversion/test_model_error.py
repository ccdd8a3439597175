from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphtools.convert.conversion.converter_input import ConverterInput, converter_input
from graphtools.convert.conversion.model_error import (
    differences,
    error_samples,
    is_broken,
    output_errors,
    remarks_on,
)
from tests.convert.small_graphs import SOFTMAX
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

Values = list[list[NDArray[Any]]]


@pytest.fixture
def asked() -> ConverterInput:
    text = "x = Placeholder dtype=float shape=[2]\ny = Relu(x) T=float\nz = Neg(x) T=float"
    return converter_input(graph(text), ["x"], ["y", "z"])


def test_errors_are_those_of_all_samples(asked: ConverterInput) -> None:
    wanted = [[np.array([0.0, 2.0]), np.array([1.0, 1.0])], [np.array([4.0, 6.0]), np.ones(2)]]
    found = [[np.array([0.0, 2.5]), np.array([1.0, 1.0])], [np.array([4.0, 5.0]), np.ones(2)]]
    first, second = output_errors(asked, wanted, found)
    assert (first.name, first.samples, first.low, first.high) == ("y", 2, 0, 6)
    assert first.max_abs == 1
    assert first.mean_abs == pytest.approx(1.5 / 4)
    assert first.snr == pytest.approx(10 * np.log10((4 + 16 + 36) / (0.25 + 1)))
    assert (second.max_abs, second.snr) == (0, None)


def test_large_errors_are_remarked_on(asked: ConverterInput) -> None:
    noise = [[np.array([1.0, -1.0]), np.array([np.nan, 1.0])]]
    signal = [[np.array([1.0, 1.0]), np.array([1.0, 1.0])]]
    small, broken = remarks_on(list(output_errors(asked, signal, noise)), asked, "int8")
    assert "leaves little of the output 'y'" in small
    assert "'z' is NaN or infinite" in broken
    errors = list(output_errors(asked, signal, noise))
    assert "(--calibrate)" in small
    assert "--calibrate" not in next(remarks_on(errors, asked, "int8", has_data=True))
    made_up = next(remarks_on(list(output_errors(asked, signal, noise)), asked, "dummy"))
    assert "timing only" in made_up
    assert not list(remarks_on(list(output_errors(asked, signal, signal)), asked, "int8"))


@pytest.mark.parametrize(("mode", "told"), [("int8", True), ("dynamic", False)])
def test_of_a_softmax_of_bytes_the_tensor_before_is_advised(mode: str, told: bool) -> None:
    softmax = converter_input(graph(SOFTMAX), ["x"], ["y"])
    wanted, found = np.full(1001, 1e-3), np.full(1001, 2e-3)
    (remark,) = remarks_on(list(output_errors(softmax, [[wanted]], [[found]])), softmax, mode)
    assert remark.endswith("--outputs l") is told
    likely = np.array([0.9, 0.1])
    (remark,) = remarks_on(list(output_errors(softmax, [[likely]], [[1 - likely]])), softmax, mode)
    assert "--outputs" not in remark


def test_outputs_of_other_shapes_and_types_are_left_out(asked: ConverterInput) -> None:
    strings = np.array([b"a"], np.object_)
    assert not list(output_errors(asked, [[strings, np.ones(2)]], [[strings, np.ones((1, 2))]]))
    assert not list(output_errors(asked, [], []))


def told(asked: ConverterInput, wanted: Values, found: Values, *, is_float: bool) -> list[str]:
    errors = list(output_errors(asked, wanted, found))
    return list(differences(asked, wanted, found, errors, is_float=is_float))


def test_a_float_model_that_computes_something_else_is_a_finding(asked: ConverterInput) -> None:
    right = [[np.array([1.0, -4.0]), np.array([0.0, 0.0])]]
    rounded = [[np.array([1.0, -4.0003]), np.array([0.0, 9e-6])]]
    assert not told(asked, right, rounded, is_float=True)
    wrong = [[np.array([1.0, -4.001]), np.array([0.0, 2e-5])]]
    first, second = told(asked, right, wrong, is_float=True)
    assert "'y' is not what TensorFlow computes: it differs by up to 0.001" in first
    assert "'z'" in second
    assert not told(asked, right, wrong, is_float=False)


def test_rounding_to_steps_may_go_either_way() -> None:
    rounding = (
        "x = Placeholder dtype=float shape=[2]\ny = FakeQuantWithMinMaxArgs(x) min=-1.0 max=1.0"
    )
    asked = converter_input(graph(rounding), ["x"], ["y"])
    right, other = [[np.array([1.0, -0.5])]], [[np.array([1.0, -0.508])]]
    assert not told(asked, right, other, is_float=True)
    assert told(asked, right, [[np.array([1.0, 0.5])]], is_float=True)


def test_another_shape_is_a_finding_in_every_model(asked: ConverterInput) -> None:
    right, other = [[np.ones(2), np.ones(2)]], [[np.ones(2), np.ones((1, 2))]]
    assert told(asked, right, other, is_float=False) == [
        "the output 'z' has the shape [1,2], and [2] in TensorFlow"
    ]


def test_values_that_are_not_finite_in_one_alone_are_remarked_on(asked: ConverterInput) -> None:
    errors = list(output_errors(asked, [[np.ones(2)] * 2], [[np.ones(2), np.full(2, np.inf)]]))
    (remark,) = remarks_on(errors, asked, "none")
    assert "the output 'z' is NaN or infinite" in remark


def test_without_data_the_samples_are_random(asked: ConverterInput) -> None:
    samples, data = error_samples(asked, None, is_float=False)
    assert "random" in data
    assert len(samples) > 1
    assert not np.array_equal(samples[0]["x:0"], samples[1]["x:0"])
    assert len(error_samples(asked, None, is_float=True)[0]) == 1


@pytest.mark.parametrize(
    ("mode", "noise", "broken"),
    [
        ("int8", 0.9, False),  # 0.9 dB: bad, and no worse than a right model of a net may be
        ("int8", 1.1, True),
        ("int16x8", 1.1, True),
        ("dynamic", 1.1, True),
        ("qat", 1.1, True),
        ("float16", 0.05, False),
        ("float16", 0.2, True),
        ("int8", np.nan, True),
        ("dummy", 5.0, False),
        ("none", 5.0, False),
    ],
)
def test_an_error_as_large_as_the_values_is_a_finding(
    asked: ConverterInput, mode: str, noise: float, broken: bool
) -> None:
    signal = np.array([1.0, -1.0])
    (error, _) = output_errors(asked, [[signal, signal]], [[signal * (1 + noise), signal]])
    assert is_broken(error, asked, mode) is broken


def test_an_output_of_zeros_is_a_finding(asked: ConverterInput) -> None:
    signal = np.array([1.0, -1.0])
    (error, _) = output_errors(asked, [[signal, signal]], [[signal * 0, signal]])
    assert is_broken(error, asked, "int8")
    assert not is_broken(error, asked, "dummy")


@pytest.mark.parametrize(
    ("gain", "noise", "samples", "broken"),
    [
        (1.0, 0.01, 8, False),
        (0.5, 0.1, 8, False),  # ranges that cut much off, and classes are still told apart
        (0.05, 0.0, 8, True),
        (0.0, 0.5, 8, True),
        (-1.0, 0.0, 8, True),
        (0.0, 0.5, 7, False),  # so few tell nothing
    ],
)
def test_what_does_not_change_with_what_is_fed_is_a_finding(
    asked: ConverterInput, gain: float, noise: float, samples: int, broken: bool
) -> None:
    random = np.random.default_rng(1)
    base = np.full(64, 100.0)
    changes = [random.normal(size=64).astype(np.float32) for _ in range(samples)]
    wanted = [[(base + c).astype(np.float32)] * 2 for c in changes]
    found = [[base + gain * c + noise * random.normal(size=64)] * 2 for c in changes]
    error, _ = output_errors(asked, wanted, found)
    assert error.snr is not None
    assert error.snr > 30
    assert is_broken(error, asked, "int8") is broken
    assert not is_broken(error, asked, "dummy")
    (remark, _) = remarks_on([error] * 2, asked, "int8") if broken else ("is left", "")
    assert "is left" in remark


def test_what_is_the_same_for_all_samples_has_no_changes_to_keep(asked: ConverterInput) -> None:
    same = [[np.ones(4, np.float32)] * 2] * 8
    error, _ = output_errors(asked, same, [[np.full(4, 1.01, np.float32)] * 2] * 8)
    assert error.kept is None
    assert not is_broken(error, asked, "int8")
    numbers = [[np.array([n])] * 2 for n in range(8)]
    error, _ = output_errors(asked, numbers, numbers[::-1])  # numbers of classes are no amounts
    assert error.kept is None
