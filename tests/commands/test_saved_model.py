"""`graphtools saved-model`: what is written loads, and what would not is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, open_model, save
from graphtools.formats.saved_model import SavedModel
from graphtools.graph import DType, Graph, Node
from tests.commands.running import FROZEN, fixture, run, run_json
from tests.transforms.graphs import graph

V1, V2, TWO = fixture("saved_model/v1"), fixture("saved_model/v2"), fixture("signatures/two")
LSTM = fixture("lstm/graph.pb")


def written(folder: Path) -> SavedModel:
    found = open_model(str(folder))
    assert isinstance(found, SavedModel)
    return found


def keys(folder: Path) -> list[str]:
    return list(written(folder).meta_graph().signatures)


def test_a_frozen_graph_gets_the_signature_that_is_named(tmp_path: Path) -> None:
    out = tmp_path / "sm"
    document = run_json(
        "saved-model", FROZEN, "-o", out, "--signature", "predict", "--inputs", "image=input",
        "--outputs", "probs=MobilenetV1/Predictions/Reshape_1",
    )  # fmt: skip
    (signature,) = document["signatures"]
    assert signature["key"] == "predict"
    assert signature["inputs"][0] == {
        "key": "image", "name": "input:0", "dtype": "float32", "shape": [None, 32, 32, 3],
    }  # fmt: skip
    assert os.listdir(out) == ["saved_model.pb"]  # a frozen graph has nothing else
    assert keys(out) == ["predict"]
    assert run("saved-model", FROZEN, "-o", out).code == 2  # never over what is there


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--inputs", "a b=input"], "cannot be a key"),
        (["--inputs", "x=nope"], "nope"),
        (["--outputs", "y=input:7"], "no tensor with a known type"),
        (["--inputs", "x=input,x=input"], "does not give each tensor a key"),
        (["--inputs", "x=input,"], ""),
        (["--assets", "vocabulary.txt"], "no table is filled from vocabulary.txt"),
        (["--rename-signature", "a=b"], "no signatures to edit"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    tmp_path: Path, options: list[str], said: str
) -> None:
    done = run("saved-model", FROZEN, "-o", tmp_path / "sm", *options)
    assert (done.code, said in done.err) == (2 if said else 0, True), done.err
    assert (tmp_path / "sm").exists() == (not said)


def test_variables_are_written_under_their_names_with_a_saver(tmp_path: Path) -> None:
    out = tmp_path / "sm"
    done = run("saved-model", LSTM, "-o", out, "--outputs", "y=outputs")
    assert (done.code, "no checkpoint was given" in done.err) == (2, True)
    assert not out.exists()
    options = ("--checkpoint", fixture("lstm"), "--outputs", "y=outputs")
    document = run_json("saved-model", LSTM, "-o", out, *options)
    assert document["variables"] == 2
    model = written(out)
    assert set(model.meta_graph().variables) == {
        "rnn/basic_lstm_cell/bias:0", "rnn/basic_lstm_cell/kernel:0",
    }  # fmt: skip
    again = run_json("saved-model", out, "-o", tmp_path / "again")  # it is read as any other
    assert again["signatures"] == document["signatures"]
    frozen = tmp_path / "frozen.pb"
    assert run("freeze", out, "-o", frozen).code == 0
    first, second = (load(str(p)) for p in (frozen, fixture("lstm/frozen.pb")))
    name = "rnn/basic_lstm_cell/kernel"
    values = [g[name].tensor for g in (first, second)]
    assert values[0] is not None
    assert values[1] is not None
    assert np.array_equal(values[0].array(), values[1].array())


def test_constants_become_variables_again(tmp_path: Path) -> None:
    document = run_json("saved-model", FROZEN, "-o", tmp_path / "sm", "--unfreeze")
    assert document["variables"] > 3
    assert run("freeze", tmp_path / "sm", "-o", tmp_path / "frozen.pb").code == 0
    done = run("diff", FROZEN, tmp_path / "frozen.pb")
    assert "with other values" not in done.out


TABLE = """
    ids = Placeholder dtype=int64 shape=[?]
    table = HashTableV2 key_dtype=int64 value_dtype=string
    file = Const value=string:"{path}"
    fill = InitializeTableFromTextFileV2(table, file) key_index=-1 value_index=-2 vocab_size=-1
    none = Const value=string:"UNK"
    found = LookupTableFindV2(table, ids, none) Tin=int64 Tout=string
