"""Inputs that are fed for calibration, and what they get."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphtools.convert.calibration.calibration import Calibration
from graphtools.graph import Shape
from graphtools.graph.dtypes import dtype
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization

TO_ONE = Normalization.from_mean_std([127.5], [127.5])
SAMPLES = np.random.default_rng(0).standard_normal((10, 4, 3)).astype(np.float32)


def feed(name: str = "x", shape: Any = (None, 4, 3), kind: str = "float32") -> SampledInput:
    return SampledInput(name, dtype(kind), Shape(shape))


def image(*dims: int | None, kind: str = "float32") -> SampledInput:
    return feed("image", dims or (None, 16, 20, 3), kind)


def arrays(calibration: Calibration, name: str = "x:0") -> list[Any]:
    return [sample[name] for sample in calibration.samples()]
