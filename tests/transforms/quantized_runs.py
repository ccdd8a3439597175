"""Runs quantized graphs of the fixtures in TensorFlow, to see how far they are from the others."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from graphtools import Graph
from tests.support import FIXTURES, MANIFEST
from tests.transforms.numerics import run

Array = np.ndarray[Any, Any]


def tensorflow() -> Any:
    """TensorFlow; the test is skipped where it is not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return pytest.importorskip("tensorflow")


def run_fixture(name: str, graph: Graph) -> list[tuple[Array, Array]]:
    """What a graph computes from the recorded inputs of a fixture, and what is recorded."""
    entry = next(e for e in MANIFEST["graphs"] if e["graph"] == name)
    with np.load(FIXTURES / entry["io"]) as arrays:
        values = {key: arrays[key] for key in arrays.files}
    feeds = {k[3:]: v for k, v in values.items() if k.startswith("in|")}
    wanted = {k[4:].replace("|", "/"): v for k, v in values.items() if k.startswith("out|")}
    found = run(tensorflow(), graph, feeds, list(wanted))
    return list(zip(found, wanted.values(), strict=True))