"""


def table(folder: Path, path: str) -> str:
    found = str(folder / "table.pb")
    save(graph(TABLE.format(path=path)), found)
    return found


def test_tables_are_filled_on_loading_from_assets_that_go_along(tmp_path: Path) -> None:
    source = table(tmp_path, "/gone/words.txt")
    done = run("saved-model", source, "-o", tmp_path / "sm", "--outputs", "found")
    assert (done.code, "give the file with --assets" in done.err) == (2, True)
    words = tmp_path / "other" / "words.txt"
    words.parent.mkdir()
    words.write_text("a\nb\n")
    options = ("--outputs", "found", "--assets", words)
    document = run_json("saved-model", source, "-o", tmp_path / "sm", *options)
    assert (document["assets"], document["main_op"]) == (["words.txt"], "init_all_tables")
    assert (tmp_path / "sm/assets/words.txt").read_text() == "a\nb\n"
    assert b"/gone" not in (tmp_path / "sm/saved_model.pb").read_bytes()


def test_no_node_asks_for_a_device_that_others_lack(tmp_path: Path) -> None:
    text = 'x = Placeholder dtype=float shape=[2]\ny = Relu(x) T=float device="/device:GPU:3"'
    save(graph(text), str(tmp_path / "placed.pb"))
    done = run("saved-model", tmp_path / "placed.pb", "-o", tmp_path / "sm")
    assert (done.code, "1 node stood on a device" in done.err) == (0, True)
    assert not [n for n in written(tmp_path / "sm").meta_graph().graph if n.device]


def test_a_table_that_nothing_fills_is_refused(tmp_path: Path) -> None:
    lost = load(table(tmp_path, "words.txt"))
    lost.remove("fill")
    save(lost, str(tmp_path / "lost.pb"))
    done = run("saved-model", tmp_path / "lost.pb", "-o", tmp_path / "sm", "--outputs", "found")
    assert (done.code, "Table not initialized" in done.err) == (2, True)


@pytest.mark.parametrize(("source", "first"), [(V1, "embed_words"), (TWO, "")])
def test_signatures_are_renamed_and_removed(tmp_path: Path, source: str, first: str) -> None:
    known = [k for k in keys(Path(source)) if not k.startswith("__")]
    first = first or next(k for k in known if k != "serving_default")
    out = tmp_path / "sm"
    options = ("--remove-signature", first, "--rename-signature", "serving_default=predict")
    assert run("saved-model", source, "-o", out, *options).code == 0
    left = [k for k in keys(out) if not k.startswith("__")]
    assert left == sorted({*known, "predict"} - {first, "serving_default"})
    before, after = open_model(source), written(out)
    assert isinstance(before, SavedModel)
    assert len(after.meta_graphs) == len(before.meta_graphs)
    assert bool(after.variables) == bool(before.variables)
    assert after.asset_files == before.asset_files
    done = run("saved-model", source, "-o", tmp_path / "x", "--remove-signature", "nope")
    assert (done.code, "nope" in done.err) == (2, True)


def test_a_signature_is_added_to_one_of_tensorflow_1_only(tmp_path: Path) -> None:
    meta = written(Path(V1)).meta_graph()
    tensor = next(i.name for s in meta.signatures.values() for i in s.inputs)
    options = ("--add-signature", "--signature", "new", "--inputs", f"a={tensor}",
               "--outputs", f"b={tensor}")  # fmt: skip
    assert run("saved-model", V1, "-o", tmp_path / "sm", *options).code == 0
    assert set(keys(tmp_path / "sm")) == {*meta.signatures, "new"}
    refused = run("saved-model", V1, "-o", tmp_path / "x", *options[:3])
    assert (refused.code, "needs a key, inputs and outputs" in refused.err) == (2, True)
    options = (*options[:3], "--inputs", "a=serving_default_features", "--outputs",
               "b=StatefulPartitionedCall")  # fmt: skip
    refused = run("saved-model", V2, "-o", tmp_path / "x", *options)
    assert (refused.code, "cannot be added" in refused.err) == (2, True)


def test_nothing_is_written_on_a_dry_run_or_to_nowhere(tmp_path: Path) -> None:
    out = tmp_path / "sm"
    assert run_json("saved-model", FROZEN, "-o", out, "--dry-run")["path"] == ""
    assert not out.exists()
    assert run("saved-model", FROZEN).code == 2
    assert run("saved-model", FROZEN, "-o", tmp_path / "a" / "b" / "c").code == 2
    out.mkdir()
    (out / "something").write_text("")
    assert run("saved-model", FROZEN, "-o", out).code == 2
    assert os.listdir(out) == ["something"]


def _values(folder: Path, key: str, tf: Any) -> dict[str, Any]:
    """The outputs of a signature, which both loaders give alike."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        signature = loaded.signature_def[key]
        random = np.random.default_rng(7)
        feeds = {}
        for name, info in signature.inputs.items():
            dims = [d.size if d.size > 0 else 2 for d in info.tensor_shape.dim]
            kind = tf.as_dtype(info.dtype)
            feeds[name] = random.random(dims).astype(kind.as_numpy_dtype)
        fetched = {k: info.name for k, info in signature.outputs.items()}
        fed = {signature.inputs[k].name: v for k, v in feeds.items()}
        first: dict[str, Any] = session.run(fetched, fed)
    model = tf.saved_model.load(str(folder))
    given = {k: tf.constant(v) for k, v in feeds.items()}
    second = model.signatures[key](**given)
    for name, value in first.items():
        if value.dtype != object:
            np.testing.assert_allclose(value, second[name].numpy(), 1e-4, 1e-5)
    return first


