"""Differences as documents: first by scope, in few lines, then one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtools.analysis.graph_diff import (
    KINDS,
    FunctionDiff,
    GraphDiff,
    NodeChange,
    NodeDiff,
    NodeName,
)
from graphtools.analysis.model_diff import ModelDiff
from graphtools.analysis.value_diff import ValueDiff
from graphtools.analysis.variable_diff import STATUSES, ScopeChange, VariableChange, VariableDiff
from graphtools.idioms.scope_moves import Move
from graphtools.report.document import Document, Facts, Heading, Table, Text, shape
from graphtools.wording import counted

_STATUS_WORDS = {
    "only_a": "only in A",
    "only_b": "only in B",
    "shape_changed": "shape",
    "dtype_changed": "dtype",
    "value_changed": "values",
    "unreadable": "unreadable",
    "not_compared": "not compared",
    "equal": "equal",
}
#: Columns, from left to right.
_COLUMNS = tuple(reversed(STATUSES[2:])) + STATUSES[:2]
_LONG_WORDS = {
    "shape_changed": "of another shape",
    "dtype_changed": "of another dtype",
    "value_changed": "with other values",
    "not_compared": "alike (values not compared)",
}
_KIND_WORDS = {
    "removed": "only in A",
    "added": "only in B",
    "op": "another op",
    "rewired": "other inputs",
    "attributes": "other attributes",
    "constant": "another constant",
    "device": "another device",
    "renamed": "another name",
}


def diff_document(diff: ModelDiff, *, summary: bool = False) -> Document:
    """The differences between two files.

    Args:
        diff: The differences.
        summary: Whether to leave out what is listed one by one.
    """
    document: Document = []
    if diff.graph:
        document += graph_diff_document(diff.graph, diff.a, diff.b, summary)
    if diff.variables:
        document += _variables_document(diff.variables, summary)
    return document


def variables_line(diff: VariableDiff) -> str:
    """How many variables differ, and how."""
    counts = ", ".join(
        f"{n:,} {_LONG_WORDS.get(status, _STATUS_WORDS[status])}"
        for status, n in diff.counts.items()
    )
    moved = sum(len(m.variables) for m in diff.moves)
    if moved:
        counts += f"; {moved:,} of these under another name"
    return f"Variables: {counts or 'none on either side'}"


def _variables_document(diff: VariableDiff, summary: bool) -> Document:
    document: Document = [
        Facts(
            [
                (side, f"{d.path}: {d.kind}, {counted(d.variables, 'variable')}")
                for side, d in (("A", diff.a), ("B", diff.b))
            ]
        ),
        Text(variables_line(diff)),
    ]
    if diff.same:
        return document
    document += _moves_table(diff.moves, "variables")
    if diff.unclear:
        document += [
            Heading("Moves that cannot be told apart, so that none is taken"),
            Text("\n".join(f"  {line}" for line in diff.unclear)),
        ]
    if diff.companions:
        rows = [
            (f"*{c.suffix}", f"only in {c.side.upper()}", f"{len(c.variables):,}")
            for c in diff.companions
        ]
        columns = ("name", "where", "variables")
        document += [
            Heading("Slots and averages of variables that are there"),
            Table(columns, rows, (2,)),
        ]
    document += [Heading("By scope"), _scope_table(diff.scopes)]
    return document if summary else document + _variable_details(diff)


def _moves_table(moves: Sequence[Move], what: str) -> Document:
    if not moves:
        return []
    rows = [(m.from_ or "(root)", m.to or "(root)", f"{len(m.variables):,}") for m in moves]
    return [Heading("Moved"), Table(("in A", "in B", what), rows, (2,))]


def _scope_table(scopes: Sequence[ScopeChange]) -> Table:
    statuses = [s for s in _COLUMNS if any(s in row.counts for row in scopes)]
    moved = any(row.moved for row in scopes)
    apart = any(row.max_abs is not None for row in scopes)
    columns = ["scope", *(_STATUS_WORDS[s] for s in statuses)]
    columns += ["moved"] if moved else []
    columns += ["max abs", "max relative"] if apart else []
    rows = []
    for row in scopes:
        cells = [row.scope, *(_count_cell(row.counts, s) for s in statuses)]
        cells += [f"{row.moved:,}" if row.moved else ""] if moved else []
        numbers = (row.max_abs, row.max_relative)
        cells += ["" if n is None else _number(n) for n in numbers] if apart else []
        rows.append(cells)
    return Table(columns, rows, range(1, len(columns)))


def _variable_details(diff: VariableDiff) -> Document:
    document: Document = []
    by_status: dict[str, list[VariableChange]] = {}
    for change in diff.variables:
        by_status.setdefault(change.status, []).append(change)
    told = {name for c in diff.companions for name in c.variables}
    for status, title in (("only_a", "Only in A"), ("only_b", "Only in B")):
        rows = [
            (c.name, c.a_dtype or c.b_dtype or "?", shape(c.b_shape if c.a is None else c.a_shape))
            for c in by_status.get(status, ())
            if c.name not in told
        ]
        if rows:
            document += [Heading(title), Table(("name", "dtype", "shape"), rows)]
    kinds = by_status.get("shape_changed", []) + by_status.get("dtype_changed", [])
    if kinds:
        cells = [
            (_names(c), f"{c.a_dtype or '?'} {shape(c.a_shape)}", f"{c.b_dtype} {shape(c.b_shape)}")
            for c in kinds
        ]
        document += [Heading("Another shape or dtype"), Table(("name", "A", "B"), cells)]
    changed = by_status.get("value_changed")
    if changed:
        columns = ("name", "shape", "differing", "max abs", "max relative", "mean abs")
        lines = [(_names(c), shape(c.a_shape), *_value_cells(c.values)) for c in changed]
        document += [Heading("Other values"), Table(columns, lines, (2, 3, 4, 5))]
    return document


def _names(change: VariableChange) -> str:
    if change.a == change.b or change.b is None:
        return change.name
    return f"{change.a} -> {change.b}"


def _value_cells(values: ValueDiff | None) -> tuple[str, str, str, str]:
    if values is None:
        return ("-", "-", "-", "-")
    share = f"{values.differing:,} of {values.elements:,}"
    if values.not_finite:
        share += f" ({values.not_finite:,} NaN/Inf)"
    numbers = (values.max_abs, values.max_relative, values.mean_abs)
    return (share, _number(numbers[0]), _number(numbers[1]), _number(numbers[2]))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _count_cell(counts: Mapping[str, int], key: str) -> str:
    return f"{counts[key]:,}" if counts.get(key) else ""


def graph_diff_document(diff: GraphDiff, a: str, b: str, summary: bool = False) -> Document:
    """The differences between two graphs.

    Args:
        diff: The differences.
        a: What A is called.
        b: What B is called.
        summary: Whether to leave out what is listed one by one.
    """
    nodes = diff.nodes
    facts = []
    for letter, path, side in (("A", a, diff.a), ("B", b, diff.b)):
        functions = f", {counted(side.functions, 'function')}" if side.functions else ""
        written = f", producer {side.producer}" if side.producer else ", no producer version"
        written += f" ({side.written_by})" if side.written_by and diff.versions else ""
        facts.append((letter, f"{path}: {counted(side.nodes, 'node')}{functions}{written}"))
    parts = [f"{nodes.counts[k]:,} {_with(k)}" for k in KINDS if k in nodes.counts]
    if "unchanged" in nodes.counts:
        parts.append(f"{nodes.counts['unchanged']:,} equal")
    document: Document = [Facts(facts), Text(f"Nodes: {', '.join(parts) or 'none'}")]
    if diff.matched_by == "structure":
        document.append(Text("Names differ wholesale: nodes were matched by structure."))
    if diff.versions:
        document.append(
            Text(
                f"Versions: {_versions(diff.versions.before)} in A, "
                f"{_versions(diff.versions.after)} in B"
            )
        )
    document += _moves_table(nodes.moves, "nodes")
    document += _op_changes(nodes.changed)
    document += _attribute_changes(nodes.changed)
    if diff.scopes:
        kinds = [k for k in KINDS if any(k in s.counts for s in diff.scopes)]
        rows = [(s.scope, *(_count_cell(s.counts, k) for k in kinds)) for s in diff.scopes]
        columns = ("scope", *(_KIND_WORDS[k] for k in kinds))
        document += [Heading("By scope"), Table(columns, rows, range(1, len(columns)))]
    document += _functions_table(diff.functions)
    if summary:
        return document
    document += _node_details(nodes)
    for function in diff.functions.changed:
        title = function.a if function.a == function.b else f"{function.a} -> {function.b}"
        details = _node_details(function.nodes)
        document += [Text(f"In function {title}"), *details] if details else []
    return document


def _with(kind: str) -> str:
    words = _KIND_WORDS[kind]
    return words if words.startswith("only") else f"with {words}"


def _versions(value: object) -> str:
    assert isinstance(value, dict)
    text = f"producer {value['producer']}, min_consumer {value['min_consumer']}"
    return text + (f", bad consumers {value['bad_consumers']}" if value["bad_consumers"] else "")


def _op_changes(changed: Sequence[NodeChange]) -> Document:
    """Changes of ops, equal ones together."""
    found: dict[tuple[str, str], int] = {}
    for change in changed:
        if change.ops:
            key = (str(change.ops.before), str(change.ops.after))
            found[key] = found.get(key, 0) + 1
    rows = [(*ops, f"{n:,}") for ops, n in sorted(found.items(), key=lambda kv: -kv[1])]
    return [Heading("Other ops"), Table(("in A", "in B", "nodes"), rows, (2,))] if rows else []


def _attribute_changes(changed: Sequence[NodeChange]) -> Document:
    """Changes of attributes, equal ones together; those with many values by their number."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for change in changed:
        for name, values in change.attrs.items():
            pair = (_attribute(values.before), _attribute(values.after))
            found.setdefault((change.op, name), []).append(pair)
    rows = []
    for (op, name), pairs in sorted(found.items(), key=lambda kv: -len(kv[1])):
        same = len(set(pairs)) == 1
        before, after = pairs[0] if same else ("(several)", "(several)")
        rows.append((op, name, before, after, f"{len(pairs):,}"))
    if not rows:
        return []
    columns = ("op", "attribute", "in A", "in B", "nodes")
    return [Heading("Other attributes"), Table(columns, rows, (4,))]


