"""Differences between the variables of two files: checkpoints, or a checkpoint and a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from graphtools.analysis.sizes import scope_of
from graphtools.analysis.value_diff import ValueDiff, compare_values
from graphtools.analysis.variable_sets import (
    ComparedVariable,
    VariableSet,
    gather_variables,
    in_scope,
)
from graphtools.errors import Damaged, InvalidValue, NothingFound, unknown_scope
from graphtools.formats.checkpoint import OBJECT_GRAPH, Checkpoint
from graphtools.formats.format import Model
from graphtools.front_end import param
from graphtools.graph.shape import Shape
from graphtools.graph.variables import OBJECT_END
from graphtools.idioms.scope_moves import Move, companion_suffix, find_moves
from graphtools.wording import and_others

#: What can be said of a variable, the most striking first.
STATUSES = (
    "only_a",
    "only_b",
    "shape_changed",
    "dtype_changed",
    "value_changed",
    "unreadable",
    "not_compared",
    "equal",
)
#: These are no differences.
_SAME = frozenset({"equal", "not_compared"})
#: So many scopes at most are shown side by side.
_MAX_SCOPES = 10


@dataclasses.dataclass(frozen=True)
class VariableChange:
    """What became of one variable; the fields of a side are None where it is not on that side.

    Attributes:
        status: `only_a`, `only_b`, `shape_changed`, `dtype_changed`, `value_changed`, `equal`,
            `not_compared` (name, dtype and shape agree; values were not asked for, or are on one
            side only), `unreadable` (see `problem`).
        a: Name in A.
        b: Name in B.
        moved: Whether the names differ, and a move explains it.
        a_dtype: Dtype in A, None where it does not tell.
        b_dtype: Dtype in B.
        a_shape: Shape in A, None also for an unknown rank.
        b_shape: Shape in B.
        values: How far the values lie apart, where they were compared and are not equal.
        problem: Why the values cannot be read; mostly empty.
    """

    status: str
    a: str | None
    b: str | None
    moved: bool = False
    a_dtype: str | None = None
    b_dtype: str | None = None
    a_shape: list[int | None] | None = None
    b_shape: list[int | None] | None = None
    values: ValueDiff | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """Its name in A, or else in B."""
        return self.b or "" if self.a is None else self.a


@dataclasses.dataclass(frozen=True)
class ScopeChange:
    """What became of the variables of a scope.

    Attributes:
        scope: The scope, in the names of A; for what is only in B, of B.
        counts: Number of variables by status.
        moved: Number of those that were moved.
        max_abs: Largest absolute difference of values that changed; None where there is none.
        max_relative: Largest relative difference.
    """

    scope: str
    counts: dict[str, int]
    moved: int
    max_abs: float | None
    max_relative: float | None


@dataclasses.dataclass(frozen=True)
class DiffSide:
    """One of the two files.

    Attributes:
        path: The checkpoint's prefix, or the file.
        kind: `checkpoint`, `graph` or `frozen graph`.
        variables: Number of variables compared.
    """

    path: str
    kind: str
    variables: int


@dataclasses.dataclass(frozen=True)
class Companions:
    """Optimizer slots or moving averages that one side has of variables that are there.

    Attributes:
        suffix: What stands behind the name of the variable, as `/Adam`.
        side: `a` or `b`.
        variables: Their names.
    """

    suffix: str
    side: str
    variables: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class VariableDiff:
    """The differences between the variables of A and B.

    Attributes:
        a: Side A.
        b: Side B.
        same: Whether there is no difference.
        counts: Number of variables by status.
        moves: The rules that explain changed names, those that explain most first.
        unclear: Rules that explain the same names equally well, so that none was taken.
        companions: Of what is on one side only, the slots and averages of variables that are there.
        scopes: The differences by scope.
        variables: All variables, sorted by name, those that are only in B behind.
        notes: What else is to be known.
        problems: Why values could not be read, one line each.
    """

    a: DiffSide
    b: DiffSide
    same: bool
    counts: dict[str, int]
    moves: tuple[Move, ...]
    unclear: tuple[str, ...]
    companions: tuple[Companions, ...]
    scopes: tuple[ScopeChange, ...]
    variables: tuple[VariableChange, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def diff_variables(
    a: Checkpoint | Model,
    b: Checkpoint | Model,
    *,
    values: bool = True,
    rtol: float = 0.0,
    atol: float = 0.0,
    scope: str = "",
    tags: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VariableDiff:
    """Compare the variables of two files.

    Args:
        a: What `open_model` returned: a checkpoint, graph, MetaGraph or SavedModel.
        b: The same.
        values: Whether to read values; else only names, dtypes and shapes are compared.
        rtol: Relative tolerance, of the larger magnitude.
        atol: Absolute tolerance.
        scope: Only variables in this name scope, on either side.
        tags: For SavedModels without variables of their own, the tags of the meta graph.
        progress: Called with the number of bytes compared and their total.

    Raises:
        NothingFound: Values are to be compared, and a file with values is not there.
        FileProblem: A model has no variables (a TFLite model).
        UnknownName: Nothing is in the scope.
        InvalidValue: A tolerance is negative.

    Example:
        >>> old = graphtools.open_checkpoint("fixtures/checkpoints/v1")
        >>> new = graphtools.open_checkpoint("fixtures/checkpoints/v2")
        >>> graphtools.diff_variables(old, new).same
        False
    """
    if not (rtol >= 0 and atol >= 0):
        raise InvalidValue("a tolerance cannot be negative", "give 0 to compare exactly")
    left, right = _two_sets(a, b, tags)
    pairs, moves, unclear = _pair_up(left, right)
    matched_a, matched_b = {x.name for x, _ in pairs}, {y.name for _, y in pairs}
    only_a = [v for n, v in left.variables.items() if n not in matched_a]
    only_b = [v for n, v in right.variables.items() if n not in matched_b]
    if scope:
        pairs = [(x, y) for x, y in pairs if in_scope(x.name, scope) or in_scope(y.name, scope)]
        only_a = [v for v in only_a if in_scope(v.name, scope)]
        only_b = [v for v in only_b if in_scope(v.name, scope)]
        if not (pairs or only_a or only_b):
            known = left.variables.keys() | right.variables.keys()
            raise unknown_scope(scope, known, f"{left.path} or {right.path}", leaves=True)
        inside = {(x.name, y.name) for x, y in pairs}
        moves = [m for m in moves if inside.intersection(m.variables)]
    readable = [(x, y) for x, y in pairs if _comparable(x, y)]
    if values and readable:
        _check_data(left, right)
    total = sum(2 * x.stored.nbytes for x, _ in readable if x.stored) if values else 0
    done = 0
    moved = {pair for move in moves for pair in move.variables}
    changes = []
    for x, y in pairs:
        changes.append(_compare(x, y, (x.name, y.name) in moved, values, rtol, atol))
        if progress and values and _comparable(x, y) and x.stored:
            done += 2 * x.stored.nbytes
            progress(done, total)
    changes += [_only(variable, "a") for variable in only_a]
    changes.sort(key=lambda c: c.a or "")
    changes += [_only(variable, "b") for variable in only_b]
    return _result(left, right, tuple(changes), tuple(moves), tuple(unclear))


def _two_sets(
    a: Checkpoint | Model, b: Checkpoint | Model, tags: Sequence[str] | None
) -> tuple[VariableSet, VariableSet]:
    left, right = gather_variables(a, tags=tags), gather_variables(b, tags=tags)
    if (OBJECT_GRAPH in left.variables) != (OBJECT_GRAPH in right.variables):
        # a description of objects, which one side does not have: no variable of the model
        left.variables.pop(OBJECT_GRAPH, None)
        right.variables.pop(OBJECT_GRAPH, None)
    return left, right


def _check_data(left: VariableSet, right: VariableSet) -> None:
    for side in (left, right):
        if side.missing:
            raise NothingFound(
                f"values cannot be compared: {side.missing[0]} is not there"
                f"{and_others(side.missing)}",
                "copy the .data files too, or compare names, dtypes and shapes with "
                f"{param(values=False)}",
            )


def _pair_up(
    left: VariableSet, right: VariableSet
) -> tuple[list[tuple[ComparedVariable, ComparedVariable]], list[Move], list[str]]:
    """Variables of one name, then those whose names a move explains."""
    a, b = left.variables, right.variables
    pairs = [(variable, b[name]) for name, variable in a.items() if name in b]
    moves, unclear = find_moves(
        [n for n in a if n not in b],
        [n for n in b if n not in a],
        lambda x, y: _same_kind(a[x], b[y]),
        full_names=(_full_names(a), _full_names(b)),
        taken=(a.__contains__, b.__contains__),
    )
    pairs += [(a[x], b[y]) for move in moves for x, y in move.variables]
    return pairs, moves, unclear


def _full_names(variables: dict[str, ComparedVariable]) -> dict[str, str]:
    """Recorded names of objects, those that several share left out."""
    seen: dict[str, int] = {}
    for variable in variables.values():
        if variable.full_name:
            seen[variable.full_name] = seen.get(variable.full_name, 0) + 1
    return {n: v.full_name for n, v in variables.items() if v.full_name and seen[v.full_name] == 1}


def _same_kind(x: ComparedVariable, y: ComparedVariable) -> bool:
    return _same_dtype(x, y) and _same_shape(x.shape, y.shape)


def _same_dtype(x: ComparedVariable, y: ComparedVariable) -> bool:
    return x.dtype is None or y.dtype is None or x.dtype == y.dtype


def _same_shape(x: Shape, y: Shape) -> bool:
    """Whether shapes agree as far as they are known."""
    if x.dims is None or y.dims is None or x.dims == y.dims:
        return True
    if len(x.dims) != len(y.dims):
        return False
    return all(i is None or j is None or i == j for i, j in zip(x.dims, y.dims, strict=True))


def _comparable(x: ComparedVariable, y: ComparedVariable) -> bool:
    return x.stored is not None and y.stored is not None and _same_kind(x, y)


def _compare(
    x: ComparedVariable, y: ComparedVariable, moved: bool, values: bool, rtol: float, atol: float
) -> VariableChange:
    found: ValueDiff | None = None
    problem = ""
    if not _same_shape(x.shape, y.shape):
        status = "shape_changed"
    elif not _same_dtype(x, y):
        status = "dtype_changed"
    elif not values or x.stored is None or y.stored is None:
        status = "not_compared"
    else:
        try:
            found = compare_values(x.stored.chunks(), y.stored.chunks(), rtol=rtol, atol=atol)
            status = "equal" if found.equal else "value_changed"
        except (Damaged, InvalidValue) as error:
            status, problem = "unreadable", error.message
    return VariableChange(
        status,
        x.name,
        y.name,
        moved,
        x.dtype.name if x.dtype else None,
        y.dtype.name if y.dtype else None,
        x.shape.to_json(),
        y.shape.to_json(),
        found if status == "value_changed" else None,
        problem,
    )


def _only(variable: ComparedVariable, side: str) -> VariableChange:
    dtype = variable.dtype.name if variable.dtype else None
    shape = variable.shape.to_json()
    if side == "a":
        return VariableChange("only_a", variable.name, None, a_dtype=dtype, a_shape=shape)
    return VariableChange("only_b", None, variable.name, b_dtype=dtype, b_shape=shape)


def _result(
    left: VariableSet,
    right: VariableSet,
    changes: tuple[VariableChange, ...],
    moves: tuple[Move, ...],
    unclear: tuple[str, ...],
) -> VariableDiff:
    counts = dict.fromkeys(STATUSES, 0)
    for change in changes:
        counts[change.status] += 1
    notes = [s.note for s in (left, right) if s.note]
    for side in (left, right):
        if not side.variables:
            notes.append(f"{side.path} has no variables")
        notes += [p for p in side.problems if p not in notes]
    problems = [c.problem for c in changes if c.problem]
    same = not moves and all(not n or s in _SAME for s, n in counts.items())
    return VariableDiff(
        DiffSide(left.path, left.kind, len(left.variables)),
        DiffSide(right.path, right.kind, len(right.variables)),
        same,
        {status: n for status, n in counts.items() if n},
        moves,
        unclear,
        _companions(changes, left, right),
        scope_changes(changes),
        changes,
        tuple(notes),
        tuple(dict.fromkeys(problems)),
    )


def _companions(
    changes: Iterable[VariableChange], left: VariableSet, right: VariableSet
) -> tuple[Companions, ...]:
    known = left.variables.keys() | right.variables.keys()
    found: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.status in ("only_a", "only_b"):
            suffix = companion_suffix(change.name, known.__contains__)
            if suffix:
                found.setdefault((change.status[-1], suffix), []).append(change.name)
    return tuple(Companions(x, side, tuple(names)) for (side, x), names in sorted(found.items()))


def scope_changes(changes: Iterable[VariableChange]) -> tuple[ScopeChange, ...]:
    """Changes by scope, at the greatest depth at which the scopes are few."""
    listed = list(changes)
    grouped = _grouped(listed, 1)
    for depth in range(2, 5):
        deeper = _grouped(listed, depth)
        if len(deeper) > _MAX_SCOPES:
            break
        grouped = deeper
    return tuple(_scope_change(scope, grouped[scope]) for scope in sorted(grouped))


def _grouped(changes: Sequence[VariableChange], depth: int) -> dict[str, list[VariableChange]]:
    grouped: dict[str, list[VariableChange]] = {}
    for change in changes:
        name = change.name.removesuffix(OBJECT_END)
        grouped.setdefault(scope_of(name, depth), []).append(change)
    return grouped


def _scope_change(scope: str, changes: Sequence[VariableChange]) -> ScopeChange:
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.status] = counts.get(change.status, 0) + 1
    apart = [c.values for c in changes if c.values]
    return ScopeChange(
        scope,
        {status: counts[status] for status in STATUSES if status in counts},
        sum(c.moved for c in changes),
        max((v.max_abs for v in apart if v.max_abs is not None), default=None),
        max((v.max_relative for v in apart if v.max_relative is not None), default=None),
    )
