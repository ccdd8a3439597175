"""Nodes on which TensorFlow's converter crashes: they are looked for before it is called.

Each recipe was seen with TensorFlow 2.16 to 2.21. A recipe is a function from a node, and the graph
or the function that it stands in, to the reason why; an empty one if it does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from graphtools.convert.conversion_errors import BlockingNode
from graphtools.graph.dtypes import FLOAT32, STRING, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.constants import PASSES_ON

#: What is looked up of one function or of the graph: the node of a name.
_Scope = Callable[[str], "Node | None"]
#: So many nodes are gone through to a constant, and so many of its elements looked at.
_LONGEST_WAY = 16
_MOST_ELEMENTS = 1 << 20


class _Recipe(NamedTuple):
    """Why a node makes the converter crash, and what cures it."""

    reason: Callable[[Node, _Scope], str]
    remedy: str


def find_crashes(graph: Graph) -> tuple[BlockingNode, ...]:
    """The nodes of a graph and of its functions on which the converter crashes."""
    found = [_blocking(n, graph.get, "") for n in graph if n.op in _RECIPES]
    for function in graph.functions.values():
        by_name = {n.name: n for n in function.nodes}
        for node in function.nodes:
            if node.op in _RECIPES:
                found.append(_blocking(node, by_name.get, f"@{function.name}"))
    return tuple(f for f in found if f is not None)


def _blocking(node: Node, scope: _Scope, where: str) -> BlockingNode | None:
    recipe = _RECIPES[node.op]
    reason = recipe.reason(node, scope)
    if not reason:
        return None
    return BlockingNode(node.name + where, node.op, "crash", reason, recipe.remedy)


def _constant(node: Node, position: int, scope: _Scope) -> Tensor | None:
    """The constant that a node reads, None if it is none or large."""
    inputs = node.data_inputs
    text = inputs[position] if position < len(inputs) else ""
    for _ in range(_LONGEST_WAY):
        source = scope(Ref.parse(text).node) if text else None
        if source is None:
            return None
        if source.op == "Const":
            tensor = source.tensor
            small = tensor is not None and (tensor.shape.elements or 0) <= _MOST_ELEMENTS
            return tensor if small else None
        if source.op not in PASSES_ON or not source.data_inputs:
            return None
        text = source.data_inputs[0]
    return None


def _divides_by_zero(node: Node, scope: _Scope) -> str:
    kind = node.attr("T")
    if not isinstance(kind, DType) or "int" not in kind.base.name:
        return ""
    divisor = _constant(node, 1, scope)
    if divisor is None or divisor.array().all():
        return ""
    return (
        f"it divides {kind.base.name} by a constant 0: TensorFlow fails on it, and the converter "
        "crashes where it folds it (SIGFPE)"
    )


def _not_float32(node: Node, scope: _Scope) -> str:
    kind = node.attr("T")
    if not isinstance(kind, DType) or kind.base is FLOAT32:
        return ""
    return f"T={kind.base.name}: the converter crashes on all but float32 (SIGSEGV)"


def _bfloat16_statistics(node: Node, scope: _Scope) -> str:
    kind = node.attr("U")
    crashes = isinstance(kind, DType) and kind.base.name == "bfloat16"
    return "U=bfloat16: the converter crashes" if crashes else ""


def _of_strings(node: Node, scope: _Scope) -> str:
    return "T=string: the converter crashes" if node.attr("T") is STRING else ""


def _alone(node: Node, scope: _Scope) -> str:
    """A NextIteration whose value goes round no loop: no Merge of the loop is behind its input."""
    stack, seen = list(node.data_inputs), set()
    while stack:
        source = scope(Ref.parse(stack.pop()).node)
        if source is None or source.name in seen:
            continue
        seen.add(source.name)
        behind = (Ref.parse(i).node for i in source.data_inputs)
        if source.op in ("Merge", "RefMerge") and node.name in behind:
            return ""
        stack += source.data_inputs
    return "it belongs to no loop: the converter crashes"


def _sizes_not_flat(node: Node, scope: _Scope) -> str:
    sizes = _constant(node, 1, scope)
    if sizes is None or sizes.shape.rank == 1:
        return ""
    return f"its sizes have the shape {sizes.shape}, not one dimension: the import aborts"


_ZERO = "change the divisor, or the type to float32"
_RECIPES: Mapping[str, _Recipe] = {
    **dict.fromkeys(
        ("Div", "RealDiv", "TruncateDiv"),
        _Recipe(_divides_by_zero, _ZERO),
    ),
    "SigmoidGrad": _Recipe(_not_float32, "cast to float32 before it, or leave the gradient out"),
    "BatchNormWithGlobalNormalization": _Recipe(
        _not_float32,
        "fold it into the convolution: graphtools transform --transforms fold_old_batch_norms",
    ),
    "FusedBatchNormV3": _Recipe(
        _bfloat16_statistics, "fold it: graphtools transform --transforms fold_batch_norms"
    ),
    **dict.fromkeys(
        ("MatrixDiag", "MatrixDiagV2", "MatrixDiagV3"),
        _Recipe(_of_strings, "TFLite has no such op for strings: cut the graph before it"),
    ),
    **dict.fromkeys(
        ("NextIteration", "RefNextIteration"),
        _Recipe(_alone, "name outputs that do not need it: --outputs"),
    ),
    "SplitV": _Recipe(_sizes_not_flat, "TensorFlow refuses to run it, too: give one size a part"),
}
