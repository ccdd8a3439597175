"""What transforms make of a .meta or SavedModel is one again, which restores and runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import open_model
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.model.write_back import is_written_back
from tests.commands.running import FROZEN, fixture, run
from tests.support import FIXTURES

META = FIXTURES / "classifier/model.ckpt.meta"
SCORES = "MobilenetV1/Predictions/Reshape_1"
V1, V2 = fixture("saved_model/v1"), fixture("saved_model/v2")


def written(path: Path) -> MetaGraph:
    found = open_model(str(path))
    meta = found.meta_graph(["serve"]) if isinstance(found, SavedModel) else found
    assert isinstance(meta, MetaGraph)
    return meta


def test_a_target_is_what_was_read_by_its_name() -> None:
    meta, model, graph = (open_model(str(f)) for f in (META, V1, FROZEN))
    assert is_written_back(meta, "a/x.meta")
    assert not is_written_back(graph, "x.meta")
    assert not is_written_back(meta, "folder")
    assert is_written_back(model, "a.b/folder")
    assert not is_written_back(model, "x.pb")
    assert not is_written_back(model, "-")


def test_variables_stay_and_a_new_saver_restores_those_that_are_left(tmp_path: Path) -> None:
    out = tmp_path / "x.meta"
    done = run("strip", META, "-o", out, "--outputs", "MobilenetV1/MobilenetV1/Conv2d_0/Relu6")
    assert (done.code, "a new Saver restores the " in done.err) == (0, True)
    meta = written(out)
    assert meta.saver is not None
    assert meta.saver.restore_op in meta.graph
    left = [n.name for n in meta.graph if n.op in ("VariableV2", "VarHandleOp")]
    assert left
    assert set(meta.variables) == {f"{name}:0" for name in left}  # with their initializers
    assert len(left) < len(written(META).variables)


def test_all_follows_new_names_of_single_transforms(tmp_path: Path) -> None:
    out = tmp_path / "x.meta"
    step = 'rename_scope(old_scope="", new_scope=all)'
    assert run("transform", META, "-o", out, "--transforms", step).code == 0
    before, after = written(META), written(out)
    assert before.saver is not None
    assert after.saver is not None
    assert after.saver.restore_op == f"all/{before.saver.restore_op}"
    assert set(after.variables) == {f"all/{name}" for name in before.variables}
    assert after.collections == before.collections


def test_a_saved_model_is_one_again_with_its_signatures_assets_and_values(tmp_path: Path) -> None:
    out = tmp_path / "sm"
    step = 'rename_scope(old_scope="", new_scope=all)'
    options = ("--tag-set", "serve", "--transforms", step)
    done = run("transform", V1, "-o", out, *options)
    assert done.code == 0, done.err
    before, after = written(Path(V1)), written(out)
    public = [k for k in before.signatures if not k.startswith("__")]
    assert list(after.signatures) == public
    assert all(i.name.startswith("all/") for s in after.signatures.values() for i in s.outputs)
    assert after.init_op
    assert list(after.assets.values()) == list(before.assets.values())
    assert "variables" in os.listdir(out)
    done = run("transform", V1, "-o", tmp_path / "x.meta", *options)
    assert written(tmp_path / "x.meta").signatures.keys() == before.signatures.keys()


def test_signatures_whose_nodes_are_gone_are_told_and_none_is_an_error(tmp_path: Path) -> None:
    ends = [o.name for o in written(Path(V1)).signatures["serving_default"].outputs]
    names = ",".join(ends)
    done = run("strip", V1, "-o", tmp_path / "sm", "--tag-set", "serve", "--outputs", names)
    assert done.code == 0, done.err
    lost = set(written(Path(V1)).signatures) - set(written(tmp_path / "sm").signatures)
    assert all(f"the signature {key!r} left" in done.err for key in lost if key[0] != "_")
    inner = written(Path(V1)).signatures["serving_default"].inputs[0].name.partition(":")[0]
    done = run("strip", V1, "-o", tmp_path / "x", "--tag-set", "serve", "--outputs", inner)
    assert (done.code, "no signature of" in done.err) == (2, True)
    assert not (tmp_path / "x").exists()


@pytest.mark.tensorflow
@pytest.mark.parametrize("step", ["strip_unused_nodes", "obfuscate_names", "remove_device"])
def test_the_meta_restores_and_runs(tmp_path: Path, tf: Any, step: str) -> None:
    for file in META.parent.glob("model.ckpt*"):
        shutil.copy(file, tmp_path)
    out = tmp_path / "x.meta"
    options = ("--outputs", SCORES, "--inputs", "input", "--transforms", step)
    assert run("transform", tmp_path / META.name, "-o", out, *options).code == 0
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    values = []
    for meta in (META, out):
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            saver = tf.compat.v1.train.import_meta_graph(str(meta))
            saver.restore(session, str(META).removesuffix(".meta"))
            values.append(session.run(f"{SCORES}:0", {"input:0": image}))
    np.testing.assert_allclose(values[0], values[1], 1e-5, 1e-6)


@pytest.mark.tensorflow
def test_an_optimized_saved_model_of_tensorflow_2_computes_the_same(
    tmp_path: Path, tf: Any
) -> None:
    out = tmp_path / "sm"
    assert run("optimize", V2, "-o", out).code == 0
    given = tf.constant(np.random.default_rng(0).random((2, 4), np.float32))
    first, second = (
        tf.saved_model.load(str(p)).signatures["serving_default"](given) for p in (V2, out)
    )
    np.testing.assert_allclose(first["scores"].numpy(), second["scores"].numpy(), 1e-5, 1e-6)
