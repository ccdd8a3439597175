"""The steps of quantize_nodes that take conversions away, or put better ones in their place.

1. FakeQuant(x) with a constant range becomes Dequantize(Requantize(QuantizeV2(x))) with this range.
2. A Requantize with a range that is computed in each run, of which the result is converted to
   floats and by 1. back again, gets the range of 1. at once.
3. QuantizeV2(Dequantize(q)) is q.

Source: the passes of TensorFlow's quantize_nodes.cc.
"""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FAKE_QUANT, range_of
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.transform import Job
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._eight_bit import MIN_FIRST, QINT32, QUINT8, is_min_first


def three(name: str) -> tuple[str, str, str]:
    """The outputs of a node that gives codes and their range."""
    return name, f"{name}:1", f"{name}:2"


def dequantize(name: str, source: str) -> Node:
    """A node that makes floats of the codes of another."""
    return Node(name, "Dequantize", three(source), {"T": QUINT8, "mode": MIN_FIRST})


def convert_fake_quants(graph: Graph, job: Job) -> None:
    """Let the ranges of FakeQuants be those of Requantizes (1. above)."""
    for node in list(graph.nodes):
        if node.op != FAKE_QUANT:
            continue
        try:
            _check_fake_quant(graph, job, node)
        except Unfit as problem:
            job.skip(node.name, problem.message)
            continue
        prefix = f"{node.name}_eightbit/"
        source, low, high = node.data_inputs
        codes = Node(
            graph.free_name(f"{prefix}quantize"),
            "QuantizeV2",
            (source, low, high, *(f"^{c}" for c in node.control_inputs)),
            {"T": QINT32, "mode": MIN_FIRST},
        )
        requantize = Node(
            graph.free_name(f"{prefix}requantize"),
            "Requantize",
            (*three(codes.name), low, high),
            {"Tinput": QINT32, "out_type": QUINT8},
        )
        graph.replace(node, [codes, requantize, dequantize(node.name, requantize.name)])


def _check_fake_quant(graph: Graph, job: Job, node: Node) -> None:
    if any(ref.node == node.name for ref in job.inputs):
        raise Unfit("it is an input")
    if attribute_value(node, "num_bits") != 8:
        raise Unfit("it is not of eight bits")
    if attribute_value(node, "narrow_range") is not False:
        raise Unfit("it leaves the lowest code out (narrow_range), which Requantize does not")
    found = range_of(graph, node)
    if not found.has_zero:
        raise Unfit(f"its range does not include zero: {found.low:g} to {found.high:g}")


def merge_requantizes(graph: Graph, job: Job) -> None:
    """Let the result of an op be requantized once, to the range that is known (2. above)."""
    for late in list(graph.nodes):
        if late.op != "Requantize" or len(late.data_inputs) != 5:
            continue
        back = _only_source(graph, late)
        if back is None or back.op != "QuantizeV2" or not is_min_first(back, QINT32):
            continue
        between = _whole(graph, job, back.data_inputs[0], back.name)
        if between is None or between.op != "Dequantize" or not is_min_first(between, QUINT8):
            continue
        if late.data_inputs[3:] != back.data_inputs[1:] or between.data_inputs == ():
            continue
        early = _only_source(graph, between)
        if early is None or early.op != "Requantize" or len(early.data_inputs) != 5:
            continue
        ranges = {Ref.parse(text).node for text in early.data_inputs[3:]}
        measured = graph.get(next(iter(ranges))) if len(ranges) == 1 else None
        if measured is None or measured.op != "RequantizationRange":
            continue
        path = [(measured, early), (early, between), (between, back), (back, late)]
        if any(job.is_kept(a.name) or graph.consumers(a.name) != [b] for a, b in path):
            continue
        gone = [back, between, early, measured]
        names = {node.name for node in gone}
        controls = dict.fromkeys(c for n in (*gone, late) for c in n.control_inputs)
        before = (f"^{c}" for c in controls if c not in names)
        graph.set_inputs(late, (*early.data_inputs[:3], *late.data_inputs[3:], *before))
        graph.remove_all(names)


def _only_source(graph: Graph, node: Node) -> Node | None:
    """The node of which the first three inputs of one are the three outputs."""
    refs = [Ref.parse(text) for text in node.data_inputs[:3]]
    if [ref.index for ref in refs] != [0, 1, 2] or len({ref.node for ref in refs}) != 1:
        return None
    return graph.get(refs[0].node)


def _whole(graph: Graph, job: Job, text: str, reader: str) -> Node | None:
    """The node of an input, if only one node reads it and it need not stay."""
    ref = Ref.parse(text)
    node = graph.get(ref.node)
    if node is None or ref.index or job.is_kept(node.name):
        return None
    return node if [r.name for r in graph.consumers(node.name)] == [reader] else None


def skip_floats(graph: Graph) -> None:
    """Let who reads codes that were floats for a moment read the codes before (3. above).

    The range is measured by Min and Max of the floats, and that of the codes includes it. What
    nobody reads then stays, as it may be an output.
    """
    for node in list(graph.nodes):
        if node.op != "QuantizeV2" or not is_min_first(node, QUINT8):
            continue
        source = graph.get(Ref.parse(node.data_inputs[0]).node) if node.data_inputs else None
        if source is None or source.op != "Dequantize" or not is_min_first(source, QUINT8):
            continue
        if len(source.data_inputs) != 3 or not _is_measured(graph, node, source):
            continue
        for index, text in enumerate(source.data_inputs):
            graph.redirect(Ref(node.name, index), Ref.parse(text))


def _is_measured(graph: Graph, node: Node, source: Node) -> bool:
    """Whether the range of a QuantizeV2 is that of all values it gets."""
    ends = [graph.get(Ref.parse(text).node) for text in node.data_inputs[1:]]
    if [end and end.op for end in ends] != ["Min", "Max"]:
        return False
    for end in ends:
        assert end is not None
        flat = graph.get(Ref.parse(end.data_inputs[0]).node) if end.data_inputs else None
        if flat is None or flat.op != "Reshape" or not flat.data_inputs:
            return False
        if Ref.parse(flat.data_inputs[0]) != Ref(source.name):
            return False
    return True
