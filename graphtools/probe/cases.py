"""The cases that a probe of the converter runs: an op with types, operands and attributes.

An op's operands come from its row in `_probe_operands`; where it has none, shapes are tried until
inference has nothing against them. A case that inference refuses is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.definitions import Attribute, OpDefinition
from graphtools.probe.graphs import TYPES, Case, is_valid
from graphtools.probe.operands import USUAL_RANK, Operand, rows

#: The ranks that are tried.
RANKS = range(9)
#: Combinations of types up to which all are tried; of more, those that differ from the usual one in
#: one attribute, and those with one type for all.
_MOST_COMBINATIONS = 400
#: Ops that are no part of a model, or a single node of which says nothing, as that of a loop.
_LEFT_OUT = frozenset({"Abort", "Const", "Enter", "Exit", "ImmutableConst", "LoopCond", "Merge",
                       "NextIteration", "Placeholder", "PlaceholderV2", "PlaceholderWithDefault",
                       "Switch", "_Arg", "_SwitchN", "_XlaMerge"})  # fmt: skip
#: Shapes that are tried for operands of which nothing is known.
_SHAPES: tuple[tuple[int, ...] | None, ...] = (None, (), (4,), (4, 4))
#: Operands from which on they are all tried with the same shape only.
_MANY_OPERANDS = 4
#: Values of data_format; others than these two are for processors that TFLite does not know.
_CHANNELS_FIRST = (b"NCHW", b"NCDHW")


def type_cases(definition: OpDefinition) -> list[Case]:
    """The cases that tell with which types an op converts; none if it cannot be probed."""
    if not definition.outputs or definition.name in _LEFT_OUT:
        return []
    combinations = type_combinations(definition)
    for types in combinations[:1]:
        for operands, attrs in _operands(definition):
            case = Case(definition.name, "types", "", types, operands, attrs)
            if is_valid(case, definition):
                return [
                    c for t in combinations if is_valid(c := case._replace(types=t), definition)
                ]
    return []


def further_cases(case: Case, definition: OpDefinition) -> Iterator[Case]:
    """What else is tried where a case converts: ranks, fed operands, attributes.

    Args:
        case: A case that converts to builtin operators.
        definition: The definition of its op.
    """
    free = [i for i, o in enumerate(case.operands) if o.dims is None and not o.by_rank]
    made: list[Case] = []
    if free:
        for rank in RANKS:
            operands = tuple(o.at_rank(rank) for o in case.operands)
            if rank != USUAL_RANK:
                made.append(case._replace(what="rank", detail=str(rank), operands=operands))
        made.append(case._replace(what="unranked", unranked=True))
    for number, operand in enumerate(case.operands):
        if operand.constant:
            usual = operand.at_rank(USUAL_RANK)
            fed = (*case.operands[:number], Operand(usual.dims or ()), *case.operands[number + 1 :])
            made.append(case._replace(what="fed", detail=str(number), operands=fed))
    attrs = dict(case.attrs)
    for attribute in definition.attributes:
        made += [
            _with_attribute(case, attribute.name, value)
            for value in _alternatives(attribute)
            if value != attrs.get(attribute.name, attribute.default)
        ]
    return (c for c in made if is_valid(c, definition))


def _with_attribute(case: Case, name: str, value: Any) -> Case:
    """A case with another value of an attribute, and what has to change with it."""
    attrs = {**dict(case.attrs), name: value}
    operands = case.operands
    if value in _CHANNELS_FIRST:
        attrs.update((k, _moved(v)) for k, v in attrs.items() if isinstance(v, list))
        operands = tuple(
            o._replace(dims=_moved(o.dims), values=_moved(o.values)) if not o.weights else o
            for o in operands
        )
    if value == b"EXPLICIT":
        sides = len(attrs["strides"]) - 2
        attrs["explicit_paddings"] = [0, 0, *[1, 1] * sides, 0, 0]
    shown = value.decode() if isinstance(value, bytes) else str(value)
    return case._replace(
        what="attribute", detail=f"{name}={shown}", operands=operands, attrs=tuple(attrs.items())
    )


def _moved(values: Any) -> Any:
    """Dimensions, or what stands for each dimension, with the channel behind the batch."""
    if values is None or len(values) not in (4, 5):
        return values
    return type(values)([values[0], values[-1], *values[1:-1]])


def _alternatives(attribute: Attribute) -> Sequence[Any]:
    if attribute.type == "bool":
        return (False, True)
    if attribute.type == "string":
        return [v for v in attribute.allowed if isinstance(v, bytes)]
    return ()


# Types


def type_combinations(definition: OpDefinition) -> list[tuple[tuple[str, str], ...]]:
    """The combinations of types to try, the usual one first."""
    kinds = {a.name: allowed_types(a) for a in definition.attributes if a.type == "type"}
    if not all(kinds.values()):
        return []
    usual = {a.name: _usual_type(a) for a in definition.attributes if a.type == "type"}
    count = 1
    for values in kinds.values():
        count *= len(values)
    first = tuple(usual.items())
    found = dict.fromkeys([first])
    if count <= _MOST_COMBINATIONS:
        for combination in itertools.product(*kinds.values()):
            found[tuple(zip(kinds, combination, strict=True))] = None
        return list(found)
    for name, values in kinds.items():
        for value in values:
            found[tuple({**usual, name: value}.items())] = None
    for value in TYPES:
        if all(value in values for values in kinds.values()):
            found[tuple.__new__(tuple, ((name, value) for name in kinds))] = None
    return list(found)


def allowed_types(attribute: Attribute) -> list[str]:
    """The types of an attribute that can be tried."""
    allowed = {v.name for v in attribute.allowed if isinstance(v, DType)}
    return [t for t in TYPES if not allowed or t in allowed]


def _usual_type(attribute: Attribute) -> str:
    kinds = allowed_types(attribute)
    default = attribute.default.name if isinstance(attribute.default, DType) else ""
    return default if default in kinds else kinds[0]


# Operands


def _operands(definition: OpDefinition) -> Iterator[tuple[tuple[Operand, ...], Any]]:
    """Operands and attributes to try for an op, the likeliest first."""
    row = rows().get(definition.name)
    texts = dict(row.attrs) if row else {}
    attrs: dict[str, Any] = {}
    for attribute in definition.attributes:
        if attribute.name in texts:
            attrs[attribute.name] = _read(attribute, texts[attribute.name])
        elif not attribute.has_default and not _is_decided(attribute, definition):
            value = _least(attribute)
            if value is None:
                return
            attrs[attribute.name] = value
    settled = tuple(attrs.items())
    if row:
        yield row.operands, settled
        return
    count = sum(2 if a.number_attr else 1 for a in definition.inputs)
    if count >= _MANY_OPERANDS:
        tries: Iterable[Any] = [(s,) * count for s in _SHAPES]
    else:
        tries = itertools.product(_SHAPES, repeat=count)
    for shapes in tries:
        yield tuple(Operand(s) for s in shapes), settled


def _is_decided(attribute: Attribute, definition: OpDefinition) -> bool:
    """Whether an attribute is decided by types and number of the operands."""
    return attribute.type == "type" or any(
        attribute.name in (a.number_attr, a.type_list_attr) for a in definition.inputs
    )


def _read(attribute: Attribute, text: str) -> Attr:
    kind = attribute.type
    if kind == "list(int)":
        return [int(v) for v in text.split(",")]
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    return text == "true" if kind == "bool" else text.encode()


def _least(attribute: Attribute) -> Attr:
    """A value for an attribute that has to have one; None where there is none to think of."""
    if attribute.allowed:
        first = attribute.allowed[0]
        return [first] if attribute.type.startswith("list(") else first  # type: ignore[list-item]
    minimum = attribute.minimum or 0
    values: dict[str, Attr] = {
        "int": max(1, minimum),
        "float": 1.0,
        "bool": False,
        "string": b"a",
        "shape": Shape((2, 2, 2, 2)),
        "list(int)": [1] * max(1, minimum),
        "list(float)": [1.0] * max(1, minimum),
        "list(type)": [dtype("float32")] * max(1, minimum),
        "list(shape)": [Shape((2, 2, 2, 2))] * max(1, minimum),
    }
    return values.get(attribute.type)
