from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.running import FROZEN, V2, fixture, refusal, run, run_json
from tests.support import CHECKPOINTS, GRAPHS, MANIFEST, META_GRAPHS, SAVED_MODELS, shared_models

TFLITE = [e["tflite"] for e in MANIFEST["tflite"]]


@pytest.mark.parametrize("name", [*GRAPHS, *META_GRAPHS, *SAVED_MODELS, *CHECKPOINTS, *TFLITE])
def test_every_fixture_is_summed_up(name: str) -> None:
    done = run("summary", fixture(name))
    assert done.code == 0, done.err
    assert all(line.isprintable() for line in done.lines)
    (document,) = run_json("summary", fixture(name))["files"]
    assert document["kind"] in done.lines[0]


@pytest.mark.slow
def test_every_shared_model_is_summed_up() -> None:
    """One of each folder, so that the test stays short."""
    root = shared_models()
    seen: set[tuple[str, str]] = set()
    for file in sorted(root.rglob("*")):
        key = (str(file.parent), file.suffix)
        if file.suffix not in (".pb", ".pbtxt", ".meta", ".index", ".tflite") or key in seen:
            continue
        # what TensorFlow refuses has tests of its own
        if {"corrupt", "bundle_deviations", "gtt"} & set(file.parts):
            continue
        seen.add(key)
        assert run("summary", file).code == 0, file
    assert len(seen) > 20


def test_a_summary_says_what_a_stranger_wants_to_know() -> None:
    text = run("summary", FROZEN).out
    for line in (
        "frozen.pb: GraphDef (binary), 11.6 kB",
        "  written by          TensorFlow of 2026-01-16 (GraphDef version 2474)",
        "  frozen              yes, 716 values in constants",
        "  for training        no",
        "  quantization-aware  no",
        "  invalid inputs      none",
        "Likely inputs",
        "Likely outputs",
        "Constants by scope",
        "  graphtools io ",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("classifier/train.pb", "  for training        yes: "),
        ("quant/frozen.pb", "  quantization-aware  yes: FakeQuantWithMinMaxVars"),
        ("classifier/graph.pb", "  frozen              no, 18 variables"),
        ("saved_model/v1", "Meta graph {serve,train}"),
        ("saved_model/v2", "written by TensorFlow 2, with a graph of objects"),
        ("checkpoints/object_based", "V2, object-based"),
        ("checkpoints/v1_sharded", "  data files       3"),
        ("checkpoints/steps", "step"),
        ("quant/model.tflite", "0.00784314 * (q - 128)"),
        ("ssd/detect.tflite", "TFLite_Detection_PostProcess"),
    ],
)
def test_a_summary_says_what_is_particular_of_a_file(name: str, says: str) -> None:
    assert says in run("summary", fixture(name)).out


def test_several_files_are_summed_up_one_after_the_other() -> None:
    done = run("summary", FROZEN, V2)
    assert done.code == 0
    assert f"\n\n{V2}: checkpoint" in done.out
    assert [f["kind"] for f in run_json("summary", FROZEN, V2)["files"]] == [
        "GraphDef",
        "checkpoint",
    ]


def test_one_bad_file_among_several_does_not_hide_the_others() -> None:
    done = run("summary", "nowhere.pb", FROZEN)
    assert done.code == 2
    assert "error: nowhere.pb does not exist" in done.err
    assert "GraphDef (binary)" in done.out


@pytest.mark.skipif(os.name != "posix", reason="file names are not bytes there")
def test_a_file_name_that_is_no_text_is_no_problem(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.pb"))
    try:
        odd.write_bytes(Path(FROZEN).read_bytes())
    except OSError:
        pytest.skip("the file system does not take such names")
    assert run("summary", odd).code == 0
    assert run_json("summary", odd)["files"][0]["path"] == str(odd)


def test_a_checkpoint_whose_values_are_missing_is_said_to_be(tmp_path: Path) -> None:
    index = Path(f"{V2}.index").read_bytes()
    (tmp_path / "model.ckpt.index").write_bytes(index)
    done = run("summary", tmp_path / "model.ckpt")
    assert "values cannot be read" in done.out
    assert "model.ckpt.data-00000-of-00001" in refusal(
        run("variables", tmp_path / "model.ckpt", "--stats")
    )
