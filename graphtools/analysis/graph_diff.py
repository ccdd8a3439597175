"""Differences between two graphs, insensitive to the order of their nodes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.analysis.graph_matching import NAME_ATTRS, Matching, attr_key, match_nodes
from graphtools.analysis.producers import describe_producer
from graphtools.analysis.sizes import scope_of
from graphtools.analysis.value_diff import ValueDiff, compare_values
from graphtools.analysis.variable_sets import in_scope
from graphtools.display import Displayed
from graphtools.errors import Damaged, InvalidValue, unknown_scope
from graphtools.graph.attributes import Attr, FunctionRef, attr_json
from graphtools.graph.graph import Function, Graph, Versions
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.tensor import Tensor, once
from graphtools.idioms.scope_moves import Move
from graphtools.schema import message_class

#: What can be said of a node, in the order in which it is shown.
KINDS = ("removed", "added", "op", "rewired", "attributes", "constant", "device", "renamed")
_MAX_SCOPES = 10
_NUMBER = re.compile(r"_\d+$")
_LOC = b"loc:@"


@dataclasses.dataclass(frozen=True)
class Change:
    """Something before (in A) and after (in B), in JSON's types."""

    before: object
    after: object


@dataclasses.dataclass(frozen=True)
class NodeChange:
    """What changed in a node that both graphs have; None or empty for what did not.

    Attributes:
        a: Name in A.
        b: Name in B.
        op: Its op in A.
        ops: The ops, where they differ; attributes are not compared then.
        inputs: The inputs, where they differ beyond the names of the nodes that are read.
        attrs: The attributes that differ, by name; null where a node does not have it.
        value: For a constant, how far its values lie apart.
        device: The devices, where they differ.
    """

    a: str
    b: str
    op: str
    ops: Change | None = None
    inputs: Change | None = None
    attrs: dict[str, Change] = dataclasses.field(default_factory=dict)
    value: ValueDiff | None = None
    device: Change | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What of `KINDS` changed."""
        constant = self.op == "Const" and "value" in self.attrs
        found = {
            "op": self.ops,
            "rewired": self.inputs,
            "attributes": len(self.attrs) > constant,
            "constant": self.value or constant,
            "device": self.device,
        }
        return tuple(kind for kind, what in found.items() if what)


@dataclasses.dataclass(frozen=True)
class NodeName:
    """A node that one graph has: name and op."""

    name: str
    op: str


@dataclasses.dataclass(frozen=True)
class NodeDiff:
    """The differences between two sets of nodes: of graphs, or of a function's body.

    Attributes:
        counts: Number of nodes by what changed (`KINDS`), and `unchanged`.
        moves: Moves of scopes that explain changed names.
        renamed: Names in A and B of the nodes that structure alone tells to be the same.
        removed: Nodes that are only in A.
        added: Nodes that are only in B.
        changed: Nodes that differ in more than their names.
    """

    counts: dict[str, int]
    moves: tuple[Move, ...]
    renamed: tuple[tuple[str, str], ...]
    removed: tuple[NodeName, ...]
    added: tuple[NodeName, ...]
    changed: tuple[NodeChange, ...]

    @property
    def same(self) -> bool:
        """Whether there is no difference."""
        return not (self.moves or self.renamed or self.removed or self.added or self.changed)


@dataclasses.dataclass(frozen=True)
class FunctionChange:
    """What changed in a function that both graphs have.

    Attributes:
        a: Name in A.
        b: Name in B.
        signature: Arguments and results with their dtypes, where they differ.
        returns: What it returns, where that differs.
        nodes: The differences of its body.
    """

    a: str
    b: str
    signature: Change | None
    returns: Change | None
    nodes: NodeDiff


@dataclasses.dataclass(frozen=True)
class FunctionDiff:
    """The differences between two function libraries.

    Attributes:
        removed: Names of the functions that are only in A.
        added: Names of the functions that are only in B.
        renamed: Names of functions that differ by the number at their end.
        changed: Functions that differ in more than their names.
        unchanged: Number of the others.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    changed: tuple[FunctionChange, ...]
    unchanged: int


@dataclasses.dataclass(frozen=True)
class ComparedGraph:
    """One of two graphs: number of nodes and functions, the version that wrote it and its date."""

    nodes: int
    functions: int
    producer: int
    written_by: str


@dataclasses.dataclass(frozen=True)
class NodeScopeChange:
    """Number of nodes of a scope by what changed; the scope in the names of A."""

    scope: str
    counts: dict[str, int]


