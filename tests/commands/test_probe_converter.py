from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphtools.probe import probe as module
from tests.commands.running import refusal, run
from tests.probe.test_probe import FakeConverter


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ProbedConverter", FakeConverter)


@pytest.mark.usefixtures("fake")
def test_without_a_target_the_table_is_printed() -> None:
    done = run("probe-converter", "--op", "Tan", "--op", "Abs")
    assert done.code == 0
    assert done.err == ""
    assert json.loads(done.out)["ops"]["Tan"] == {"flex": True}
    assert run("probe-converter", "--op", "Tan", "--op", "Abs", "-o", "-").out == done.out


@pytest.mark.usefixtures("fake")
def test_the_table_is_written(tmp_path: Path) -> None:
    target = tmp_path / "2.99.json"
    done = run("probe-converter", "-o", target, "--jobs", "2")
    assert done.code == 0
    assert "with builtin operators  2" in done.out
    assert "Cases that crash the converter:" in done.out
    assert "Svd" in done.out
    assert f"written to {target}" in done.out
    assert len(json.loads(target.read_text())["ops"]) == 5


@pytest.mark.usefixtures("fake")
def test_json() -> None:
    document = json.loads(run("probe-converter", "--json").out)
    assert document["schema_version"] == 1
    assert document["tensorflow"] == "2.99.0"
    assert document["ops"]["Transpose"]["fails"] == [{"T": "float64", "kind": "error"}]
    assert len(document["crashes"]) == 2


@pytest.mark.usefixtures("fake")
def test_what_was_known_is_told(tmp_path: Path) -> None:
    target = tmp_path / "t.json"
    lines = [{"tensorflow": "2.99.0"}, ["Tan T=float32 types", "flex"]]
    (tmp_path / "t.json.part").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "1 cases were known" in run("probe-converter", "-o", target).out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--op", "Nonsense"), "no op 'Nonsense' in TensorFlow 2.99.0"),
        (("-o", "/nowhere/t.json"), "/nowhere/t.json.part cannot be written"),
    ],
)
@pytest.mark.usefixtures("fake")
def test_what_cannot_be_done_exits_with_2(args: Any, message: str) -> None:
    assert message in refusal(run("probe-converter", *args))


def test_an_interpreter_that_is_not_there() -> None:
    message = refusal(run("probe-converter", "--tensorflow", "/nowhere/python"))
    assert "cannot be started" in message
    assert "--tensorflow /path/to/bin/python" in message
