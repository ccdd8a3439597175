"""GraphDef, binary and text: frozen graphs, `graph.pb`, `graph.pbtxt`."""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.format import Format
from graphtools.formats.source import Source
from graphtools.formats.text import encode_text, first_text_field
from graphtools.graph.graph import Function, Graph, Versions
from graphtools.graph.node import SMALL_NODE, Node, decode_node
from graphtools.schema import decode_errors, message_class, wire
from graphtools.schema.wire import LEN, VARINT, Buffer, WireField, encode_field, fields

_NODE, _LIBRARY, _VERSION, _VERSIONS, _DEBUG_INFO = 1, 2, 3, 4, 5
_LIBRARY_FUNCTION = 1
_TEXT_FIELDS = ("node", "library", "versions", "version")
_OP_NAME = re.compile(rb"[A-Za-z_.][\w.>/\\-]*")


class GraphFile(NamedTuple):
    """A file that holds a GraphDef.

    Attributes:
        path: Where it is.
        encoding: `binary` or `text`.
        graph: The graph.
    """

    path: str
    encoding: str
    graph: Graph
    kind: str = "GraphDef"


@contextlib.contextmanager
def _paused_collector() -> Iterator[None]:
    """Keep the garbage collector from looking through all nodes again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def parse_graph(buffer: Buffer, start: int, end: int) -> Graph:
    """Read an encoded GraphDef.

    All of it is checked but the values of large tensors, which stay in the buffer.

    Raises:
        Damaged: The bytes are no GraphDef; the place is named.
    """
    nodes: list[Node] = []
    functions: list[Function] = []
    versions: Versions | None = None
    other: list[bytes] = []
    pos = start
    try:
        with _paused_collector():
            for pos in _read_nodes(buffer, start, end, nodes):
                field = next(fields(buffer, pos, end))
                raw = buffer[field.start : field.end]
                if (field.number, field.kind) == (_LIBRARY, LEN):
                    other += _read_library(buffer, field, functions)
                elif (field.number, field.kind) == (_VERSIONS, LEN):
                    versions = Versions.from_proto(message_class("VersionDef").FromString(raw))
                else:
                    if (field.number, field.kind) == (_DEBUG_INFO, LEN):
                        message_class("GraphDebugInfo").FromString(raw)
                    other.append(buffer[field.key : field.end])
    except decode_errors(Damaged) as error:
        place = f"behind node {nodes[-1].name!r}" if nodes else "at the first node"
        detail = error.message if isinstance(error, Damaged) else "its content does not decode"
        raise Damaged(
            f"the graph is damaged {place}: {detail}",
            "copy or download the file again; nothing behind this place can be trusted",
        ) from None
    graph = Graph(nodes, versions, functions, b"".join(other))
    graph.remember_source(buffer, start, end)
    return graph


def _read_nodes(buffer: Any, start: int, end: int, nodes: list[Node]) -> Iterator[int]:
    """Append the nodes of a GraphDef; yield the position of each field that is none.

    This is the loop that the time for large graphs goes into, so it reads the common form of a
    length (up to three bytes) by itself.
    """
    decode = message_class("NodeDef").FromString
    from_message = Node.from_message
    append = nodes.append
    pos = start
    while pos < end:
        head = buffer[pos : pos + 4]
        size = behind = 0
        if head[0] == _NODE << 3 | LEN and len(head) == 4:
            if head[1] < 128:
                size, behind = head[1], pos + 2
            elif head[2] < 128:
                size, behind = head[1] & 127 | head[2] << 7, pos + 3
            elif head[3] < 128:
                size, behind = head[1] & 127 | (head[2] & 127) << 7 | head[3] << 14, pos + 4
        if behind and behind + size <= end and size <= SMALL_NODE:
            pos = behind + size
            append(from_message(decode(buffer[behind:pos]), buffer, behind, pos))
            continue
        field = next(fields(buffer, pos, end))
        if field.number == _NODE and field.kind == LEN:
            message, payloads = decode_node(buffer, field.start, field.end)
            append(from_message(message, buffer, field.start, field.end, payloads))
        else:
            yield pos
        pos = field.end


def _read_library(buffer: Buffer, field: WireField, functions: list[Function]) -> list[bytes]:
    """Append the functions of an encoded library; return what else it holds, as a library.

    An empty library is returned, too, so that an edited graph still has it.
    """
    rest = b""
    for part in fields(buffer, field.start, field.end):
        if part.number == _LIBRARY_FUNCTION and part.kind == LEN:
            functions.append(Function.from_bytes(buffer[part.start : part.end]))
        else:
            rest += buffer[part.key : part.end]
    if not rest and field.start < field.end:
        return []
    message_class("FunctionDefLibrary").FromString(rest)
    return [encode_field(_LIBRARY, rest)]


def looks_like_graph(buffer: Buffer, start: int, end: int) -> bool:
    """Whether encoded bytes begin as a GraphDef does: with a node, a library or versions."""
    try:
        field = next(fields(buffer, start, end), None)
        if field is None:
            return False
        if field.number == _NODE and field.kind == LEN:
            return _is_node(buffer, field)
        if field.number == _VERSION and field.kind == VARINT:
            # the first number of a FlatBuffer may look the same: a second field decides
            return field.end == end or looks_like_graph(buffer, field.end, end)
        if field.number not in (_LIBRARY, _VERSIONS) or field.kind != LEN:
            return False
        inner = next(fields(buffer, field.start, field.end), None)
        if field.number == _VERSIONS:
            return inner is None or (inner.number <= 2 and inner.kind == VARINT)
        if inner is None or inner.number == _LIBRARY_FUNCTION:
            return inner is None or _is_function(buffer, inner)
        return not looks_like_graph(buffer, inner.start, inner.end)
    except Damaged:
        return False


def _is_function(buffer: Buffer, function: WireField) -> bool:
    """Whether a field holds a FunctionDef: first its signature, and first in that its name.

    The graphs of a SavedModel stand in the same field and begin with meta information, or a node.
    """
    try:
        signature = next(fields(buffer, function.start, function.end), None)
        if signature is None or (signature.number, signature.kind) != (1, LEN):
            return False
        name = next(fields(buffer, signature.start, signature.end), None)
    except Damaged:
        return False
    return name is not None and (name.number, name.kind) == (1, LEN)


def _is_node(buffer: Buffer, node: WireField) -> bool:
    """Whether a field holds a NodeDef: a name, then an op's name."""
    op = None
    try:
        for count, field in enumerate(fields(buffer, node.start, node.end)):
            if field.number == 2 and field.kind == LEN:
                op = buffer[field.start : min(field.end, field.start + 200)]
            if op or count > 2:
                break
    except Damaged:
        pass  # the rest of a truncated node
    return bool(op and _OP_NAME.fullmatch(op)) and not _is_calculator(buffer, node)


