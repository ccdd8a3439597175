"""A graph under a name that ends in .meta is a MetaGraphDef, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import FileProblem
from graphtools.formats import load, open_model, save
from graphtools.formats.metagraph import MetaGraph
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
