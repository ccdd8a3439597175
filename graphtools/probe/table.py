"""The table that a probe makes: what was measured of each op, as `compat.table` reads it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphtools.graph.dtypes import DType
from graphtools.ops.definitions import OpDefinition
from graphtools.probe.cases import allowed_types
from graphtools.probe.graphs import Case

#: Version of the form of the file.
SCHEMA = 1

#: A set of combinations: for each attribute, in their order, the values that go with all others.
Product = tuple[tuple[str, ...], ...]


def products(combinations: Iterable[Sequence[str]]) -> list[Product]:
    """The fewest products of sets that make up a set of combinations, by a greedy division.

    Args:
        combinations: Combinations of values, all of the same length.
    """
    wanted = {tuple(c) for c in combinations}
    if not wanted:
        return []
    length = len(next(iter(wanted)))
    best: list[Product] | None = None
    for order in itertools.permutations(range(length)):
        cut = _divide({tuple(c[i] for i in order) for c in wanted}, length)
        found = [tuple(p[order.index(i)] for i in range(length)) for p in cut]
        if best is None or len(found) < len(best):
            best = found
    assert best is not None
    return sorted(best)


def _divide(combinations: set[tuple[str, ...]], length: int) -> list[Product]:
    if not length:
        return [()]
    rests: dict[str, set[tuple[str, ...]]] = {}
    for first, *rest in combinations:
        rests.setdefault(first, set()).add(tuple(rest))
    alike: dict[frozenset[tuple[str, ...]], list[str]] = {}
    for first, others in sorted(rests.items()):
        alike.setdefault(frozenset(others), []).append(first)
    return [
        (tuple(values), *product)
        for others, values in alike.items()
        for product in _divide(set(others), length - 1)
    ]


def op_entry(
    definition: OpDefinition, flex: bool, verdicts: Sequence[tuple[Case, str]]
) -> dict[str, Any]:
    """The entry of an op.

    Args:
        definition: Its definition.
        flex: Whether a model with ops of TensorFlow may hold it.
        verdicts: Its cases with what became of them: `builtin`, `flex`, `custom`, `error`, `crash`,
            `hang`, or `invalid` where TensorFlow itself refused the graph.
    """
    entry: dict[str, Any] = {"flex": flex}
    tried = [(c, v) for c, v in verdicts if c.what == "types" and v != "invalid"]
    builtin = [c for c, v in tried if v == "builtin"]
    everywhere = _without_meaning(definition)
    if builtin:
        entry["builtin"] = _products(builtin, everywhere)
    fails = []
    # where every case is an error, it is the operands that are wrong
    sound = any(v not in ("error", "crash", "hang") for _, v in tried)
    for kind in ("error", "crash", "hang") if sound else ("crash", "hang"):
        failed = [c for c, v in tried if v == kind]
        fails += [{**p, "kind": kind} for p in _products(failed, everywhere)]
    if fails:
        entry["fails"] = fails
    if builtin:
        entry.update(_limits(definition, verdicts))
    return entry


def _products(cases: Sequence[Case], everywhere: Mapping[str, set[str]]) -> list[dict[str, str]]:
    """The type attributes of cases as products; an attribute that takes every type is left out."""
    if not cases:
        return []
    names = [name for name, _ in cases[0].types]
    found = []
    for product in products([kind for _, kind in c.types] for c in cases):
        shown = {}
        for name, values in zip(names, product, strict=True):
            if set(values) != everywhere.get(name):
                shown[name] = " ".join(values)
        found.append(shown)
    return found


def _without_meaning(definition: OpDefinition) -> dict[str, set[str]]:
    """By attribute the types that it can have, where all of these are tried."""
    found = {}
    for attribute in definition.attributes:
        allowed = {v.name for v in attribute.allowed if isinstance(v, DType)}
        if attribute.type == "type" and allowed and allowed == set(allowed_types(attribute)):
            found[attribute.name] = allowed
    return found


def _limits(definition: OpDefinition, verdicts: Sequence[tuple[Case, str]]) -> dict[str, Any]:
    """Beyond types: the highest rank, operands that must be constant, attributes that matter."""
    entry: dict[str, Any] = {}
    ranks = {int(c.detail): v for c, v in verdicts if c.what == "rank" and v != "invalid"}
    lost = [rank for rank, verdict in ranks.items() if verdict != "builtin"]
    kept = [rank for rank, verdict in ranks.items() if verdict == "builtin"]
    if any(rank > 4 for rank in lost):
        free = next(c for c, _ in verdicts if c.what == "rank").operands
        usual = next(c for c, _ in verdicts if c.what == "types").operands
        place = next(i for i, o in enumerate(usual) if o.dims is None and not o.by_rank)
        assert len(free) == len(usual)
        entry["rank"] = {str(place): max([4, *kept])}
    constant = [
        _operand_name(definition, int(case.detail), len(case.operands))
        for case, verdict in verdicts
        if case.what == "fed" and verdict not in ("builtin", "invalid")
    ]
    if constant:
        entry["constant"] = list(dict.fromkeys(constant))
    if any(c.what == "unranked" and v not in ("builtin", "invalid") for c, v in verdicts):
        entry["unranked"] = False
    attributes: dict[str, list[str]] = {}
    for case, verdict in verdicts:
        if case.what == "attribute" and verdict not in ("builtin", "invalid"):
            name, _, value = case.detail.partition("=")
            attributes.setdefault(name, []).append(value)
    if attributes:
        entry["lost"] = attributes
    return entry


def _operand_name(definition: OpDefinition, number: int, count: int) -> str:
    """The name of the argument that an operand belongs to."""
    several = count - len(definition.inputs) + 1
    for argument in definition.inputs:
        number -= several if argument.number_attr else 1
        if number < 0:
            return argument.name
    return ""


def table_text(version: str, ops: Mapping[str, Mapping[str, Any]]) -> str:
    """The table as a file: JSON with a line an op, sorted."""
    lines = [f"{json.dumps(op)}: {json.dumps(ops[op])}" for op in sorted(ops)]
    head = f'{{"schema": {SCHEMA}, "tensorflow": {json.dumps(version)}, "ops": {{'
    return head + "\n" + ",\n".join(lines) + "\n}}\n"
