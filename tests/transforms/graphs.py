"""Graphs as text, so that a test of a transform shows the graph before and after.

    x = Placeholder dtype=float shape=[?,3]
    w = Const value=float:[[1,2],[3,4],[5,6]]
    y = MatMul(x, w, ^init) T=float transpose_a=false _class={"loc:@w"} device="/cpu:0"

A line is a node: its name, op, inputs, and attributes in any order; `device` is that of the node.
Values of attributes:

| written | is |
|---|---|
| float, int32, bool | a dtype |
| 3, 0.5, true | int, float, bool |
| "text" | bytes |
| [?,3], [], unknown | a shape |
| float:[1,2], int32:3, string:["a"] | a tensor, written as JSON |
| float:zeros[3,4] | a tensor of zeros, for large ones |
| @name | a function of the library |
| $T | in a function: a placeholder |
| {a, b} | a list |

A Const gets its `dtype` from its value. Blank lines and those that start with # do not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

import numpy as np

from graphtools.graph import (
    Attr,
    DType,
    Function,
    FunctionRef,
    Graph,
    Node,
    Placeholder,
    Shape,
    Tensor,
    dtype,
)
from graphtools.schema import message_class
from graphtools.transforms.pipeline import Transformed, transform

_LINE = re.compile(r"(\S+) = (\w+)(?:\(([^)]*)\))?(.*)")
_ATTR = re.compile(r"\s*(\w+)=(\{[^}]*\}|\"[^\"]*\"|[^\s\"]*(?:\"[^\"]*\"[^\s\"]*)*)")
_ITEM = re.compile(r"\s*(\"[^\"]*\"|[^,\[\s]*(?:\[[^\]]*\])?)\s*(?:,|$)")


def nodes(text: str) -> list[Node]:
    """The nodes that lines of text tell."""
    lines = (line.strip() for line in text.splitlines())
    return [_node(line) for line in lines if line and not line.startswith("#")]


def graph(text: str, functions: Sequence[Function] = ()) -> Graph:
    """The graph that lines of text tell."""
    return Graph(nodes(text), functions=functions)


def text_of(graph: Graph | Iterable[Node]) -> str:
    """A graph as text, attributes sorted by name; the inverse of `graph`.

    Large tensors are abridged.
    """
    return "\n".join(_line(node) for node in graph)


def same(graph: Graph, expected: str) -> bool:
    """Whether a graph is that of a text, the order of its nodes included.

    On failure pytest shows both, as both are compared as texts.
    """
    got = text_of(graph)
    wanted = text_of(nodes(expected))
    assert got == wanted, f"got\n{got}\ninstead of\n{wanted}"
    return True


def function(name: str, inputs: str, outputs: str, body: str) -> Function:
    """A function of the library.

    Args:
        name: Its name.
        inputs: Its arguments, as `a float, b int32`; `a $T` is of the type of an attribute.
        outputs: Its results, as `z float = add:z:0`.
        body: Its nodes as text.
    """
    message = message_class("FunctionDef")()
    message.signature.name = name
    types: set[str] = set()
    for part in filter(None, map(str.strip, inputs.split(","))):
        argument, kind = part.split()
        _declare(message.signature.input_arg.add(name=argument), kind, types)
    for part in filter(None, map(str.strip, outputs.split(","))):
        head, _, tensor = part.partition("=")
        argument, kind = head.split()
        _declare(message.signature.output_arg.add(name=argument), kind, types)
        message.ret[argument] = tensor.strip()
    for attribute in sorted(types):
        message.signature.attr.add(name=attribute, type="type")
    for node in nodes(body):
        message.node_def.add().MergeFromString(node.to_bytes())
    return Function.from_bytes(message.SerializeToString())


def apply(
    before: str | Graph,
    spec: str,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    functions: Sequence[Function] = (),
) -> Transformed:
    """Apply transforms to a graph, given as text or as it is."""
    source = graph(before, functions) if isinstance(before, str) else before
    return transform(source, spec, inputs, outputs)


def skips(done: Transformed) -> dict[str, str]:
    """What the transforms have not done, by node, with reasons."""
    return {s.node: s.reason for step in done.report.steps for s in step.skipped}


def const(name: str, values: object, kind: str | None = None) -> Node:
    """A constant of an array, where it is too large for a text."""
    tensor = Tensor.from_array(np.asarray(values), kind)
    return Node(name, "Const", (), {"dtype": tensor.dtype, "value": tensor})


# Reading


def _declare(argument: object, kind: str, types: set[str]) -> None:
    if kind.startswith("$"):
        argument.type_attr = kind[1:]  # type: ignore[attr-defined]
        types.add(kind[1:])
    else:
        argument.type = dtype(kind).number  # type: ignore[attr-defined]


def _node(line: str) -> Node:
    found = _LINE.fullmatch(line)
    assert found, f"not `name = Op(inputs) attributes`: {line}"
    name, op, inputs, rest = found.groups()
    attrs: dict[str, Attr] = {}
    place = 0
    while rest[place:].strip():
        attribute = _ATTR.match(rest, place)
        assert attribute, f"no attribute: {rest[place:]!r} in {line}"
        attrs[attribute[1]] = value_of(attribute[2])
        place = attribute.end()
    value = attrs.get("value")
    if op == "Const" and isinstance(value, Tensor):
        attrs.setdefault("dtype", value.dtype)
    device = attrs.pop("device", b"")
    assert isinstance(device, bytes)
    made = tuple(i.strip() for i in (inputs or "").split(",") if i.strip())
    return Node(name, op, made, attrs, device.decode())


def value_of(text: str) -> Attr:
    """The value of an attribute that a text tells."""
    if text.startswith("{"):
        inner = text[1:-1].strip()
        items = [m[1] for m in _ITEM.finditer(inner) if m[1]]
        return [value_of(item) for item in items]  # type: ignore[misc]
    if text.startswith('"'):
        return text[1:-1].encode()
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("@"):
        return FunctionRef(text[1:], {})
    if text.startswith("$"):
        return Placeholder(text[1:])
    if text == "unknown" or text.startswith("["):
        return Shape.parse(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text):
        return float(text)
    kind, colon, values = text.partition(":")
    return _tensor(dtype(kind), values) if colon else dtype(kind)


def _tensor(kind: DType, text: str) -> Tensor:
    if text.startswith("zeros"):
        dims = Shape.parse(text[5:]).dims or ()
        return Tensor.from_array(np.zeros([d or 0 for d in dims]), kind)
    values = json.loads(text)
    if kind.name == "string":
        array = np.array(values, object)
        flat = [v.encode() for v in array.ravel().tolist()]
        made = np.empty(len(flat), object)
        made[:] = flat
        return Tensor.from_array(made.reshape(array.shape), kind)
    return Tensor.from_array(np.array(values, kind.numpy()), kind)


# Writing


def _line(node: Node) -> str:
    attrs = dict(node.attrs)
    value = attrs.get("value")
    if node.op == "Const" and isinstance(value, Tensor) and attrs.get("dtype") is value.dtype:
        del attrs["dtype"]
    parts = [f"{key}={_text(attr)}" for key, attr in attrs.items()]
    if node.device:
        parts.append(f'device="{node.device}"')
    inputs = f"({', '.join(node.inputs)})" if node.inputs else ""
    return " ".join([f"{node.name} = {node.op}{inputs}", *parts])


def _text(value: Attr) -> str:
    if isinstance(value, list):
        return "{" + ", ".join(map(_text, value)) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return f'"{value.decode()}"'
    if isinstance(value, FunctionRef):
        return f"@{value.name}"
    if isinstance(value, Placeholder):
        return f"${value}"
    if isinstance(value, float):
        return f"{value:.7g}" if value != int(value) else f"{value:.1f}"
    if isinstance(value, Tensor):
        return f"{value.dtype}:{_values(value)}"
    return str(value)


def _values(tensor: Tensor) -> str:
    array = tensor.array()
    if array.size > 100:
        return f"zeros{tensor.shape}" if not array.any() else f"large{tensor.shape}"
    listed = array.tolist()

    def plain(item: object) -> object:
        if isinstance(item, list):
            return [plain(i) for i in item]
        if isinstance(item, bytes):
            return item.decode()
        if isinstance(item, float):
            return int(item) if item == int(item) else float(f"{item:.7g}")
        return item

    return json.dumps(plain(listed), separators=(",", ":"))