@dataclasses.dataclass(frozen=True)
class GraphDiff(Displayed):
    """The differences between the graphs A and B.

    Attributes:
        a: Side A.
        b: Side B.
        same: Whether there is no difference.
        matched_by: `name`, or `structure` where names differ wholesale.
        versions: The versions, where they differ.
        scopes: The differences by scope.
        nodes: The differences of the nodes.
        functions: The differences of the function libraries.
    """

    a: ComparedGraph
    b: ComparedGraph
    same: bool
    matched_by: str
    versions: Change | None
    scopes: tuple[NodeScopeChange, ...]
    nodes: NodeDiff
    functions: FunctionDiff


def diff_graphs(
    a: Graph,
    b: Graph,
    *,
    values: bool = True,
    rtol: float = 0.0,
    atol: float = 0.0,
    scope: str = "",
) -> GraphDiff:
    """Compare two graphs; the order of nodes, and how constants are encoded, makes no difference.

    Args:
        a: A graph.
        b: Another.
        values: Whether to compare the values of constants; else only their dtypes and shapes.
        rtol: Relative tolerance for the values of constants, of the larger magnitude.
        atol: Absolute tolerance for them.
        scope: Only nodes in this name scope, on either side. Functions are then left out.

    Raises:
        UnknownName: Nothing is in the scope.
        InvalidValue: A tolerance is negative.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> edited = graph.copy()
        >>> edited.set_attr("input", "shape", [1, 32, 32, 3])
        >>> diff = graphtools.diff_graphs(graph, edited)
        >>> diff.same, [changed.a for changed in diff.nodes.changed]
        (False, ['input'])
    """
    if not (rtol >= 0 and atol >= 0):
        raise InvalidValue("a tolerance cannot be negative", "give 0 to compare exactly")
    tolerance = _Tolerance(values, rtol, atol)
    function_names = _match_functions(a.functions, b.functions)
    matching = match_nodes(a, b)
    compared = _diff_nodes(a, b, matching, _Names(matching.pairs, function_names), tolerance, scope)
    if scope and not sum(compared.counts.values()):
        raise unknown_scope(scope, (n.name for g in (a, b) for n in g), "either graph")
    functions = FunctionDiff((), (), (), (), 0)
    if not scope:
        functions = _diff_functions(a.functions, b.functions, function_names, tolerance)
    versions = None
    if a.versions != b.versions:
        versions = Change(_versions_json(a.versions), _versions_json(b.versions))
    libraries = (functions.removed, functions.added, functions.renamed, functions.changed)
    return GraphDiff(
        _side(a),
        _side(b),
        compared.same and versions is None and not any(libraries),
        "name" if matching.by_name else "structure",
        versions,
        _scope_changes(compared),
        compared,
        functions,
    )


class _Tolerance(NamedTuple):
    values: bool
    rtol: float
    atol: float


class _Names(NamedTuple):
    """The names of B by those of A."""

    nodes: Mapping[str, str]
    functions: Mapping[str, str]


def _side(graph: Graph) -> ComparedGraph:
    made = graph.versions.producer
    return ComparedGraph(len(graph), len(graph.functions), made, describe_producer(made))


def _versions_json(versions: Versions) -> dict[str, object]:
    return {
        "producer": versions.producer,
        "min_consumer": versions.min_consumer,
        "bad_consumers": list(versions.bad_consumers),
    }


def _diff_nodes(
    a: Graph, b: Graph, matching: Matching, names: _Names, tolerance: _Tolerance, scope: str = ""
) -> NodeDiff:
    pairs = matching.pairs
    counts = dict.fromkeys((*KINDS, "unchanged"), 0)
    changed, removed, renamed = [], [], []
    moved = {pair for move in matching.moves for pair in move.variables}
    inside = set()
    for node in a:
        name = pairs.get(node.name)
        if a[node.name] is not node:
            continue
        if name is None:
            if in_scope(node.name, scope):
                removed.append(NodeName(node.name, node.op))
            continue
        if not (in_scope(node.name, scope) or in_scope(name, scope)):
            continue
        inside.add(node.name)
        if name != node.name:
            counts["renamed"] += 1
            if (node.name, name) not in moved:
                renamed.append((node.name, name))
        change = _compare_nodes(node, b[name], names, tolerance)
        if change is not None:
            changed.append(change)
            for kind in change.kinds:
                counts[kind] += 1
        elif name == node.name:
            counts["unchanged"] += 1
    matched = set(pairs.values())
    added = [
        NodeName(n.name, n.op)
        for n in b
        if n.name not in matched and b[n.name] is n and in_scope(n.name, scope)
    ]
    counts["removed"], counts["added"] = len(removed), len(added)
    moves = [m for m in matching.moves if any(x in inside for x, _ in m.variables)]
    return NodeDiff(
        {kind: n for kind, n in counts.items() if n},
        tuple(moves),
        tuple(renamed),
        tuple(removed),
        tuple(added),
        tuple(changed),
    )


