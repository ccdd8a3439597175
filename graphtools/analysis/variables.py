"""Variables of checkpoints, graphs and SavedModels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from graphtools.analysis.sizes import Item, variable_item
from graphtools.analysis.statistics import Statistics, compute_statistics
from graphtools.errors import ChecksumMismatch, Damaged, FileProblem, InvalidValue, unknown_scope
from graphtools.formats import open_model, places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.graph.shape import Shape
from graphtools.idioms.variables import find_variables


@dataclasses.dataclass(frozen=True)
class VariableRow:
    """A variable, or any other tensor of a checkpoint.

    Attributes:
        name: Name, or key in the checkpoint.
        dtype: Dtype; None where a graph does not tell.
        shape: Dimensions with None for unknown ones; None for an unknown rank.
        bytes: Bytes of the values.
        statistics: Statistics of the values, where they were asked for.
        object_path: In an object-based checkpoint, the path of the variable in the tree of objects.
        problem: Why the values cannot be read; empty if nothing is known to be wrong.
    """

    name: str
    dtype: str | None
    shape: list[int | None] | None
    bytes: int
    statistics: Statistics | None = None
    object_path: str = ""
    problem: str = ""


@dataclasses.dataclass(frozen=True)
class VariableList:
    """Variables of a file.

    Attributes:
        path: The checkpoint's prefix, or the file.
        source: What they were read from: `checkpoint`, `graph`, or `frozen graph` for the constants
            that were variables.
        variables: The variables, sorted by name.
        note: How the path led to this, where that needs saying.
        missing: Data files that are not there.
        problems: What is known to be damaged.
    """

    path: str
    source: str
    variables: tuple[VariableRow, ...]
    note: str = ""
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class ScopeRow:
    """A scope in the tree of variables.

    Attributes:
        scope: The scope; a variable's own name at the leaves.
        depth: How deep it lies.
        count: Number of variables in it.
        elements: Number of their elements.
        bytes: Bytes of their values.
        leaf: The variable, where this row is one.
    """

    scope: str
    depth: int
    count: int
    elements: int
    bytes: int
    leaf: VariableRow | None


def open_variables(path: str) -> Checkpoint | Model:
    """The checkpoint that belongs to a path, or else the model whose graph has the variables.

    A checkpoint is preferred, since it has the values: for a SavedModel its own, for a `.meta` the
    one beside it.

    Raises:
        GraphtoolsError: See `open_model` and `find_checkpoint`.
    """
    if path.endswith(".meta") and places.exists(f"{path.removesuffix('.meta')}.index"):
        return find_checkpoint(path)
    model = open_model(path)
    if isinstance(model, SavedModel) and model.variables:
        return find_checkpoint(model.variables)
    return model


def list_variables(
    model: Checkpoint | Model,
    *,
    scope: str = "",
    statistics: bool = False,
    tags: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VariableList:
    """The variables of a checkpoint, or of the graph in a model.

    Args:
        model: What `open_variables` returned.
        scope: Name scope they have to be in; a variable of this very name counts, too.
        statistics: Whether to read the values and compute statistics, one tensor at a time.
        tags: For a SavedModel without variables of its own, the tags of the meta graph.
        progress: Called with the number of bytes read and their total.

    Raises:
        InvalidValue: Statistics are wanted of a graph, which has no values.
        FileProblem: The model has no variables (a TFLite model).
        UnknownName: Nothing is in the scope.
    """
    if isinstance(model, Checkpoint):
        return _of_checkpoint(model, scope, statistics, progress)
    if isinstance(model, SavedModel):
        graph = model.meta_graph(tags).graph
    elif isinstance(model, GraphFile | MetaGraph):
        graph = model.graph
    else:
        raise FileProblem(
            f"{model.path} is a {model.kind}, which has no variables",
            f"see what is in it with: graphtools summary {model.path}",
        )
    if statistics:
        raise InvalidValue(
            f"{model.path} is a {model.kind}: the values of its variables, if it has any, are in a "
            "checkpoint",
            "give the checkpoint; for constants: graphtools node FILE NAME",
        )
    kind, held = find_variables(graph)
    items = sorted(map(variable_item, held), key=lambda item: item.name)
    rows = tuple(
        VariableRow(i.name, i.dtype.name if i.dtype else None, i.shape.to_json(), i.bytes)
        for i in items
        if in_scope(i.name, scope)
    )
    _check_scope(scope, rows, items, model.path)
    return VariableList(model.path, kind, rows)


def in_scope(name: str, scope: str) -> bool:
    """Whether a name is in a scope, or is the scope; everything is in the empty scope."""
    bare = scope.strip("/")
    return not bare or name == bare or name.startswith(f"{bare}/")


def _of_checkpoint(
    checkpoint: Checkpoint,
    scope: str,
    statistics: bool,
    progress: Callable[[int, int], None] | None,
) -> VariableList:
    objects = {o.key: o.path for o in checkpoint.objects}
    names = [n for n in checkpoint if in_scope(n, scope)]
    _check_scope(scope, names, checkpoint, checkpoint.path)
    total = sum(checkpoint[n].nbytes for n in names)
    done = 0
    rows = []
    problems = list(checkpoint.problems)
    for name in names:
        stored = checkpoint[name]
        found, problem = None, ""
        if statistics:
            try:
                found = compute_statistics(stored.chunks())
            except (Damaged, InvalidValue) as error:
                problem = error.message
                # what lies behind the end of its file is among the known problems
                known = bool(checkpoint.problems) and not isinstance(error, ChecksumMismatch)
                if isinstance(error, Damaged) and not known:
                    problems.append(problem)
            done += stored.nbytes
            if progress:
                progress(done, total)
        rows.append(
            VariableRow(
                name,
                stored.dtype.name,
                stored.shape.to_json(),
                stored.nbytes,
                found,
                objects.get(name, ""),
                problem,
            )
        )
    return VariableList(
        checkpoint.path,
        "checkpoint",
        tuple(rows),
        checkpoint.note,
        checkpoint.missing,
        tuple(problems),
    )


def _check_scope(
    scope: str, found: Sequence[object], known: Sequence[Item] | Checkpoint, path: str
) -> None:
    if found or not scope:
        return
    names = [k.name if isinstance(k, Item) else str(k) for k in known]
    raise unknown_scope(scope, names, path, leaves=True)


def _elements(row: VariableRow) -> int:
    return Shape(row.shape).elements or 0


def variable_tree(variables: Sequence[VariableRow]) -> list[ScopeRow]:
    """Variables as a tree of scopes, sorted by name, each scope with what is in it."""
    sums: dict[str, list[int]] = {}
    for row in variables:
        parts = row.name.split("/")
        for depth in range(len(parts)):
            key = "/".join(parts[:depth])
            entry = sums.setdefault(key, [0, 0, 0])
            entry[0] += 1
            entry[1] += _elements(row)
            entry[2] += row.bytes
    rows: list[ScopeRow] = []
    seen: set[str] = set()
    for row in sorted(variables, key=lambda r: r.name.split("/")):
        parts = row.name.split("/")
        for depth in range(1, len(parts)):
            key = "/".join(parts[:depth])
            if key not in seen:
                seen.add(key)
                count, elements, size = sums[key]
                rows.append(ScopeRow(key, depth - 1, count, elements, size, None))
        rows.append(ScopeRow(row.name, len(parts) - 1, 1, _elements(row), row.bytes, row))
    return rows
