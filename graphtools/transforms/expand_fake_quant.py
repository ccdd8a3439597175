"""expand_fake_quant.

FakeQuant rounds x to a grid of values with the step s = (high - low) / (most - least), moved so
that zero is on it: low' = (least - z) s, high' = (most - z) s. With ops of floats it is

    y = floor((min(max(x, low'), high') - low') / s - zero + 1/2) s,    zero = -low' / s

Source: TensorFlow 2's kernels (fake_quant_ops_functor.h), which compute so, step by step; that of
FakeQuantWithMinMaxArgs multiplies by 1 / s.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.tensor import Tensor
from graphtools.idioms.fake_quant import FAKE_QUANT, FAKE_QUANTS, grid_of, range_of
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit


def run(graph: Graph, job: Job) -> None:
    """Put arithmetic in the place of FakeQuants."""
    check_names(graph)
    fed = {ref.node for ref in job.inputs}
    for node in [n for n in graph if n.op in FAKE_QUANTS]:
        if node.name in fed:
            continue
        try:
            made = list(_arithmetic(graph, node))
        except Unfit as problem:
            job.skip(node.name, problem.message)
            continue
        ranges = [producer(text) for text in node.data_inputs[1:]]
        graph.replace(node, made)
        remove_unread(graph, ranges, job)


def _arithmetic(graph: Graph, node: Node) -> Iterator[Node]:
    """The nodes that compute what a FakeQuant does; the last has its name.

    Raises:
        Unfit: Its range or attributes are not known.
    """
    grid = grid_of(node, range_of(graph, node))
    controls = [f"^{name}" for name in node.control_inputs]
    for text in node.data_inputs[1:] if node.op == FAKE_QUANT else ():
        constant = find_constant(graph, text)
        controls += constant.controls if constant is not None else ()
    inside = tuple(dict.fromkeys(controls))
    names: dict[str, str] = {}
    divides = node.op == FAKE_QUANT
    for what, value in (
        ("low", grid.low),
        ("high", grid.high),
        *(() if divides else (("steps", grid.inverse),)),
        ("zero", grid.zero),
        ("half", 0.5),
        ("step", grid.step),
    ):
        yield (made := _constant(graph, f"{node.name}/{what}", value, inside, node.device))
        names[what] = made.name
    current = node.data_inputs[0]
    for op, other in (
        ("Maximum", "low"),
        ("Minimum", "high"),
        ("Sub", "low"),
        ("RealDiv", "step") if divides else ("Mul", "steps"),
        ("Sub", "zero"),
        ("AddV2", "half"),
        ("Floor", ""),
        ("Mul", "step"),
    ):
        last = (op, other) == ("Mul", "step")
        name = node.name if last else graph.free_name(f"{node.name}/{op}_{other or 'all'}".lower())
        inputs = (current, names[other]) if other else (current,)
        attrs: dict[str, Attr] = {"T": FLOAT32}
        yield Node(name, op, inputs + (inside if last else ()), attrs, node.device)
        current = name


def _constant(
    graph: Graph, name: str, value: float, controls: tuple[str, ...], device: str
) -> Node:
    import numpy as np

    tensor = Tensor.from_array(np.asarray(value, np.float32))
    attrs: dict[str, Attr] = {"dtype": FLOAT32, "value": tensor}
    return Node(graph.free_name(name), "Const", controls, attrs, device)


TRANSFORM = Transform(
    "expand_fake_quant",
    run,
    """Write FakeQuant nodes out as arithmetic: clip, divide, round, multiply.

    The values are those that TensorFlow 2 computes, to the last bit. A float model of a
    quantization-aware graph then computes what the graph does, which the converter of TensorFlow 2
    gets wrong where a concatenation joins tensors of different ranges: it gives the result the
    range of the first. All have to be written out for that, as the ranges of those that are left go
    through Maximum and Minimum.

    A FakeQuant whose range is not constant, or is one for each channel, stays as it is. Those of
    weights are better computed once and for all: run fold_constants before.
    """,
    "expand_fake_quant",
)
