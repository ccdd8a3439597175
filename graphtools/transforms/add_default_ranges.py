"""add_default_ranges.

A quantized TFLite model needs a range for each tensor of floats:

1. a weight has that of its values and zero;
2. what an operator gives whose values are those of its first input, moved, chosen or averaged,
   has that of the input;
3. Sigmoid, Softmax, LogSoftmax and Tanh have ranges of their own, as TFLite defines them;
4. anything else that no FakeQuant reads or is, has [min, max].

What becomes one operator of TFLite has one range, that of its last node. Source: toco 1.15, its
--default_ranges_min and --default_ranges_max. A FakeQuant on an input would hide the mean and
standard deviation that the converter is told, so that inputs get none.
"""

from __future__ import annotations

import math

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.idioms.control_flow import find_places
from graphtools.idioms.fake_quant import (
    FAKE_QUANTS,
    FIXED_RANGES,
    LAYERS,
    WITHIN,
    Range,
    changes_nothing,
    range_of,
)
from graphtools.ops.constness import Constness
from graphtools.ops.control_flow import SWITCHES
from graphtools.ops.definitions import output_dtypes
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.constants import Constant, find_constant
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._fake_quants import fake_quant_nodes
from graphtools.transforms._fused import is_linear, next_fused

#: Such, to which the converter does not hand on the range.
_AVERAGES = frozenset({"Mean"})


def run(graph: Graph, job: Job) -> None:
    """Put FakeQuants behind what has no range."""
    check_names(graph)
    default = Range(job.number("min"), job.number("max"))
    if not default.is_sound:
        raise InvalidValue(f"min={default.low:g} and max={default.high:g} are no range")
    if not default.has_zero:
        raise InvalidValue(
            f"the range from {default.low:g} to {default.high:g} does not contain 0",
            "a quantized model has to represent 0",
        )
    constness = Constness(infer_shapes(graph))
    places = find_places(graph)
    for node in list(graph.nodes):
        if node.name in places or node.op in SWITCHES or constness.is_constant(node.name):
            continue
        try:
            found = _missing_range(graph, job, node, default)
            if found is not None:
                _insert(graph, job, node, found)
        except Unfit as problem:
            job.skip(node.name, problem.message)
    if job.flag("weights"):
        _add_to_weights(graph, job)


def _missing_range(graph: Graph, job: Job, node: Node, default: Range) -> Range | None:
    """The range that a node's first output lacks; None if it lacks none.

    Raises:
        Unfit: It cannot be told.
    """
    if not node.data_inputs or any(ref.node == node.name for ref in job.inputs):
        return None
    if node.op in FAKE_QUANTS or node.op in FIXED_RANGES or _keeps_range(graph, node):
        return None
    dtypes = output_dtypes(node)
    if not dtypes or dtypes[0] is not FLOAT32:
        return None
    readers = list(data_readers(graph, node.name, 0))
    if any(reader.node.op in FAKE_QUANTS for reader in readers):
        return None
    if not job.is_kept(node.name):
        if next_fused(graph, node, linear=is_linear(graph, node)) is not None:
            return None
        if not readers:
            return None
    if node.op in _AVERAGES:
        return _range_before(graph, node) or default
    return default


def _keeps_range(graph: Graph, node: Node) -> bool:
    """Whether what a node gives is in the range of its first input."""
    return node.op in WITHIN or changes_nothing(graph, node)


def _range_before(graph: Graph, node: Node) -> Range | None:
    """The range of a node's first input, None where no FakeQuant tells it."""

    def onward(source: Node, _: Ref) -> str | None:
        keeps = source is node or _keeps_range(graph, source)
        return source.data_inputs[0] if keeps and source.data_inputs else None

    for _, source in follow(graph, node.name, onward):
        readers = (r.node for r in data_readers(graph, source.name) if source is not node)
        for quant in (source, *readers):
            if quant.op in FAKE_QUANTS:
                return range_of(graph, quant)
    return None


def _insert(graph: Graph, job: Job, node: Node, found: Range) -> None:
    """Put a FakeQuant behind a node; it has the node's name where that is an output."""
    if not job.is_kept(node.name):
        name = graph.free_name(f"{node.name}/default_range")
        made = fake_quant_nodes(graph, name, node.name, found, device=node.device)
        graph.redirect(Ref(node.name), Ref(name))
        _add_behind(graph, made)
        return
    if any(ref.index for ref in job.outputs if ref.node == node.name):
        raise Unfit("an output of it that is not its first is an output of the graph")
    inner = node.variant(name=graph.free_name(f"{node.name}/before_default_range"))
    made = fake_quant_nodes(graph, node.name, inner.name, found, device=node.device)
    for reader in graph.consumers(node.name):  # further outputs are those of the node itself
        graph.set_inputs(reader, [_further(text, node.name, inner.name) for text in reader.inputs])
    graph.replace(node, [inner, *made])


def _further(text: str, old: str, new: str) -> str:
    ref = Ref.parse(text)
    return str(Ref(new, ref.index)) if ref.node == old and ref.index > 0 else text


def _add_behind(graph: Graph, made: list[Node]) -> None:
    place = next(iter(graph.consumers(made[-1].name)), None)
    for new in made:
        graph.add(new, before=place)


def _add_to_weights(graph: Graph, job: Job) -> None:
    """Put a FakeQuant behind each constant that a convolution or MatMul has as weights."""
    made: dict[str, str] = {}
    for node in list(graph.nodes):
        if node.op not in LAYERS or len(node.data_inputs) < 2:
            continue
        for position, text in enumerate(node.data_inputs[:2]):
            found = find_constant(graph, text)
            if found is None or found.tensor.dtype is not FLOAT32 or found.tensor.shape.rank == 1:
                continue
            if text not in made:
                try:
                    made[text] = _rounded(graph, found, text, node)
                except Unfit as problem:
                    job.skip(node.name, problem.message)
                    continue
            graph.replace_input(node, position, made[text])


def _rounded(graph: Graph, found: Constant, text: str, reader: Node) -> str:
    values = found.floats()
    low, high = min(float(values.min(initial=0)), 0.0), max(float(values.max(initial=0)), 0.0)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Unfit(f"{found.node.name!r} has values that are not finite")
    wanted = Range(low, high if high > low else 1.0)
    name = graph.free_name(f"{found.node.name}/range")
    device = found.node.device
    nodes = fake_quant_nodes(graph, name, text, wanted, controls=found.controls, device=device)
    for node in nodes:
        graph.add(node, before=reader)
    return name


TRANSFORM = Transform(
    "add_default_ranges",
    run,
    """Put FakeQuant nodes behind all that has no range, so that a converter can quantize it.

    The ranges are made up: the model that comes of it is for measuring time, or for a graph whose
    few missing ranges do not matter. What already has a FakeQuant keeps it. Weights of convolutions
    and MatMul get the range of their values; what only moves values or chooses among them has the
    range of its input; Sigmoid, Softmax and Tanh have ranges of their own. Of a convolution with
    bias and activation only the end gets one. Run fold_constants and fold_batch_norms before, so
    that batch norms are part of the weights by then. Inputs get none: their range comes from mean
    and standard deviation. Nodes in loops and conditionals are left as they are.

    An output keeps its name: the FakeQuant gets it, and the node before is
    `NAME/before_default_range`.

    It is what toco did for --default_ranges_min and --default_ranges_max.
    """,
    "add_default_ranges(min=0, max=6)",
    (
        Parameter("min", "number", "smallest value", required=True),
        Parameter("max", "number", "largest value", required=True),
        Parameter("weights", "flag", "give weights the range of their values", "true"),
    ),
    keeps_meaning=False,
)
