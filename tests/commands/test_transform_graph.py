from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import load
from tests.commands.running import FROZEN, fixture, refusal, run, run_json

OUTPUT = "MobilenetV1/Predictions/Reshape_1"
#: The command line of the Graph Transform Tool's manual, and as people have it in scripts.
DEPLOY = """
    strip_unused_nodes(type=float, shape="1,32,32,3")
    remove_nodes(op=Identity, op=CheckNumerics)
    fold_constants(ignore_errors=true)
    fold_batch_norms
    fold_old_batch_norms"""


def line(target: object, *more: str, spec: str = DEPLOY, source: str = FROZEN) -> tuple[str, ...]:
    return (
        "transform_graph",
        f"--in_graph={source}",
        f"--out_graph={target}",
        "--inputs=input:0",
        f"--outputs='{OUTPUT}:0'",
        f"--transforms={spec}",
        *more,
    )


def test_the_command_line_of_the_manual(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(*line(target))
    assert (done.code, done.err) == (0, "")
    assert len(load(target)) == 27
    assert load(target).versions == load(FROZEN).versions


def test_text_is_read_and_written(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    for flag in ("--output_as_text", "--output_as_text=true"):
        assert run(*line(target, flag, source=fixture("classifier/frozen.pbtxt"))).code == 0
        assert target.read_text().startswith("node {")
    assert run(*line(tmp_path / "y.pbtxt", "--output_as_text=false")).code == 0
    assert (tmp_path / "y.pbtxt").read_bytes()[:1] == b"\n"


@pytest.mark.parametrize(
    "spec", [" \\\n  fold_constants \\\n  fold_batch_norms\\\n", "'\nround_weights\n'"]
)
def test_line_ends_and_quotes(spec: str, tmp_path: Path) -> None:
    assert run(*line(tmp_path / "x.pb", spec=spec)).code == 0


def test_names_that_the_original_refuses(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert "there is no transform 'fold_batchnorm'" in refusal(
        run(*line(target, spec="fold_batchnorm"))
    )
    assert "no transforms were given" in refusal(run(*line(target, spec="")))
    assert not target.exists()


def test_a_parameter_that_is_not_known_is_ignored_as_it_was(tmp_path: Path) -> None:
    plain, target = tmp_path / "plain.pb", tmp_path / "x.pb"
    assert run(*line(plain, spec="round_weights")).code == 0
    done = run(*line(target, spec="round_weights(num_step=3, ignoreError=False)"))
    assert done.code == 0
    assert target.read_bytes() == plain.read_bytes()
    near, strange = done.err.splitlines()
    assert "no parameter 'num_step', which has no effect; did you mean 'num_steps'?" in near
    assert "'ignoreError', which has no effect" in strange


def test_without_outputs_only_what_needs_none_is_done(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    bare = ("transform_graph", f"--in_graph={FROZEN}", f"--out_graph={target}")
    assert run(*bare, "--transforms=remove_device").code == 0
    assert "does not know what to keep" in refusal(run(*bare, "--transforms=strip_unused_nodes"))


def test_what_is_missing_is_told() -> None:
    done = run("transform_graph", "--out_graph=x.pb", "--transforms=remove_device")
    assert done.code == 2
    assert "--in_graph" in done.err


def test_json(tmp_path: Path) -> None:
    said = run_json(*line(tmp_path / "x.pb"))
    assert len(said["transformation"]["steps"]) == 5