def _is_calculator(buffer: Buffer, node: WireField) -> bool:
    """Whether a node is one of MediaPipe's, which has no name and the op in the same place."""
    if buffer[node.start : node.start + 1] == b"\x0a":
        return False
    from graphtools.formats.strangers import is_calculator_at

    return is_calculator_at(buffer, node.start, node.end)


def _recognises(source: Source) -> bool:
    if source.is_text:
        from graphtools.formats.strangers import text_of_another_kind

        return first_text_field(source) in _TEXT_FIELDS and not text_of_another_kind(source)
    return looks_like_graph(source.buffer, 0, len(source))


def _read(source: Source) -> GraphFile:
    if source.is_text:
        raw = encode_text(source, "GraphDef")
        return GraphFile(source.path, "text", parse_graph(raw, 0, len(raw)))
    try:
        return GraphFile(source.path, "binary", parse_graph(source.whole(), 0, len(source)))
    except Damaged as error:
        raise Damaged(f"{source.path}: {error.message}", error.remedy) from None


def text_of(graph: Graph) -> str:
    """A graph in protobuf's text format.

    Raises:
        InvalidValue: The graph has more than 2 GB.
    """
    from google.protobuf import text_format

    encoded = b"".join(graph.pieces())
    if len(encoded) > wire.PROTOBUF_LIMIT:
        raise InvalidValue(
            f"a graph of {len(encoded):,} bytes cannot be written as text, which protobuf limits "
            "to 2 GB",
            "write it as binary, in a file that ends in .pb",
        )
    message = message_class("GraphDef").FromString(encoded)
    return str(text_format.MessageToString(message))


FORMAT = Format("GraphDef", _recognises, _read)
