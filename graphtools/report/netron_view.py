"""What is handed to Netron: the file itself where Netron opens it, else something that it opens.

Netron recognises TensorFlow's formats by suffix and content, and its browser page reads a file as a
whole (source: `ModelFactory` in its tf.js). So

| what | is handed over as |
|---|---|
| a graph, SavedModel or TFLite model with a suffix that Netron knows | the file |
| a folder with a SavedModel | the saved_model.pb in it |
| a V2 checkpoint, by prefix, folder or one of its files | its .index |
| a graph with another suffix, behind a URL, or from standard input | a binary GraphDef |
| a TFLite model with another suffix, or behind a URL | its bytes, named .tflite |
| a graph file above `MOST_BYTES` | a binary GraphDef without the values of large constants |
| a V1 checkpoint (Netron reads only some), and any behind a URL | a graph, one node a variable |
"""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Sequence
from typing import NamedTuple

from graphtools.analysis.viewing_copy import viewing_copy
from graphtools.errors import FileProblem
from graphtools.formats import graph_of, open_model, places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.saved_model import FILE_NAMES
from graphtools.formats.source import map_file
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.report.document import size

#: A browser gets the file in one piece, and cannot hold much more.
MOST_BYTES = 1 << 30
_SUFFIXES = {
    "GraphDef": (".pb", ".pbtxt", ".prototxt", ".graphdef"),
    "MetaGraphDef": (".meta", ".pb", ".pbtxt", ".prototxt"),
    "SavedModel": (".pb", ".pbtxt"),
    "TFLite model": (".tflite", ".lite", ".tfl"),
}


class Viewed(NamedTuple):
    """What Netron gets.

    Attributes:
        name: A file, or, where there is content, the name by which Netron recognises it.
        content: The bytes; None to read the file.
        note: What was changed; empty if nothing.
    """

    name: str
    content: bytes | None = None
    note: str = ""


def prepare_view(path: str, tags: Sequence[str] | None = None) -> Viewed:
    """Find out what to hand to Netron.

    Args:
        path: A model file, or a SavedModel's or checkpoint's folder or prefix.
        tags: Where the graph of a SavedModel is taken out, the tags of the meta graph.

    Raises:
        GraphtoolsError: See `open_model`.
    """
    model = open_model(path)
    if isinstance(model, Checkpoint):
        return _view_checkpoint(model)
    file = _file_of(model)
    length = os.path.getsize(file) if file else 0
    if model.kind == "TFLite model":
        if file.endswith(_SUFFIXES[model.kind]):
            return Viewed(file)
        return Viewed(_named(path, ".tflite"), map_file(path)[:])
    if length > MOST_BYTES:
        copy = viewing_copy(graph_of(model, tags))
        note = f"{path} has {size(length)}: Netron shows it without the values of large constants"
        return Viewed(_named(path, ".pb"), b"".join(copy.graph.pieces()), note)
    if file.endswith(_SUFFIXES[model.kind]):
        return Viewed(file)
    return Viewed(_named(path, ".pb"), b"".join(graph_of(model, tags).pieces()))


def _file_of(model: Model) -> str:
    """The file of a model on this machine; empty where there is none."""
    path = model.path
    if os.path.isdir(path):
        path = next((f for n in FILE_NAMES if os.path.isfile(f := os.path.join(path, n))), "")
    return path if os.path.isfile(path) else ""


def _view_checkpoint(checkpoint: Checkpoint) -> Viewed:
    if checkpoint.version == "V2" and not places.is_remote(checkpoint.path):
        return Viewed(f"{checkpoint.path}.index")
    graph = Graph()
    for name, stored in checkpoint.items():
        node = Node(name, "VariableV2")
        graph.add(node)
        graph.set_attr(node, "dtype", stored.dtype)
        graph.set_attr(node, "shape", stored.shape)
    note = f"Netron shows the variables of {checkpoint.path} without their values"
    return Viewed(_named(checkpoint.path, ".pb"), b"".join(graph.pieces()), note)


def _named(path: str, suffix: str) -> str:
    """The name of a file with a suffix that Netron knows."""
    name = os.path.basename(path.rstrip("/")) or "model"
    return f"{'stdin' if name == '-' else name.removesuffix(suffix)}{suffix}"


@dataclasses.dataclass(frozen=True)
class Served:
    """A model that Netron serves.

    Attributes:
        url: Where the browser finds it.
        name: Name of the file, or of what was made of it.
        note: What was changed; empty if nothing.
    """

    url: str
    name: str
    note: str


def serve_view(viewed: Viewed, host: str, port: int, *, browse: bool) -> Served:
    """Start Netron in a thread of this process.

    Args:
        viewed: What it shows.
        host: Address to listen at.
        port: Port to listen at; 0 for one that is free.
        browse: Whether to open the browser.

    Raises:
        FileProblem: The address cannot be listened at.
    """
    import logging

    import netron

    logging.getLogger("netron").setLevel(logging.WARNING)
    try:
        address = netron.serve(viewed.name, viewed.content, address=(host, port), browse=browse)
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        remedy = "choose another port: --port, or leave it out for one that is free"
        if isinstance(error, OSError) and error.errno not in (errno.EADDRINUSE, errno.EACCES):
            remedy = "name an address of this machine: --host localhost, or 0.0.0.0 for all"
        raise FileProblem(f"Netron cannot listen at {host}:{port}: {reason}", remedy) from None
    return Served(f"http://{address[0]}:{address[1]}", viewed.name, viewed.note)


def wait() -> None:
    """Wait until Ctrl-C; then Netron stops."""
    import netron

    netron.wait()
