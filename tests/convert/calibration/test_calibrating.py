from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphtools.convert.calibration.calibrating import calibration_for
from graphtools.errors import InvalidValue, UnknownName
from graphtools.samples.inputs import read_keys
from tests.convert.feeding import SAMPLES
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")


def test_features_are_given_by_input() -> None:
    assert read_keys(["image=image/encoded", " a:0 = b=c"]) == {
        "image": "image/encoded",
        "a:0": "b=c",
    }
    for text in ("image", "=x", "image="):
        with pytest.raises(InvalidValue, match="is not NAME=FEATURE"):
            read_keys([text])


#: A graph with one input.
NET = "x = Placeholder dtype=float shape=[1,4]"


def test_arrays_are_given_by_input(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.ones((2, 4), np.float32), y=SAMPLES[:2, :, 0])
    data = calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"x:0": "y"})
    assert data.summary.inputs[0].maximum == SAMPLES[:2, :, 0].max()
    assert any("also holds 'x'" in note for note in data.notes)
    with pytest.raises(UnknownName, match=r"no array 'z' in .*data\.npz"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"x": "z"})
    with pytest.raises(InvalidValue, match="names 'w', which is not among the inputs"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"w": "y"})


def test_arrays_may_have_the_names_of_a_signature(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, image=SAMPLES[:2, :, 0])
    data = calibration_for(graph(NET), ["x"], path, signature={"x": "image"})
    assert data.summary.inputs[0].maximum == SAMPLES[:2, :, 0].max()
    given = calibration_for(
        graph(NET), ["x"], path, signature={"x": "features"}, keys={"features": "image"}
    )
    assert given.summary.inputs == data.summary.inputs
    with pytest.raises(InvalidValue) as caught:
        calibration_for(graph(NET), ["x"], path, signature={"x": "features"})
    assert "wanted is 'x' or 'features', or say which is meant" in caught.value.remedy


def test_names_of_a_single_array_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.ones((2, 4), np.float32))
    with pytest.raises(InvalidValue, match="--key has no effect"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", keys={"x": "y"})


def test_arrays_are_not_normalised_and_that_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.arange(8, dtype=np.uint8).reshape(2, 4))
    with pytest.raises(InvalidValue, match="--mean is for images"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", mean="127.5", std="127.5")
    with pytest.raises(InvalidValue, match="--std is for images"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", std="127.5")
    data = calibration_for(graph(NET), ["x"], tmp_path / "data.npy")
    assert any("holds uint8 values" in note and "not normalised" in note for note in data.notes)
