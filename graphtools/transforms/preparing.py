"""What is done to nearly every graph: `strip` and `optimize`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtools.graph.dtypes import dtype
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.rewrite.grammar import Step
from graphtools.transforms.optimize import optimizing_pipeline
from graphtools.transforms.pipeline import Transformed, check_functions, transform


def strip(
    graph: Graph,
    outputs: Sequence[str],
    inputs: Sequence[str] = (),
    *,
    input_types: Mapping[str, object] | None = None,
    input_shapes: Mapping[str, Shape | Sequence[int | None]] | None = None,
) -> Transformed:
    """Keep what the outputs need, and cut the graph at the inputs.

    Args:
        graph: The graph; it is not changed.
        outputs: Names of the outputs.
        inputs: Names of the inputs; one that is no placeholder becomes one.
        input_types: By input, the type that it gets, as `dtype` takes it.
        input_shapes: By input, the shape that it gets; what follows from it follows.

    Raises:
        UnknownName, InvalidValue: See `transform`.
        InvalidGraph: A type or shape cannot be given.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> end = "MobilenetV1/MobilenetV1/Conv2d_0/Relu6"
        >>> part = graphtools.strip(graph, [end], input_shapes={"input": [1, 32, 32, 3]})
        >>> part.graph, part.graph["input"].attr("shape")
        (Graph(14 nodes, 0 functions), Shape([1,32,32,3]))
    """
    types = {name: dtype(kind).name for name, kind in (input_types or {}).items()}
    shapes = {
        name: str(dims if isinstance(dims, Shape) else Shape(dims))
        for name, dims in (input_shapes or {}).items()
    }
    steps = [
        str(Step("strip_unused_nodes", {"name": list(given), what: list(given.values())}))
        for what, given in (("type_for_name", types), ("shape_for_name", shapes))
        if given
    ]
    ends = list(dict.fromkeys([*inputs, *types, *shapes]))
    done = transform(graph, steps or "strip_unused_nodes", ends, outputs)
    check_functions(done.graph)
    return done


def optimize(graph: Graph, outputs: Sequence[str], inputs: Sequence[str] = ()) -> Transformed:
    """Remove what inference does not need, by the transforms that the graph wants.

    Args:
        graph: The graph; it is not changed.
        outputs: Names of the outputs.
        inputs: Names of the inputs.

    Raises:
        UnknownName, InvalidGraph: See `transform`.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> done = graphtools.optimize(graph, ["MobilenetV1/Predictions/Reshape_1"])
        >>> len(done.graph)
        27
    """
    done = transform(graph, optimizing_pipeline(graph), inputs, outputs)
    check_functions(done.graph)
    return done