@pytest.mark.tensorflow
def test_both_loaders_and_the_converter_take_what_is_written(tmp_path: Path, tf: Any) -> None:
    constant, variable = tmp_path / "constant", tmp_path / "variable"
    assert run("saved-model", FROZEN, "-o", constant).code == 0
    assert run("saved-model", FROZEN, "-o", variable, "--unfreeze").code == 0
    first, second = (_values(p, "serving_default", tf) for p in (constant, variable))
    for name, value in first.items():
        np.testing.assert_allclose(value, second[name], 1e-5, 1e-6)
    for folder in (constant, variable):
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
        assert converter.convert()[4:8] == b"TFL3"


@pytest.mark.tensorflow
def test_what_tables_give_after_loading(tmp_path: Path, tf: Any) -> None:
    (tmp_path / "words.txt").write_text("a\nb\n")
    source = table(tmp_path, "words.txt")
    out = tmp_path / "sm"
    assert run("saved-model", source, "-o", out, "--outputs", "found").code == 0
    (tmp_path / "words.txt").unlink()
    assert _values(out, "serving_default", tf)["found"].tolist() == [b"a", b"a"]


@pytest.mark.tensorflow
def test_a_model_of_tensorflow_2_is_called_by_its_new_key(tmp_path: Path, tf: Any) -> None:
    out = tmp_path / "sm"
    options = ("--rename-signature", "serving_default=predict")
    assert run("saved-model", V2, "-o", out, *options).code == 0
    values = _values(out, "predict", tf)
    assert [v.shape for v in values.values()] == [(2, 3)]
    assert list(tf.saved_model.load(str(out)).signatures) == ["predict"]


def test_a_dtype_that_is_not_known_is_no_output(tmp_path: Path) -> None:
    made = Graph([Node("x", "Placeholder", (), {"dtype": "float32"}), Node("y", "Odd", ["x"])])
    save(made, str(tmp_path / "odd.pb"))
    done = run("saved-model", tmp_path / "odd.pb", "-o", tmp_path / "sm", "--outputs", "y")
    assert (done.code, "known type" in done.err) == (2, True)
    assert isinstance(made["x"].attr("dtype"), DType)
