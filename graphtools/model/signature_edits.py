"""Other signatures for a SavedModel: added, renamed, removed; all else stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from graphtools.errors import FileProblem, InvalidValue, unknown_name
from graphtools.formats import open_model, places
from graphtools.formats.metagraph import MetaGraph, Signature, TensorInfo, signatures_in
from graphtools.formats.metagraph_writing import beside_graph, named_in, pieces_with
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.saved_model_writing import PREDICT, put_signature, rewrite_saved_model
from graphtools.front_end import param
from graphtools.graph.dtypes import dtype
from graphtools.graph.following import reach
from graphtools.graph.functions import called_by
from graphtools.graph.graph import Graph
from graphtools.graph.shape import UNKNOWN_SHAPE
from graphtools.model.saved_model_export import NamedTensors, SavedModelExport, checked_signature
from graphtools.rewrite.prune import needed_nodes, remove_except
from graphtools.schema import Message
from graphtools.wording import counted

#: What stands in the object graph of a SavedModel of TensorFlow 2 for its signatures.
_SIGNATURES = "signatures"


def edit_signatures(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None,
    *,
    add: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] | None = None,
    rename: Mapping[str, str] | None = None,
    remove: Sequence[str] = (),
    tag_set: Sequence[str] | None = None,
) -> SavedModelExport:
    """Write a SavedModel with other signatures; functions that nothing calls any more leave.

    Args:
        source: The SavedModel.
        folder: The folder to write; None to write nothing.
        add: By key, inputs and outputs as {"x": "image:0"}; not for TensorFlow 2's own SavedModels,
            which call functions.
        rename: New keys by the old ones.
        remove: Keys of signatures that leave.
        tag_set: The tags of the meta graph that is meant; the only one, or that for serving.

    Raises:
        UnknownName: There is no such signature, or a tensor is not in the graph.
        InvalidValue: A key is there already, or signatures cannot be added.
        FileProblem: The source is no SavedModel, or the folder cannot be written.

    Example:
        >>> done = edit_signatures("fixtures/saved_model/v1", None, remove=["embed_words"])
        >>> [signature.key for signature in done.signatures]
        ['serving_default']
    """
    model = open_model(source)
    if not isinstance(model, SavedModel) or places.is_remote(model.path):
        raise FileProblem(
            f"{model.path} is a {model.kind}, which has no signatures to edit", "name a SavedModel"
        )
    meant = model.meta_graph(tag_set)
    pieces = []
    notes: list[str] = []
    for meta in model.meta_graphs:
        message, graph = beside_graph(meta), meta.graph
        if meta is meant:
            _edit(message, meta, add or {}, rename or {}, remove)
            graph = graph.copy()
            notes += _drop_unused(message, graph)
            edited = message
        pieces.append(pieces_with(message, graph))
    size = 0
    if folder is not None:
        size = rewrite_saved_model(folder, os.path.dirname(meant.path), pieces)
    return SavedModelExport(
        os.fspath(source),
        "" if folder is None else os.fspath(folder),
        meant.tags,
        tuple(s for s in signatures_in(edited).values() if not s.is_internal),
        len(meant.graph),
        len(meant.variables),
        size,
        model.asset_files,
        meant.init_op,
        tuple(notes),
    )


def _edit(
    message: Message,
    meta: MetaGraph,
    add: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]],
    rename: Mapping[str, str],
    remove: Sequence[str],
) -> None:
    """Edit the signatures of a MetaGraphDef, and of its objects.

    Raises:
        UnknownName, InvalidValue: See `edit_signatures`.
    """
    signatures = message.signature_def
    objects = _signature_objects(message)
    public = [key for key, s in meta.signatures.items() if not s.is_internal]
    for key in (*remove, *rename):
        if key not in public:
            raise unknown_name("signature", key, public, meta.path)
    for key in remove:
        del signatures[key]
        for children in objects:
            for child in [c for c in children if c.local_name == key]:
                children.remove(child)
    moved = {key: signatures[key].SerializeToString() for key in rename}
    for key in rename:
        del signatures[key]
    for key, new in rename.items():
        _refuse_taken(new, signatures)
        signatures[new].ParseFromString(moved[key])
    for children in objects:
        for child in children:
            child.local_name = rename.get(child.local_name, child.local_name)
    for key, (inputs, outputs) in add.items():
        _refuse_taken(key, signatures)
        if meta.has_objects:
            raise InvalidValue(
                "signatures cannot be added to a SavedModel of TensorFlow 2: there they are "
                "functions that Python has traced",
                f"make another one of it, without these: leave out {param('rename_signature')} and "
                f"{param('remove_signature')}",
            )
        NamedTensors.of(inputs), NamedTensors.of(outputs)  # checks the keys
        sides = (
            tuple(TensorInfo(k, t, dtype(0), UNKNOWN_SHAPE) for k, t in side.items())
            for side in (inputs, outputs)
        )
        put_signature(message, checked_signature(meta.graph, Signature(key, PREDICT, *sides)))


def _refuse_taken(key: str, signatures: Mapping[str, Message]) -> None:
    if not key or key.startswith("__"):
        raise InvalidValue(f"{key!r} cannot be the key of a signature")
    if key in signatures:
        raise InvalidValue(f"there is a signature {key!r} already", "remove or rename that first")


def _signature_objects(message: Message) -> list[Message]:
    """The lists of children of the objects that stand for all signatures."""
    nodes = message.object_graph_def.nodes
    roots = nodes[0].children if len(nodes) else ()
    numbers = [c.node_id for c in roots if c.local_name == _SIGNATURES and c.node_id < len(nodes)]
    return [nodes[number].children for number in numbers]


def _drop_unused(message: Message, graph: Graph) -> Iterator[str]:
    """Drop objects that nothing leads to any more, and functions that nothing calls; says so."""
    objects = message.object_graph_def
    nodes = objects.nodes
    if len(nodes):
        alive = set(reach([0], lambda number: _next_to(nodes, number)))
        for number in set(range(len(nodes))) - alive:
            if nodes[number].WhichOneof("kind") == "function":
                for name in nodes[number].function.concrete_functions:
                    objects.concrete_functions.pop(name, None)
                nodes[number].Clear()
                nodes[number].user_object.identifier = "_generic_user_object"
                nodes[number].user_object.version.producer = 1
                nodes[number].user_object.version.min_consumer = 1
        remove_except(graph, needed_nodes(graph, named_in(message)))
    library = graph.functions
    first = (called_by(graph) | set(objects.concrete_functions)) & library.keys()
    used = set(reach(first, lambda name: called_by(library[name].nodes) & library.keys()))
    dead = library.keys() - used
    if dead:
        graph.keep_functions(used)
        yield f"{counted(len(dead), 'function')} that nothing calls left"


def _next_to(nodes: Sequence[Message], number: int) -> Iterator[int]:
    """The objects to which one leads, by number."""
    node = nodes[number]
    found = [c.node_id for c in (*node.children, *node.dependencies)]
    found += [s.slot_variable_node_id for s in node.slot_variables]
    return (n for n in found if 0 <= n < len(nodes))
