"""Small graphs for tests, written as lines of `name Op input input`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.schema import message_class


def nodes(*lines: str) -> list[Node]:
    """Nodes of lines as `add AddV2 x y:1 ^init`, all of float32."""
    made = []
    for line in lines:
        name, op, *inputs = line.split(" ")
        attr = "dtype" if op.startswith(("Placeholder", "Var", "Const")) else "T"
        made.append(Node(name, op, tuple(inputs), {attr: FLOAT32}))
    return made


def graph(*lines: str | Node, functions: Sequence[Function] = ()) -> Graph:
    """A graph of lines and nodes."""
    made = [n if isinstance(n, Node) else nodes(n)[0] for n in lines]
    return Graph(made, functions=functions)


def const(name: str, values: Any, kind: str | None = None) -> Node:
    """A constant."""
    tensor = Tensor.from_array(np.asarray(values), kind)
    return Node(name, "Const", (), {"dtype": tensor.dtype, "value": tensor})


def variable(
    name: str, shape: Sequence[int], kind: str = "float32", op: str = "VariableV2"
) -> Node:
    """A variable."""
    return Node(name, op, (), {"dtype": dtype(kind), "shape": Shape(shape)})


def function(name: str, inputs: Sequence[str], output: str, *body: str | Node) -> Function:
    """A function of the library with one output."""
    message = message_class("FunctionDef")()
    message.signature.name = name
    for argument in inputs:
        message.signature.input_arg.add(name=argument, type=1)
    message.signature.output_arg.add(name="result", type=1)
    message.ret["result"] = output
    for node in body:
        made = node if isinstance(node, Node) else nodes(node)[0]
        message.node_def.add().MergeFromString(made.to_bytes())
    return Function.from_bytes(message.SerializeToString())
