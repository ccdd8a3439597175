"""Writes what transforms have made of a .meta or a SavedModel as one again: `write_back`."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator

from graphtools.formats import save
from graphtools.formats.format import Model
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.metagraph_writing import MetaChanges, beside_graph
from graphtools.formats.saved_model import SavedModel
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.model.loading import LoadedModel
from graphtools.model.saved_model_export import restore_nodes, save_as_saved_model
from graphtools.schema import message_class
from graphtools.transforms._variable_values import saved_as
from graphtools.transforms.saver_nodes import put_saver

_META = ".meta"


def is_written_back(file: Model, target: str) -> bool:
    """Whether a target is to be what a file is: a .meta, or the folder of a SavedModel.

    Args:
        file: What was read.
        target: A path; the folder of a SavedModel is one without an ending.
    """
    if target.endswith(_META):
        return isinstance(file, MetaGraph | SavedModel)
    has_ending = "." in os.path.basename(target)
    return isinstance(file, SavedModel) and target != "-" and not has_ending


def write_back(
    model: LoadedModel, graph: Graph, target: str, *, as_text: bool | None = None
) -> list[str]:
    """Write a graph as a .meta or SavedModel, with all that goes with the one that it was made of.

    A .meta keeps collections, contexts of loops, signatures and the Saver, by which it restores its
    checkpoints under the keys of old; where the Saver's nodes are gone, a new one restores the
    variables that are left. Their initializers stay.

    Args:
        model: The model that the graph was read from.
        graph: The graph that was made of its own.
        target: The file that ends in .meta, or the folder.
        as_text: Whether to write the text format.

    Returns:
        Remarks on what left.

    Raises:
        GraphtoolsError: See `save` and `save_as_saved_model`.
    """
    if not target.endswith(_META):
        return list(save_as_saved_model(model, graph, target.rstrip("/")).notes)
    file = model.file
    meta = file.meta_graph(model.options.tags) if isinstance(file, SavedModel) else file
    assert isinstance(meta, MetaGraph)
    graph = graph.copy()
    changes, notes = _with_saver(meta, graph)
    said = save(graph, target, as_text=as_text, like=meta, changes=changes)
    return [*notes, *([said] if said else [])]


def _with_saver(meta: MetaGraph, graph: Graph) -> tuple[MetaChanges | None, list[str]]:
    """Give a graph the initializers of its variables again, and a Saver if it has lost its own."""
    variables = [node for node in graph if node.op in VARIABLE_OPS]
    first = {now: old for old, now in graph.renamed.items()}
    source = meta.graph
    held = {first.get(node.name, node.name) for node in variables} & {n.name for n in source}
    restore_nodes(graph, source, _told_of(meta, held))
    if meta.saver is None or not variables:
        return None, []
    restore = producer(meta.saver.restore_op)
    if graph.renamed.get(restore, restore) in graph:
        return None, []
    known = saved_as(source, None)
    keys = {graph.renamed.get(name, name): known[name] for name in held if name in known}
    saver = put_saver(graph, [node for node in variables if node.name in keys], keys)
    return MetaChanges(saver=saver), [f"a new Saver restores the {len(keys)} variables left"]


def _told_of(meta: MetaGraph, variables: Container[str]) -> Iterator[str]:
    """The nodes that initialise and read variables, as their collections name them."""
    for name, collection in beside_graph(meta).collection_def.items():
        for encoded in collection.bytes_list.value if "variables" in name else ():
            entry = message_class("VariableDef").FromString(encoded)
            if producer(entry.variable_name) in variables:
                for text in (entry.initializer_name, entry.initial_value_name, entry.snapshot_name):
                    if producer(text) in meta.graph:
                        yield producer(text)
