"""What TensorFlow Lite's converter would do with a graph, without TensorFlow: `predict_conversion`.

Shapes are inferred, what depends on constants is taken as computed, what no output needs is left
out; each node that remains, in functions too, is judged by the rule for its op and by the table of
the types that were measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphtools.compat.judge import Judge
from graphtools.compat.table import table
from graphtools.compat.verdict import Blocker, NodeVerdict, Verdict
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.defects.defect import Defect
from graphtools.ops.defects.find import find_defects
from graphtools.ops.inference import Inference, infer_shapes

__all__ = ["Blocker", "NodeVerdict", "Verdict", "predict_conversion"]


def predict_conversion(
    graph: Graph,
    inputs: Iterable[str],
    outputs: Iterable[str],
    *,
    input_shapes: Mapping[str, Shape] | None = None,
    tf_version: str | None = None,
    inference: Inference | None = None,
    defects: Iterable[Defect] | None = None,
) -> Verdict:
    """Predict whether a graph converts to TFLite, and what stands in the way.

    Args:
        graph: The graph.
        inputs: Names of the inputs, nodes or tensors; what they read does not count.
        outputs: Names of the outputs.
        input_shapes: By tensor, shapes that take the place of those of the graph.
        tf_version: TensorFlow version whose converter is meant, as `2.21`; the newest known one if
            None.
        inference: The inferred shapes of the whole graph, where they are there already, with these
            input shapes.
        defects: What `find_defects` has found with these, where that is there already.

    Raises:
        UnknownName: A name names no node.
        InvalidValue: There is no table for the version.

    Example:
        >>> graph = graphtools.load("fixtures/lstm/frozen.pb")
        >>> verdict = graphtools.predict_conversion(graph, ["input"], ["outputs"])
        >>> verdict.builtins, verdict.select, verdict.blockers[0].node
        (False, True, 'rnn/TensorArray')
    """
    known = table(tf_version)
    fed, fetched = _nodes(graph, inputs), _tensors(graph, outputs)
    inference = inference or infer_shapes(graph, input_shapes)
    judge = Judge(known)
    if defects is None:
        defects = find_defects(graph, lambda: inference)
    judge.judge_graph(inference, fed, fetched, defects)
    blockers = tuple(judge.blockers)
    return Verdict(
        known.version,
        builtins=not blockers,
        select=judge.select,
        blockers=blockers,
        allocates=not judge.allocation,
        warnings=tuple(f"{p.node}: {p.reason}" for p in judge.allocation),
        allocation=judge.allocation,
        unknown=tuple(judge.unknown),
        nodes=tuple(judge.nodes),
        inputs=tuple(fed),
        outputs=tuple(fetched),
    )


def _tensors(graph: Graph, names: Iterable[str]) -> Sequence[str]:
    """The tensors that names of nodes or tensors name.

    Raises:
        UnknownName: There is no such node.
    """
    refs = [Ref.from_user(name) for name in names]
    return [str(Ref(graph.find(ref.node).name, ref.index)) for ref in refs]


def _nodes(graph: Graph, names: Iterable[str]) -> Sequence[str]:
    """The nodes that names of nodes or tensors name, each once.

    Raises:
        UnknownName: There is no such node.
    """
    return list(dict.fromkeys(graph.find(Ref.from_user(name).node).name for name in names))
