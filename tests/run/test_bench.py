from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import GraphtoolsError, InvalidValue, MissingExtra
from graphtools.run import bench as module
from graphtools.run.bench import ModelTimes, bench
from graphtools.run.litert_messages import LiteRTProblem
from tests.support import FIXTURES

QUANT = FIXTURES / "quant" / "model.tflite"
FLOAT = FIXTURES / "quant" / "float.tflite"


def test_without_litert_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"timing a TFLite model needs"):
        bench(QUANT)


def test_only_tflite_models_are_timed(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="is no TFLite model, but a GraphDef"):
        bench(FIXTURES / "quant" / "frozen.pb")
    with pytest.raises(GraphtoolsError):
        bench(tmp_path / "nothing.tflite")
    for runs, warmup in ((0, 1), (1, -1)):
        with pytest.raises(InvalidValue, match="1 run at least"):
            bench(QUANT, runs=runs, warmup=warmup)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_is_timed() -> None:
    found = bench(FLOAT, runs=7, warmup=1, threads=2)
    times = found.model
    assert (times.runs, times.kind, found.threads) == (7, "float", 2)
    assert 0 < times.min <= times.median <= times.p90
    assert times.loading > 0
    assert times.size == FLOAT.stat().st_size
    assert times.macs == sum(kind.macs for kind in times.operators) > 0
    assert (found.against, found.ratio) == (None, None)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_two_models_take_turns() -> None:
    turns: list[tuple[int, int]] = []
    found = bench(QUANT, FLOAT, runs=5, progress=lambda done, of: turns.append((done, of)))
    assert found.against is not None
    assert (found.model.runs, found.against.runs) == (5, 5)
    assert found.ratio == pytest.approx(found.model.median / found.against.median)
    assert turns == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_time_that_is_over_is_said() -> None:
    found = bench(FLOAT, runs=10_000_000, seconds=1e-9)
    assert found.model.runs == 1
    assert any("was timed 1 times, not 10000000" in note for note in found.notes)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_that_does_not_run_is_said(tmp_path: Path) -> None:
    path = tmp_path / "broken.tflite"
    raw = bytearray(QUANT.read_bytes())
    raw[3423] ^= 1 << 6  # a scale
    path.write_bytes(raw)
    with pytest.raises(LiteRTProblem, match="failed to prepare"):
        bench(path)


def times(kind: str, median: float, p90: float = 0) -> ModelTimes:
    high = p90 or median
    return ModelTimes(f"{kind}.tflite", 1, kind, 50, median, high, median, 1, 1, None, 0, ())


def test_a_quantized_model_that_is_slower_on_x86_is_explained() -> None:
    notes = module.notes_on
    slow = [times("uint8", 3.0), times("float", 1.0)]
    (note,) = notes(slow, 50, 20, "x86_64")
    assert "3 times slower than the float one on this x86_64" in note
    assert notes(slow[::-1], 50, 20, "AMD64")
    assert not notes(slow, 50, 20, "aarch64")
    assert not notes([times("uint8", 1.0), times("float", 3.0)], 50, 20, "x86_64")


def test_times_that_vary_are_said() -> None:
    (note,) = module.notes_on([times("float", 1.0, 2.0)], 50, 20, "x86_64")
    assert "vary" in note
