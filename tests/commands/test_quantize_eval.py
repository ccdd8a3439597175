"""`graphtools quantize-eval`."""

from __future__ import annotations

from pathlib import Path

from graphtools import load
from tests.commands.running import run
from tests.support import FIXTURES

META = FIXTURES / "classifier/model.ckpt.meta"
CHECKPOINT = FIXTURES / "classifier/model.ckpt"


def test_reads_the_ranges_of_the_training(tmp_path: Path) -> None:
    """First values stand for trained ones."""
    qat, frozen = tmp_path / "qat.meta", tmp_path / "out.pb"
    assert run("quantize-training", META, "-o", qat, "--checkpoint", CHECKPOINT).code == 0
    result = run(
        "quantize-eval", META, "-o", frozen, "--checkpoint", tmp_path / "qat", "--like", qat
    )
    assert result.code == 0
    assert "layers" in result.out
    written = load(frozen)
    assert any(node.op == "FakeQuantWithMinMaxVars" for node in written)
    assert not any(node.op == "VariableV2" for node in written)


def test_without_a_checkpoint_the_variables_stay(tmp_path: Path) -> None:
    bare = tmp_path / "bare.meta"
    bare.write_bytes(META.read_bytes())
    result = run("quantize-eval", bare, "-o", tmp_path / "out.pb")
    assert result.code == 0
    assert "freeze it with the checkpoint" in result.out
    assert any(node.op == "VariableV2" for node in load(tmp_path / "out.pb"))


def test_a_float_checkpoint_has_no_ranges(tmp_path: Path) -> None:
    result = run("quantize-eval", META, "-o", tmp_path / "out.pb", "--checkpoint", CHECKPOINT)
    assert result.code == 2
    assert "has no range" in result.err
    assert "float training" in result.err
    assert not list(tmp_path.iterdir())
