"""What writes to files when it runs: `writes_of`.

A graph that came from somewhere writes what it says, where it says; TensorFlow does not ask.
Source: TensorFlow's registered ops (io_ops, summary_ops, logging_ops, dataset_ops) and their
kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.functions import called_by
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.ops.bodies import body_of
from graphtools.ops.handing_on import INTO_FRAMES, SAME_TENSOR, source_node

#: By op that writes, the input that is the path; None where a resource or attribute tells it.
WRITING_OPS: dict[str, int | None] = {
    "WriteFile": 0, "Save": 0, "SaveSlices": 0, "SaveV2": 0, "DistributedSave": 1,
    "MergeV2Checkpoints": 1, "CreateSummaryFileWriter": 1, "CreateSummaryDbWriter": 1,
    "WriteSummary": None, "WriteRawProtoSummary": None, "WriteScalarSummary": None,
    "WriteHistogramSummary": None, "WriteImageSummary": None, "WriteAudioSummary": None,
    "WriteGraphSummary": None, "ImportEvent": None, "DatasetToTFRecord": 1,
    "ExperimentalDatasetToTFRecord": 1, "SaveDataset": 1, "SaveDatasetV2": 1,
    "SnapshotDataset": 1, "SnapshotDatasetV2": 1, "CacheDataset": 1, "CacheDatasetV2": 1,
    "PrintV2": None,
}  # fmt: skip
#: Without a path they keep what they cache in memory.
_CACHES = frozenset({"CacheDataset", "CacheDatasetV2"})
_TO_FILE = b"file://"


class Write(NamedTuple):
    """A node that writes to a file.

    Attributes:
        node: Its name; in the body of a function with `@` and the function's name.
        op: Its op.
        path: The file, as far as it is constant; empty where it is not known.
    """

    node: str
    op: str
    path: str


def writes_of(graph: Graph, fetches: Iterable[str] | None = None) -> tuple[Write, ...]:
    """What is written when nodes run, in the functions that they call as well.

    Args:
        graph: The graph.
        fetches: Names of the nodes that are to run; all nodes if None.

    Example:
        >>> writes_of(graph, ["probs"])
        (Write(node='plant', op='WriteFile', path='/etc/cron.d/job'),)
    """
    needed = None if fetches is None else ancestors_of(graph, fetches)
    running = [n for n in graph if needed is None or n.name in needed]
    found = list(_writes(graph, running))
    library = graph.functions
    first = called_by(running) & library.keys()
    called = reach(first, lambda name: called_by(library[name].nodes) & library.keys())
    for name in sorted(called):
        function = graph.functions[name]
        if not any(node.op in WRITING_OPS for node in function.nodes):
            continue
        body = body_of(function, graph.functions, {})
        nodes = body.graph if body is not None else Graph(n.copy() for n in function.nodes)
        found += (w._replace(node=f"{w.node}@{name}") for w in _writes(nodes, nodes))
    return tuple(found)


def _writes(graph: Graph, nodes: Iterable[Node]) -> Iterator[Write]:
    for node in nodes:
        if node.op not in WRITING_OPS:
            continue
        path = _path(graph, node)
        if node.op == "PrintV2":
            stream = node.attr("output_stream")
            if not isinstance(stream, bytes) or not stream.startswith(_TO_FILE):
                continue
            path = stream[len(_TO_FILE) :].decode("utf-8", "replace")
        elif node.op in _CACHES and path == "":
            continue
        yield Write(node.name, node.op, path or "")


def _path(graph: Graph, node: Node) -> str | None:
    """The file that a node is told to write, None where it is not constant."""
    position = WRITING_OPS[node.op]
    data = node.data_inputs
    if position is None or position >= len(data):
        return None
    source = source_node(graph, data[position], SAME_TENSOR | INTO_FRAMES)
    tensor = source.tensor if source is not None else None
    texts = tensor.strings(1) if tensor is not None and tensor.dtype.name == "string" else None
    return texts[0].decode("utf-8", "replace") if texts else None


def described(writes: Iterable[Write]) -> str:
    """What is written, for a message: each node with its file."""
    return ", ".join(
        f"{w.node!r} ({w.op}) writes {w.path or 'a file whose name is not known'}" for w in writes
    )
