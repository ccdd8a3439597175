"""reorder_across_fake_quant.

TFLite computes a convolution with its bias and activation as one operator, whose result alone has
a range. A FakeQuant inside keeps the converter from making one of them:

    Conv2D -> FakeQuant -> BiasAdd -> Relu6 -> FakeQuant

Without the first, the range of the second is that of the operator. Source: toco 1.15, which drops
a FakeQuant inside, and fails where no other follows: no array then has a range.
"""

from __future__ import annotations

from graphtools.graph.colocations import update_colocations
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._fake_quants import only_reader
from graphtools.transforms._fused import is_linear, next_fused
from graphtools.transforms.remove_nodes import bypass_one


def run(graph: Graph, job: Job) -> None:
    """Take out FakeQuants that stand inside of what becomes one operator."""
    check_names(graph)
    gone: dict[str, str | None] = {}
    for node in [n for n in graph if n.op in FAKE_QUANTS]:
        try:
            inside = _is_inside(graph, job, node)
        except Unfit as problem:
            job.skip(node.name, problem.message)
            continue
        if inside:
            ranges = [producer(text) for text in node.data_inputs[1:]]
            bypass_one(graph, node)
            remove_unread(graph, ranges, job)
            gone[node.name] = None
    update_colocations(graph, gone)


def _is_inside(graph: Graph, job: Job, fake_quant: Node) -> bool:
    """Whether a FakeQuant stands inside of an operator whose result another one gives a range.

    Raises:
        Unfit: It stands inside of one, and has to stay.
    """
    text = fake_quant.data_inputs[0] if fake_quant.data_inputs else ""
    source = graph.get(Ref.parse(text).node) if text else None
    if source is None or only_reader(graph, source) is not fake_quant:
        return False
    linear = is_linear(graph, source)
    current = next_fused(graph, source, linear=linear)
    if current is None:
        return False
    for name in (fake_quant.name, source.name):
        if job.is_kept(name):
            raise Unfit(f"{name!r} is an input or output")

    def onward(node: Node) -> list[Node]:
        step = next_fused(graph, node, linear=linear)
        return [] if step is None else [step]

    last = current
    for last in reach([current], onward):
        follower = only_reader(graph, last)
        if follower is not None and follower.op in FAKE_QUANTS:
            return True
    raise Unfit(f"no FakeQuant follows that gives the result, {last.name!r}, a range")


TRANSFORM = Transform(
    "reorder_across_fake_quant",
    run,
    """Take out FakeQuant nodes that stand inside of what TFLite computes as one operator.

    A FakeQuant between a convolution or MatMul and its bias, batch norm or activation, or between
    a sum and its activation, keeps the converter from making one operator of them. Where another
    FakeQuant follows the last of them, the result has a range, and the one inside goes; else it
    stays, with the reason. The values change a little, as what is inside is not rounded any more.

    It is what toco did for --reorder_across_fake_quant.
    """,
    "reorder_across_fake_quant",
    keeps_meaning=False,
)
