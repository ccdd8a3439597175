"""What is known of an op, for people."""

from __future__ import annotations

import dataclasses

from graphtools.display import Displayed
from graphtools.errors import unknown_name
from graphtools.graph.attributes import attr_json
from graphtools.ops.call import shape_function
from graphtools.ops.definitions import (
    Argument,
    Attribute,
    newest_version,
    op_definition,
    op_names,
)


@dataclasses.dataclass(frozen=True)
class ArgumentManual:
    """An input or output.

    Attributes:
        name: Name.
        type: Its dtype, or the attribute that holds it; `N * T` and `list(Tin)` for several.
        reference: Whether it is a reference to a variable.
    """

    name: str
    type: str
    reference: bool


@dataclasses.dataclass(frozen=True)
class AttributeManual:
    """An attribute.

    Attributes:
        name: Name.
        type: Type, as `list(int)`.
        required: Whether a node must have it.
        default: Value where a node leaves it out.
        minimum: Least value, or least length of a list; None where there is none.
        allowed: The values it may have; empty where any may be.
    """

    name: str
    type: str
    required: bool
    default: object
    minimum: int | None
    allowed: tuple[object, ...]


@dataclasses.dataclass(frozen=True)
class OpManual(Displayed):
    """What is known of an op.

    Attributes:
        name: Name.
        inputs: Inputs.
        outputs: Outputs.
        attributes: Attributes.
        stateful: Whether it has an effect, or another result each time.
        commutative: Whether the order of its inputs does not matter.
        aggregate: Whether it adds up any number of inputs.
        deprecated_since: GraphDef version from which on it is refused; 0 if it is not.
        deprecation: What TensorFlow advises instead.
        last_seen: TensorFlow version that the description is from.
        gone: Whether newer TensorFlow versions do not have it.
        shape_inference: Whether its shapes are inferred.
        evaluated: Whether it is computed where its inputs are constant.
    """

    name: str
    inputs: tuple[ArgumentManual, ...]
    outputs: tuple[ArgumentManual, ...]
    attributes: tuple[AttributeManual, ...]
    stateful: bool
    commutative: bool
    aggregate: bool
    deprecated_since: int
    deprecation: str
    last_seen: str
    gone: bool
    shape_inference: bool
    evaluated: bool


def describe_op(name: str) -> OpManual:
    """What is known of an op.

    Raises:
        UnknownName: No known TensorFlow has it; similar names are suggested.
    """
    from graphtools.ops.evaluation import kernel

    name = name.strip()
    found = op_definition(name)
    if found is None:
        by_case = {n.lower(): n for n in op_names()}
        found = op_definition(by_case.get(name.lower(), ""))
    if found is None:
        raise unknown_name("op", name, list(op_names()), f"TensorFlow 1.15 or {newest_version()}")
    return OpManual(
        found.name,
        tuple(map(_argument, found.inputs)),
        tuple(map(_argument, found.outputs)),
        tuple(map(_attribute, found.attributes)),
        found.is_stateful,
        found.is_commutative,
        found.is_aggregate,
        found.deprecated_since,
        found.deprecation,
        found.last_seen,
        found.is_gone,
        found.name in ("Merge", "RefMerge", "Const") or bool(shape_function.get(found.name)),
        not found.is_stateful and kernel.get(found.name) is not None,
    )


def _argument(argument: Argument) -> ArgumentManual:
    kind = argument.dtype.name if argument.dtype else argument.type_attr
    if argument.type_list_attr:
        kind = f"list({argument.type_list_attr})"
    elif argument.number_attr:
        kind = f"{argument.number_attr} * {kind}"
    return ArgumentManual(argument.name, kind, argument.is_ref)


def _attribute(attribute: Attribute) -> AttributeManual:
    return AttributeManual(
        attribute.name,
        attribute.type,
        not attribute.has_default,
        attr_json(attribute.default),
        attribute.minimum,
        tuple(attr_json(v) for v in attribute.allowed),
    )
