"""Graphs from what is no path, and to what is none: bytes, open files, messages."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.errors import Damaged, FileProblem, InvalidValue, UnknownFormat
from graphtools.schema import message_class
from tests.support import FIXTURES

FROZEN = FIXTURES / "classifier" / "frozen.pb"
RAW = FROZEN.read_bytes()
OUTPUT = "MobilenetV1/Predictions/Reshape_1"


def given() -> list[Any]:
    message = message_class("GraphDef").FromString(RAW)
    return [RAW, bytearray(RAW), memoryview(RAW), io.BytesIO(RAW), message]


@pytest.mark.parametrize("source", given(), ids=lambda s: type(s).__name__)
def test_a_graph_is_read_from_what_a_file_holds(source: Any) -> None:
    assert [n.name for n in graphtools.load(source)] == [n.name for n in graphtools.load(FROZEN)]


def test_every_kind_of_file_is_known_by_its_bytes() -> None:
    for name, kind in (
        ("classifier/model.ckpt.meta", "MetaGraphDef"),
        ("saved_model/v2/saved_model.pb", "SavedModel"),
        ("classifier/graph.pbtxt", "GraphDef"),
    ):
        path = FIXTURES / name
        if path.exists():
            assert graphtools.open_model(path.read_bytes()).kind == kind
    with open(FROZEN, "rb") as file:
        assert graphtools.open_model(file).path == str(FROZEN)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"", Damaged),
        (RAW[:-20], Damaged),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, UnknownFormat),
        (io.StringIO("no graph at all"), UnknownFormat),
        (b'model_checkpoint_path: "model.ckpt"', (UnknownFormat, FileProblem)),
        (3, InvalidValue),
        (None, InvalidValue),
    ],
)
def test_what_holds_no_model_is_refused(source: Any, error: Any) -> None:
    with pytest.raises(error):
        graphtools.load(source)


def test_results_are_saved_as_they_are(tmp_path: Path) -> None:
    graph = graphtools.load(FROZEN)
    done = graphtools.transform(graph, "strip_unused_nodes", outputs=[OUTPUT])
    frozen = graphtools.freeze(done.graph, None, [OUTPUT])
    done.save(tmp_path / "a.pb")
    graphtools.save(done, tmp_path / "b.pb")
    frozen.save(tmp_path / "c.pbtxt")
    assert (tmp_path / "a.pb").read_bytes() == (tmp_path / "b.pb").read_bytes()
    assert (tmp_path / "c.pbtxt").read_text().startswith("node {")
    file = io.BytesIO()
    graphtools.save(frozen, file)
    assert file.getvalue() == frozen.graph.to_bytes()
    with pytest.raises(InvalidValue, match="open for text"):
        graphtools.save(graph, io.StringIO())  # type: ignore[arg-type]


def test_a_graph_that_was_read_from_a_file_outlives_it_in_a_pickle(tmp_path: Path) -> None:
    path = tmp_path / "g.pb"
    path.write_bytes(RAW)
    packed = pickle.dumps(graphtools.load(path))
    path.unlink()
    assert pickle.loads(packed).to_bytes() == RAW


@pytest.mark.tensorflow
def test_a_message_of_tensorflow_is_read(tf: Any) -> None:
    graph = tf.Graph()
    with graph.as_default():
        tf.compat.v1.placeholder("float32", [None, 3], name="x")
    read = graphtools.load(graph.as_graph_def())
    assert read["x"].attr("dtype") == graphtools.dtype(tf.float32)
    assert str(read["x"].attr("shape")) == "[?,3]"
    read.set_attr("x", "shape", tf.TensorShape([1, None]))
    assert str(read["x"].attr("shape")) == "[1,?]"
    assert tf.compat.v1.GraphDef.FromString(read.to_bytes()).node[0].name == "x"