def _compare_nodes(x: Node, y: Node, names: _Names, tolerance: _Tolerance) -> NodeChange | None:
    """What changed in a node, None if nothing did."""
    ops = Change(x.op, y.op) if x.op != y.op else None
    inputs = _compare_inputs(x, y, names.nodes) if x.inputs or y.inputs else None
    device = Change(x.device, y.device) if x.device != y.device else None
    attrs: dict[str, Change] = {}
    value = None
    if ops is None and (x.name != y.name or x.to_bytes() != y.to_bytes()):
        attrs, value = _compare_attrs(x, y, names, tolerance)
    if not (ops or inputs or attrs or value or device):
        return None
    return NodeChange(x.name, y.name, x.op, ops, inputs, attrs, value, device)


def _compare_inputs(x: Node, y: Node, nodes: Mapping[str, str]) -> Change | None:
    """The inputs of both, None if they agree; the order of control inputs does not count."""
    mine = [_renamed(t, nodes) for t in x.inputs]
    others = [_plain(t) for t in y.inputs]
    data = [t for t in mine if t[:1] != "^"] == [t for t in others if t[:1] != "^"]
    control = {t for t in mine if t[:1] == "^"} == {t for t in others if t[:1] == "^"}
    return None if data and control else Change(list(x.inputs), list(y.inputs))


def _renamed(text: str, nodes: Mapping[str, str]) -> str:
    name = producer(text)
    return _plain(text.replace(name, nodes.get(name, name), 1))


def _plain(text: str) -> str:
    return text[:-2] if text.endswith(":0") and text.count(":") == 1 else text


def _compare_attrs(
    x: Node, y: Node, names: _Names, tolerance: _Tolerance
) -> tuple[dict[str, Change], ValueDiff | None]:
    left, right = x.attrs, y.attrs
    found: dict[str, Change] = {}
    values = None
    for name in sorted(left.keys() | right.keys()):
        if name not in left or name not in right:
            before = attr_json(left[name]) if name in left else None
            after = attr_json(right[name]) if name in right else None
            found[name] = Change(before, after)
            continue
        before_value, after_value = left[name], right[name]
        if isinstance(before_value, Tensor) and isinstance(after_value, Tensor):
            if attr_key(before_value) == attr_key(after_value):
                if tolerance.values:
                    apart = _compare_tensors(before_value, after_value, tolerance)
                    if isinstance(apart, Change):
                        found[name] = apart
                    elif not apart.equal:
                        values = apart
                continue
        elif _same_attr(name, before_value, after_value, x.name != y.name, names):
            continue
        found[name] = Change(attr_json(before_value), attr_json(after_value))
    return found, values


def _compare_tensors(x: Tensor, y: Tensor, tolerance: _Tolerance) -> ValueDiff | Change:
    try:
        left, right = x.array(), y.array()
    except (Damaged, InvalidValue) as error:
        if x.to_bytes() == y.to_bytes():
            return ValueDiff(0, 0, 0.0, 0.0, 0.0, 0)
        return Change(f"cannot be compared: {error.message}", None)
    if once(left).size == once(right).size == 1:  # two values that stand for all of theirs
        found = compare_values(
            [once(left).reshape(-1)],
            [once(right).reshape(-1)],
            rtol=tolerance.rtol,
            atol=tolerance.atol,
        )
        return dataclasses.replace(
            found,
            elements=left.size,
            differing=found.differing * left.size,
            not_finite=found.not_finite * left.size,
        )
    pieces = [left.reshape(-1)], [right.reshape(-1)]
    return compare_values(*pieces, rtol=tolerance.rtol, atol=tolerance.atol)


def _same_attr(name: str, x: Attr, y: Attr, renamed: bool, names: _Names) -> bool:
    if attr_key(x) != attr_key(y):
        if name not in NAME_ATTRS:
            return False
        return _same_names(x, y, renamed, names.nodes)
    mine, others = _functions_of(x), _functions_of(y)
    return [names.functions.get(f, f) for f in mine] == others


def _same_names(x: Attr, y: Attr, renamed: bool, nodes: Mapping[str, str]) -> bool:
    """Whether attributes that hold names agree, once the names of A are made those of B."""
    mine, others = _texts(x), _texts(y)
    if mine is None or others is None or len(mine) != len(others):
        return False
    for before, after in zip(mine, others, strict=True):
        bare = before.removeprefix(_LOC).decode("utf-8", "backslashreplace")
        known = nodes.get(bare)
        if known is None and renamed:
            continue  # the name of a scope or resource, which nothing here can follow
        prefix = _LOC if before.startswith(_LOC) else b""
        if before != after and prefix + (known or bare).encode() != after:
            return False
    return True


def _texts(value: Attr) -> list[bytes] | None:
    listed = value if isinstance(value, list) else [value]
    found = [v for v in listed if isinstance(v, bytes)]
    return found if len(found) == len(listed) else None


