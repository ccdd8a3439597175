"""Event files, which TensorBoard reads: a GraphDef in an event of its own.

Source: TensorFlow's event.proto (fields of Event) and record_writer.h (framing): each record is its
length, the masked CRC-32C of the length, the bytes, and their masked CRC-32C.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator

from graphtools.errors import FileProblem
from graphtools.formats.crc32c import extend, mask, masked_crc32c
from graphtools.formats.source import make_folder, write_file
from graphtools.graph.graph import Graph
from graphtools.schema.wire import encode_field, encode_varint

_WALL_TIME, _FILE_VERSION, _GRAPH_DEF = 1, 3, 4
_LEN = 2
_NAME = re.compile(r"events\.out\.tfevents\.")
#: A varint of the record's length is written first, so one protobuf can hold is the most.
_MOST_BYTES = (1 << 31) - 1


def write_events(graph: Graph, folder: str | os.PathLike[str], wall_time: float) -> str:
    """Write a graph as an event file.

    Args:
        graph: The graph.
        folder: TensorBoard's log folder; made where it is not there.
        wall_time: When the event has happened, in seconds since 1970; it is in the file's name.

    Returns:
        The path of the file.

    Raises:
        FileProblem: The folder cannot be made, or the file not be written; or the graph is above
            2 GB, which TensorBoard does not read.
    """
    import socket

    if sum(map(len, graph.pieces())) > _MOST_BYTES:
        raise FileProblem(
            "the graph is above 2 GB, which TensorBoard does not read",
            "leave its weights out",
        )
    make_folder(os.fspath(folder))
    host = re.sub(r"[^\w.-]", "_", socket.gethostname()) or "localhost"
    # the process number keeps two files of one second apart
    name = f"events.out.tfevents.{int(wall_time):010d}.{host}.{os.getpid()}.graphtools"
    path = os.path.join(folder, name)
    write_file(path, _content(graph, wall_time))
    return path


def event_files(folder: str | os.PathLike[str]) -> list[str]:
    """Names of the event files in a folder, sorted."""
    return sorted(n for n in os.listdir(folder) if _NAME.match(n))


def _content(graph: Graph, wall_time: float) -> Iterator[bytes | memoryview]:
    start = encode_varint(_WALL_TIME << 3 | 1) + struct.pack("<d", wall_time)
    yield from _record([start, encode_field(_FILE_VERSION, b"brain.Event:2")])
    length = sum(map(len, graph.pieces()))
    head = start + encode_varint(_GRAPH_DEF << 3 | _LEN) + encode_varint(length)
    yield from _record([head, *graph.pieces()])


def _record(pieces: list[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    length = struct.pack("<Q", sum(map(len, pieces)))
    yield length + struct.pack("<I", masked_crc32c(length))
    crc = 0
    for piece in pieces:
        crc = extend(crc, piece)
        yield piece
    yield struct.pack("<I", mask(crc))
