from __future__ import annotations

from pathlib import Path

from graphtools.formats import load, save
from tests.commands.running import FROZEN, run, run_json
from tests.transforms.graphs import graph

OUTPUT = "MobilenetV1/Predictions/Reshape_1"


def line(target: object, *more: str, source: object = FROZEN) -> tuple[str, ...]:
    return ("optimize_for_inference", f"--input={source}", f"--output={target}", *more)


ENDS = ("--input_names=input", f"--output_names={OUTPUT}")


def test_the_command_line_of_old_scripts(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(*line(target, "--frozen_graph=True", *ENDS))
    assert done.code == 0
    assert len(load(target)) == 27


def test_old_flags(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(*line(target, "--frozen_graph=False", "--toco_compatible", *ENDS))
    assert done.code == 0
    assert "note: --toco_compatible has no effect" in done.err
    assert target.read_text().startswith("node {")
    assert run(*line(target, "--placeholder_type_enum=1", *ENDS)).code == 0


def test_placeholders_become_constants(tmp_path: Path) -> None:
    source = tmp_path / "s.pb"
    text = """
        x = Placeholder dtype=float
        phase_train = Placeholder dtype=bool
        n = Neg(x) T=float
        y = Select(phase_train, n, x) T=float
    """
    save(graph(text), source)
    target = tmp_path / "x.pb"
    ends = ("--input_names=x", "--output_names=y")
    done = run(
        *line(target, *ends, "--placeholder_to_const_names=phase_train=False", source=source)
    )
    assert done.code == 0
    assert load(target)["phase_train"].op == "Const"
    done = run(*line(target, *ends, "--placeholder_to_const_names=phase_train", source=source))
    assert done.code == 2
    assert "'phase_train' gives no value" in done.err


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run(*line(target, "--placeholder_type_enum=1,2", *ENDS))
    assert done.code == 2
    assert "2 types are neither one for all nor one for each of 1 inputs" in done.err
    done = run(*line(target, "--input_names=input"))
    assert done.code == 2
    assert "does not know what to keep" in done.err
    assert not target.exists()


def test_json(tmp_path: Path) -> None:
    assert len(run_json(*line(tmp_path / "x.pb", *ENDS))["transformation"]["steps"]) == 6
