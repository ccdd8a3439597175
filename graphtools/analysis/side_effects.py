"""What a file does beside computing, and when."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.formats.metagraph import MetaGraph
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.idioms.side_effects import Effect, survey_effects


def effects_of_file(
    graph: Graph, outputs: Iterable[str], loaded: MetaGraph | None = None
) -> tuple[Effect, ...]:
    """What a graph does beside computing when it is loaded, run or called; see `survey_effects`.

    Args:
        graph: The graph, as it stands in the file.
        outputs: Names of the tensors that are fetched.
        loaded: The meta graph of a SavedModel that it is of, which has something run when it is
            loaded; None for other files.
    """
    fetched = [producer(name) for name in outputs]
    if loaded is None:
        return survey_effects(graph, fetched)
    init = [producer(loaded.init_op)] if loaded.init_op else []
    return survey_effects(
        graph,
        fetched,
        load=init,
        load_functions=loaded.load_functions,
        functions=loaded.object_functions & graph.functions.keys(),
        assets={producer(tensor) for tensor in loaded.assets},
    )
