"""Values of inputs as `saved_model_cli run` takes them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats.example import encode_example
from graphtools.samples.array_files import ArrayFile

_FILE = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?$")
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_BUILTINS = {f.__name__: f for f in (bool, bytes, dict, float, int, len, list, range, str, tuple)}
#: Of numpy and its arrays, what reads or writes files.
_NO_VALUES = re.compile(
    r"_|(load|save|from(file|regex)|gen|memmap|to(file|string)|dump|DataSource)"
)
_INSTEAD = "save it with numpy.save, and give --inputs KEY=FILE.npy"


def read_feeds(files: str, expressions: str, examples: str) -> dict[str, Any]:
    """The values of inputs by their keys in a signature; the later of two for one key wins.

    Args:
        files: As `x=data.npy;y=data.npz[name]`.
        expressions: As `x=np.ones((1, 3))`; what makes values is evaluated, and nothing else.
        examples: As `examples=[{"age": [3], "name": ["a"]}]`: each becomes a tf.Example.

    Raises:
        InvalidValue: They are written otherwise, or an expression does something else.
        FileProblem: A file cannot be read, or does not have the array.
    """
    found = {key: _from_file(key, text) for key, text in _parts("inputs", files)}
    found |= {key: evaluate(text) for key, text in _parts("input_exprs", expressions)}
    for key, text in _parts("input_examples", examples):
        samples = evaluate(text)
        if not isinstance(samples, list) or not all(isinstance(s, dict) for s in samples):
            raise InvalidValue(
                f"--input_examples: {key} is no list of samples",
                f"write it as {key}=[{{'age': [3], 'name': ['a']}}]",
            )
        found[key] = [encode_example(sample) for sample in samples]
    return found


def _parts(flag: str, text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, map(str.strip, text.split(";"))):
        key, equals, value = part.partition("=")
        if not equals or not value:
            raise InvalidValue(f"--{flag}: {part!r} names no input", f"write --{flag} KEY=VALUE")
        yield key.strip(), value.strip()


def _from_file(key: str, text: str) -> Any:
    match = _FILE.match(text)
    if match is None:
        raise InvalidValue(
            f"--inputs: {text!r} is no file", f"write {key}=FILE or {key}=FILE[NAME]"
        )
    path, name = match.groups()
    with ArrayFile(path) as file:
        if file.single:
            return file[""]
        name = name or (file.keys[0] if len(file.keys) == 1 else "")
        if name not in file.keys:
            raise FileProblem(
                f"{path} has no array {name!r}" if name else f"{path} has several arrays",
                f"choose one: {key}={path}[{file.keys[0]}]" if file.keys else "",
            )
        return file[name]


def evaluate(text: str) -> Any:
    """The value of an expression of numbers, texts, lists and numpy, which does nothing else.

    Raises:
        InvalidValue: It is no expression, cannot be computed, or does something else.

    Example:
        >>> evaluate("np.zeros((1, 2)) + 1").tolist()
        [[1.0, 1.0]]
    """
    try:
        return _value(ast.parse(text.strip("'\" "), mode="eval").body)
    except InvalidValue:
        raise
    except Exception as problem:  # whatever numpy says of what it was asked for
        raise InvalidValue(f"{text!r} has no value: {problem}", _INSTEAD) from None


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(parts):
            return [_value(part) for part in parts]
        case ast.Tuple(parts):
            return tuple(_value(part) for part in parts)
        case ast.Dict(keys, values):
            return {_value(k): _value(v) for k, v in zip(keys, values, strict=True) if k}
        case ast.UnaryOp(sign, operand) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(operand))
        case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left), _value(right))
        case ast.Name("np" | "numpy"):
            import numpy as np

            return np
        case ast.Name(name) if name in _BUILTINS:
            return _BUILTINS[name]
        case ast.Attribute(of, name) if not _NO_VALUES.match(name):
            return _attribute(_value(of), name)
        case ast.Call(function, args, keywords):
            named = {k.arg: _value(k.value) for k in keywords if k.arg}
            return _value(function)(*map(_value, args), **named)
    raise InvalidValue(f"{ast.unparse(node)!r} is not evaluated here", _INSTEAD)


def _attribute(of: Any, name: str) -> Any:
    """An attribute of numpy, of its generators of random numbers, or of a value."""
    found = getattr(of, name)
    if isinstance(found, ModuleType) and found.__name__ not in ("numpy.random", "numpy.linalg"):
        raise InvalidValue(f"{found.__name__} is not evaluated here", _INSTEAD)
    return found
