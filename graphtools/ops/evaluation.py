"""Values of constant tensors, computed with numpy as TensorFlow's CPU kernels compute them:
`evaluate`.

A tensor is constant if it depends on constants only, or on the shapes of tensors where these are
known. Stateful and random ops are never evaluated, nor is control flow, nor an op without a kernel.

A kernel takes a `Call` and the values of the inputs, and gives the value of the output, or a list
with one entry an output; it is declared by `@kernel("Op", ...)` in the `values.py` of its family,
or by `@move("Op", ...)` if it only moves values about, which is right for every dtype. bfloat16 is
held as float32; what a kernel gives is rounded to it. What a kernel cannot do exactly it refuses
with `NotConstant`. Before it makes anything larger than its inputs it asks `require_room`: shapes
are not always inferred, and a graph may hold any number.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, Union

import numpy as np

from graphtools.errors import Damaged, GraphtoolsError, InvalidValue
from graphtools.graph import narrow_floats
from graphtools.graph.dtypes import STRING, DType
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.ops.call import MOST_INTEGERS, Call, Integers, shape_function
from graphtools.ops.constness import FROM_SHAPES, Constness
from graphtools.ops.dims import Contradiction, Dims, elements
from graphtools.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.ops.call import Inferred

    Array = NDArray[Any]
    Kernel = Callable[..., Union[Array, list[Array]]]

F = TypeVar("F", bound=Callable[..., Any])

#: Bytes of the largest tensor that is computed.
MOST_BYTES = 64 << 20
#: So many times that is held at once; what is beyond is computed again when it is asked for.
_MOST_HELD = 16
#: Multiplications, or steps as long, that one kernel may take: about a second.
_MOST_STEPS = 1 << 29
#: Types that numpy lacks or narrows: only moves are right for them.
_MOVED_ONLY = ("float8", "float4", "int4", "uint4", "int2", "uint2")

kernel: Registry[Kernel] = Registry("graphtools.ops.families", file="values")
_moves: set[str] = set()


def move(*ops: str) -> Callable[[F], F]:
    """Declare a kernel that only moves values, so that it is right for every dtype."""
    _moves.update(ops)

    def register(function: F) -> F:
        kernel(*ops)(function)
        return function

    return register


class NotConstant(GraphtoolsError):
    """A tensor whose value is not computed; the message says why."""


_limit: contextvars.ContextVar[int] = contextvars.ContextVar("limit", default=MOST_BYTES)


def require_room(elements: int, itemsize: int = 8) -> None:
    """State that a kernel is about to make an array.

    Args:
        elements: Number of its elements.
        itemsize: Bytes of one.

    Raises:
        NotConstant: It would be larger than what is computed.
    """
    if elements * itemsize > _limit.get():
        raise NotConstant(f"{elements:,} elements are too many")


def require_time(steps: int) -> None:
    """State how many multiplications, or steps as long, a kernel is about to take.

    Raises:
        NotConstant: They are too many.
    """
    if steps > _MOST_STEPS:
        raise NotConstant(f"{steps:,} steps are too many")


@contextlib.contextmanager
def _numpy_problems(node: Node, most_bytes: int) -> Iterator[None]:
    """Run a kernel: its floats may overflow, and its refusals name the node."""
    token = _limit.set(most_bytes)
    try:
        with np.errstate(all="ignore"):
            yield
    except (
        NotConstant,
        Contradiction,
        InvalidValue,
        ValueError,
        IndexError,
        TypeError,
        ArithmeticError,
        MemoryError,
    ) as problem:
        reason = problem.message if isinstance(problem, GraphtoolsError) else str(problem)
        raise NotConstant(f"{node.name!r} ({node.op}) is not evaluated: {reason}") from None
    finally:
        _limit.reset(token)


class _Computed(Call):
    """A node whose inputs have values: what its functions ask of them is known."""

    __slots__ = ("_arrays", "_outputs")

    def __init__(
        self,
        inference: Inferred,
        node: Node,
        sources: list[tuple[str, int]],
        arrays: list[Array],
    ) -> None:
        super().__init__(inference, node, [a.shape for a in arrays], sources)
        self._arrays = arrays
        self._outputs: list[Dims] = []

    def integers(self, position: int) -> Integers | None:
        """The values of an input that is a small tensor of integers or booleans."""
        array = self.array(position)
        if array is None or array.dtype.kind not in "iub" or array.size > MOST_INTEGERS:
            return None
        return Integers(array.shape, tuple([int(v) for v in array.ravel().tolist()]))

    def array(self, position: int) -> Array | None:
        """The value of an input."""
        return self._arrays[position] if position < len(self._arrays) else None

    def check(self, dtypes: list[DType | None]) -> None:
        """Refuse what the op's shape function refuses, and what is too large; kernels need not.

        Raises:
            Contradiction: The inputs and attributes do not fit.
            NotConstant: There is no room for an output.
        """
        function = shape_function.get(self.node.op)
        found = function(self) if function is not None else None
        self._outputs = found if isinstance(found, list) else [found]
        for dims, kind in zip(self._outputs, dtypes, strict=False):
            require_room(elements(dims) or 0, kind.numpy().itemsize if kind else 1)

    def output_dims(self, output: int) -> Dims:
        """The shape of an output."""
        return self._outputs[output] if output < len(self._outputs) else None


class Evaluator:
    """Computes the constant tensors of a graph, each once."""

    def __init__(
        self,
        inference: Inferred,
        most_bytes: int = MOST_BYTES,
        constness: Constness | None = None,
    ) -> None:
        """An evaluator.

        Args:
            inference: The inferred shapes of the graph.
            most_bytes: Bytes of the largest tensor that is computed.
            constness: Tells which nodes are constant, where it is not the inference's own.
        """
        self._inference = inference
        self._constness = constness or inference.constness
        self._most_bytes = most_bytes
        #: By node, the values of its outputs, or why they are not computed.
        self._found: dict[str, list[Array] | NotConstant] = {}
        #: Bytes of the outputs that were computed and are held.
        self._held = 0

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
        if self._held > _MOST_HELD * self._most_bytes:
            # what was asked for last stays: others are likely to read it
            self._found = {
                k: v for k, v in self._found.items() if k == name or isinstance(v, NotConstant)
            }
            self._held = 0
        if isinstance(found, NotConstant):
            raise NotConstant(found.message)
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
                reason = self._constness.obstacle(name)
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
        for source, _ in call.sources:
            refusal = self._found.get(source)
            if isinstance(refusal, NotConstant):
                raise NotConstant(refusal.message)
        inputs = [self._input(*source) for source in call.sources]
        if self._held > _MOST_HELD * self._most_bytes:
            raise NotConstant(f"{node.name!r} depends on more than is computed")
        call = _Computed(self._inference, node, call.sources, inputs)
        with _numpy_problems(node, self._most_bytes):
            call.check(dtypes)
            found = function(call, *inputs)
            outputs = found if isinstance(found, list) else [found]
            stored = [_stored(o, k) for o, k in zip(outputs, dtypes, strict=False)]
        for array in stored:
            if array.nbytes > self._most_bytes * _widening(array):
                raise NotConstant(f"{node.name!r} has {array.nbytes:,} bytes, which are too many")
            self._held += array.nbytes if array.base is None else 0
        return stored

    def _input(self, name: str, index: int) -> Array:
        """An output of a node that was visited, and not refused."""
        found = self._found[name]
        if isinstance(found, NotConstant) or index >= len(found):
            raise NotConstant(f"{name!r} has no output {index}")
        return found[index]

    def _constant(self, node: Node) -> Array:
        tensor = node.tensor
        if tensor is None:
            raise NotConstant(f"{node.name!r} has no value")
        stated = node.attr("dtype")
        if isinstance(stated, DType) and stated.base is not tensor.dtype:
            raise NotConstant(f"{node.name!r} states {stated} and has a value of {tensor.dtype}")
        if tensor.nbytes > self._most_bytes:
            raise NotConstant(f"{node.name!r} has {tensor.nbytes:,} bytes, which are too many")
        try:
            return tensor.array()
        except (Damaged, InvalidValue) as problem:
            raise NotConstant(f"{node.name!r}: {problem.message}") from None

    def _from_shapes(self, node: Node) -> list[Array]:
        found = []
        kinds = self._inference.dtypes(node.name)
        for kind, dims in zip(kinds, self._inference.call(node).inputs, strict=False):
            if dims is None or kind is None or not kind.array_name:
                raise NotConstant(f"{node.name!r} ({node.op}) reads a shape that is not known")
            count = elements(dims)
            values: Any = {"Rank": len(dims), "Size": count}.get(node.op, dims)
            if values is None or (values is dims and None in dims):
                raise NotConstant(f"{node.name!r} ({node.op}) reads a shape that is not known")
            try:
                found.append(np.array(values, kind.numpy()))
            except OverflowError:
                raise NotConstant(f"{node.name!r} is larger than {kind} can tell") from None
        return found

    def _check_sizes(self, node: Node, dtypes: list[DType | None]) -> None:
        for index, kind in enumerate(dtypes):
            count = elements(self._inference.dims(node.name, index))
            if count is not None and kind is not None:
                size = count * (8 if kind.base is STRING else max(kind.size, 1))
                if size > self._most_bytes:
                    raise NotConstant(f"{node.name!r} has {size:,} bytes, which are too many")


def _widening(array: Array) -> int:
    """How much larger an array may be than the tensor it holds: bfloat16 and float8 are widened."""
    return 4 if array.dtype == np.float32 else 1


def rounded_to_bfloat16(array: Array) -> Array:
    """The nearest values that bfloat16 has, as float32."""
    return narrow_floats.decode(narrow_floats.encode(array, "bfloat16"), "bfloat16")


def _stored(array: Array, kind: DType | None) -> Array:
    """What a kernel gave, as the dtype of its output holds it."""
    if kind is None or not kind.array_name:
        raise NotConstant(f"values of type {kind} are not held")
    if np.asarray(array).dtype.kind in "cO" and np.asarray(array).dtype.kind != kind.numpy().kind:
        raise NotConstant(f"the values are not of the type {kind}")
    if kind.base.name == "bfloat16":
        return rounded_to_bfloat16(np.asarray(array))
    return np.asarray(array, kind.numpy())
