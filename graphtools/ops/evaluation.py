"""Values of constant tensors, computed with numpy as TensorFlow's CPU kernels compute them.

A tensor is constant if it depends on constants only, or on the shapes of tensors where these are
known. Stateful and random ops are never evaluated, nor is control flow, nor an op without a kernel.

A kernel takes a `Call` and the values of the inputs, and gives the value of the output, or a list
with one entry an output; it is declared by `@kernel("Op", ...)` in a module of
`graphtools.ops.kernels`, or by `@move("Op", ...)` if it only moves values about, which is right for
every dtype. bfloat16 is held as float32; what a kernel gives is rounded to it. What a kernel cannot
do exactly it refuses with `NotConstant`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from graphtools.errors import Damaged, GraphtoolsError, InvalidValue
from graphtools.graph import narrow_floats
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.dims import Contradiction, elements
from graphtools.registry import FunctionTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.ops.inference import Inference

    Array = NDArray[Any]
    Kernel = Callable[..., Union[Array, list[Array]]]

#: Bytes of the largest tensor that is computed.
MOST_BYTES = 64 << 20
#: Types that numpy lacks or narrows: only moves are right for them.
_MOVED_ONLY = ("float8", "float4", "int4", "uint4", "int2", "uint2")

kernel: FunctionTable[Kernel] = FunctionTable("graphtools.ops.kernels")
_moves: set[str] = set()


def move(*ops: str) -> Callable[[Kernel], Kernel]:
    """Declare a kernel that only moves values, so that it is right for every dtype."""
    _moves.update(ops)
    return kernel(*ops)


class NotConstant(GraphtoolsError):
    """A tensor whose value is not computed; the message says why."""


class Evaluator:
    """Computes the constant tensors of a graph, each once."""

    def __init__(self, inference: Inference, most_bytes: int = MOST_BYTES) -> None:
        """An evaluator.

        Args:
            inference: The inferred shapes of the graph.
            most_bytes: Bytes of the largest tensor that is computed.
        """
        self._inference = inference
        self._most_bytes = most_bytes
        #: By node, the values of its outputs, or why they are not computed.
        self._found: dict[str, list[Array] | NotConstant] = {}

    def value(self, name: str, index: int = 0) -> Array | None:
        """The value of a node's output, None if it is not constant."""
        try:
            return self.evaluate(name, index)
        except NotConstant:
            return None

    def evaluate(self, name: str, index: int = 0) -> Array:
        """The value of a node's output.

        Raises:
            NotConstant: It is not constant, too large, or no kernel computes it.
        """
        if name not in self._found:
            self._visit(name)
        found = self._found[name]
        if isinstance(found, NotConstant):
            raise found
        if index >= len(found):
            raise NotConstant(f"{name!r} has no output {index}")
        return found[index]

    def _visit(self, target: str) -> None:
        """Compute a node after those that it reads."""
        stack = [target]
        while stack:
            name = stack[-1]
            if name not in self._found:
                node = self._inference.graph.get(name)
                reason = self._inference.constness.obstacle(name)
                if reason or node is None:
                    self._found[name] = NotConstant(reason)
                else:
                    pending = self._pending(node)
                    if pending:
                        stack.append(pending)
                        continue
                    try:
                        self._found[name] = self._compute(node)
                    except NotConstant as refusal:
                        self._found[name] = refusal
            stack.pop()

    def _pending(self, node: Node) -> str:
        """A node that has to be computed before; empty if there is none, or one is refused."""
        if node.op in FROM_SHAPES:
            return ""
        first = ""
        for source in map(producer, node.data_inputs):
            found = self._found.get(source)
            if isinstance(found, NotConstant):
                return ""
            if found is None:
                first = first or source
        return first

    def _compute(self, node: Node) -> list[Array]:
        if node.op == "Const":
            return [self._constant(node)]
        if node.op in FROM_SHAPES:
            return self._from_shapes(node)
        function = kernel.get(node.op)
        if function is None:
            raise NotConstant(f"{node.name!r} is a {node.op}, which is not evaluated here")
        dtypes = self._inference.dtypes(node.name)
        self._check_sizes(node, dtypes)
        call = self._inference.call(node)
        if node.op not in _moves:
            for kind in (*dtypes, *(call.dtype(i) for i in range(len(call.sources)))):
                if kind is None or kind.base.name.startswith(_MOVED_ONLY):
                    raise NotConstant(f"{node.op} of {kind} is not evaluated here")
        inputs = [self.evaluate(*source) for source in call.sources]
        try:
            with np.errstate(all="ignore"):
                found = function(call, *inputs)
        except (Contradiction, ValueError, IndexError, TypeError, OverflowError) as problem:
            raise NotConstant(f"{node.name!r} ({node.op}) cannot be evaluated: {problem}") from None
        outputs = found if isinstance(found, list) else [found]
        return [_stored(o, k) for o, k in zip(outputs, dtypes, strict=False)]

    def _constant(self, node: Node) -> Array:
        tensor = node.tensor
        if tensor is None:
            raise NotConstant(f"{node.name!r} has no value")
        if tensor.nbytes > self._most_bytes:
            raise NotConstant(f"{node.name!r} has {tensor.nbytes:,} bytes, which are too many")
        try:
            return tensor.array()
        except (Damaged, InvalidValue) as problem:
            raise NotConstant(f"{node.name!r}: {problem.message}") from None

    def _from_shapes(self, node: Node) -> list[Array]:
        found = []
        for index, kind in enumerate(self._inference.dtypes(node.name)):
            values = self._inference.integers(node.name, index)
            if values is None or None in values.items or kind is None:
                raise NotConstant(f"{node.name!r} ({node.op}) reads a shape that is not known")
            found.append(np.array(values.items, kind.numpy()).reshape(values.dims))
        return found

    def _check_sizes(self, node: Node, dtypes: list[DType | None]) -> None:
        for index, kind in enumerate(dtypes):
            count = elements(self._inference.dims(node.name, index))
            if count is not None and kind is not None:
                size = count * max(kind.size, 1)
                if size > self._most_bytes:
                    raise NotConstant(f"{node.name!r} has {size:,} bytes, which are too many")


def _stored(array: Array, kind: DType | None) -> Array:
    """What a kernel gave, as the dtype of its output holds it."""
    if kind is None or not kind.array_name:
        raise NotConstant(f"values of type {kind} are not held")
    if kind.base.name == "bfloat16":
        return narrow_floats.decode_bfloat16(narrow_floats.encode_bfloat16(array))
    return np.asarray(array, kind.numpy())
