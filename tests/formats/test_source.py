"""Files: read with our own errors, written whole or not at all; and what is no model."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.errors import Damaged, FileProblem, NothingFound, UnknownFormat
from graphtools.formats.source import Source, atomic_file, open_source, write_file
from graphtools.graph import Graph, Node
from graphtools.schema.wire import encode_field
from tests.support import FIXTURES

GRAPH = FIXTURES / "classifier/frozen.pb"


# Reading


def test_a_file_is_mapped() -> None:
    source = open_source(GRAPH)
    assert len(source) == GRAPH.stat().st_size
    assert source.head == GRAPH.read_bytes()[:4096]
    assert not source.is_text


def test_an_empty_file_is_damage(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(Damaged, match=r"x is empty") as caught:
        graphtools.open_model(tmp_path / "x")
    assert "download it again" in caught.value.remedy


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="is a folder"):
        open_source(tmp_path)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "frozen.pb").touch()
    with pytest.raises(NothingFound, match="does not exist") as caught:
        open_source(tmp_path / "frozn.pb")
    assert caught.value.remedy.endswith("there are: frozen.pb")


def test_an_impossible_path_is_our_error(tmp_path: Path) -> None:
    for path in (tmp_path / ("x" * 300), GRAPH / "below_a_file"):
        with pytest.raises(FileProblem):
            graphtools.open_model(path)


@pytest.mark.parametrize(
    ("raw", "is_text"),
    [
        (b"node {\n\t}\r\n", True),
        ("größe 名".encode(), True),
        (b"\xef\xbb\xbfnode", True),
        ("名".encode() * 3000, True),
        (b"x" + "名".encode() * 3000, True),
        (b"xx" + "名".encode() * 3000, True),
        ("名".encode()[:2], False),
        (b"\x0a\x05", False),
        (b"abc\x00", False),
        (b"abc\xff", False),
    ],
    ids=range(10),
)
def test_text_is_told_from_binary(raw: bytes, is_text: bool) -> None:
    assert Source("x", raw).is_text == is_text


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(GRAPH.read_bytes())

    monkeypatch.setattr("sys.stdin", Standard())
    assert len(graphtools.load("-")) == len(graphtools.load(GRAPH))
    with pytest.raises(Damaged, match="standard input is empty"):
        graphtools.load("-")


def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(GRAPH.read_bytes(),))
    writer.start()
    graph = graphtools.load(pipe)
    writer.join()
    assert len(graph) == len(graphtools.load(GRAPH))


# Writing


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_a_failing_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def pieces() -> Any:
        yield b"new"
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write_file(path, pieces())
    assert contents(tmp_path) == {"x": b"old"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), FileProblem("x")])
def test_what_goes_wrong_while_writing_is_our_error(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(FileProblem), atomic_file(tmp_path / "x") as file:  # noqa: PT012 - half of it
        file.write(b"new")
        raise error
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("target", ["", "folder", "missing/x", "file/x"])
def test_a_target_that_cannot_be_written_is_said(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileProblem, match="cannot be written") as caught:
        write_file(tmp_path / target, [b"new"])
    assert "nothing was changed" in caught.value.remedy
    assert contents(tmp_path) == {"file": b"old"}
    assert contents(tmp_path / "folder") == {}


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_file(path, [b"new", memoryview(b"er")])
    assert path.read_bytes() == b"newer"
    assert path.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_file(tmp_path / "ours", [b"x"])
    (tmp_path / "any").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_file(tmp_path / "link", [b"new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_file(pipe, [b"data"])
    reader.join(5)
    assert read == [b"data"]
    assert pipe.is_fifo()


def test_a_graph_may_be_saved_over_the_file_it_was_read_from(tmp_path: Path) -> None:
    path = tmp_path / "x.pb"
    path.write_bytes(GRAPH.read_bytes())
    graph = graphtools.load(path)
    graph.set_device(graph.nodes[0], "/cpu:0")
    graphtools.save(graph, path)
    graphtools.save(graph, path)
    assert [n.name for n in graphtools.load(path)] == [n.name for n in graphtools.load(GRAPH)]


@pytest.mark.parametrize("as_text", [False, True])
def test_standard_output(capfdbinary: Any, as_text: bool) -> None:
    graphtools.save(Graph([Node("a", "A")]), "-", as_text=as_text)
    out = capfdbinary.readouterr().out
    assert out == (b'node {\n  name: "a"\n  op: "A"\n}\n' if as_text else b"\n\x06\n\x01a\x12\x01A")


# What is no model

_NAMES = encode_field(1, b"x") + encode_field(2, b"y")
_ONNX = b"\x08\x07" + encode_field(
    7, encode_field(1, _NAMES + encode_field(4, b"Relu")) + encode_field(2, b"net")
)
_CAFFE2 = encode_field(1, b"net") + encode_field(2, _NAMES + encode_field(4, b"Relu"))
_CAFFE = encode_field(1, b"net") + encode_field(100, _NAMES)
_CORE_ML = b"\x08\x04" + encode_field(2, b"") + encode_field(500, b"")
_MEDIAPIPE = encode_field(
    1,
    encode_field(2, b"GateCalculator")
    + encode_field(3, b"rects")
    + encode_field(4, b"gated_rects")
    + encode_field(5, b"ALLOW:use_rects"),
)
_FINGERPRINT = b"\x08\x87\x12\x10\x05\x18\x06\x20\x07\x28\x08\x32\x00"
_KERAS_METADATA = encode_field(
    1, b"\x10\x01" + encode_field(3, b"root") + encode_field(4, b"_tf_keras_network")
)

STRANGERS = [
    (b"\x89PNG\r\n\x1a\n", "a PNG image", ""),
    (b"\xff\xd8\xff\xe0", "a JPEG image", ""),
    (b"%PDF-1.7\n", "a PDF", ""),
    (b"PK\x03\x04abc", "a zip archive", "unpack it first"),
    (b"\x1f\x8b\x08\x00", "gzip-compressed", "gunzip"),
    (b"\x89HDF\r\n\x1a\n", "a Keras model", "keras.models.load_model"),
    (b'PK\x03\x04metadata.json{"keras_version": "3"}', "a Keras model", ".export("),
    (b"\x93NUMPY\x01", "a NumPy array", ""),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS", "git lfs pull"),
    (b"<!DOCTYPE html>\n<html>", "a web page", "download failed"),
    (b"\n\n<!doctype html>", "a web page", "download failed"),
    (b"<HTML><head>", "a web page", "download failed"),
    (b"<?xml version='1.0'?>", "an XML document", ""),
    (b"model {\n  ssd {\n num_classes: 3 }}", "pipeline configuration", "read are: GraphDef"),
    (b"item {\n  id: 1\n  name: 'cat'\n}\n", "a label map", "read are"),
    (b"hello", "a text file", "read are"),
    (b'{"a": 1}', "a text file", "read are"),
    (b'node { input: "x" op_type: "Relu" }', "an ONNX node", "read are"),
    (b"ir_version: 7 graph { }", "an ONNX model", "read are"),
    (b'op { name: "Abort" }', "a table of ops", "read are"),
    (b'node { calculator: "GateCalculator" }', "a MediaPipe graph", "read are"),
    (b"7767517\n3 3\n", "of an NCNN model", ""),
    (_ONNX, "an ONNX model", "Netron"),
    (_CAFFE2, "a Caffe2 network", "read are"),
    (_CAFFE, "a Caffe model", "read are"),
    (_CORE_ML, "a Core ML model", "coremltools"),
    (_MEDIAPIPE, "a MediaPipe graph", "read are"),
    (_FINGERPRINT, "the fingerprint of a SavedModel", "saved_model.pb"),
    (_KERAS_METADATA, "the Keras metadata of a SavedModel", "saved_model.pb"),
    (b"\x08\x03", "a protobuf message of another kind", "read are"),
    (b"\x00\x01\x02\x03" * 50, "can be recognised, or is damaged", "read are"),
]


@pytest.mark.parametrize(("raw", "what", "remedy"), STRANGERS, ids=[s[1] for s in STRANGERS])
def test_a_stranger_is_told_what_it_is(tmp_path: Path, raw: bytes, what: str, remedy: str) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(raw)
    with pytest.raises(UnknownFormat, match=what) as caught:
        graphtools.open_model(path)
    assert remedy in caught.value.remedy
    assert str(path) in caught.value.message


def test_the_fixtures_pipeline_config_is_told_what_it_is() -> None:
    with pytest.raises(UnknownFormat, match="an Object Detection API pipeline configuration"):
        graphtools.open_model(FIXTURES / "ssd/pipeline.config")
