"""Writes a graph as a MetaGraphDef, with what stood beside the graph that it was."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.errors import Damaged
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.source import open_source
from graphtools.formats.text import encode_text
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.schema import Message, message_class
from graphtools.schema.wire import LEN, Buffer, fields

#: What is nested deeper names no node.
_DEEPEST = 6
_SAVES = ("filename_tensor_name", "save_tensor_name", "restore_op_name")


def metagraph_with(meta: MetaGraph, graph: Graph, *, as_text: bool) -> tuple[bytes, list[str]]:
    """A MetaGraphDef as it is in a file, with another graph.

    What names nodes that are gone leaves with them: items of collections, signatures, assets, and
    the saver, without which nothing is restored.

    Args:
        meta: The MetaGraphDef that the graph was read from.
        graph: The graph that takes the place of its own.
        as_text: Whether to write the text format.

    Returns:
        The encoded MetaGraphDef, and remarks on what left.
    """
    source = open_source(meta.path)
    raw = encode_text(source, "MetaGraphDef") if source.is_text else source.whole()
    message = message_class("MetaGraphDef").FromString(raw[0 : len(raw)])
    message.graph_def.Clear()
    gone = {node.name for node in meta.graph if node.name not in graph}
    notes = list(_without(message, gone)) if gone else []
    message.graph_def.MergeFromString(b"".join(graph.pieces()))
    if as_text:
        from google.protobuf import text_format

        return str(text_format.MessageToString(message)).encode(), notes
    return message.SerializeToString(deterministic=True), notes


def _without(message: Message, gone: set[str]) -> Iterator[str]:
    """Remove what names nodes that are gone, and say so."""
    if gone.intersection(producer(getattr(message.saver_def, name)) for name in _SAVES):
        message.ClearField("saver_def")
        yield "the Saver left, whose nodes are gone: this graph restores no checkpoint by itself"
    for name in sorted(message.collection_def):
        collection = message.collection_def[name]
        kind = collection.WhichOneof("kind")
        items = getattr(collection, kind).value if kind else []
        keep = [item for item in items if not gone.intersection(_named(item))]
        left = len(items) - len(keep)
        if not left:
            continue
        yield f"{left} of {len(items)} items of the collection {name!r} left with their nodes"
        del items[:]
        items.extend(keep)
        if not keep:
            del message.collection_def[name]
    for key in sorted(message.signature_def):
        signature = message.signature_def[key].SerializeToString()
        if gone.intersection(_names_in(signature, 0, len(signature))):
            del message.signature_def[key]
            yield f"the signature {key!r} left: its nodes are gone"
    assets = [a for a in message.asset_file_def if producer(a.tensor_info.name) not in gone]
    if len(assets) < len(message.asset_file_def):
        yield f"{len(message.asset_file_def) - len(assets)} assets left with their nodes"
        del message.asset_file_def[:]
        message.asset_file_def.extend(assets)


def _named(item: object) -> Iterator[str]:
    """The names that may be those of nodes in an item of a collection."""
    if isinstance(item, str):
        yield producer(item)
    elif isinstance(item, bytes):
        yield from _names_in(item, 0, len(item))
    elif hasattr(item, "value") and isinstance(item.value, bytes):  # of any type
        yield from _names_in(item.value, 0, len(item.value))


def _names_in(encoded: Buffer, start: int, end: int, depth: int = 0) -> Iterator[str]:
    """All texts in an encoded message: VariableDef, contexts of loops, runners of queues."""
    try:
        found = list(fields(encoded, start, end))
    except Damaged:
        return
    for field in found:
        if field.kind == LEN:
            text = bytes(encoded[field.start : field.end])
            if text.isascii():
                yield producer(text.decode())
            if depth < _DEEPEST:
                yield from _names_in(encoded, field.start, field.end, depth + 1)
