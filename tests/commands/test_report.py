"""`graphtools report`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.running import FROZEN, fixture, refusal, run


def test_a_page_is_written(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = run("report", FROZEN, "-o", target)
    assert (done.code, done.out) == (0, "")
    assert f"note: written {target}" in done.err
    assert target.read_text().startswith("<!DOCTYPE html>")


def test_standard_output_and_other_formats(tmp_path: Path) -> None:
    assert run("report", FROZEN).out.startswith("<!DOCTYPE html>")
    assert "### Findings" in run("report", FROZEN, "--format", "markdown").out
    assert json.loads(run("report", FROZEN, "--json").out)["schema_version"] == 1
    assert run("report", FROZEN, "-o", tmp_path / "r.md").code == 0
    assert "### Findings" in (tmp_path / "r.md").read_text()


def test_a_difference_is_exit_1(tmp_path: Path) -> None:
    train = fixture("classifier/train.pb")
    assert run("report", "--diff", FROZEN, train, "-o", tmp_path / "d.html").code == 1
    assert run("report", "--diff", FROZEN, FROZEN, "-o", tmp_path / "d.html").code == 0
    assert "no difference" in (tmp_path / "d.html").read_text()


def test_what_cannot_be_done(tmp_path: Path) -> None:
    assert "does not exist" in refusal(run("report", tmp_path / "nope.pb"))
    assert "two files" in run("report", "--diff", FROZEN).err
    target = tmp_path / "no" / "report.html"
    assert "report.html" in refusal(run("report", FROZEN, "-o", target))


def test_a_page_on_transforms(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run(
        "transform", FROZEN, "-o", tmp_path / "out.pb", "--inputs", "input",
        "--outputs", "MobilenetV1/Predictions/Reshape_1",
        "--transforms", "fold_constants fold_old_batch_norms", "--report", page,
    )  # fmt: skip
    assert done.code == 0
    text = page.read_text()
    assert "What each did" in text
    assert "fold_old_batch_norms" in text
    assert "The changed parts" in text
