from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphtools.errors import pip_install
from tests.commands.running import FROZEN, fixture, refusal, run, run_json
from tests.convert.pictures import noise, photos

QUANT = fixture("quant/model.tflite")
DETECTOR = fixture("ssd/detect.tflite")


def test_without_what_runs_models_the_command_says_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert pip_install("litert") in refusal(run("run", QUANT))
    assert pip_install("tensorflow") in refusal(run("run", FROZEN))


def test_a_target_that_is_no_file_of_arrays_is_refused_before_anything_runs() -> None:
    assert "no name for many arrays" in refusal(run("run", QUANT, "-o", "out.tflite"))


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_outputs_are_shown_and_saved(tmp_path: Path) -> None:
    done = run("run", QUANT, "-o", tmp_path / "out.npz", "--top", 2)
    assert done.code == 0, done
    assert "logits" in done.out
    assert "Classes by logits" in done.out
    with np.load(tmp_path / "out.npz") as saved:
        assert saved["logits"].dtype == np.uint8
    document = run_json("run", QUANT)
    assert document["tensors"][0]["shape"] == [1, 4]
    assert document["source"] == "random, seed 0"


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_boxes_are_drawn(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", 2)
    how = ("--mean", 127.5, "--std", 127.5, "--min-score", 0, "-o", tmp_path / "boxes.png")
    done = run("run", DETECTOR, "--feed", noise(tmp_path / "a.png"), *how)
    assert done.code == 0, done
    assert "boxes.png, with 10 objects" in done.err
    assert (tmp_path / "boxes.png").read_bytes().startswith(b"\x89PNG")
    assert "one image" in refusal(run("run", DETECTOR, "--feed", folder, *how))
    no_boxes = run("run", QUANT, "--feed", folder / "000.jpg", "-o", tmp_path / "b.png")
    assert "no detector" in refusal(no_boxes)
