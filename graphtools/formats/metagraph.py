"""MetaGraphDef, binary and text: a graph with its signatures, collections and saver (`.meta`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphtools.errors import Damaged
from graphtools.formats.format import Format
from graphtools.formats.graphdef import looks_like_graph, parse_graph
from graphtools.formats.source import Source
from graphtools.formats.text import encode_text, first_text_field
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.schema import Message, decode_errors, message_class
from graphtools.schema.wire import LEN, Buffer, fields

_META_INFO, _GRAPH = 1, 2
#: The collection of the asset files.
ASSETS = "saved_model_assets"


class TensorInfo(NamedTuple):
    """An input or output of a signature.

    Attributes:
        key: Its name in the signature.
        name: The tensor in the graph; for a sparse tensor, that of its values.
        dtype: Element type.
        shape: Shape.
    """

    key: str
    name: str
    dtype: DType
    shape: Shape


class Signature(NamedTuple):
    """A signature: a named set of inputs and outputs.

    Attributes:
        key: Its name, as `serving_default`.
        method: Its method name, as `tensorflow/serving/predict`.
        inputs: Inputs by key, sorted.
        outputs: Outputs by key, sorted.
    """

    key: str
    method: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    @property
    def is_internal(self) -> bool:
        """Whether it stands for an op of the SavedModel's own, as `__saved_model_init_op`."""
        return self.key.startswith("__")


class Saver(NamedTuple):
    """The nodes by which a graph saves and restores its variables.

    Attributes:
        filename_tensor: The tensor that takes the path.
        restore_op: The node that restores.
        version: Checkpoint format: 1 or 2; 0 where it is not said.
        sharded: Whether each device writes a file of its own.
    """

    filename_tensor: str
    restore_op: str
    version: int
    sharded: bool


class MetaGraph(NamedTuple):
    """A MetaGraphDef.

    Attributes:
        path: Where it is.
        encoding: `binary` or `text`.
        tags: Tags, for the meta graphs of a SavedModel.
        tensorflow_version: The TensorFlow that wrote it, as `1.15.5`; empty if not recorded.
        graph: The graph.
        signatures: The signatures by key.
        collections: Number of items by collection.
        variables: Names of the variables in the collections of variables, with those in which they
            stand, as {"w:0": ("variables", "trainable_variables")}.
        saver: How it saves its variables, None if it does not say.
        assets: By tensor, the asset file that is fed to it.
        init_op: The op to be run after loading; empty if there is none.
        has_objects: Whether it holds a graph of TF2 objects.
        load_functions: Functions that TensorFlow 2 calls when it loads the objects, each with the
            positions of those of its arguments that are asset files.
        object_functions: All functions of the objects.
    """

    path: str
    encoding: str
    tags: tuple[str, ...]
    tensorflow_version: str
    graph: Graph
    signatures: dict[str, Signature]
    collections: dict[str, int]
    variables: dict[str, tuple[str, ...]]
    saver: Saver | None
    assets: dict[str, str]
    init_op: str
    has_objects: bool
    load_functions: dict[str, tuple[int, ...]]
    object_functions: frozenset[str]
    kind: str = "MetaGraphDef"


def parse_metagraph(path: str, encoding: str, buffer: Buffer, start: int, end: int) -> MetaGraph:
    """Read an encoded MetaGraphDef.

    Raises:
        Damaged: The bytes are none; the place is named.
    """
    graphs: list[tuple[int, int]] = []
    rest = []
    try:
        for field in fields(buffer, start, end):
            if field.number == _GRAPH and field.kind == LEN:
                graphs.append((field.start, field.end))
            else:
                rest.append(buffer[field.key : field.end])
        message = message_class("MetaGraphDef").FromString(b"".join(rest))
        if len(graphs) == 1:
            graph = parse_graph(buffer, *graphs[0])
        else:  # protobuf merges what is repeated
            merged = b"".join(buffer[a:b] for a, b in graphs)
            graph = parse_graph(merged, 0, len(merged))
    except decode_errors():
        raise Damaged(f"{path}: what stands beside the graph does not decode: damaged") from None
    except Damaged as error:
        raise Damaged(f"{path}: {error.message}", error.remedy) from None
    return _from_message(path, encoding, graph, message)


def _from_message(path: str, encoding: str, graph: Graph, message: Message) -> MetaGraph:
    saver = None
    if message.HasField("saver_def"):
        definition = message.saver_def
        saver = Saver(
            definition.filename_tensor_name,
            definition.restore_op_name,
            definition.version,
            definition.sharded,
        )
    collections = {}
    for name in sorted(message.collection_def):
        collection = message.collection_def[name]
        kind = collection.WhichOneof("kind")
        collections[name] = len(getattr(collection, kind).value) if kind else 0
    return MetaGraph(
        path=path,
        encoding=encoding,
        tags=tuple(message.meta_info_def.tags),
        tensorflow_version=message.meta_info_def.tensorflow_version,
        graph=graph,
        signatures=signatures_in(message),
        collections=collections,
        variables=_variables(path, message.collection_def),
        saver=saver,
        assets=_assets(path, message),
        init_op=_init_op(message),
        has_objects=message.HasField("object_graph_def"),
        load_functions=_load_functions(message.object_graph_def, graph),
        object_functions=frozenset(message.object_graph_def.concrete_functions),
    )


