"""What an op takes and gives, as a document."""

from __future__ import annotations

import json
from collections.abc import Sequence

from graphtools.analysis.op_manual import ArgumentManual, AttributeManual, OpManual
from graphtools.report.document import Block, Document, Facts, Heading, Table


def op_document(op: OpManual) -> Document:
    """Inputs, outputs, attributes and what else is known of an op."""
    seen = f"TensorFlow {op.last_seen}"
    if op.gone:
        seen = f"last seen in {seen}; newer versions do not have it"
    facts = [("from", seen)]
    if op.deprecated_since:
        facts.append(
            ("deprecated", f"since GraphDef version {op.deprecated_since}: {op.deprecation}")
        )
    facts += [
        ("stateful", "yes" if op.stateful else "no"),
        ("shapes inferred", "yes" if op.shape_inference else "no"),
        ("evaluated if constant", "yes" if op.evaluated else "no"),
    ]
    if op.commutative:
        facts.append(("commutative", "yes"))
    if op.aggregate:
        facts.append(("aggregate", "yes"))
    document: Document = [Heading(op.name), Facts(facts)]
    document += _arguments("Inputs", op.inputs)
    document += _arguments("Outputs", op.outputs)
    if op.attributes:
        rows = [
            (a.name, a.type, "required" if a.required else _value(a.default), _limits(a))
            for a in op.attributes
        ]
        table = Table(("attribute", "type", "default", "may be"), rows)
        document += [Heading("Attributes"), table]
    return document


def _arguments(title: str, arguments: Sequence[ArgumentManual]) -> list[Block]:
    if not arguments:
        return []
    rows = [(a.name, a.type + (" (reference)" if a.reference else "")) for a in arguments]
    return [Heading(title), Table(("name", "dtype"), rows)]


def _limits(attribute: AttributeManual) -> str:
    if attribute.allowed:
        return ", ".join(_value(v) for v in attribute.allowed)
    if attribute.minimum is None:
        return ""
    if attribute.type.startswith("list"):
        return f"{attribute.minimum} items or more"
    return f"{attribute.minimum} or more"


def _value(value: object) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
