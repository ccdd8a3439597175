"""Writes a graph as a MetaGraphDef, with what stood beside the graph that it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from graphtools.errors import Damaged
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.source import open_source
from graphtools.formats.text import encode_text
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.schema import Message, message_class
from graphtools.schema.wire import LEN, Buffer, encode_field, encode_varint, fields

_GRAPH = 2
#: What is nested deeper names no node.
_DEEPEST = 6
_SAVES = ("filename_tensor_name", "save_tensor_name", "restore_op_name")


class VariableEntry(NamedTuple):
    """A variable that is to stand in the collection of all variables.

    TensorFlow initialises and saves what stands there.

    Attributes:
        name: The node that is it.
        initializer: The node that initialises it.
        read: The tensor of its value.
        is_resource: Whether it is a resource.
    """

    name: str
    initializer: str
    read: str
    is_resource: bool


class SaverNodes(NamedTuple):
    """The nodes by which a graph saves and restores its variables.

    Attributes:
        filename: The tensor that takes the path.
        saved: The tensor that is there when all is saved.
        restore: The node that restores.
    """

    filename: str
    saved: str
    restore: str

    def definition(self) -> Message:
        """The SaverDef."""
        return message_class("SaverDef")(
            filename_tensor_name=self.filename,
            save_tensor_name=self.saved,
            restore_op_name=self.restore,
            max_to_keep=5,
            keep_checkpoint_every_n_hours=10000.0,
            version=2,
        )


class MetaChanges(NamedTuple):
    """What has become of a graph, for what names its nodes.

    Attributes:
        renamed: New names of nodes, by the old ones.
        variables: Variables that are new.
        without_saver: Whether the Saver leaves, so that a new one saves all variables.
        saver: The nodes of the Saver that takes the place of the old one.
    """

    renamed: Mapping[str, str] = MappingProxyType({})
    variables: Sequence[VariableEntry] = ()
    without_saver: bool = False
    saver: SaverNodes | None = None


def metagraph_with(
    meta: MetaGraph, graph: Graph, *, as_text: bool, changes: MetaChanges | None = None
) -> tuple[bytes, list[str]]:
    """A MetaGraphDef as it is in a file, with another graph.

    What names nodes that are gone leaves with them: items of collections, signatures, assets, and
    the saver, without which nothing is restored. What names nodes that have another name follows,
    if that is told: variables, contexts of loops and conditionals, queues, signatures.

    Args:
        meta: The MetaGraphDef that the graph was read from.
        graph: The graph that takes the place of its own.
        as_text: Whether to write the text format.
        changes: What has become of nodes, beside some being gone.

    Returns:
        The encoded MetaGraphDef, and remarks on what left.
    """
    changes = changes or MetaChanges()
    message = beside_graph(meta)
    notes = follow_changes(message, meta, graph, changes)
    if as_text:
        from google.protobuf import text_format

        message.graph_def.MergeFromString(b"".join(graph.pieces()))
        return str(text_format.MessageToString(message)).encode(), notes
    return b"".join(pieces_with(message, graph)), notes


def beside_graph(meta: MetaGraph) -> Message:
    """The MetaGraphDef that a file holds, of a SavedModel the one that is meant, without a graph.

    Raises:
        Damaged, FileProblem: See `open_source`; the file has changed since it was read.
    """
    from graphtools.formats.saved_model import FORMAT as SAVED_MODEL
    from graphtools.formats.saved_model import raw_meta_graphs

    source = open_source(meta.path)
    if SAVED_MODEL.recognises(source):
        for raw in raw_meta_graphs(source):
            message = _without_graph(raw)
            if tuple(message.meta_info_def.tags) == meta.tags:
                return message
        raise Damaged(f"{meta.path} has changed since it was read")
    if source.is_text:
        return _without_graph(encode_text(source, "MetaGraphDef"))
    return _without_graph(source.whole())


def _without_graph(raw: Buffer) -> Message:
    kept = (f for f in fields(raw, 0, len(raw)) if f.number != _GRAPH)
    return message_class("MetaGraphDef").FromString(b"".join(raw[f.key : f.end] for f in kept))


def pieces_with(message: Message, graph: Graph) -> list[bytes | memoryview]:
    """An encoded MetaGraphDef with a graph, in pieces: meta information, the graph and the rest."""
    info = message_class("MetaGraphDef")(meta_info_def=message.meta_info_def)
    info.meta_info_def.SetInParent()
    rest = message_class("MetaGraphDef")()
    rest.CopyFrom(message)
    rest.ClearField("meta_info_def")
    nodes = list(graph.pieces())
    size = encode_varint(_GRAPH << 3 | LEN) + encode_varint(sum(map(len, nodes)))
    ends = (m.SerializeToString(deterministic=True) for m in (info, rest))
    return [next(ends), size, *nodes, next(ends)]


def follow_changes(
    message: Message, meta: MetaGraph, graph: Graph, changes: MetaChanges
) -> list[str]:
    """Let what stands beside a graph follow what has become of its nodes; gives remarks.

    Args:
        message: The MetaGraphDef without its graph, which is changed.
        meta: What it was read as.
        graph: The graph as it is now.
        changes: What has become of nodes, beside some being gone.
    """
    if changes.without_saver or changes.saver is not None:
        message.ClearField("saver_def")
    names = {**graph.renamed, **changes.renamed}
    taken = set(names.values()) - names.keys()  # by nodes that had other names
    old = [node.name for node in meta.graph]
    gone = {name for name in old if names.get(name, name) not in graph or name in taken}
    notes = list(_without(message, gone)) if gone else []
    if names:
        _rename(message, names)
    if changes.saver is not None:
        message.saver_def.CopyFrom(changes.saver.definition())
    for variable in changes.variables:
        add_variable(message, variable)
    return notes


def add_variable(
    message: Message, variable: VariableEntry, collections: Sequence[str] = ("variables",)
) -> None:
    """Let a variable stand in collections of a MetaGraphDef."""
    entry = message_class("VariableDef")(
        variable_name=f"{variable.name}:0",
        initializer_name=variable.initializer,
        snapshot_name=f"{variable.read}:0",
        is_resource=variable.is_resource,
    )
    for name in collections:
        items = message.collection_def[name].bytes_list.value
        items.append(entry.SerializeToString(deterministic=True))


def _rename(message: Message, names: Mapping[str, str]) -> None:
    """Give what names nodes their new names."""
    for name in _SAVES:
        setattr(message.saver_def, name, _new_name(getattr(message.saver_def, name), names))
    if not message.saver_def.ByteSize():
        message.ClearField("saver_def")
    for collection in message.collection_def.values():
        kind = collection.WhichOneof("kind")
        items = getattr(collection, kind).value if kind else []
        if kind == "node_list":
            items[:] = [_new_name(text, names) for text in items]
        elif kind == "bytes_list":
            items[:] = [_with_new_names(item, names) for item in items]
        elif kind == "any_list":
            for item in items:
                item.value = _with_new_names(item.value, names)
    for signature in message.signature_def.values():  # its keys may be the same, and stay
        for tensor in (*signature.inputs.values(), *signature.outputs.values()):
            tensor.ParseFromString(_with_new_names(tensor.SerializeToString(), names))
    for asset in message.asset_file_def:
        asset.tensor_info.name = _new_name(asset.tensor_info.name, names)


def _new_name(text: str, names: Mapping[str, str]) -> str:
    """The name of a node, tensor or control edge by the new name of its node."""
    old = producer(text)
    return text.replace(old, names[old], 1) if old in names else text


def _with_new_names(encoded: bytes, names: Mapping[str, str], depth: int = 0) -> bytes:
    """An encoded message with the new names of nodes in all texts that name one."""
    try:
        found = list(fields(encoded, 0, len(encoded)))
    except Damaged:
        return encoded
    out = []
    for field in found:
        payload = encoded[field.start : field.end]
        changed = payload
        if field.kind == LEN:
            text = payload.decode() if payload.isascii() else ""
            changed = _new_name(text, names).encode() if text else payload
            if changed == payload and depth < _DEEPEST:
                changed = _with_new_names(payload, names, depth + 1)
        same = changed == payload
        out.append(encoded[field.key : field.end] if same else encode_field(field.number, changed))
    return b"".join(out)


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


def named_in(message: Message) -> set[str]:
    """All that may be names of nodes in what stands beside a graph."""
    encoded = message.SerializeToString()
    return set(_names_in(encoded, 0, len(encoded)))


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
