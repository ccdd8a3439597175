"""hoist_fake_quants.

FakeQuant rounds to a grid of values of which zero is one, and keeps the order of values. So it may
stand before an op f in place of behind it, FakeQuant(f(x)) = f(FakeQuant(x)), where f

1. moves values and does not change them (Identity, Reshape, Transpose, SpaceToDepth),
2. takes the largest of some (MaxPool), or
3. replaces negative values by zero (Relu), which is on the grid; Relu6 also replaces values
   beyond 6 by 6, which makes no difference if the grid ends before.

Source: the first step of TensorFlow's quantize_nodes (quantize_nodes.cc), without its gaps.
"""

from __future__ import annotations

from graphtools.graph.colocations import update_colocations
from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import COMMUTES, FAKE_QUANT, grid_of, range_of
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit

#: What Relu6 ends with, and the rounding of a grid that ends there.
_SIX = 6 * (1 + 1e-6)


def run(graph: Graph, job: Job) -> None:
    """Move FakeQuants before ops that keep their grid of values."""
    hoist(graph, job)


def hoist(graph: Graph, job: Job) -> None:
    """Move FakeQuants as far up as they go.

    The op that was before a FakeQuant gets its name, and the FakeQuant `NAME_hoisted`.
    """
    check_names(graph)
    renamed: dict[str, str | None] = {}
    for node in list(graph.nodes):
        if node.op != FAKE_QUANT:
            continue
        try:
            passed = _passed(graph, job, node)
        except Unfit as problem:
            job.skip(node.name, problem.message)
            continue
        if passed:
            renamed[passed[0].name] = node.name
            _move(graph, node, passed)
    update_colocations(graph, renamed)


def _passed(graph: Graph, job: Job, fake_quant: Node) -> list[Node]:
    """The nodes that a FakeQuant can move before, from the last to the first.

    Raises:
        Unfit: It stays, and the user should know why.
    """

    def onward(node: Node, _: Ref) -> str | None:
        return node.data_inputs[0] if node.data_inputs else None

    passed: list[Node] = []
    reader = fake_quant
    for ref, node in follow(graph, onward(fake_quant, Ref("")) or "", onward):
        if ref.index or node.op not in COMMUTES or not node.data_inputs:
            break
        if job.is_kept(node.name) or _fed(job, fake_quant):
            _tell(passed, f"{node.name!r} is an input or output")
            break
        others = [r.name for r in graph.consumers(node.name) if r is not reader]
        if others:
            _tell(passed, f"{node.name!r} is used by {others[0]!r}, too")
            break
        if sum(Ref.parse(text).node == node.name for text in reader.inputs) > 1:
            break
        found = range_of(graph, fake_quant)
        if node.op == "Relu6" and grid_of(fake_quant, found).high > _SIX:
            _tell(passed, f"its range ends at {found.high:g}, and {node.name!r} at 6")
            break
        passed.append(node)
        reader = node
    return passed


def _fed(job: Job, node: Node) -> bool:
    return any(ref.node == node.name for ref in job.inputs)


def _tell(passed: list[Node], reason: str) -> None:
    """Tell why a FakeQuant does not move, if it does not move at all.

    Raises:
        Unfit: It does not.
    """
    if not passed:
        raise Unfit(reason)


def _move(graph: Graph, fake_quant: Node, passed: list[Node]) -> None:
    last, first = passed[0], passed[-1]
    name = fake_quant.name
    hoisted = graph.free_name(f"{name}_hoisted")
    source = first.data_inputs[0]
    moved = fake_quant.variant(name=hoisted, inputs=(source, *fake_quant.inputs[1:]))
    graph.add(moved, before=first)
    graph.replace_input(first, 0, hoisted)
    graph.replace(fake_quant, [last.variant(name=name)])
    graph.remove(last.name)


TRANSFORM = Transform(
    "hoist_fake_quants",
    run,
    """Move FakeQuant nodes up, before ops that make no difference to them.

    A FakeQuantWithMinMaxVars behind MaxPool, Relu, Relu6, Identity, Reshape, Squeeze, ExpandDims,
    Transpose, SpaceToDepth or DepthToSpace then stands where the convolution or bias gives its
    results, which is where quantize_nodes and converters look for the range. The results are the
    same. The op that was before the FakeQuant gets its name, and the FakeQuant `NAME_hoisted`.

    It does not move before a node that something else reads, that is an output, or a Relu6 if its
    range goes beyond 6; and its range must be constant: run fold_constants first.

    In the original this is no transform, but a part of quantize_nodes; it moved a FakeQuant before
    any op of one input, as AvgPool or Sigmoid, which changes the results.
    """,
    "hoist_fake_quants",
)
