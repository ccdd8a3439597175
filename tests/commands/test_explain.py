"""`graphtools explain`: texts, logs, standard input, the list, JSON and exit codes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from graphtools.explain.search import entries
from tests.commands.running import fixture, refusal, run, run_json, run_process

MESSAGE = "Assign requires shapes of both tensors to match. lhs shape= [8] rhs shape= [12]"
LOG = f"""\
INFO:tensorflow:Restoring parameters from model.ckpt
InvalidArgumentError: {MESSAGE}
\t [[Node: save/Assign = Assign[T=DT_FLOAT, _class=["loc:@InceptionV3/Logits/weights"]]]
ValueError: No variables to save
"""


def test_a_text_is_explained_with_cause_cure_command_and_threads() -> None:
    done = run("explain", MESSAGE)
    assert done.code == 0
    assert done.lines[0] == "shape-mismatch-on-assign"
    assert "has the shape [8], the checkpoint's [12]" in done.out
    assert "Cure: leave the scope" in done.out
    assert "  graphtools restore-plan CHECKPOINT --model GRAPH" in done.out
    assert "tensorflow/models#3689" in done.out


def test_a_symptom_is_answered_by_numbered_causes_with_commands() -> None:
    done = run("explain", "nothing is detected")
    assert done.code == 0
    first = done.lines.index(next(line for line in done.lines if line.startswith("1. ")))
    assert "graphtools check-config" in "".join(done.lines[first : first + 4])
    assert any(line.startswith("2. ") for line in done.lines)


def test_words_need_no_quotes() -> None:
    assert run("explain", "No", "variables", "to", "save").lines[0] == "no-variables-to-save"


@pytest.mark.parametrize("how", ["file", "argument", "stdin", "dash"])
def test_a_log_is_explained_from_everywhere(how: str, tmp_path: Path) -> None:
    log = tmp_path / "train log.txt"
    log.write_text(LOG)
    if how == "file":
        done = run("explain", "--file", log)
    elif how == "argument":
        done = run("explain", log)
    else:
        done = run("explain", *(["-"] if how == "dash" else []), stdin=LOG.encode())
    assert done.code == 0
    assert "line 2: shape-mismatch-on-assign" in done.lines
    assert "line 4: no-variables-to-save" in done.lines
    assert "--checkpoint-exclude-scopes InceptionV3/Logits" in done.out


def test_what_is_not_known_is_said_with_the_nearest_entries() -> None:
    done = run("explain", "the tensor has another shape than the checkpoint")
    assert done.code == 1
    assert "Nothing known was recognised" in done.out
    assert "nearest" in done.out
    assert "--list" in done.out


def test_all_that_is_known_is_listed() -> None:
    done = run("explain", "--list")
    assert done.code == 0
    assert all(f"  {entry.error.name} " in done.out for entry in entries())
    listed = run_json("explain", "--list")["entries"]
    assert [e["name"] for e in listed] == [entry.error.name for entry in entries()]
    assert {"area", "pattern", "cause", "cure", "commands", "threads", "kind"} <= set(listed[0])


def test_json_has_the_same() -> None:
    done = run("explain", "--json", stdin=LOG.encode())
    document = json.loads(done.out)
    assert document["schema_version"] == 1
    assert (document["source"], document["lines"]) == ("standard input", 4)
    first = document["found"][0]
    assert (first["name"], first["line"], first["kind"]) == ("shape-mismatch-on-assign", 2, "error")
    assert first["area"] == "restoring"
    unknown = json.loads(run("explain", "qwv zyx", "--json").out)
    assert unknown["found"] == []
    assert unknown["nearest"] == []


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "empty" in refusal(run("explain", stdin=b""))
    assert "empty" in refusal(run("explain", " "))
    assert "does not exist" in refusal(run("explain", "--file", tmp_path / "no.log"))
    assert "folder" in refusal(run("explain", "--file", tmp_path))
    assert "no text" in refusal(run("explain", "--file", fixture("classifier/frozen.pb")))
    assert "exclude" in refusal(run("explain", "x", "--list"))
    assert "exclude" in refusal(run("explain", "x", "--file", "y"))


def test_nothing_of_a_log_reaches_the_terminal_unescaped() -> None:
    done = run("explain", "Attempting to use uninitialized value \x1b]0;evil\x07weights")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


def test_it_is_nearly_as_quick_as_the_version() -> None:
    def best(*args: str) -> float:
        taken = []
        for _ in range(4):
            start = time.perf_counter()
            assert run_process(*args).returncode == 0
            taken.append(time.perf_counter() - start)
        return min(taken)

    assert best("explain", MESSAGE) - best("--version") < 0.3
