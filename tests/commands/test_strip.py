from __future__ import annotations

import shutil
from pathlib import Path

from graphtools.formats import load
from tests.commands.running import FROZEN, refusal, run, run_json

SCORES, LOGITS = "MobilenetV1/Predictions/Reshape_1", "MobilenetV1/Logits/SpatialSqueeze"


def test_only_what_the_outputs_need_stays(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("strip", FROZEN, "-o", target, "--inputs", "input", "--outputs", LOGITS)
    assert done.code == 0
    assert done.err == "note: transforms: strip_unused_nodes\n"
    assert done.lines[2].split()[:3] == ["strip_unused_nodes", "53", "48"]
    assert len(load(target)) == 48


def test_a_graph_is_cut_within(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert run("strip", FROZEN, "-o", target, "--inputs", LOGITS, "--outputs", SCORES).code == 0
    cut = load(target)[LOGITS]
    assert (cut.op, str(cut.attr("dtype")), str(cut.attr("shape"))) == (
        "Placeholder", "float32", "[?,10]",
    )  # fmt: skip


def test_types_and_shapes_are_given(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(
        "strip", FROZEN, "-o", target, "--inputs", LOGITS, "--outputs", SCORES,
        "--input-shape", f"{LOGITS}:0=1,10", "--type", f"{LOGITS}=half",
    )  # fmt: skip
    assert done.code == 0
    cut = load(target)[LOGITS]
    assert (str(cut.attr("dtype")), str(cut.attr("shape"))) == ("float16", "[1,10]")


def test_the_batch_of_an_input_is_fixed(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    line = ("strip", FROZEN, "-o", target, "--outputs", SCORES, "--inputs", "input")
    for option in ("--input-shape", "--shape"):
        assert run(*line, option, "input=1,32,32,3").code == 0
        assert str(load(target)["input"].attr("shape")) == "[1,32,32,3]"
        target.unlink()


def test_the_type_of_an_input_is_changed(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("strip", FROZEN, "-o", target, "--outputs", SCORES, "--type", "input=uint8")
    assert "'input' is uint8 now, and a Cast makes it float32" in done.out
    assert str(load(target)["input"].attr("dtype")) == "uint8"


def test_what_has_no_effect_is_told(tmp_path: Path) -> None:
    line = ("strip", FROZEN, "-o", tmp_path / "x.pb", "--outputs", SCORES)
    done = run(*line, "--inputs", "input", "--type", f"{LOGITS}=half")
    assert f"type and shape of {LOGITS!r} are not used" in done.out
    done = run(*line[:-1], LOGITS, "--inputs", f"input,{SCORES}")
    assert f"input {SCORES!r} does not lead to the outputs" in done.out
    assert done.code == 0


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    line = ("strip", FROZEN, "-o", target, "--outputs", SCORES, "--inputs", LOGITS)
    assert "'half' does not say of which input" in refusal(run(*line, "--type", "half"))
    done = run(*line, "--input-shape", f"{LOGITS}=abc")
    assert "'abc' is no shape" in done.err
    assert done.code == 2
    done = run("strip", FROZEN, "-o", target, "--outputs", "SpatialSqueeze", "--inputs", "input")
    assert done.code == 2
    assert f"did you mean {LOGITS!r}?" in done.err
    assert not target.exists()


def test_the_file_itself_may_be_the_target(tmp_path: Path) -> None:
    file = Path(shutil.copy(FROZEN, tmp_path))
    assert run("strip", file, "-o", file, "--inputs", "input", "--outputs", LOGITS).code == 0
    assert len(load(file)) == 48


def test_json_and_dry_run() -> None:
    said = run_json("strip", FROZEN, "--dry-run", "--inputs", "input", "--outputs", LOGITS)
    assert said["transformation"]["steps"][0]["nodes_after"] == 48


def test_a_report_that_fails_says_that_the_graph_was_written(tmp_path: Path) -> None:
    target, report = tmp_path / "x.pb", tmp_path / "absent/page.html"
    done = run("strip", FROZEN, "-o", target, "--outputs", SCORES, "--report", report)
    assert done.code == 2
    assert f"; {target} was written" in done.err
    assert target.exists()
