"""`graphtools quantize-ranges`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.graph.tensor import Tensor
from tests.commands.running import run, run_json
from tests.support import FIXTURES

FROZEN = FIXTURES / "classifier/frozen.pb"
META = FIXTURES / "classifier/model.ckpt.meta"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    graph = load(FROZEN)
    shape = graph["input"].attr("shape")
    dims = [d or 4 for d in getattr(shape, "dims", None) or ()]
    values = np.random.default_rng(1).normal(size=[5, *dims[1:]]).astype("float32")
    np.save(tmp_path / "data.npy", values)
    return tmp_path / "data.npy"


def _value(path: Path, name: str) -> float:
    tensor = load(path)[name].tensor
    assert isinstance(tensor, Tensor)
    return float(tensor.array())


@pytest.mark.tensorflow
def test_ranges_are_constants_and_as_measured(tf: Any, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.pb"
    report = run_json("quantize-ranges", FROZEN, "-o", target, "--calibrate", data)
    assert tf is not None
    layer = report["quantization"]["layers"][0]
    assert layer["weights"]
    tensor, (low, high) = next(iter(report["ranges"].items()))
    assert low <= high
    assert tensor in load(target)
    assert _value(target, f"{layer['output']}/max") == pytest.approx(high)
    assert not [n for n in load(target) if n.op == "VariableV2"]


@pytest.mark.tensorflow
def test_percentiles_are_within_the_whole(tf: Any, data: Path, tmp_path: Path) -> None:
    found = {}
    assert tf is not None
    for method in ("min-max", "percentile", "moving-average"):
        given = ("quantize-ranges", FROZEN, "-o", tmp_path / "o.pb", "--calibrate", data)
        found[method] = run_json(*given, "--method", method, "--percentile", 90)["ranges"]
    for tensor, (_, high) in found["percentile"].items():
        assert high <= found["min-max"][tensor][1]
        assert found["moving-average"][tensor][1] <= found["min-max"][tensor][1]


def test_a_graph_that_has_ranges_is_refused(data: Path, tmp_path: Path) -> None:
    quantized = tmp_path / "q.pb"
    bare = tmp_path / "bare.meta"
    bare.write_bytes(META.read_bytes())
    assert run("quantize-eval", bare, "-o", quantized).code == 0
    result = run("quantize-ranges", quantized, "-o", tmp_path / "o.pb", "--calibrate", data)
    assert result.code == 2
    assert "error" in result.err
