"""Fields that are unknown, of the wrong type, or given twice."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, WARNING
from graphtools.findings.rule import Found
from graphtools.formats.pipeline_fields import (
    FLOATS,
    INTEGERS,
    ROOT,
    SCALARS,
    KnownField,
    known_fields,
)
from graphtools.formats.text_tree import Field, Scalar, Symbol, Tree
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule
from graphtools.wording import did_you_mean

_MAX_VALUES = 8


def _sections(subject: Configuration) -> Iterator[tuple[str, str, Tree]]:
    """All messages of a known type: path, type and the message."""
    stack: list[tuple[str, str, Tree]] = [("", ROOT, subject.pipeline.tree)]
    while stack:
        path, kind, tree = stack.pop()
        yield path, kind, tree
        known = known_fields()[kind]
        for field in tree.fields:
            inner = known.get(field.name)
            if inner and inner.type in known_fields() and isinstance(field.value, Tree):
                stack.append((f"{path}{field.name}.", inner.type, field.value))


@config_rule("GTC001", "unknown-field", WARNING)
def unknown_field(subject: Configuration) -> Iterator[Found]:
    """A field that no version of the API knows.

    TensorFlow refuses the configuration: "Message type ... has no field named ...". Most often it
    is a typing error, or the field stands in the wrong section; a changed API may have fields of
    its own.
    """
    for path, kind, tree in _sections(subject):
        known = known_fields()[kind]
        for field in tree.fields:
            if field.name in known or field.name[0] == "[":  # an extension
                continue
            remedy = did_you_mean(field.name, known)
            elsewhere = [m for m, fields in known_fields().items() if field.name in fields]
            if not remedy and elsewhere:
                remedy = f"{elsewhere[0]} has such a field: does it stand in the wrong section?"
            remedy = remedy or "drop it, unless your version of the API has it"
            yield Found(
                path + field.name, f"{kind} has no field {field.name!r}", remedy, line=field.line
            )


@config_rule("GTC002", "wrong-value", ERROR)
def wrong_value(subject: Configuration) -> Iterator[Found]:
    """A value is not of the field's type.

    TensorFlow refuses the configuration: a text is written in quotes, a number and a boolean are
    not, and an enum has a few values only.
    """
    for path, kind, tree in _sections(subject):
        for field in tree.fields:
            known = known_fields()[kind].get(field.name)
            wanted = _mismatch(field, known) if known and known.type else ""
            if wanted:
                shown = "a message" if isinstance(field.value, Tree) else _shown(field.value)
                yield Found(
                    path + field.name,
                    f"{field.name} is {wanted}, not {shown}",
                    f"write {wanted}",
                    line=field.line,
                )


def _mismatch(field: Field, known: KnownField) -> str:
    """What a field should be; empty where it is."""
    value, kind = field.value, known.type
    if kind not in SCALARS and not known.values:
        return "" if isinstance(value, Tree) else f"a message: {field.name} {{ ... }}"
    number = isinstance(value, int) and not isinstance(value, bool)
    if known.values:
        if number or (isinstance(value, Symbol) and value in known.values):
            return ""
        values = [v for v in known.values if v]
        return f"one of {', '.join(values[:_MAX_VALUES])}"
    if kind in INTEGERS:
        negative = isinstance(value, int) and value < 0 and kind[0] == "u"
        return "" if number and not negative else f"a whole number{' from 0 on' * negative}"
    if kind in FLOATS:
        return "" if number or isinstance(value, float) else "a number"
    if kind == "bool":
        return "" if isinstance(value, bool) or (number and value in (0, 1)) else "true or false"
    is_text = isinstance(value, str) and not isinstance(value, Symbol)
    return "" if is_text else "a text in quotes"


def _shown(value: Scalar | Tree) -> str:
    if isinstance(value, Symbol):
        return str(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)[:60]


@config_rule("GTC003", "field-given-twice", WARNING)
def field_given_twice(subject: Configuration) -> Iterator[Found]:
    """A field is given twice, or two are given of which only one can hold.

    TensorFlow takes the last one without a word. Drop the other.
    """
    for path, kind, tree in _sections(subject):
        known = known_fields()[kind]
        seen: dict[str, Field] = {}
        for field in tree.fields:
            about = known.get(field.name)
            if about is None or about.repeated:
                continue
            first = seen.setdefault(about.group or field.name, field)
            if first is field or (first.name == field.name and isinstance(field.value, Tree)):
                continue
            what = "is given" if first.name == field.name else f"takes the place of {first.name}"
            yield Found(
                path + field.name,
                f"{field.name} {what} in line {first.line} already; the last one counts",
                "drop one of them",
                line=field.line,
            )


@config_rule("GTC004", "removed-field", WARNING)
def removed_field(subject: Configuration) -> Iterator[Found]:
    """A field that later versions of the API know no more.

    They refuse the configuration: "Message type ... has no field named ...". Drop the field, unless
    the model is trained with the old version.
    """
    for path, kind, tree in _sections(subject):
        for field in tree.fields:
            known = known_fields()[kind].get(field.name)
            if known and known.removed:
                yield Found(
                    path + field.name,
                    f"later versions of the API have no field {field.name!r} in {kind}, and refuse "
                    "the configuration",
                    "drop it",
                    line=field.line,
                )