def signatures_in(message: Message) -> dict[str, Signature]:
    """The signatures of a MetaGraphDef, by key."""
    definitions = message.signature_def
    return {key: _signature(key, definitions[key]) for key in sorted(definitions)}


def _signature(key: str, message: Message) -> Signature:
    def infos(side: Mapping[str, Message]) -> tuple[TensorInfo, ...]:
        return tuple(_tensor_info(name, side[name]) for name in sorted(side))

    return Signature(key, message.method_name, infos(message.inputs), infos(message.outputs))


def _tensor_info(key: str, message: Message) -> TensorInfo:
    encoding = message.WhichOneof("encoding")
    name = message.name
    if encoding == "coo_sparse":
        name = message.coo_sparse.values_tensor_name
    elif encoding == "composite_tensor" and message.composite_tensor.components:
        name = message.composite_tensor.components[0].name
    return TensorInfo(key, name, dtype(message.dtype), Shape.from_proto(message.tensor_shape))


def _variables(path: str, collections: Mapping[str, Message]) -> dict[str, tuple[str, ...]]:
    """Names of the variables in the collections that hold encoded VariableDefs."""
    found: dict[str, list[str]] = {}
    for name in sorted(collections):
        if "variables" not in name:
            continue
        for encoded in collections[name].bytes_list.value:
            try:
                variable = message_class("VariableDef").FromString(encoded)
            except decode_errors():
                raise Damaged(f"{path}: an item of the collection {name!r} is damaged") from None
            found.setdefault(variable.variable_name, []).append(name)
    return {name: tuple(where) for name, where in found.items()}


def _assets(path: str, message: Message) -> dict[str, str]:
    """Asset files by tensor; TensorFlow 1 recorded them in a collection only."""
    files = list(message.asset_file_def)
    if ASSETS in message.collection_def:
        for item in message.collection_def[ASSETS].any_list.value:
            try:
                files.append(message_class("AssetFileDef").FromString(item.value))
            except decode_errors():
                raise Damaged(f"{path}: an item of the collection {ASSETS!r} is damaged") from None
    return {file.tensor_info.name: file.filename for file in files}


def _init_op(message: Message) -> str:
    """The op that initialises a loaded SavedModel, in the three ways in which it was recorded."""
    info = message.signature_def.get("__saved_model_init_op")
    if info is not None:
        for tensor in info.outputs.values():
            return str(tensor.name)
    for name in ("saved_model_main_op", "legacy_init_op"):
        if name in message.collection_def:
            nodes = message.collection_def[name].node_list.value
            if nodes:
                return str(nodes[0])
    return ""


#: What TensorFlow calls of each object with a resource, as a table: `CapturableResource`.
_AT_LOAD = frozenset({"_create_resource", "_initialize"})


def _load_functions(objects: Message, graph: Graph) -> dict[str, tuple[int, ...]]:
    """The functions that are called when objects are loaded, and their arguments that are assets.

    What a function captures is handed to it behind its other arguments.
    """
    found: dict[str, tuple[int, ...]] = {}
    nodes = objects.nodes
    called = {
        child.node_id
        for node in nodes
        for child in node.children
        if child.local_name in _AT_LOAD and child.node_id < len(nodes)
    }
    for number in sorted(called):
        for name in nodes[number].function.concrete_functions:
            function = graph.functions.get(name)
            bound = objects.concrete_functions[name].bound_inputs
            first = len(function.inputs) - len(bound) if function else 0
            found[name] = tuple(
                first + place
                for place, item in enumerate(bound)
                if 0 <= item < len(nodes) and nodes[item].HasField("asset")
            )
    return found


def looks_like_metagraph(buffer: Buffer, start: int, end: int) -> bool:
    """Whether encoded bytes begin as a MetaGraphDef does: meta information, then a graph."""
    try:
        for field in fields(buffer, start, end):
            if field.kind != LEN:
                return False
            if field.number == _GRAPH:
                return looks_like_graph(buffer, field.start, field.end)
            if field.number != _META_INFO:
                return False
            if looks_like_graph(buffer, field.key, field.end):
                return False  # the first node of a GraphDef
    except Damaged:
        pass  # truncated behind the meta information
    return False


_TEXT_FIELDS = ("meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def")


def _recognises(source: Source) -> bool:
    if source.is_text:
        return first_text_field(source) in _TEXT_FIELDS
    return looks_like_metagraph(source.buffer, 0, len(source))


def _read(source: Source) -> MetaGraph:
    if source.is_text:
        raw = encode_text(source, "MetaGraphDef")
        return parse_metagraph(source.path, "text", raw, 0, len(raw))
    return parse_metagraph(source.path, "binary", source.whole(), 0, len(source))


FORMAT = Format("MetaGraphDef", _recognises, _read)
