"""What is in a meta graph."""

from __future__ import annotations

import dataclasses

from graphtools.analysis.graph_summary import GraphSummary, summarize_graph
from graphtools.formats.metagraph import MetaGraph, Signature


@dataclasses.dataclass(frozen=True)
class MetaGraphSummary:
    """What is in a meta graph.

    Attributes:
        tags: Tags; empty for a `.meta` file.
        tensorflow_version: The TensorFlow that wrote it.
        signatures: Signatures.
        collections: Number of items by collection.
        assets: By tensor, the asset file fed to it.
        init_op: The op to be run after loading.
        has_objects: Whether it holds a graph of TF2 objects.
        graph: What is in its graph.
    """

    tags: tuple[str, ...]
    tensorflow_version: str
    signatures: tuple[Signature, ...]
    collections: dict[str, int]
    assets: dict[str, str]
    init_op: str
    has_objects: bool
    graph: GraphSummary


def summarize_metagraph(meta: MetaGraph, *, is_loaded: bool = False) -> MetaGraphSummary:
    """Say what is in a meta graph.

    Args:
        meta: The meta graph.
        is_loaded: Whether it is of a SavedModel, whose initialisation runs when it is loaded.
    """
    signatures = tuple(meta.signatures.values())
    return MetaGraphSummary(
        tags=meta.tags,
        tensorflow_version=meta.tensorflow_version,
        signatures=signatures,
        collections=meta.collections,
        assets=meta.assets,
        init_op=meta.init_op,
        has_objects=meta.has_objects,
        graph=summarize_graph(meta.graph, signatures, meta if is_loaded else None),
    )
