"""Which comparison fits two files: of their variables, of their graphs, or both."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from graphtools.display import Displayed
from graphtools.errors import FileProblem, UnknownName
from graphtools.formats import shown_graph
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.saved_model import SavedModel
from graphtools.front_end import step

if TYPE_CHECKING:
    from graphtools.analysis.graph_diff import GraphDiff
    from graphtools.analysis.variable_diff import VariableDiff

_KINDS = ("checkpoint", "GraphDef", "MetaGraphDef", "SavedModel")
_TFLITE = "TFLite model"


@dataclasses.dataclass(frozen=True)
class ModelDiff(Displayed):
    """The differences between two files.

    Attributes:
        a: Path of A.
        b: Path of B.
        same: Whether there is no difference.
        moves: The moves of variables: rules that explain changed names.
        variables: The differences of the variables; None where both are graphs.
        graph: The differences of the graphs; None where one is a checkpoint.
    """

    a: str
    b: str
    same: bool
    moves: tuple[object, ...]
    variables: VariableDiff | None
    graph: GraphDiff | None


def diff_models(
    a: Checkpoint | Model,
    b: Checkpoint | Model,
    *,
    values: bool = True,
    rtol: float = 0.0,
    atol: float = 0.0,
    scope: str = "",
    tags: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ModelDiff:
    """Compare two files: variables if one is a checkpoint, else graphs; SavedModels by both.

    Args:
        a: What `open_model` returned.
        b: The same.
        values: Whether to read the values of variables and constants.
        rtol: Relative tolerance for them.
        atol: Absolute tolerance for them.
        scope: Only what is in this name scope, on either side.
        tags: For SavedModels, the tags of the meta graph.
        progress: Called with the number of bytes of values compared and their total.

    Raises:
        FileProblem: The files are of kinds that cannot be compared.
        GraphtoolsError: See `diff_variables` and `diff_graphs`.
    """
    _refuse_unlike(a, b)
    checkpoint = isinstance(a, Checkpoint) or isinstance(b, Checkpoint)
    graph = None
    unknown: UnknownName | None = None
    if not checkpoint:
        from graphtools.analysis.graph_diff import diff_graphs

        left, right = shown_graph(a, tags), shown_graph(b, tags)
        try:
            graph = diff_graphs(left, right, values=values, rtol=rtol, atol=atol, scope=scope)
        except UnknownName as error:
            unknown = error
    variables = None
    if checkpoint or (_has_values(a) and _has_values(b)):
        from graphtools.analysis.variable_diff import diff_variables

        try:
            variables = diff_variables(
                a,
                b,
                values=values,
                rtol=rtol,
                atol=atol,
                scope=scope,
                tags=tags,
                progress=progress,
            )
        except UnknownName:
            if graph is None:
                raise
    if graph is None and variables is None and unknown is not None:
        raise unknown
    found = [d for d in (variables, graph) if d is not None]
    moves = variables.moves if variables else ()
    return ModelDiff(a.path, b.path, all(d.same for d in found), moves, variables, graph)


def _refuse_unlike(a: Model, b: Model) -> None:
    """Refuse files that cannot be compared.

    Raises:
        FileProblem: They are of such kinds.
    """
    for model, other in ((a, b), (b, a)):
        if model.kind not in _KINDS and {model.kind, other.kind} != {_TFLITE}:
            raise FileProblem(
                f"{model.path} is a {model.kind}, which cannot be compared "
                f"with a {other.kind}: {other.path}",
                "compared are checkpoints, GraphDefs, MetaGraphDefs and SavedModels, and two "
                f"TFLite models; what they compute compares: {step('verify', a.path, b.path)}",
            )


def _has_values(model: Checkpoint | Model) -> bool:
    return isinstance(model, SavedModel) and bool(model.variables)
