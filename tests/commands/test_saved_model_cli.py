from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.commands.running import FROZEN, fixture, refusal, run, run_json
from tests.support import FIXTURES

MODEL = fixture("saved_model/v1")
SIGNATURE = ("--tag_set", "serve", "--signature_def", "serving_default")
SHOWN = """\
The given SavedModel SignatureDef contains the following input(s):
  inputs['features'] tensor_info:
      dtype: DT_FLOAT
      shape: (-1, 4)
      name: features:0
"""


def test_show_prints_what_the_original_printed() -> None:
    show = ("saved_model_cli", "show", "--dir", MODEL)
    assert run(*show).lines == [
        "The given SavedModel contains the following tag-sets:", "serve", "serve, train",
    ]  # fmt: skip
    assert run(*show, "--tag_set", "serve").lines[1:] == [
        'SignatureDef key: "embed_words"', 'SignatureDef key: "serving_default"',
    ]  # fmt: skip
    assert run(*show, *SIGNATURE).out.startswith(SHOWN)
    everything = run(*show, "--al").out
    assert "\nMetaGraphDef with tag-set: 'serve' contains the following SignatureDefs:\n" in (
        everything
    )
    assert "  " + SHOWN.replace("\n", "\n  ").rstrip() in everything
    assert "Method name is: tensorflow/serving/predict" in everything


def test_show_of_a_signature_without_outputs() -> None:
    shown = run("saved_model_cli", "show", "--dir", fixture("saved_model/v2"), "--all").out
    assert "dtype: DT_INVALID\n        shape: unknown_rank\n        name: NoOp\n" in shown


def test_scan_tells_ops_that_touch_files(tmp_path: Path) -> None:
    assert run("saved_model_cli", "scan", "--dir", MODEL, "--tag_set=serve").lines == [
        "MetaGraph with tag set ['serve'] does not contain blacklisted ops."
    ]
    raw = (FIXTURES / "saved_model/v1/saved_model.pb").read_bytes()
    assert raw.count(b"\x12\x07MatMul") == 0
    (tmp_path / "saved_model.pb").write_bytes(raw.replace(b"\x12\x08Identity", b"\x12\x08ReadFile"))
    done = run("saved_model_cli", "scan", "--dir", tmp_path)
    assert done.code == 0, done.err
    assert "contains the following blacklisted ops: {'ReadFile'}" in done.out
    rows = run_json("saved_model_cli", "scan", "--dir", tmp_path)["meta_graphs"]
    assert [row["ops"] for row in rows] == [["ReadFile"]] * len(rows)


def test_what_is_wrong_is_told() -> None:
    show = ("saved_model_cli", "show", "--dir", MODEL)
    assert "tags" in refusal(run(*show, "--tag_set", "nothing"))
    assert "signature" in refusal(run(*show, "--tag_set", "serve", "--signature_def", "x"))
    assert "no SavedModel" in refusal(run("saved_model_cli", "show", "--dir", FROZEN))
    assert run("saved_model_cli", "convert", "--dir", MODEL).code == 2
    assert run("saved_model_cli", "show").code == 2
    assert run(*show, "--nonsense").code == 2
    line = ("saved_model_cli", "run", "--dir", MODEL)
    assert "--signature_def" in refusal(run(*line, "--tag_set=serve", "--input_exprs=x=1"))
    assert "no values were given" in refusal(run(*line, *SIGNATURE))
    assert "'x'" in refusal(run(*line, *SIGNATURE, "--input_exprs=x=np.ones(2)"))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_run_prints_and_saves_the_outputs(tmp_path: Path) -> None:
    with np.load(FIXTURES / "saved_model/v1_io.npz") as arrays:
        fed = next(arrays[k] for k in arrays.files if k.startswith("in|features"))
        wanted = next(arrays[k] for k in arrays.files if k.startswith("out|logits"))
    np.save(tmp_path / "in.npy", fed)
    line = ("saved_model_cli", "run", "--dir", MODEL, *SIGNATURE, "--outdir", tmp_path / "out")
    done = run(*line, f"--inputs=features={tmp_path / 'in.npy'}")
    assert done.code == 0, done.err
    logits = np.load(tmp_path / "out/logits.npy")
    np.testing.assert_allclose(logits, wanted, atol=1e-6)
    assert done.out.startswith(
        f"Result for output key logits:\n{logits}\nOutput logits is saved to "
    )
    again = (*line, f"--input_exprs=features={fed.tolist()}")
    assert "--overwrite" in refusal_of(run(*again).err)
    found = run(*again, "--overwrite", "--json")
    assert [t["name"] for t in json.loads(found.out)["tensors"]] == ["logits", "scores"]
    np.testing.assert_array_equal(np.load(tmp_path / "out/logits.npy"), logits)


def refusal_of(err: str) -> str:
    return err[err.index("error: ") :]
