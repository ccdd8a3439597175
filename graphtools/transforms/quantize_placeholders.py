"""quantize_placeholders."""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import Range
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._ranges import given_range, range_constants

_CODES = dtype("quint8")


def run(graph: Graph, job: Job) -> None:
    """Let float inputs be fed as eight-bit codes of a range."""
    found = given_range(job, "input")
    if found is None:
        raise InvalidValue("quantize_placeholders needs input_min and input_max", "give both")
    quantize_inputs(graph, job, found)


def quantize_inputs(graph: Graph, job: Job, found: Range) -> None:
    """Make placeholders of floats placeholders of codes, with a Dequantize behind each."""
    check_names(graph)
    outputs = {ref.node for ref in job.outputs}
    for node in list(graph.nodes):
        if node.op != "Placeholder":
            continue
        kind = node.attr("dtype")
        if kind is not FLOAT32:
            job.skip(node.name, f"its dtype is {kind!r}, and only float32 is quantized")
        elif node.name in outputs:
            job.skip(node.name, "it is an output, too")
        else:
            _quantize(graph, node, found)


def _quantize(graph: Graph, node: Node, found: Range) -> None:
    prefix = f"{node.name}_eightbit/"
    low, high = range_constants(graph, prefix, found)
    dequantize = Node(
        graph.free_name(f"{prefix}dequantize"),
        "Dequantize",
        (node.name, low.name, high.name),
        {"T": _CODES, "mode": b"MIN_FIRST"},
    )
    graph.redirect(Ref(node.name), Ref(dequantize.name))
    graph.set_attr(node, "dtype", _CODES)
    for new in (low, high, dequantize):
        graph.add(new)


TRANSFORM = Transform(
    "quantize_placeholders",
    run,
    """Let float inputs be fed as eight-bit codes: 0 stands for input_min, 255 for input_max.

    Each Placeholder of float32 becomes one of quint8 of the same name, and what read it reads
    `NAME_eightbit/dequantize`, a Dequantize with that range. All placeholders get the same range.
    Feed `round((x - input_min) * 255 / (input_max - input_min))`.

    Placeholders of other types stay as they are; quantize_nodes, which does this with the same
    parameters, made in the original all of them quint8, also those that are indices. A range that
    does not include zero is moved a little by Dequantize, as zero is always one of its codes'
    multiples.
    """,
    "quantize_placeholders(input_min=-1, input_max=1)",
    (
        Parameter("input_min", "number", "what the code 0 stands for", required=True),
        Parameter("input_max", "number", "what the code 255 stands for", required=True),
    ),
    keeps_meaning=False,
)
