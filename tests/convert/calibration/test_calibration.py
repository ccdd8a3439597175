from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphtools.convert.calibration.calibration import read_calibration
from graphtools.errors import InvalidValue
from graphtools.samples.normalization import Normalization
from tests.convert.feeding import SAMPLES, feed


def test_inputs_must_take_numbers_of_a_known_rank(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", SAMPLES)
    for inputs, message in (
        ([], "no input"),
        ([feed(kind="string")], "of type string"),
        ([feed(kind="resource")], "of type resource"),
        ([feed(shape=None)], "shape of the input 'x' is not known"),
        ([feed(shape=(0, 4, 3))], "no elements"),
    ):
        with pytest.raises(InvalidValue, match=message):
            read_calibration(tmp_path / "x.npy", inputs)


def test_mean_and_std_are_checked() -> None:
    assert Normalization.from_mean_std([0], [255]).scale == (1 / 255,)
    assert Normalization.from_mean_std([1, 2, 3], [2]).offset == (-0.5, -1, -1.5)
    texts = [str(Normalization.from_mean_std([m], [2])) for m in (1, 0, -1)]
    assert texts == ["pixel * 0.5 - 0.5", "pixel * 0.5", "pixel * 0.5 + 0.5"]
    for mean, std in (([], []), ([1, 2], [1, 2, 3]), ([0], [0]), ([0], [-1]), ([0], [np.nan])):
        with pytest.raises(InvalidValue):
            Normalization.from_mean_std(mean, std)
