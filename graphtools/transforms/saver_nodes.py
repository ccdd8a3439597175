"""Gives a graph the nodes by which it saves and restores its variables: `put_saver`.

They are those that TensorFlow's Saver makes: all values go into one file, under the keys that are
told; a slice of a partitioned variable is a slice of the whole one there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtools.formats.metagraph_writing import SaverNodes
from graphtools.graph.attributes import Attr
from graphtools.graph.colocation_entries import ATTRIBUTE
from graphtools.graph.dtypes import STRING, DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.saved_keys import SavedAs
from graphtools.graph.shape import Shape

_RESOURCE = "VarHandleOp"


def put_saver(graph: Graph, variables: Sequence[Node], keys: Mapping[str, SavedAs]) -> SaverNodes:
    """Give a graph a Saver.

    Args:
        graph: The graph, which is changed.
        variables: Its variables that are to be saved.
        keys: By name of a variable, where it stands in the checkpoint; under its name if it is not
            there.
    """
    scope, number = "save", 0
    while any(node.name.startswith(f"{scope}/") for node in graph):
        number += 1
        scope = f"save_{number}"
    saved = [keys.get(node.name, SavedAs(node.name, "")) for node in variables]
    kinds = [_kind(node) for node in variables]

    def add(name: str, op: str, inputs: Sequence[str], **attrs: Attr) -> str:
        return graph.add(Node(f"{scope}/{name}", op, inputs, attrs)).name

    def texts(name: str, values: Sequence[str]) -> str:
        import numpy as np

        array = np.array([value.encode() for value in values], object)
        return graph.add(Node.constant(f"{scope}/{name}", array, STRING)).name

    default = graph.add(Node.constant(f"{scope}/filename/input", "model")).name
    scalar: dict[str, Attr] = {"dtype": STRING, "shape": Shape(())}
    filename = add("filename", "PlaceholderWithDefault", [default], **scalar)
    path = add("Const", "PlaceholderWithDefault", [filename], **scalar)
    names, parts = [s.key for s in saved], [s.part for s in saved]
    values = [
        add(f"Read_{i}/ReadVariableOp", "ReadVariableOp", [node.name], dtype=kind)
        if node.op == _RESOURCE
        else node.name
        for i, (node, kind) in enumerate(zip(variables, kinds, strict=True))
    ]
    listed = [texts("SaveV2/tensor_names", names), texts("SaveV2/shape_and_slices", parts)]
    done = add("SaveV2", "SaveV2", [path, *listed, *values], dtypes=list(kinds))
    end = add("control_dependency", "Identity", [path, f"^{done}"], T=STRING)
    listed = [texts("RestoreV2/tensor_names", names), texts("RestoreV2/shape_and_slices", parts)]
    restored = add("RestoreV2", "RestoreV2", [path, *listed], dtypes=list(kinds))
    assigned = []
    for index, (node, kind) in enumerate(zip(variables, kinds, strict=True)):
        text = f"{restored}:{index}" if index else restored
        if node.op == _RESOURCE:
            value = add(f"Identity_{index}", "Identity", [text], T=kind)
            assigned.append(
                add(f"Assign_{index}", "AssignVariableOp", [node.name, value], dtype=kind)
            )
        else:
            place: dict[str, Attr] = {"T": kind, ATTRIBUTE: [f"loc:@{node.name}".encode()]}
            assigned.append(add(f"Assign_{index}", "Assign", [node.name, text], **place))
    all_restored = add("restore_all", "NoOp", [f"^{name}" for name in assigned])
    return SaverNodes(f"{path}:0", f"{end}:0", all_restored)


def _kind(node: Node) -> DType:
    kind = node.attr("dtype")
    return kind.base if isinstance(kind, DType) else dtype(0)
