from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from graphtools.formats import load
from tests.commands.running import FROZEN, fixture, refusal, run, run_json, run_process
from tests.support import flip

OUTPUT = "MobilenetV1/Predictions/Reshape_1"
ENDS = ("--inputs", "input", "--outputs", OUTPUT)
SPEC = ("--transforms", "remove_nodes(op=Identity) fold_old_batch_norms")


def test_a_graph_is_transformed_and_what_was_done_is_printed(tmp_path: Path) -> None:
    target = tmp_path / "small.pb"
    done = run("transform", FROZEN, "-o", target, *ENDS, *SPEC)
    assert (done.code, done.err) == (0, "")
    header, _, first, second = done.lines
    assert header.split()[:3] == ["transform", "nodes", "after"]
    assert first.split()[:3] == ["remove_nodes(op=Identity)", "53", "36"]
    assert second.split()[:3] == ["fold_old_batch_norms", "36", "27"]
    assert len(load(target)) == 27
    assert os.listdir(tmp_path) == ["small.pb"]


def test_the_likely_inputs_and_outputs_are_taken_and_told(tmp_path: Path) -> None:
    done = run("transform", FROZEN, "-o", tmp_path / "x.pb", *SPEC)
    assert done.code == 0
    assert "frozen.pb: input\n" in done.err
    assert f"frozen.pb: {OUTPUT}" in done.err


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_that_a_shell_has_left_are_no_obstacle(quote: str, tmp_path: Path) -> None:
    ends = ("--inputs", f"{quote}input:0{quote}", "--outputs", f"{quote}{OUTPUT}:0{quote}")
    spec = f"{quote}remove_device fold_constants(ignore_errors=true){quote}"
    done = run("transform", FROZEN, "-o", tmp_path / "x.pb", *ends, "--transforms", spec)
    assert (done.code, done.err) == (0, "")


def test_json(tmp_path: Path) -> None:
    said = run_json("transform", FROZEN, "-o", tmp_path / "x.pb", *ENDS, *SPEC)
    first, _ = said["transformation"]["steps"]
    assert first["step"] == "remove_nodes(op=Identity)"
    assert (first["nodes_before"], first["nodes_after"], first["edits"]) == (53, 36, 25)
    assert said["verification"] is None


@pytest.mark.usefixtures("tmp_path")
def test_skips_are_counted_and_listed_where_it_is_asked_for() -> None:
    line = ("transform", FROZEN, "--dry-run", *ENDS, "--transforms", "round_weights")
    assert "Skipped by" not in run(*line).out
    spec = "remove_nodes(op=Relu6, op=Identity, max_inputs=1) fold_batch_norms"
    done = run(*line[:-1], spec, "--skips")
    assert done.code == 0


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("transform", FROZEN, "-o", target, "--dry-run", *ENDS, *SPEC)
    assert done.code == 0
    assert not target.exists()
    assert run("transform", FROZEN, "--dry-run", *ENDS, *SPEC).code == 0


def test_the_run_can_end_early(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("transform", FROZEN, "-o", target, *ENDS, *SPEC, "--stop-after", "remove_nodes")
    assert done.code == 0
    assert len(load(target)) == 36
    message = refusal(
        run("transform", FROZEN, "-o", target, *ENDS, *SPEC, "--stop-after", "remove_node")
    )
    assert "'remove_node' is none of the transforms: remove_nodes, fold_old_batch_norms" in message


def test_text_is_written_by_name_or_by_option(tmp_path: Path) -> None:
    for name, options in (("x.pbtxt", []), ("x.pb", ["--text"])):
        target = tmp_path / name
        assert run("transform", FROZEN, "-o", target, *ENDS, *SPEC, *options).code == 0
        assert target.read_text().startswith("node {")


def test_the_file_that_was_read_may_be_the_target(tmp_path: Path) -> None:
    file = Path(shutil.copy(FROZEN, tmp_path / "with blanks ü.pb"))
    assert run("transform", file, "-o", file, *ENDS, *SPEC).code == 0
    assert len(load(file)) == 27
    assert run("transform", file, "-o", file, *ENDS, *SPEC).code == 0
    assert os.listdir(tmp_path) == [file.name]


@pytest.mark.slow
def test_standard_input_and_output(tmp_path: Path) -> None:
    with open(FROZEN) as file:
        done = run_process("transform", "-", "-o", "-", "--text", *ENDS, *SPEC, stdin=file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("node {")
    target = tmp_path / "x.pbtxt"
    target.write_text(done.stdout)
    assert len(load(target)) == 27


@pytest.mark.parametrize(
    ("spec", "says", "remedy"),
    [
        ("strip_unused_node", "there is no transform 'strip_unused_node'", "'strip_unused_nodes'"),
        ("remove_nodes(ops=Relu)", "remove_nodes has no parameter 'ops'", "did you mean 'op'?"),
        ("rename_node", "rename_node needs old_node_name", "rename_node(old_node_name="),
        ("remove_nodes", "does not know which nodes are meant", "op=Identity, or name="),
        ("remove_nodes(op=Relu", "the parenthesis behind 'remove_nodes' is not closed", ""),
        ("fold_constants(ignore_errors=maybe)", "must be true or false", ""),
        ("", "no transforms were given", "graphtools transforms"),
    ],
)
def test_a_wrong_pipeline_is_refused(spec: str, says: str, remedy: str, tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    message = refusal(run("transform", FROZEN, "-o", target, *ENDS, "--transforms", spec))
    assert says in message
    assert remedy in message
    assert not target.exists()


def test_unknown_ends_are_answered(tmp_path: Path) -> None:
    line = ("transform", FROZEN, "-o", tmp_path / "x.pb", *SPEC)
    message = refusal(run(*line, "--inputs", "inputt", "--outputs", OUTPUT))
    assert "no node 'inputt' in the graph\n  did you mean 'input'?" in message
    assert "where shall the graph go?" in refusal(run("transform", FROZEN, *ENDS, *SPEC))


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("/dev/full", "No space left on device"),
        ("{}/no/folder/x.pb", "No such file or directory"),
        ("{}", "it is a folder"),
    ],
)
def test_a_target_that_cannot_be_written_is_told(target: str, says: str, tmp_path: Path) -> None:
    if target == "/dev/full" and not os.path.exists(target):
        pytest.skip("this system has no full device")
    done = run("transform", FROZEN, "-o", target.format(tmp_path), *ENDS, *SPEC)
    assert says in refusal(done)
    assert not os.listdir(tmp_path)


def test_a_damaged_graph_damages_nothing(tmp_path: Path) -> None:
    file = Path(shutil.copy(FROZEN, tmp_path / "x.pb"))
    flip(file, 1, 6)
    raw = file.read_bytes()
    refusal(run("transform", file, "-o", file, *ENDS, *SPEC))
    assert file.read_bytes() == raw
    assert os.listdir(tmp_path) == ["x.pb"]


def test_a_saved_model_is_transformed(tmp_path: Path) -> None:
    done = run(
        "transform", fixture("saved_model/v1"), "-o", tmp_path / "x.pb", "--tag-set", "serve",
        "--transforms", "strip_unused_nodes",
    )  # fmt: skip
    assert done.code == 0
    assert len(load(tmp_path / "x.pb")) < 57
