"""File formats. `open_model` recognises a file by its content and reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from graphtools.errors import FileProblem, InvalidValue, NothingFound
from graphtools.formats import places
from graphtools.formats.format import Format, HasGraph, Model
from graphtools.formats.source import (
    STANDARD,
    Given,
    Source,
    neighbours,
    open_source,
    source_of,
    write_file,
)
from graphtools.front_end import step
from graphtools.graph.graph import Graph
from graphtools.registry import Registry

if TYPE_CHECKING:
    from graphtools.formats.metagraph import Signature
    from graphtools.formats.metagraph_writing import MetaChanges

_DATA_FILE = re.compile(r".+\.data-\d{5}-of-\d{5}$")


#: By the ending of a name, the module of the format that is asked first: no two recognise the same
#: content, and all of them take longer to import than a graph does to be read.
_LIKELY = {
    ".pb": "graphdef",
    ".pbtxt": "graphdef",
    ".meta": "metagraph",
    ".index": "tensor_bundle",
    ".tflite": "tflite",
}

#: The formats by kind.
FORMATS: Registry[Format] = Registry(__name__, "FORMAT", lambda f: f.kind)


def open_model(source: Given) -> Model:
    """Open any model file, recognised by its content.

    Args:
        source: The path of a file, of a SavedModel's or a checkpoint's folder, a checkpoint's
            prefix, or `-` for standard input. Or what a file holds: bytes, a file that was opened
            as binary, a message as `tf.compat.v1.GraphDef`.

    Returns:
        A `GraphFile`, `MetaGraph`, `SavedModel`, `Checkpoint` or `TFLiteModel`.

    Raises:
        NothingFound: Nothing can be meant by the path.
        UnknownFormat: The file is of none of the formats; the message says what it may be.
        Damaged: The file breaks the rules of its format.
        FileProblem: The file cannot be read.

    Example:
        >>> open_model("fixtures/classifier/graph.pb").kind
        'GraphDef'
        >>> open_model(open("fixtures/classifier/frozen.pb", "rb").read()).graph
        Graph(53 nodes, 0 functions)
    """
    if not isinstance(source, str | os.PathLike):
        return _recognised(source_of(source), "")
    name = os.fspath(source)
    if name != STANDARD and places.is_folder(name):
        return _open_folder(name)
    if name != STANDARD and (not places.exists(name) or _DATA_FILE.match(name)):
        return _open_prefix(name)
    return _recognised(open_source(name), name)


def _recognised(source: Source, name: str) -> Model:
    """The model that some bytes are, by their content; a name tells which format is likely."""
    likely = FORMATS.of_module(_LIKELY.get(os.path.splitext(name)[1], ""))
    if likely and likely.recognises(source):
        return likely.read(source)
    found = [f for f in FORMATS.own() if f.recognises(source)]
    found = found or [f for f in FORMATS.all().values() if f.recognises(source)]
    if not found:
        from graphtools.formats.checkpoint_path import find_checkpoint, is_state_file
        from graphtools.formats.strangers import unknown_format

        if is_state_file(source) and name not in ("", STANDARD):
            return find_checkpoint(name)
        raise unknown_format(source)
    return found[0].read(source)


def _open_folder(folder: str) -> Model:
    from graphtools.formats import saved_model
    from graphtools.formats.checkpoint_path import look_for_checkpoint

    for file_name in saved_model.FILE_NAMES:
        inner = os.path.join(folder, file_name)
        if places.exists(inner):
            return saved_model.FORMAT.read(open_source(inner))
    found = look_for_checkpoint(folder)
    if found is None:
        raise NothingFound(
            f"the folder {folder} holds neither a SavedModel (saved_model.pb) "
            "nor a checkpoint (a state file or .index files)",
            neighbours(os.path.join(folder, "x")),
        )
    return found


def _open_prefix(name: str) -> Model:
    from graphtools.formats.checkpoint_path import look_for_checkpoint, nothing_found

    found = look_for_checkpoint(name)
    if found is None:
        raise nothing_found(name)
    return found


def with_graph(model: Model) -> Model:
    """The .meta file beside a checkpoint that was named by its prefix; other models as they are."""
    meta = f"{model.path}.meta"
    is_prefix = model.kind == "checkpoint" and places.exists(meta)
    return open_model(meta) if is_prefix else model


def graph_of(model: Model, tags: Sequence[str] | None = None) -> Graph:
    """The graph in a model.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel, the tags of the meta graph.

    Raises:
        FileProblem: The model has none (a checkpoint, a TFLite model).
        UnknownName, InvalidValue: See `SavedModel.meta_graph`.
    """
    from graphtools.formats.graphdef import GraphFile

    if isinstance(model, GraphFile):
        return model.graph
    from graphtools.formats.metagraph import MetaGraph
    from graphtools.formats.saved_model import SavedModel

    if isinstance(model, SavedModel):
        return model.meta_graph(tags).graph
    if isinstance(model, MetaGraph):
        return model.graph
    remedy = f"see what is in it with: {step('summary', model.path)}"
    if model.kind == "checkpoint":
        beside = with_graph(model)
        if beside is not model:
            return graph_of(beside, tags)
        remedy = "it holds variables only; give the .meta file, graph.pb or SavedModel"
    raise FileProblem(f"{model.path} is a {model.kind}, which holds no TensorFlow graph", remedy)


def shown_graph(model: Model, tags: Sequence[str] | None = None) -> Graph:
    """The graph in a model, to be looked at: that of a TFLite model, too.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel, the tags of the meta graph.

    Raises:
        GraphtoolsError: See `graph_of` and `graph_of_tflite`.
    """
    if model.kind != "TFLite model":
        return graph_of(model, tags)
    from graphtools.formats.tflite.as_graph import graph_of_tflite
    from graphtools.formats.tflite.model import TFLiteModel

    assert isinstance(model, TFLiteModel)
    return graph_of_tflite(model)


def signatures_of(model: Model, tags: Sequence[str] | None = None) -> tuple[Signature, ...]:
    """The signatures that came with the graph in a model; none for a plain graph.

    Args:
        model: What `open_model` returned.
        tags: For a SavedModel, the tags of the meta graph.
    """
    from graphtools.formats.metagraph import MetaGraph
    from graphtools.formats.saved_model import SavedModel

    meta = model.meta_graph(tags) if isinstance(model, SavedModel) else model
    return tuple(meta.signatures.values()) if isinstance(meta, MetaGraph) else ()


def load(source: Given, *, tags: Sequence[str] | None = None) -> Graph:
    """Read the graph in a file: GraphDef, MetaGraphDef or SavedModel, binary or text.

    Args:
        source: The path of the file, of a SavedModel's folder, or `-` for standard input. Or what a
            file holds: bytes, a file that was opened as binary, a message as
            `tf.compat.v1.GraphDef`.
        tags: For a SavedModel with several meta graphs, the tags of the one to take.

    Raises:
        GraphtoolsError: See `open_model` and `graph_of`.

    Example:
        >>> graph = load("fixtures/classifier/frozen.pb")
        >>> load(graph.to_bytes())
        Graph(53 nodes, 0 functions)
        >>> with open("fixtures/classifier/graph.pb", "rb") as file:
        ...     load(file)
        Graph(161 nodes, 0 functions)
    """
    return graph_of(open_model(source), tags)


def save(
    graph: Graph | HasGraph,
    path: str | os.PathLike[str] | IO[bytes],
    *,
    as_text: bool | None = None,
    like: Model | None = None,
    changes: MetaChanges | None = None,
) -> str:
    r"""Write a graph, whole or not at all: a GraphDef, or a MetaGraphDef where the path is a .meta.

    Args:
        graph: The graph, or what holds one: what `transform`, `freeze` and others give.
        path: The target; `-` is standard output. Or a file that was opened for binary.
        as_text: Whether in text format; by default if the path ends in `.pbtxt`.
        like: The file that it was read from, whose Saver and collections a .meta file gets.
        changes: What has become of the nodes that these name.

    Returns:
        A remark on a file that TensorFlow cannot read, or on what had to leave; empty for any
        other.

    Raises:
        FileProblem: The target cannot be written, or its name is that of another format.
        InvalidValue: A graph above 2 GB is to be written as text, which protobuf cannot.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> save(load("fixtures/classifier/frozen.pb"), file, as_text=True)
        ''
        >>> file.getvalue()[:22]
        b'node {\n  name: "input"'
    """
    if not isinstance(graph, Graph):
        graph = graph.graph
    if not isinstance(path, str | os.PathLike):
        _write_to(path, graph, as_text=bool(as_text))
        return ""
    target = os.fspath(path)
    if as_text is None:
        as_text = target.endswith((".pbtxt", ".txt"))
    from graphtools.formats import graphdef
    from graphtools.formats.metagraph import MetaGraph
    from graphtools.schema import wire

    _refuse_other_formats(target)
    if target.endswith(".meta"):
        if not isinstance(like, MetaGraph):
            raise FileProblem(
                f"{target} would be a MetaGraphDef, and nothing but a graph is known of it",
                "name a file that ends in .pb",
            )
        from graphtools.formats.metagraph_writing import metagraph_with

        encoded, notes = metagraph_with(like, graph, as_text=as_text, changes=changes)
        write_file(path, [encoded])
        return "; ".join(notes)
    if not as_text:
        write_file(path, graph.pieces())
        size = places.size(target) or 0
        if size <= wire.PROTOBUF_LIMIT:
            return ""
        return (
            f"{target} has {size:,} bytes: TensorFlow reads no graph above 2 GB; "
            "keep its variables in a checkpoint, or make the weights smaller"
        )
    write_file(path, [graphdef.text_of(graph).encode()])
    return ""


def _write_to(file: IO[bytes], graph: Graph, *, as_text: bool) -> None:
    """Write a graph to a file that is open."""
    from graphtools.formats.graphdef import text_of

    pieces = [text_of(graph).encode()] if as_text else graph.pieces()
    try:
        for piece in pieces:
            file.write(piece)
    except TypeError:
        raise InvalidValue(
            "the file is open for text", "open it for bytes: open(path, 'wb')"
        ) from None


def _refuse_other_formats(target: str) -> None:
    """Refuse a name by which a graph would be taken for something else.

    Raises:
        FileProblem: It is that of a SavedModel or of a converted model.
    """
    from graphtools.formats.saved_model import FILE_NAMES

    name = os.path.basename(target)
    inside = [os.path.join(target, n) for n in FILE_NAMES]
    if name in FILE_NAMES or any(places.exists(path) for path in inside):
        raise FileProblem(
            f"{target} is a SavedModel, which a transformed graph is not: it has neither "
            "signatures nor variables beside it",
            "write the graph to a file that ends in .pb",
        )
    if name.endswith((".tflite", ".onnx")):
        raise FileProblem(
            f"{target} would be no {name.rpartition('.')[2]} model but a TensorFlow graph",
            f"write it to a file that ends in .pb, and convert that: {step('convert')}",
        )


__all__ = [
    "FORMATS",
    "Format",
    "Given",
    "HasGraph",
    "Model",
    "graph_of",
    "load",
    "open_model",
    "save",
    "shown_graph",
    "signatures_of",
    "with_graph",
]
