"""quantize_nodes.

Around an op f that has an eight-bit version Q, y = f(x) becomes

    y = Dequantize(Requantize(Q(QuantizeV2(x, min, max)), range)),

where min and max are measured by Min and Max of x in each run. Requantize brings 32-bit results to
eight bits; its range is measured by RequantizationRange, or given. Then what is converted to floats
only to be converted back is taken away, see `_requantize`. Source: the manual of TensorFlow's Graph
Transform Tool and quantize_nodes.cc.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.colocations import update_colocations
from graphtools.graph.dtypes import FLOAT32, INT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.control_flow import find_places
from graphtools.idioms.fake_quant import Range
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms import merge_duplicate_nodes
from graphtools.transforms._eight_bit import (
    EIGHT_BIT,
    MIN_FIRST,
    QINT32,
    QUINT8,
    EightBit,
    is_float,
    refusal,
)
from graphtools.transforms._ranges import given_range, range_constants
from graphtools.transforms._requantize import (
    convert_fake_quants,
    dequantize,
    merge_requantizes,
    skip_floats,
    three,
)
from graphtools.transforms.hoist_fake_quants import hoist
from graphtools.transforms.quantize_placeholders import quantize_inputs


def run(graph: Graph, job: Job) -> None:
    """Compute with eight bits where an op can."""
    check_names(graph)
    inputs, fallback = given_range(job, "input"), given_range(job, "fallback")
    if fallback is not None and not fallback.low <= 0 <= fallback.high:
        raise InvalidValue("the range from fallback_min to fallback_max must include zero")
    before = [node.name for node in graph]
    ignored = set(job.texts("ignore_op"))
    unknown = sorted(ignored - EIGHT_BIT.keys())
    if unknown:
        job.note(f"ignore_op={unknown[0]} has no effect: {', '.join(EIGHT_BIT)} are quantized")
    if inputs is not None:
        quantize_inputs(graph, job, inputs)
    hoist(graph, job)
    convert_fake_quants(graph, job)
    _quantize_ops(graph, job, ignored, fallback)
    merge_requantizes(graph, job)
    # what quantizes the same tensor for several ops
    merge_duplicate_nodes.run(graph, Job(list(map(str, job.inputs)), list(map(str, job.outputs))))
    skip_floats(graph)
    update_colocations(graph, {name: None for name in before if name not in graph})


def _quantize_ops(graph: Graph, job: Job, ignored: set[str], fallback: Range | None) -> None:
    """Put eight-bit versions in the place of ops."""
    fed = {ref.node for ref in job.inputs}
    found = []
    for node in graph:
        version = EIGHT_BIT.get(node.op)
        if version is not None and node.op not in ignored and is_float(node, version):
            found.append((node, version))
    inference = infer_shapes(graph)
    places = find_places(graph)
    chosen = []
    for node, version in found:
        reason = refusal(graph, inference, node, version)
        if not reason and node.name in fed:
            reason = "it is an input"
        if reason:
            job.skip(node.name, reason)
        else:
            chosen.append((node, version))
    for node, version in chosen:
        new = _Op(graph, node, version).nodes(fallback, bound=node.name in places)
        graph.replace(node, new)


class _Op:
    """Makes the nodes that take the place of one."""

    def __init__(self, graph: Graph, node: Node, version: EightBit) -> None:
        self._graph = graph
        self._node = node
        self._version = version
        self._new: list[Node] = []

    def nodes(self, fallback: Range | None, bound: bool) -> list[Node]:
        """All new nodes.

        Args:
            fallback: The range of the results; None if it is to be measured.
            bound: Whether a constant needs an input to be in the same loop or branch.
        """
        name, version = self._node.name, self._version
        inputs = self._node.data_inputs
        codes: dict[str, str] = {}
        for position, text in enumerate(inputs):
            if position not in version.plain and text not in codes:
                codes[text] = self._quantize(text)
        quantized = [codes[t] for i, t in enumerate(inputs) if i not in version.plain]
        values = [t if i in version.plain else codes[t] for i, t in enumerate(inputs)]
        ends = [(f"{q}:1", f"{q}:2") for q in quantized]
        if version.grouped:
            ranges = [low for low, _ in ends] + [high for _, high in ends]
        else:
            ranges = [text for pair in ends for text in pair]
        controls = [f"^{c}" for c in self._node.control_inputs]
        attrs = version.attributes(self._node)
        core = self._add(f"{name}/eightbit", version.op, (*values, *ranges, *controls), attrs)
        last = self._requantize(core, fallback, bound) if version.result else core
        self._new.append(dequantize(name, last))
        return self._new

    def _add(self, name: str, op: str, inputs: tuple[str, ...], attrs: Mapping[str, Attr]) -> str:
        node = Node(self._graph.free_name(name), op, inputs, attrs)
        self._new.append(node)
        return node.name

    def _quantize(self, text: str) -> str:
        """The nodes that make codes of an input; the name of the last."""
        prefix = f"{self._node.name}_eightbit/{text.replace(':', '__port__')}"
        # the control input puts the constants into the loop or branch of the input
        before = (f"^{Ref.parse(text).node}",)
        shape = self._add(f"{prefix}/reshape_dims", "Const", before, _integer(-1))
        axis = self._add(f"{prefix}/reduction_dims", "Const", before, _integer(0))
        flat = self._add(f"{prefix}/reshape", "Reshape", (text, shape), {"T": FLOAT32})
        attrs: dict[str, Attr] = {"T": FLOAT32, "keep_dims": False}
        low = self._add(f"{prefix}/min", "Min", (flat, axis), attrs)
        high = self._add(f"{prefix}/max", "Max", (flat, axis), attrs)
        attrs = {"T": QUINT8, "mode": MIN_FIRST}
        return self._add(f"{prefix}/quantize", "QuantizeV2", (text, low, high), attrs)

    def _requantize(self, core: str, fallback: Range | None, bound: bool) -> str:
        """The nodes that make eight-bit results of 32-bit ones; the name of the last."""
        if fallback is not None:
            controls = (f"^{core}",) if bound else ()
            ends = range_constants(self._graph, f"{core}/fallback_", fallback, controls)
            self._new.extend(ends)
            requested = tuple(node.name for node in ends)
        else:
            name = f"{core}/requant_range"
            measured = self._add(name, "RequantizationRange", three(core), {"Tinput": QINT32})
            requested = (measured, f"{measured}:1")
        attrs: dict[str, Attr] = {"Tinput": QINT32, "out_type": QUINT8}
        return self._add(f"{core}/requantize", "Requantize", (*three(core), *requested), attrs)


@functools.cache
def _integer(value: int) -> Mapping[str, Attr]:
    """The attributes of a constant, a vector of one integer."""
    import numpy as np

    return {"dtype": INT32, "value": Tensor.from_array(np.asarray([value], np.int32))}


TRANSFORM = Transform(
    "quantize_nodes",
    run,
    """Let ops compute with eight-bit codes of their values.

    Add, AvgPool, BiasAdd, Concat, Conv2D, MatMul, MaxPool, Mul, Relu, Relu6, Reshape and
    ResizeBilinear of float32 become their Quantized versions. What is not among them still gets
    floats. Ranges are measured in each run; with fallback_min and fallback_max, those of the
    results of Add, BiasAdd, Conv2D, MatMul and Mul are what is given, and with FakeQuant nodes of
    constant range behind them, what was trained. With input_min and input_max, placeholders of
    floats become ones of eight bits, as by quantize_placeholders.

    Before: fold_constants, fold_batch_norms, fold_old_batch_norms, quantize_weights, and
    remove_nodes(op=Identity). After: strip_unused_nodes, as nodes that nobody needs any more
    stay. TensorFlow's eight-bit ops run on a CPU, most of them slower than in floats, and each
    layer adds an error of some steps; what is needed exactly, as coordinates of boxes, suffers
    most: compare the results, and cut the graph before, or leave ops out by ignore_op.

    Left as they are, with the reason, are nodes whose version would not compute the same: NCHW,
    dilations, strides that differ, explicit padding, pooling of channels, negative axes, Add and
    Mul of shapes that are not known or not simply repeated, ranges without zero, FakeQuants of
    other widths. In all these the original made graphs that fail or give wrong results; and for
    Conv2DBackpropInput an op that does not exist. It also lost half_pixel_centers and control
    inputs, and put constants into loops that did not run there.
    """,
    "quantize_nodes(fallback_min=-6, fallback_max=6)",
    (
        Parameter("input_min", "number", "what the code 0 of inputs stands for"),
        Parameter("input_max", "number", "what the code 255 of inputs stands for"),
        Parameter("fallback_min", "number", "least result of ops with 32-bit results"),
        Parameter("fallback_max", "number", "largest of them"),
        Parameter("ignore_op", "text", "an op that is left as it is", repeated=True),
    ),
    keeps_meaning=False,
)
