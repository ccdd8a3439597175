"""The texts of the source, as a front end renders them; what is filled in stands as `X`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from graphtools.front_end import CommandLine
from tests.support import ROOT

PACKAGE = ROOT / "graphtools"


class SourceText(NamedTuple):
    """A text of the source, and where it stands.

    Attributes:
        file: Its file, as `lint/fixing.py`.
        line: Its first line.
        words: The text.
        is_doc: Whether it is a docstring.
    """

    file: str
    line: int
    words: str
    is_doc: bool


def source_texts(path: Path, words: CommandLine) -> Iterator[SourceText]:
    """The texts of a file, each as a whole: what is joined by `+` and what f-strings say, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    name = str(path.relative_to(PACKAGE)) if path.is_relative_to(PACKAGE) else path.name

    def visit(node: ast.AST) -> Iterator[SourceText]:
        said = _said(node, words)
        if said is not None:
            assert isinstance(node, ast.expr)
            yield SourceText(name, node.lineno, said, id(node) in docs)
        for child in _apart(node) if said is not None else ast.iter_child_nodes(node):
            yield from visit(child)

    yield from visit(tree)


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a text that have texts of their own, as the cases of a condition."""
    if isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _apart(side) if _is_text(side) else (side,)
    elif isinstance(node, ast.JoinedStr):
        for part in (v.value for v in node.values if isinstance(v, ast.FormattedValue)):
            yield from _apart(part) if _named(part) else (part,)
    elif isinstance(node, ast.Call):
        yield from (*node.args, *(k.value for k in node.keywords))


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr) or _named(node) is not None


def _named(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    called = ast.unparse(node.func).removeprefix("front_end.")
    return called if called in ("param", "step") else None


def _said(node: ast.AST, words: CommandLine) -> str | None:
    """What a text says; None for what is no text."""
    if not _is_text(node):
        return None
    if isinstance(node, ast.BinOp):
        return "".join(_said(side, words) or "X" for side in (node.left, node.right))
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.FormattedValue) else p for p in node.values)
        return "".join("X" if (said := _part(p, words)) is None else said for p in parts)
    assert isinstance(node, ast.Call)
    names = [str(_value(a)) for a in node.args]
    given = {k.arg or "X": _value(k.value) for k in node.keywords}
    if _named(node) == "step":
        return words.step(names[0], names[1:], given)
    return words.parameters({**dict.fromkeys(names), **given})


def _part(node: ast.AST, words: CommandLine) -> str | None:
    """A part of an f-string: what is filled in is no text but where it names a parameter."""
    return _said(node, words) if isinstance(node, ast.Constant) or _named(node) else None


def _value(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(e) for e in node.elts]
    if isinstance(node, ast.Dict):
        keys = (_value(k) if k is not None else "X" for k in node.keys)
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.JoinedStr):
        return _said(node, CommandLine())
    return "X"
