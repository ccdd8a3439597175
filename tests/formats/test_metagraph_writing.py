"""A graph under a name that ends in .meta is a MetaGraphDef, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtools.errors import FileProblem
from graphtools.formats import load, open_model, save
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.metagraph_writing import MetaChanges, VariableEntry
from graphtools.graph.colocations import update_colocations
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES

META = FIXTURES / "classifier/model.ckpt.meta"


def opened(path: Path) -> MetaGraph:
    found = open_model(path)
    assert isinstance(found, MetaGraph)
    return found


@pytest.mark.parametrize("as_text", [False, True])
def test_saver_and_collections_stay_with_their_nodes(tmp_path: Path, as_text: bool) -> None:
    meta = opened(META)
    done = transform(meta.graph, "remove_device").graph
    assert save(done, tmp_path / "x.meta", as_text=as_text, like=meta) == ""
    written = opened(tmp_path / "x.meta")
    assert written.encoding == ("text" if as_text else "binary")
    same = ("saver", "collections", "variables", "signatures", "tensorflow_version")
    assert [getattr(written, n) for n in same] == [getattr(meta, n) for n in same]
    assert written.saver is not None
    assert [n.name for n in written.graph] == [n.name for n in done]


def test_what_names_nodes_that_are_gone_leaves(tmp_path: Path) -> None:
    meta = opened(META)
    assert meta.saver is not None
    twin = meta.graph.copy()
    name = next(iter(meta.variables)).partition(":")[0]
    readers = [n.name for n in twin if n.op in ("SaveV2", "RestoreV2", "Assign", "NoOp")]
    keep = {n.name for n in twin} - {name} - set(readers)
    while lost := {n.name for n in twin if n.name in keep and any(
        i.lstrip("^").partition(":")[0] not in keep for i in n.inputs)}:  # fmt: skip
        keep -= lost
    twin.remove_all([n.name for n in twin if n.name not in keep])
    remark = save(twin, tmp_path / "x.meta", like=meta)
    assert "the Saver left" in remark
    assert "of the collection 'variables' left with their nodes" in remark
    written = opened(tmp_path / "x.meta")
    assert written.saver is None
    assert f"{name}:0" not in written.variables


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x.meta", "nothing but a graph is known of it"),
        ("saved_model.pb", "is a SavedModel, which a transformed graph is not"),
        ("sm", "is a SavedModel, which a transformed graph is not"),
        ("x.tflite", "would be no tflite model"),
    ],
)
def test_a_graph_is_not_written_under_the_name_of_something_else(
    tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "sm").mkdir()
    (tmp_path / "sm/saved_model.pb").write_bytes(b"")
    graph = load(FIXTURES / "classifier/frozen.pb")
    with pytest.raises(FileProblem, match=says):
        save(graph, tmp_path / name)


def test_what_names_nodes_follows_their_new_names(tmp_path: Path) -> None:
    meta = opened(META)
    assert meta.saver is not None
    names = {node.name: f"model/{node.name}" for node in meta.graph}
    twin = meta.graph.copy()
    twin.rename_all(names)
    assert save(twin, tmp_path / "x.meta", like=meta, changes=MetaChanges(renamed=names)) == ""
    written = opened(tmp_path / "x.meta")
    assert written.collections == meta.collections
    assert list(written.variables) == [f"model/{name}" for name in meta.variables]
    assert written.saver is not None
    assert written.saver.restore_op == f"model/{meta.saver.restore_op}"


def test_new_variables_stand_in_the_collection_and_the_saver_leaves(tmp_path: Path) -> None:
    meta = opened(META)
    twin = meta.graph.copy()
    new = VariableEntry("x/min", "x/min/Assign", "x/min/read", is_resource=False)
    changes = MetaChanges(variables=[new], without_saver=True)
    assert save(twin, tmp_path / "x.meta", like=meta, changes=changes) == ""
    written = opened(tmp_path / "x.meta")
    assert written.saver is None
    assert written.variables["x/min:0"] == ("variables",)
    assert list(written.variables)[:-1] == sorted(meta.variables, key=list(meta.variables).index)


@pytest.mark.tensorflow
def test_renamed_loops_train_in_tensorflow(tf: Any, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    was_enabled = v1.control_flow_v2_enabled()
    v1.disable_control_flow_v2()
    with tf.Graph().as_default(), v1.Session() as session:
        weight = v1.get_variable("w", [], use_resource=False, initializer=v1.ones_initializer())
        flag = v1.placeholder(tf.bool, [], "flag")
        looped = v1.while_loop(lambda i, _: i < 3, lambda i, x: (i + 1, x * weight), [0, weight])
        v1.cond(flag, lambda: looped[1] * 2.0, lambda: looped[1], name="cond")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "m"))
    if was_enabled:
        v1.enable_control_flow_v2()
    meta = opened(tmp_path / "m.meta")
    names = {node.name: f"net/{node.name}" for node in meta.graph}
    twin = meta.graph.copy()
    twin.rename_all(names)
    update_colocations(twin, names)
    save(twin, tmp_path / "x.meta", like=meta, changes=MetaChanges(renamed=names))
    with tf.Graph().as_default() as graph, v1.Session() as session:
        v1.train.import_meta_graph(str(tmp_path / "x.meta"))
        session.run(v1.global_variables_initializer())
        loss = graph.get_tensor_by_name("net/cond/Merge:0")
        slope = v1.gradients(loss, v1.trainable_variables())[0]
        assert session.run(slope, {"net/flag:0": True}) == 8
