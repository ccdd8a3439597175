"""Files behind URLs: what is found, and how many bytes are transferred for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from graphtools import load, open_checkpoint, open_model
from graphtools.errors import FileProblem, MissingExtra, NothingFound, pip_install
from graphtools.formats import places
from tests.support import FIXTURES

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")

CHECKPOINT = FIXTURES / "classifier/model.ckpt"
INDEX_BYTES = (FIXTURES / "classifier/model.ckpt.index").stat().st_size


class Server(ThreadingHTTPServer):
    """Serves the fixtures; knows ranges, counts the bytes of the bodies it sends."""

    ranges = True
    sent = 0
    lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = FIXTURES / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        wanted = self.headers.get("Range")
        status = 200
        content = data
        if wanted and self.server.ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            content = data[int(first) : int(last) + 1 if last else None]
            status = 206
        self.send_response(status)
        if self.server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            with self.server.lock:
                self.server.sent += len(content)
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def memory() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    for path in FIXTURES.rglob("*"):
        if path.is_file() and "builders" not in path.parts:
            system.pipe(f"/zoo/{path.relative_to(FIXTURES)}", path.read_bytes())
    yield "memory://zoo"
    system.rm("/zoo", recursive=True)


def test_listing_a_checkpoint_transfers_its_index_only(server: Server) -> None:
    checkpoint = open_checkpoint(f"{server.url}/classifier/model.ckpt")
    local = open_checkpoint(CHECKPOINT)
    assert [(t.name, t.dtype, t.shape) for t in checkpoint.values()] == [
        (t.name, t.dtype, t.shape) for t in local.values()
    ]
    assert not checkpoint.missing
    assert not checkpoint.problems
    assert server.sent == INDEX_BYTES


def test_reading_a_tensor_transfers_its_bytes_only(server: Server) -> None:
    checkpoint = open_checkpoint(f"{server.url}/classifier/model.ckpt")
    name = "MobilenetV1/Conv2d_0/weights"
    values = checkpoint[name].array()
    assert server.sent == INDEX_BYTES + checkpoint[name].nbytes
    np.testing.assert_array_equal(values, open_checkpoint(CHECKPOINT)[name].array())


def test_a_server_without_ranges_is_put_up_with(server: Server) -> None:
    server.ranges = False
    checkpoint = open_checkpoint(f"{server.url}/classifier/model.ckpt")
    local = open_checkpoint(CHECKPOINT)
    for name in list(local)[:3]:
        np.testing.assert_array_equal(checkpoint[name].array(), local[name].array())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ssd/frozen_inference_graph.pb", "GraphDef"),
        ("classifier/graph.pbtxt", "GraphDef"),
        ("classifier/model.ckpt.meta", "MetaGraphDef"),
        ("saved_model/v1/saved_model.pb", "SavedModel"),
        ("checkpoints/v1/model.ckpt", "checkpoint"),
        ("quant/model.tflite", "TFLite model"),
    ],
)
def test_every_format_is_read_from_a_web_server(server: Server, name: str, kind: str) -> None:
    assert open_model(f"{server.url}/{name}").kind == kind


def test_a_graph_is_transferred_once(server: Server) -> None:
    path = FIXTURES / "ssd/frozen_inference_graph.pb"
    graph = load(f"{server.url}/ssd/frozen_inference_graph.pb")
    assert len(graph) == len(load(path))
    assert server.sent <= path.stat().st_size + (1 << 18)


@pytest.mark.parametrize(
    "name",
    [
        "checkpoints/v2",
        "checkpoints/v2/model.ckpt",
        "checkpoints/v2/model.ckpt.index",
        "checkpoints/v2_sharded",
        "checkpoints/v1",
        "checkpoints/v1_sharded",
        "checkpoints/steps/model.ckpt",
        "checkpoints/object_based",
        "saved_model/v1",
    ],
)
def test_folders_and_all_forms_of_a_path_work_where_folders_can_be_listed(
    memory: str, name: str
) -> None:
    remote, local = open_checkpoint(f"{memory}/{name}"), open_checkpoint(FIXTURES / name)
    assert list(remote) == list(local)
    for tensor in remote.values():
        np.testing.assert_array_equal(tensor.array(), local[tensor.name].array())


def test_what_is_not_there_is_said(server: Server, memory: str) -> None:
    with pytest.raises(NothingFound, match=r"nothing.pb does not exist"):
        load(f"{server.url}/nothing.pb")
    with pytest.raises(NothingFound, match=r"looked for the checkpoints .*nothing\.index"):
        open_checkpoint(f"{memory}/nothing")
    with pytest.raises(NothingFound, match="neither a SavedModel"):
        open_model(f"{memory}/checkpoints")


def test_a_server_that_does_not_answer_is_a_clear_error() -> None:
    with pytest.raises(FileProblem, match="cannot be read"):
        load("http://127.0.0.1:9/graph.pb")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def refuse(name: str, *args: object, **options: object) -> object:
        if name == "fsspec":
            raise ImportError(name)
        return real(name, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtra) as caught:
        load("gs://bucket/graph.pb")
    assert pip_install("remote") in caught.value.remedy


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("gs://bucket/model.ckpt", True),
        ("https://host/graph.pb", True),
        ("memory://x", True),
        ("/home/me/graph.pb", False),
        ("graph.pb", False),
        ("a:b/graph.pb", False),
        ("C:\\models\\graph.pb", False),
        ("C:/models/graph.pb", False),
    ],
)
def test_urls_are_told_from_paths(path: str, remote: bool) -> None:
    assert places.is_remote(path) is remote


def test_a_large_file_is_read_by_parts() -> None:
    data = bytes(range(256)) * 4096
    fsspec.filesystem("memory").pipe("/large", data)
    buffer = places.RemoteBuffer("memory://large")
    assert len(buffer) == len(data)
    assert buffer[10:20] == data[10:20]
    assert buffer[500_000:500_010] == data[500_000:500_010]
    assert buffer[len(data) - 8 : len(data)] == data[-8:]
    assert buffer.transferred < 20_000
    assert buffer.whole() == data


def test_paths_of_this_machine_are_untouched(tmp_path: Path) -> None:
    assert places.names(str(tmp_path / "nothing")) == []
    assert places.size(str(tmp_path)) is None