def _functions_of(value: Attr) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    found = []
    for item in listed:
        if isinstance(item, FunctionRef):
            found.append(item.name)
            for inner in item.attrs.values():
                found += _functions_of(inner)
    return found


def _match_functions(a: Mapping[str, Function], b: Mapping[str, Function]) -> dict[str, str]:
    """Functions of B by those of A: by name, then by name without the number at its end.

    TensorFlow numbers functions as it makes them, so that the same program gives other numbers.
    """
    pairs = {name: name for name in a if name in b}
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for side, names in enumerate((a, b)):
        for name in names:
            if name not in pairs:
                groups.setdefault(_NUMBER.sub("", name), ([], []))[side].append(name)
    for mine, others in groups.values():
        if len(mine) == len(others):
            in_order = zip(sorted(mine, key=_ordinal), sorted(others, key=_ordinal), strict=True)
            pairs.update(in_order)
    return pairs


def _ordinal(name: str) -> tuple[int, str]:
    found = _NUMBER.search(name)
    return int(found[0][1:]) if found else -1, name


def _diff_functions(
    a: Mapping[str, Function],
    b: Mapping[str, Function],
    names: Mapping[str, str],
    tolerance: _Tolerance,
) -> FunctionDiff:
    changed = []
    unchanged = 0
    for mine, other in names.items():
        change = _compare_functions(a[mine], b[other], names, tolerance)
        if change is not None:
            changed.append(change)
        elif mine == other:
            unchanged += 1
    matched = set(names.values())
    return FunctionDiff(
        tuple(n for n in a if n not in names),
        tuple(n for n in b if n not in matched),
        tuple((x, y) for x, y in names.items() if x != y),
        tuple(changed),
        unchanged,
    )


def _compare_functions(
    x: Function, y: Function, functions: Mapping[str, str], tolerance: _Tolerance
) -> FunctionChange | None:
    if x.encoded == y.encoded and all(a == b for a, b in functions.items()):
        return None
    left, right = Graph(x.nodes), Graph(y.nodes)
    matching = match_nodes(left, right)
    nodes = dict(zip(x.inputs, y.inputs, strict=False)) | matching.pairs
    compared = _diff_nodes(left, right, matching, _Names(nodes, functions), tolerance)
    before, after = _signature(x), _signature(y)
    signature = Change(before, after) if before != after else None
    mine = [_renamed(t, nodes) for t in x.outputs.values()]
    mine += sorted(nodes.get(t, t) for t in x.control_outputs.values())
    others = [_plain(t) for t in y.outputs.values()] + sorted(y.control_outputs.values())
    returns = None
    if mine != others:
        returns = Change(dict(x.outputs), dict(y.outputs))
    if signature is None and returns is None and compared.same:
        return None
    return FunctionChange(x.name, y.name, signature, returns, compared)


def _signature(function: Function) -> dict[str, object]:
    """Dtypes of arguments and results in order; attributes stand as their names."""
    signature = message_class("FunctionDef").FromString(function.encoded).signature

    def types(arguments: Iterable[object]) -> list[object]:
        return [attr_json(_argument_type(argument)) for argument in arguments]

    return {"inputs": types(signature.input_arg), "outputs": types(signature.output_arg)}


def _argument_type(argument: object) -> Attr:
    from graphtools.graph.dtypes import dtype

    number: int = getattr(argument, "type", 0)
    named: str = getattr(argument, "type_attr", "") or getattr(argument, "type_list_attr", "")
    return named.encode() if named else dtype(number)


def _scope_changes(diff: NodeDiff) -> tuple[NodeScopeChange, ...]:
    """Changes by scope, at the greatest depth at which the scopes are few."""
    entries: list[tuple[str, str]] = [(n.name, "removed") for n in diff.removed]
    entries += [(n.name, "added") for n in diff.added]
    entries += [(c.a, kind) for c in diff.changed for kind in c.kinds]
    entries += [(x, "renamed") for x, _ in diff.renamed]
    entries += [(x, "renamed") for m in diff.moves for x, _ in m.variables]
    grouped = _grouped(entries, 1)
    for depth in range(2, 5):
        deeper = _grouped(entries, depth)
        if len(deeper) > _MAX_SCOPES:
            break
        grouped = deeper
    return tuple(NodeScopeChange(scope, grouped[scope]) for scope in sorted(grouped))


def _grouped(entries: Sequence[tuple[str, str]], depth: int) -> dict[str, dict[str, int]]:
    grouped: dict[str, dict[str, int]] = {}
    for name, kind in entries:
        counts = grouped.setdefault(scope_of(name, depth), {})
        counts[kind] = counts.get(kind, 0) + 1
    return {s: {k: c[k] for k in KINDS if k in c} for s, c in grouped.items()}
