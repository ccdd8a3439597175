"""change_concat_input_ranges.

TFLite joins quantized tensors by copying bytes where all of them, and the result, have one range:

    [low, high] = [min of the lows, max of the highs]   over inputs and output

The range of an input is that of the FakeQuant it comes from, also through ops that only move
values, and through a further concatenation. Source: toco 1.15 with --change_concat_input_ranges;
where a Reshape was between, it gave the result the range of one input, which is not copied.
"""

from __future__ import annotations

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import sole_reader
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import CONCATS, FAKE_QUANTS, MOVES, Range, range_of
from graphtools.ops.definitions import attribute_value
from graphtools.ops.handing_on import source_of
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._fake_quants import fake_quant_nodes, set_range


def run(graph: Graph, job: Job) -> None:
    """Give all inputs of each concatenation, and its result, one range."""
    check_names(graph)
    unread: list[str] = []
    # a range that grows may be that of another concatenation's input, too: until none grows
    for _ in range(len(graph)):
        changed = [_join(graph, job, node, unread) for node in list(graph) if joins_floats(node)]
        if not any(changed):
            break
    remove_unread(graph, unread, job)


def joins_floats(node: Node) -> bool:
    """Whether a node joins tensors of float32."""
    return node.op in CONCATS and attribute_value(node, "T") is FLOAT32


def parts_of(node: Node) -> list[str]:
    """What a concatenation joins, without the axis."""
    inputs = list(node.data_inputs)
    return inputs[:-1] if node.op == "ConcatV2" else inputs[1:]


def _join(graph: Graph, job: Job, concat: Node, unread: list[str]) -> bool:
    """Give a concatenation one range; whether anything had another."""
    sources: dict[str, Node] = {}
    without: list[int] = []
    parts = parts_of(concat)
    first = concat.data_inputs.index(parts[0]) if parts else 0
    for number, text in enumerate(parts):
        found = sources_of(graph, text)
        sources.update({node.name: node for node in found})
        if not found:
            without.append(first + number)
    behind = range_behind(graph, concat)
    if behind is not None:
        sources[behind.name] = behind
    if not sources:
        return False
    try:
        ranges = {name: range_of(graph, node) for name, node in sources.items()}
    except Unfit as problem:
        job.skip(concat.name, f"of what it joins, or of its result: {problem.message}")
        return False
    overall = Range(min(r.low for r in ranges.values()), max(r.high for r in ranges.values()))
    wider = [name for name, found in ranges.items() if found != overall]
    for name in wider:
        unread += set_range(graph, sources[name], overall)
    for position in without:
        text = concat.data_inputs[position]
        name = graph.free_name(f"{concat.name}/range_of_input_{position}")
        made = fake_quant_nodes(graph, name, text, overall, device=concat.device)
        for node in made:
            graph.add(node, before=concat)
        graph.replace_input(concat, position, made[-1].name)
    return bool(wider or without)


def sources_of(graph: Graph, text: str) -> list[Node]:
    """The FakeQuants that a tensor's values come from; none if some come from elsewhere."""

    def onward(ref: Ref) -> list[Ref]:
        node = graph.get(ref.node)
        if node is None or node.op not in CONCATS:
            return []
        return [source_of(graph, part, MOVES) for part in parts_of(node)]

    found: dict[str, Node] = {}
    for ref in reach([source_of(graph, text, MOVES)], onward):
        node = graph.get(ref.node)
        if node is None or ref.index or not node.data_inputs:
            return []
        if node.op in FAKE_QUANTS:
            found[node.name] = node
        elif node.op not in CONCATS:
            return []
    return list(found.values())


def range_behind(graph: Graph, concat: Node) -> Node | None:
    """The FakeQuant that gives a concatenation's result its range, None if there is none."""

    def onward(node: Node) -> list[Node]:
        reader = sole_reader(graph, node.name) if node is concat or node.op in MOVES else None
        return [] if reader is None or reader.output or reader.position else [reader.node]

    return next((node for node in reach([concat], onward) if node.op in FAKE_QUANTS), None)


TRANSFORM = Transform(
    "change_concat_input_ranges",
    run,
    """Give all that a concatenation joins, and its result, one range.

    A quantized concatenation then copies bytes instead of computing. The ranges of the FakeQuant
    nodes that the inputs come from, and of the one behind, become the range that holds all of them;
    an input that comes from none gets one. They may come through Reshape, Squeeze, ExpandDims,
    Transpose, Identity, or another concatenation. Values are rounded more coarsely where a range
    grows. A concatenation without any FakeQuant stays as it is, as does one with a range that is
    not constant: run fold_constants first.

    It is what toco did for --change_concat_input_ranges.
    """,
    "change_concat_input_ranges",
    keeps_meaning=False,
)