def _attribute(value: object, limit: int = 40) -> str:
    """An attribute in JSON's types as a short text."""
    if value is None:
        return "(not set)"
    if isinstance(value, dict) and value.keys() == {"dtype", "shape"}:
        text = f"{value['dtype']} {shape(value['shape'])}"
    else:
        text = str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _functions_table(functions: FunctionDiff) -> Document:
    rows = [(name, "", "only in A") for name in functions.removed]
    rows += [("", name, "only in B") for name in functions.added]
    changed = {c.a for c in functions.changed}
    rows += [(x, y, "another name") for x, y in functions.renamed if x not in changed]
    for change in functions.changed:
        what = [f"{change.nodes.counts[k]:,} {_with(k)}" for k in KINDS if k in change.nodes.counts]
        what += ["another signature"] if change.signature else []
        what += ["other results"] if change.returns else []
        rows.append((change.a, change.b, ", ".join(what)))
    return [Heading("Functions"), Table(("in A", "in B", "difference"), rows)] if rows else []


def _node_details(diff: NodeDiff) -> Document:
    document: Document = []
    for title, nodes in (("Only in A", diff.removed), ("Only in B", diff.added)):
        if nodes:
            document += [Heading(title), Table(("node", "op"), _name_rows(nodes))]
    rows = [line for change in diff.changed for line in _change_rows(change)]
    if rows:
        document += [Heading("Changed"), Table(("node", "what", "in A", "in B"), rows)]
    if diff.renamed:
        document += [
            Heading("Another name, told by structure"),
            Table(("in A", "in B"), [tuple(pair) for pair in diff.renamed]),
        ]
    return document


