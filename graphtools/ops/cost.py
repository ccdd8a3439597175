"""What running a graph costs: arithmetic and memory, node by node.

Work is counted as TensorFlow's profiler counts it (`flops_registry.py`), where that has figures: a
multiply-accumulate is two floating point operations. A cost function takes a `Call`, in which all
shapes are inferred, and gives a `Work`; it is declared by `@cost_function("Op", ...)` in the
`costs.py` of its family. Ops without one are taken to cost nothing, as with the profiler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.functions import CALLS, CASES, CONDITIONALS, LOOPS
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, elements
from graphtools.ops.handing_on import (
    CHECKED,
    INTO_BRANCHES,
    INTO_FRAMES,
    OF_ANOTHER_ROUND,
    RESHAPED,
    SAME_TENSOR,
    VARIABLE_READS,
)
from graphtools.ops.inference import Inference
from graphtools.registry import Registry


class Work(NamedTuple):
    """Arithmetic of one run.

    Attributes:
        macs: Multiply-accumulates of convolutions and matrix products.
        flops: Floating point operations, those of the multiply-accumulates among them.
    """

    macs: int = 0
    flops: int = 0


CostFunction = Callable[[Call], "Work | None"]

cost_function: Registry[CostFunction] = Registry("graphtools.ops.families", file="costs")

NO_WORK = Work()
#: Ops that multiply and accumulate.
MAC_OPS = frozenset(
    {
        "Conv2D", "Conv3D", "_FusedConv2D", "DepthwiseConv2dNative", "Dilation2D", "MatMul",
        "_FusedDepthwiseConv2dNative", "QuantizedConv2D", "QuantizedDepthwiseConv2D",
        "Conv2DBackpropInput", "Conv2DBackpropFilter", "Conv3DBackpropInputV2", "_FusedMatMul",
        "SparseMatMul",
        "QuantizedMatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum",
    }
)  # fmt: skip
#: Ops that run a function that they name in an attribute.
RUN_FUNCTIONS = CALLS | CONDITIONALS | CASES | LOOPS
#: Ops whose first output is the memory of their first input.
_SHARES_MEMORY = (
    SAME_TENSOR | CHECKED | RESHAPED | INTO_FRAMES | INTO_BRANCHES | OF_ANOTHER_ROUND
) | {"EnsureShape"}
#: Ops whose outputs are weights, or arguments that the caller has made.
_HOLDS_WEIGHTS = VARIABLE_OPS | VARIABLE_READS | {"_Arg"}


def work_of(inference: Inference, node: Node) -> Work | None:
    """The arithmetic of a node, with that of the functions that it calls.

    Of a loop one round is counted, of alternatives all.

    Returns:
        None where it depends on a shape that is not known, or on a function whose body is not, as
        one that calls itself.
    """
    return _work(inference, node, {})


def _work(inference: Inference, node: Node, bodies: dict[int, Work | None]) -> Work | None:
    """As `work_of`; what functions cost is kept, since they call each other many times."""
    function = cost_function.get(node.op)
    if function is not None:
        try:
            return function(inference.call(node))
        except Contradiction:
            return None
    macs = flops = 0
    found = inference.bodies(node.name).values()
    if not found and (node.op in RUN_FUNCTIONS or node.op in inference.graph.functions):
        return None
    for body in found:
        if id(body) not in bodies:
            bodies[id(body)] = _sum(_work(body, inner, bodies) for inner in body.graph)
        work = bodies[id(body)]
        if work is None:
            return None
        macs += work.macs
        flops += work.flops
    return Work(macs, flops) if macs or flops else NO_WORK


def _sum(works: Iterable[Work | None]) -> Work | None:
    macs = flops = 0
    for work in works:
        if work is None:
            return None
        macs += work.macs
        flops += work.flops
    return Work(macs, flops)


def output_bytes(inference: Inference, node: Node) -> int | None:
    """Bytes of a node's outputs in memory, None where a shape is not known.

    Strings, resources and variants count as nothing.
    """
    total = 0
    for index, kind in enumerate(inference.dtypes(node.name)):
        count = elements(inference.dims(node.name, index))
        if count is None or kind is None:
            return None
        total += count * kind.base.size
    return total


def activation_bytes(inference: Inference, node: Node) -> int | None:
    """Bytes of the tensors that a node makes anew, None where a shape is not known.

    None are made by constants and what depends on them only, by variables and their reads, and by
    nodes that hand on the memory of their input.
    """
    if node.op in _SHARES_MEMORY or node.op in _HOLDS_WEIGHTS:
        return 0
    return 0 if inference.constness.is_constant(node.name) else output_bytes(inference, node)


class Peak(NamedTuple):
    """The largest sum of the tensors that must be kept at one time.

    Attributes:
        bytes: The sum; a lower bound where shapes are unknown.
        node: The node while whose run it is reached, behind those that call the function in which
            it is, as `call/node`; empty in a graph without tensors.
        unknown: Number of nodes whose outputs' sizes are unknown, those in functions among them.
    """

    bytes: int
    node: str
    unknown: int


def peak_memory(
    inference: Inference, order: Sequence[Node], made: Mapping[str, int | None] | None = None
) -> Peak:
    """The most memory that activations take when nodes run one after the other.

    A tensor is kept until its last reader has run; what nobody reads is kept for the caller.
    Reshapes and the like share the memory of their input; constants are not counted. What a
    function makes while it runs is counted; of a loop that is one round.

    Args:
        inference: The inferred shapes.
        order: All nodes in an order in which they can run.
        made: What `activation_bytes` gives for these nodes, where it is known already.
    """
    return _peak(inference, order, {}, made)


def _peak(
    inference: Inference,
    order: Sequence[Node],
    bodies: dict[int, Peak],
    made: Mapping[str, int | None] | None = None,
) -> Peak:
    """As `peak_memory`; the peaks in functions are kept."""
    owner: dict[str, str] = {}
    last: dict[str, int] = {}
    for position, node in enumerate(order):
        sources = [owner.get(producer(text)) for text in node.data_inputs]
        shared = sources[0] if sources and node.op in _SHARES_MEMORY else None
        owner[node.name] = node.name if shared is None else shared
        for source in sources:
            if source is not None:
                last[source] = position
    releases: dict[int, list[str]] = {}
    for name, position in last.items():
        releases.setdefault(position, []).append(name)
    held: dict[str, int] = {}
    current = unknown = 0
    peak = Peak(0, "", 0)
    for position, node in enumerate(order):
        for body in inference.bodies(node.name).values():
            if id(body) not in bodies:
                bodies[id(body)] = _peak(body, runnable_order(body.graph)[0], bodies)
            inner = bodies[id(body)]
            unknown += inner.unknown
            if current + inner.bytes > peak.bytes:
                peak = Peak(current + inner.bytes, f"{node.name}/{inner.node}".rstrip("/"), 0)
        if owner[node.name] == node.name:
            size = activation_bytes(inference, node) if made is None else made[node.name]
            if size is None:
                unknown += 1
            held[node.name] = size or 0
            current += size or 0
        if current > peak.bytes:
            peak = Peak(current, node.name, 0)
        for name in releases.get(position, ()):
            current -= held.pop(name, 0)
    return peak._replace(unknown=unknown)
