"""Inputs that are fed for calibration, and what they get."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphtools.convert.calibration.calibration import Calibration, CalibrationInput
from graphtools.graph import Shape
from graphtools.graph.dtypes import dtype
from graphtools.verify.normalization import Normalization

TO_ONE = Normalization.from_mean_std([127.5], [127.5])
SAMPLES = np.random.default_rng(0).standard_normal((10, 4, 3)).astype(np.float32)


def feed(name: str = "x", shape: Any = (None, 4, 3), kind: str = "float32") -> CalibrationInput:
    return CalibrationInput(name, dtype(kind), Shape(shape))


def image(*dims: int | None, kind: str = "float32") -> CalibrationInput:
    return feed("image", dims or (None, 16, 20, 3), kind)


def arrays(calibration: Calibration, name: str = "x:0") -> list[Any]:
    return [sample[name] for sample in calibration.samples()]
