"""The options by which a model is read are the same everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.running import fixture, run

OPTIONS = (
    *("--inputs", "--outputs", "--input-shape", "--batch", "--signature", "--tag-set"),
    "--checkpoint",
)
COMMANDS = (
    *("bisect", "compat", "convert", "freeze", "io", "lint", "optimize", "report", "shapes"),
    *("size", "strip", "transform", "verify"),
)
TWO = fixture("signatures/two")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_reads_a_model_takes_the_same_options(command: str) -> None:
    told = run(command, "--help").out
    assert [option for option in OPTIONS if option not in told] == []


def test_every_command_takes_the_same_signature(tmp_path: Path) -> None:
    note = f"note: signature of {TWO}: serving_default; other with --signature"
    frozen = tmp_path / "frozen.pb"
    for command in (
        ["compat", TWO],
        ["size", TWO],
        ["freeze", TWO, "-o", frozen],
        ["optimize", TWO, "-o", tmp_path / "small.pb"],
    ):
        done = run(*command)
        assert done.code == 0, done.err
        assert note in done.err
    assert run("compat", frozen).code == 0
    assert run("compat", TWO, "--signature", "other").code == 1


def test_a_report_judges_by_the_settings_of_lint(tmp_path: Path) -> None:
    page = tmp_path / "report.json"
    codes = []
    for options in ((), ("--ignore", "ALL"), ("--select", "GT3", "--signature", "other")):
        assert run("report", TWO, "--isolated", "-o", page, *options).code == 0
        report = json.loads(page.read_text())["files"][0]
        codes.append({f["code"] for f in report["lint"]["findings"]})
    assert not codes[1]
    assert codes[2]
    assert all(code.startswith("GT3") for code in codes[2])
