"""`graphtools explain`: texts, logs, standard input, the list, JSON and exit codes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from graphtools.explain.search import entries
from graphtools.formats import save
from tests.commands.running import fixture, refusal, run, run_json, run_process
from tests.transforms.graphs import graph

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


def with_beta_of(size: int, target: Path) -> Path:
    """A graph with a variable of the classifier's name, of a size of its own."""
    text = f"MobilenetV1/Conv2d_0/BatchNorm/beta = VariableV2 dtype=float shape=[{size}]"
    save(graph(text), target)
    return target


CLASSIFIER = fixture("classifier/model.ckpt")


def test_with_the_files_at_hand_the_check_is_run(tmp_path: Path) -> None:
    files = ["--graph", with_beta_of(12, tmp_path / "g.pb"), "--checkpoint", CLASSIFIER]
    done = run(
        "explain",
        "Assign requires shapes of both tensors to match. lhs shape= [12] rhs shape= [8]",
        *files,
    )
    assert done.code == 0
    assert f"graphtools restore-plan {CLASSIFIER} --model {tmp_path / 'g.pb'}" in done.out
    assert "Yes, that is it" in done.out
    assert "'MobilenetV1/Conv2d_0/BatchNorm/beta' has [12] here and [8] there" in done.out


def test_a_check_that_finds_nothing_says_no(tmp_path: Path) -> None:
    files = ["--graph", with_beta_of(8, tmp_path / "g.pb"), "--checkpoint", CLASSIFIER]
    document = run_json("explain", MESSAGE, *files)
    check = document["found"][0]["check"]
    assert check["verdict"] == "no"
    assert "SCOPE" not in check["command"]


def test_no_check_is_surer_than_it_can_be(tmp_path: Path) -> None:
    # a clash of other shapes than the message names, and a checkpoint that does restore something
    files = ["--graph", with_beta_of(13, tmp_path / "g.pb"), "--checkpoint", CLASSIFIER]
    other = MESSAGE.replace("lhs shape= [8]", "lhs shape= [7]")
    assert run_json("explain", other, *files)["found"][0]["check"]["verdict"] == ""
    whole = ["--graph", fixture("ssd/graph.pb"), "--config", fixture("ssd/pipeline.config")]
    check = run_json("explain", "No variables to save", *whole, "--checkpoint", CLASSIFIER)
    assert check["found"][0]["check"]["verdict"] == "no"
    ssd = fixture("ssd/model.ckpt")
    check = run_json("explain", "No variables to save", *whole, "--checkpoint", ssd)
    assert check["found"][0]["check"]["verdict"] == "yes"


def test_a_key_that_is_missing_is_found(tmp_path: Path) -> None:
    save(graph("a/w = VariableV2 dtype=float shape=[3]"), tmp_path / "g.pb")
    files = ["--graph", tmp_path / "g.pb", "--checkpoint", CLASSIFIER]
    for key, verdict in (("a/w", "yes"), ("b/w", "")):
        done = run_json("explain", f"NotFoundError: Key {key} not found in checkpoint", *files)
        assert done["found"][0]["check"]["verdict"] == verdict


def test_a_check_of_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    done = run("explain", MESSAGE, "--graph", tmp_path / "no.pb", "--checkpoint", CLASSIFIER)
    assert done.code == 0
    assert "It says" in done.out
    assert "no.pb" in done.out


def test_what_a_graph_is_fed_with_is_told() -> None:
    text = "You must feed a value for placeholder tensor 'x' with dtype float"
    done = run("explain", text, "--graph", fixture("classifier/frozen.pb"))
    assert "input 'input': float32 [?,32,32,3]" in done.out


def test_a_configuration_is_checked() -> None:
    text = "ValueError: Label map ids should be >= 1."
    done = run("explain", text, "--config", fixture("ssd/pipeline.config"))
    assert "GTC102" in done.out


def test_an_entry_is_shown_by_its_name() -> None:
    assert run("explain", "tensor-arena-too-small").lines[0] == "tensor-arena-too-small"


def test_what_is_harmless_says_so() -> None:
    text = "The TensorFlow library wasn't compiled to use SSE4.1 instructions"
    assert run("explain", text).lines[0].endswith("(harmless: the error is elsewhere)")


def test_unknown_text_gets_what_its_class_means() -> None:
    done = run("explain", "InvalidArgumentError: quite new [[node a/b]]")
    assert done.code == 1
    assert "In general:" in done.out
    assert "graphtools node GRAPH a/b" in done.out


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
