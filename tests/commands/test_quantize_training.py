"""`graphtools quantize-training`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtools.formats.checkpoint_path import find_checkpoint
from tests.commands.running import run
from tests.support import FIXTURES

META = FIXTURES / "classifier/model.ckpt.meta"
CHECKPOINT = FIXTURES / "classifier/model.ckpt"


def test_writes_a_meta_file_and_a_checkpoint_of_all_variables(tmp_path: Path) -> None:
    target = tmp_path / "qat.meta"
    result = run("quantize-training", META, "-o", target, "--checkpoint", CHECKPOINT, "--json")
    assert result.code == 0
    report = json.loads(result.out)
    assert report["checkpoint"] == str(tmp_path / "qat")
    written = find_checkpoint(tmp_path / "qat")
    scope = next(layer["weights"] for layer in report["quantization"]["layers"])
    assert f"{scope}/min" in written
    assert set(find_checkpoint(CHECKPOINT)) - set(written) <= {"global_step"}


def test_tells_each_layer_and_how_to_train(tmp_path: Path) -> None:
    result = run("quantize-training", META, "-o", tmp_path / "qat.meta")
    assert "weights_quant" in result.out
    assert "v1.train.import_meta_graph" in result.out


def test_a_layer_that_stays_float_counts_with_strict(tmp_path: Path) -> None:
    given = ("quantize-training", META, "-o", tmp_path / "qat.meta", "--exclude", "*Conv2d_0/*")
    assert run(*given).code == 0
    strict = run(*given, "--strict")
    assert strict.code == 1
    assert "it is excluded" in strict.err


@pytest.mark.parametrize(
    ("file", "target", "says"),
    [
        (META, "qat.pb", "does not end in .meta"),
        (FIXTURES / "classifier/frozen.pb", "qat.meta", "only a .meta file tells"),
    ],
)
def test_refuses(file: Path, target: str, says: str, tmp_path: Path) -> None:
    result = run("quantize-training", file, "-o", tmp_path / target)
    assert result.code == 2
    assert says in result.err
    assert not list(tmp_path.iterdir())
