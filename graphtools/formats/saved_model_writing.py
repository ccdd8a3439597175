"""Writes SavedModels: what `tf.saved_model.load`, TensorFlow 1's loader and the converter need.

Source: measured with TensorFlow 1.15 and 2.21. A frozen graph needs its tags and signatures alone;
variables need a checkpoint `variables/variables` and a Saver in the graph; an asset needs an entry
in the collection of assets, a table the op that fills it as the main op.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.formats.metagraph import ASSETS, Signature, TensorInfo
from graphtools.formats.metagraph_writing import (
    SaverNodes,
    VariableEntry,
    add_variable,
    pieces_with,
)
from graphtools.formats.saved_model import FILE_NAMES
from graphtools.formats.source import atomic_folder, reading, write_file
from graphtools.formats.tensor_bundle_writing import NewTensor, write_bundle
from graphtools.graph.graph import Graph
from graphtools.schema import Message, message_class
from graphtools.schema.wire import LEN, encode_varint

#: What TensorFlow Serving calls by itself.
PREDICT = "tensorflow/serving/predict"
_MAIN_OP = "saved_model_main_op"
_ASSET_TYPE = "type.googleapis.com/tensorflow.AssetFileDef"
_VERSION, _META_GRAPH = b"\x08\x01", 2
#: What a SavedModel of TensorFlow 2 tells of the file itself, which is another one then.
_OF_THE_FILE = frozenset({*FILE_NAMES, "fingerprint.pb"})


class KeptVariable(NamedTuple):
    """A variable of a graph that is to stand in a SavedModel.

    Attributes:
        entry: What is told of it.
        collections: The collections in which it stands.
    """

    entry: VariableEntry
    collections: Sequence[str] = ("variables",)


class Content(NamedTuple):
    """What a SavedModel is to hold beside its graph.

    Attributes:
        tags: Its tags.
        signatures: Its signatures.
        variables: Its variables.
        saver: The nodes that restore these; None where there are none.
        values: The values of the variables.
        assets: By tensor, the name of the file in `assets/`.
        asset_files: By that name, the file that is copied.
        main_op: The node that is run after loading; empty for none.
    """

    tags: Sequence[str]
    signatures: Sequence[Signature]
    variables: Sequence[KeptVariable] = ()
    saver: SaverNodes | None = None
    values: Sequence[NewTensor] = ()
    assets: Mapping[str, str] = {}
    asset_files: Mapping[str, str] = {}
    main_op: str = ""


def write_saved_model(folder: str | os.PathLike[str], graph: Graph, content: Content) -> int:
    """Write a SavedModel, whole or not at all.

    Args:
        folder: The folder, which must not be there yet, or be empty.
        graph: Its graph.
        content: What it is to hold beside.

    Returns:
        The bytes that were written.

    Raises:
        FileProblem: The folder cannot be written, or an asset cannot be read.
        Damaged, NothingFound: Values cannot be read.
    """
    with atomic_folder(folder) as made:
        size = _write_file(made, [pieces_with(_beside(content), graph)])
        if content.values:
            os.mkdir(os.path.join(made, "variables"))
            size += write_bundle(os.path.join(made, "variables", "variables"), content.values)
        if content.asset_files:
            os.mkdir(os.path.join(made, "assets"))
        for name, source in content.asset_files.items():
            target = os.path.join(made, "assets", name)
            with reading(source):
                shutil.copyfile(source, target)
            size += os.path.getsize(target)
    return size


def rewrite_saved_model(
    folder: str | os.PathLike[str],
    source: str,
    meta_graphs: Iterable[Sequence[bytes | memoryview]],
) -> int:
    """Write a SavedModel with other meta graphs, and with all else that lies beside them.

    Args:
        folder: The folder, which must not be there yet, or be empty.
        source: The folder of the SavedModel that it was.
        meta_graphs: The encoded MetaGraphDefs, in pieces.

    Returns:
        The bytes of the file of the meta graphs.

    Raises:
        FileProblem: The folder cannot be written, or what lies beside cannot be read.
    """
    with atomic_folder(folder) as made:
        size = _write_file(made, meta_graphs)
        for name in sorted(set(os.listdir(source)) - _OF_THE_FILE):
            path, target = os.path.join(source, name), os.path.join(made, name)
            with reading(path):
                if os.path.isdir(path):
                    shutil.copytree(path, target)
                else:
                    shutil.copyfile(path, target)
    return size


def _write_file(folder: str, meta_graphs: Iterable[Sequence[bytes | memoryview]]) -> int:
    path = os.path.join(folder, FILE_NAMES[0])
    pieces: list[bytes | memoryview] = [_VERSION]
    for meta_graph in meta_graphs:
        size = sum(map(len, meta_graph))
        pieces += [encode_varint(_META_GRAPH << 3 | LEN) + encode_varint(size), *meta_graph]
    write_file(path, pieces)
    return os.path.getsize(path)


def _beside(content: Content) -> Message:
    """The MetaGraphDef without its graph."""
    message = message_class("MetaGraphDef")()
    message.meta_info_def.tags.extend(content.tags)
    if content.saver is not None:
        message.saver_def.CopyFrom(content.saver.definition())
    for kept in content.variables:
        add_variable(message, kept.entry, kept.collections)
    for tensor, name in content.assets.items():
        info = message_class("TensorInfo")(name=tensor)
        asset = message_class("AssetFileDef")(tensor_info=info, filename=name)
        item = message.collection_def[ASSETS].any_list.value.add()
        item.type_url, item.value = _ASSET_TYPE, asset.SerializeToString(deterministic=True)
    if content.main_op:
        message.collection_def[_MAIN_OP].node_list.value.append(content.main_op)
    for signature in content.signatures:
        put_signature(message, signature)
    return message


def put_signature(message: Message, signature: Signature) -> None:
    """Let a MetaGraphDef have a signature, in the place of one of the same key."""
    entry = message.signature_def[signature.key]
    entry.Clear()
    entry.method_name = signature.method
    for infos, side in ((signature.inputs, entry.inputs), (signature.outputs, entry.outputs)):
        for info in infos:
            _fill(side[info.key], info)


def _fill(message: Message, info: TensorInfo) -> None:
    message.name = info.name
    message.dtype = info.dtype.number
    info.shape.to_proto(message.tensor_shape)
    message.tensor_shape.SetInParent()  # a scalar's shape has no dimensions, and is told
