"""Everything for which TensorFlow refuses a graph: `find_defects`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from graphtools.errors import InvalidGraph
from graphtools.graph.graph import Graph
from graphtools.ops.defects.declarations import declaration_defects
from graphtools.ops.defects.defect import Defect, describe_defects
from graphtools.ops.defects.shapes import shape_defects
from graphtools.ops.defects.structure import structure_defects, with_callers
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.schema.wire import PROTOBUF_LIMIT

#: With which nothing can be inferred, nor a part be cut out of the graph.
_BROKEN = frozenset(
    "dangling-input bad-input duplicate-name cycle bad-name no-op input-count".split()
)


def find_defects(
    graph: Graph, inferred: Callable[[], Inference] | None = None
) -> tuple[Defect, ...]:
    """All defects of a graph and of its functions.

    First those of the structure, then of nodes against the definitions of their ops, then of
    shapes, each in the order of the nodes.

    Args:
        graph: The graph.
        inferred: Gives its inferred shapes, where they are there already, or with shapes that take
            the place of those of the graph.

    Example:
        >>> graph = graphtools.Graph([graphtools.Node("y", "Relu", ["x"], {"T": "float32"})])
        >>> find_defects(graph)[0].message
        "node 'y' reads 'x', which is not in the graph"
    """
    found = [*_too_large(graph), *_without_shapes(graph)]
    if not any(d.kind in _BROKEN and not d.function for d in found):
        found += shape_defects(graph, inferred() if inferred else infer_shapes(graph))
    return tuple(with_callers(graph, found))


def _too_large(graph: Graph) -> Iterator[Defect]:
    size = graph.encoded_size
    if size > PROTOBUF_LIMIT:
        yield Defect(
            "too-large", "", f"it has {size:,} bytes, and TensorFlow reads no graph above 2 GB"
        )


def refuse_broken(graph: Graph, defects: Iterable[Defect] | None = None) -> None:
    """Refuse a graph of which nothing can be said, since it is not clear what its nodes read.

    Args:
        graph: The graph.
        defects: What `find_defects` has found in it, where that is there already.

    Raises:
        InvalidGraph: It is so.
    """
    found = with_callers(graph, _without_shapes(graph)) if defects is None else defects
    message = describe_defects(d for d in found if d.kind in _BROKEN)
    if message:
        raise InvalidGraph(message)


def _without_shapes(graph: Graph) -> list[Defect]:
    found = list(structure_defects(graph))
    damaged = {d.function for d in found if d.function and d.is_fatal}
    return [*found, *declaration_defects(graph, damaged)]
