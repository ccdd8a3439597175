"""What is kept of what a target makes: only what computes the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.convert.conversion.converter_input import ConverterInput, target_input
from graphtools.convert.target import (
    TARGETS,
    MadeModel,
    Target,
    TargetConverter,
    TargetOptions,
    TargetPort,
    Tools,
    WrongModel,
    compared,
    samples_for,
)
from graphtools.errors import InvalidValue
from tests.convert.small_graphs import NET
from tests.transforms.graphs import graph

Array = np.ndarray[Any, Any]


def asked(text: str = NET, outputs: Sequence[str] = ("y",)) -> ConverterInput:
    return target_input(graph(text), ["x"], list(outputs))


def values(*numbers: float, kind: Any = np.float32) -> Array:
    return np.array([numbers], kind)


def test_rounding_is_admitted() -> None:
    a = values(1.0, -2.0, 0.5)
    error, note = compared(asked(), "y", [(a, a * np.float32(1 + 1e-6))], "ONNX")
    assert error.max_abs == pytest.approx(2e-6, rel=0.2)
    assert (error.largest, note) == (2.0, "")


def test_classes_that_are_almost_alike_are_told_apart() -> None:
    """An error of 1e-6 is none beside 1, and all that there is where classes differ as little."""
    a = np.float32(0.001) + np.arange(8, dtype=np.float32) * np.float32(1e-6)
    with pytest.raises(WrongModel, match="not what TensorFlow computes"):
        compared(asked(), "y", [(a, a[::-1].copy())], "ONNX")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (values(1, 2), values(1, 2.01)),
        (values(1, 2), values(1, np.nan)),
        (values(1, np.inf), values(1, 3)),
        (values(1, 2), values(1, 2, 3)),
        (values(1, 2, kind=np.int64), values(1, 3, kind=np.int64)),
        (values(True, False, kind=np.bool_), values(True, True, kind=np.bool_)),
        (np.array([b"a"], object), np.array(["b"], object)),
    ],
)
def test_what_differs_is_refused(wanted: Array, found: Array) -> None:
    with pytest.raises(WrongModel, match="not kept"):
        compared(asked(), "y", [(wanted, found)], "ONNX")


def test_strings_and_what_is_not_finite_alike_are_equal() -> None:
    text = np.array([b"a"], object), np.array(["a"], object)
    assert compared(asked(), "y", [text], "ONNX")[0].max_abs is None
    odd = values(1, np.nan, -np.inf)
    assert compared(asked(), "y", [(odd, odd)], "ONNX")[0].max_abs == 0


def test_a_constant_output_says_little() -> None:
    a = np.ones((1, 4), np.float32)
    assert compared(asked(), "y", [(a, a)], "ONNX")[0].varies_little


def test_an_open_batch_has_another_size_in_the_second_sample() -> None:
    found, _ = samples_for(asked(NET.replace("[1,4]", "[?,4]")), TargetOptions())
    assert [sample["x:0"].shape for sample in found] == [(1, 4), (3, 4)]


def faulty(change: Callable[[Array], Array]) -> Target:
    """A target whose models compute something else."""

    def make(_asked: ConverterInput, _options: TargetOptions, tools: Tools) -> MadeModel:
        path = f"{tools.folder}/model"
        Path(path).write_bytes(b"model")
        x, y = (TargetPort(name, name, "float", None) for name in ("x", "y"))
        return MadeModel({".made": path, ".beside": path}, (x,), (y,), (), {})

    def run(_made: MadeModel, feeds: Sequence[Array], _tools: Tools) -> list[Array]:
        w = np.array([[1, 2], [0.5, -1], [-1.5, 1], [1, 1]], np.float32)
        return [change(feeds[0] @ w)]

    return Target("made", "made", ".made", lambda _: None, make, run)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_only_what_computes_the_same_is_written(tmp_path: Path) -> None:
    place = tmp_path / "m.made"
    with TargetConverter(faulty(lambda y: y + np.float32(0.01))) as converter:
        with pytest.raises(WrongModel, match="differs by up to"):
            converter.convert(graph(NET), ["x"], ["y"], target=place)
        assert not list(tmp_path.iterdir())
        converter.target = faulty(lambda y: y)
        with pytest.raises(InvalidValue, match="2 files"):
            converter.convert(graph(NET), ["x"], ["y"], target="-")
        found = converter.convert(graph(NET), ["x"], ["y"], target=place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.beside", "m.made"]
    assert found.files == (str(place), str(tmp_path / "m.beside"))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_random_numbers_are_refused(tmp_path: Path) -> None:
    text = (
        NET + "r = RandomUniform(s) T=int32 dtype=float seed=0 seed2=0\ns = Const value=int32:[1]\n"
    )
    with (
        pytest.raises(InvalidValue, match="draws random numbers"),
        TargetConverter(faulty(lambda y: y)) as converter,
    ):
        converter.convert(graph(text), ["x"], ["y", "r"], target=tmp_path / "m")


def test_targets_are_found_by_their_files() -> None:
    assert "onnx" in TARGETS.all()
