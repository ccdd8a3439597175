from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import load
from tests.commands.running import FROZEN, refusal, run, run_json

SCORES, LOGITS = "MobilenetV1/Predictions/Reshape_1", "MobilenetV1/Logits/SpatialSqueeze"


def line(target: object, *more: str, inputs: str = LOGITS) -> tuple[str, ...]:
    return (
        "strip_unused", f"--input_graph={FROZEN}", f"--output_graph={target}",
        f"--input_node_names={inputs}", f"--output_node_names={SCORES}", *more,
    )  # fmt: skip


def test_the_inputs_keep_their_types(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert run(*line(target)).code == 0
    assert str(load(target)[LOGITS].attr("dtype")) == "float32"
    assert str(load(target)[LOGITS].attr("shape")) == "[?,10]"


@pytest.mark.parametrize(
    ("number", "kind"), [("1", "float32"), ("19", "float16"), ("int32", "int32")]
)
def test_types_are_given_by_number(number: str, kind: str, tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert run(*line(target, f"--placeholder_type_enum={number}")).code == 0
    assert str(load(target)[LOGITS].attr("dtype")) == kind


def test_old_flags(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(*line(target, "--input_binary", "--output_binary=False"))
    assert done.code == 0
    assert "note: --input_binary has no effect" in done.err
    assert target.read_text().startswith("node {")
    assert run(*line(target, "--input_binary=true", "--output_binary")).code == 0
    assert target.read_bytes()[:1] == b"\n"
    # names of tensors and stray quotes are understood
    assert run(*line(target, inputs=f"'{LOGITS}:0'")).code == 0


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    message = refusal(run(*line(target, "--placeholder_type_enum=1,1")))
    assert "2 types are neither one for all nor one for each of 1 inputs" in message
    message = refusal(run(*line(target, "--placeholder_type_enum=99")))
    assert "99 is the number of no element type" in message
    assert "no node 'nothing'" in run(*line(target, inputs="nothing")).err
    done = run(*line(target)[:-1])
    assert done.code == 2
    assert "does not know what to keep" in done.err
    assert not target.exists()


def test_json(tmp_path: Path) -> None:
    assert len(run_json(*line(tmp_path / "x.pb"))["transformation"]["steps"]) == 1
