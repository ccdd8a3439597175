"""Variables of checkpoints, graphs and SavedModels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from graphtools.analysis.variable_sets import (
    ComparedVariable,
    VariableSet,
    check_values,
    chosen_variables,
    gather_variables,
)
from graphtools.errors import ChecksumMismatch, Damaged, InvalidValue, NothingFound
from graphtools.formats import open_model, places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.graph.shape import Shape

if TYPE_CHECKING:
    from graphtools.analysis.statistics import Statistics

#: The checksums of a checkpoint of so many bytes at most are verified when it is listed.
_VERIFIED = 1 << 20


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
        source: What they were read from: `checkpoint`, `graph`, `frozen graph` for the constants
            that were variables, or `TFLite model`.
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
    beside = path.endswith(".meta") and places.exists(f"{path.removesuffix('.meta')}.index")
    model = None if beside else open_model(path)
    if isinstance(model, GraphFile):
        return model
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.formats.saved_model import SavedModel

    if model is None:
        return find_checkpoint(path)
    if isinstance(model, SavedModel) and model.variables:
        return find_checkpoint(model.variables)
    return model


def list_variables(
    model: Checkpoint | Model,
    *,
    scope: str = "",
    name: str = "",
    statistics: bool = False,
    tags: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VariableList:
    """The variables of a checkpoint or of the graph in a model, or the constants they became.

    Args:
        model: What `open_variables` returned.
        scope: Name scope they have to be in; a variable of this very name counts, too.
        name: Pattern that their names have to match, as `*/weights`.
        statistics: Whether to read the values and compute statistics, one tensor at a time.
        tags: For a SavedModel without variables of its own, the tags of the meta graph.
        progress: Called with the number of bytes read and their total.

    Raises:
        InvalidValue: Statistics are wanted of a graph, which has no values.
        UnknownName: Nothing is in the scope, or matches the pattern.

    Example:
        >>> found = graphtools.list_variables(graphtools.open_checkpoint("fixtures/lstm"))
        >>> [(variable.name, variable.shape) for variable in found.variables]
        [('rnn/basic_lstm_cell/bias', [24]), ('rnn/basic_lstm_cell/kernel', [10, 24])]
    """
    held = chosen_variables(gather_variables(model, tags=tags, weights=True), scope, name)
    if statistics:
        check_values(held)
    total = sum(v.nbytes for v in held.variables.values())
    done = 0
    rows = []
    problems = list(held.problems)
    for variable in held.variables.values():
        found, problem = None, ""
        if statistics and variable.stored is not None:
            from graphtools.analysis.statistics import compute_statistics

            try:
                found = compute_statistics(variable.stored.chunks())
            except (Damaged, InvalidValue) as error:
                problem = error.message
                # what lies behind the end of its file is among the known problems
                known = bool(held.problems) and not isinstance(error, ChecksumMismatch)
                if isinstance(error, Damaged) and not known:
                    problems.append(problem)
            done += variable.nbytes
            if progress:
                progress(done, total)
        rows.append(_row(variable, found, problem))
    if held.kind == "checkpoint" and not (statistics or problems or held.missing):
        problems += _checksums(held)
    return VariableList(held.path, held.kind, tuple(rows), held.note, held.missing, tuple(problems))


def _checksums(held: VariableSet) -> list[str]:
    """What is wrong with the values of a small checkpoint, which are read for their checksums."""
    stored = [v.stored for v in held.variables.values() if v.stored is not None]
    if places.is_remote(held.path) or sum(t.nbytes for t in stored) > _VERIFIED:
        return []
    problems = []
    for tensor in stored:
        try:
            for part in tensor.parts():
                for _ in part.stored.pieces() if part.stored else ():
                    pass
        except ChecksumMismatch as error:
            problems.append(error.message)
        except (Damaged, NothingFound):
            pass  # the index told it
    return problems


def _row(variable: ComparedVariable, statistics: Statistics | None, problem: str) -> VariableRow:
    return VariableRow(
        variable.name,
        variable.dtype.name if variable.dtype else None,
        variable.shape.to_json(),
        variable.nbytes,
        statistics,
        variable.object_path,
        problem,
    )


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