def _name_rows(nodes: Sequence[NodeName]) -> list[tuple[str, str]]:
    return [(n.name, n.op) for n in nodes]


def _change_rows(change: NodeChange) -> list[tuple[str, str, str, str]]:
    name = change.a if change.a == change.b else f"{change.a} -> {change.b}"
    rows = []
    if change.ops:
        rows.append((name, "op", str(change.ops.before), str(change.ops.after)))
    if change.inputs:
        before, after = _input_texts(change.inputs.before, change.inputs.after)
        rows.append((name, "inputs", before, after))
    for attribute, values in change.attrs.items():
        cells = (_attribute(values.before, 60), _attribute(values.after, 60))
        rows.append((name, attribute, *cells))
    if change.value:
        share, top, relative, _ = _value_cells(change.value)
        rows.append((name, "value", f"{share} differ", f"max abs {top}, relative {relative}"))
    if change.device:
        before, after = str(change.device.before), str(change.device.after)
        rows.append((name, "device", before or "(none)", after or "(none)"))
    return rows


def _input_texts(before: object, after: object) -> tuple[str, str]:
    """Inputs as text: where both sides have as many, only those that differ, with their place."""
    assert isinstance(before, list)
    assert isinstance(after, list)
    if len(before) == len(after):
        places = [i for i, (x, y) in enumerate(zip(before, after, strict=True)) if x != y]
        if places:
            return (
                ", ".join(f"{i}: {before[i]}" for i in places),
                ", ".join(f"{i}: {after[i]}" for i in places),
            )
    return ", ".join(before) or "(none)", ", ".join(after) or "(none)"
