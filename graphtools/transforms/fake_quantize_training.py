"""fake_quantize_training.

Before each tensor x that a MatMul or convolution reads, FakeQuantWithMinMaxVars(x, min, max) is
put. The range is

1. that of the values and zero, where x is constant;
2. [0, 6] behind Relu6, [0, 1] behind Sigmoid, [-1, 1] behind Tanh, also with pooling, Reshape,
   Identity or ConcatV2 of such between;
3. else a moving average of the least and the largest value of x in each run,

       m <- m - (1 - decay) (m - value),    decay = 0.999,

   in a variable of its own, which has the first value where it was not initialised.

Source: TensorFlow's quantize_training.cc, which knows 2. and 3.
"""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, INT32, DType
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.idioms.control_flow import find_places
from graphtools.idioms.fake_quant import FAKE_QUANT, FAKE_QUANTS, Range
from graphtools.ops.definitions import attribute_value
from graphtools.ops.handing_on import RESHAPED, SAME_TENSOR
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._ranges import range_constants

_OPS = frozenset({"MatMul", "Conv2D", "DepthwiseConv2dNative"})
_ENDS = {"Relu6": Range(0, 6), "Sigmoid": Range(0, 1), "Tanh": Range(-1, 1)}
#: Ops whose results are in the range of their first input.
_WITHIN = SAME_TENSOR | RESHAPED | {"MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"}
_DECAY = 0.999
_BACKWARD = "gradients"


def run(graph: Graph, job: Job) -> None:
    """Put FakeQuants before what convolutions and products read."""
    check_names(graph)
    bits = job.integer("num_bits")
    if not 2 <= bits <= 16:
        raise InvalidValue(f"num_bits={bits} must be between 2 and 16")
    places = find_places(graph)
    made: dict[Ref, str] = {}
    variables = 0
    for node in list(graph.nodes):
        if node.op not in _OPS or attribute_value(node, "T") is not FLOAT32:
            continue
        if node.name.startswith(_BACKWARD):
            continue
        if node.name in places:
            job.skip(node.name, "it is in a loop or conditional, where a variable cannot follow")
            continue
        for position, text in enumerate(node.data_inputs[:2]):
            ref = Ref.parse(text)
            source = graph.get(ref.node)
            if source is None or source.op in FAKE_QUANTS:
                continue
            if ref not in made:
                try:
                    found = _known_range(graph, text)
                except Unfit as problem:
                    job.skip(node.name, problem.message)
                    continue
                made[ref] = _Inserted(graph, source, ref, bits).fake_quant(found)
                variables += 2 * (found is None)
            graph.replace_input(node, position, made[ref])
    if variables:
        job.note(f"{variables} new variables hold ranges: make a new Saver, so that it saves them")


def _known_range(graph: Graph, text: str) -> Range | None:
    """The range that a tensor's values have for certain; None if there is none.

    Raises:
        Unfit: It is a constant with values that are not finite or damaged.
    """
    constant = find_constant(graph, text)
    if constant is not None:
        return _range_of(constant.floats(), constant.node.name)

    def onward(name: str) -> list[str]:
        node = graph.get(name)
        if node is None or node.op not in _WITHIN | {"ConcatV2"}:
            return []
        sources = node.data_inputs[:1] if node.op in _WITHIN else node.data_inputs[:-1]
        return [producer(source) for source in sources]

    reached = (graph.get(name) for name in reach([producer(text)], onward) if not onward(name))
    found = {_ENDS.get(node.op) if node is not None else None for node in reached}
    return found.pop() if len(found) == 1 else None


def _range_of(values: object, name: str) -> Range:
    import numpy as np

    array = np.asarray(values)
    if not array.size or not np.isfinite(array).all():
        raise Unfit(f"{name!r} has no values, or some that are not finite")
    low, high = min(float(array.min()), 0.0), max(float(array.max()), 0.0)
    return Range(low, high if high > low else 1.0)


class _Inserted:
    """Makes the nodes behind one tensor."""

    def __init__(self, graph: Graph, source: Node, ref: Ref, bits: int) -> None:
        self._graph = graph
        self._text = str(ref)
        self._bits = bits
        self._prefix = source.name if not ref.index else f"{source.name}/output_{ref.index}"

    def fake_quant(self, found: Range | None) -> str:
        """The FakeQuant; its range is measured if none is given."""
        if found is not None:
            ends = [self._graph.add(n).name for n in self._constants(found)]
        else:
            decay = self._constant("Decay", _DECAY)
            axes = self._axes()
            ends = [self._average(end, axes, decay) for end in ("Min", "Max")]
        attrs: dict[str, Attr] = {"num_bits": self._bits, "narrow_range": False}
        return self._add(FAKE_QUANT, FAKE_QUANT, (self._text, *ends), attrs)

    def _constants(self, found: Range) -> tuple[Node, Node]:
        return range_constants(self._graph, f"{self._prefix}/FakeQuant/", found)

    def _add(self, name: str, op: str, inputs: tuple[str, ...], attrs: dict[str, Attr]) -> str:
        free = self._graph.free_name(f"{self._prefix}/{name}")
        return self._graph.add(Node(free, op, inputs, attrs)).name

    def _constant(self, name: str, value: float, kind: DType = FLOAT32) -> str:
        import numpy as np

        tensor = Tensor.from_array(np.asarray(value, kind.numpy()))
        return self._add(name, "Const", (), {"dtype": kind, "value": tensor})

    def _axes(self) -> str:
        """All axes of the tensor."""
        scope = "ReductionAxes"
        start = self._constant(f"{scope}/RangeStart", 0, INT32)
        step = self._constant(f"{scope}/RangeDelta", 1, INT32)
        rank = self._add(f"{scope}/InputRank", "Rank", (self._text,), {"T": FLOAT32})
        return self._add(f"{scope}/{scope}", "Range", (start, rank, step), {"Tidx": INT32})

    def _average(self, end: str, axes: str, decay: str) -> str:
        """The moving average of a Min or Max, brought up to date by each run."""
        float_: dict[str, Attr] = {"T": FLOAT32}
        attrs: dict[str, Attr] = {"T": FLOAT32, "Tidx": INT32, "keep_dims": False}
        value = self._add(end, end, (self._text, axes), attrs)
        attrs = {"shape": Shape(()), "dtype": FLOAT32, "container": b"", "shared_name": b""}
        variable = self._add(f"{end}/Variable", "VariableV2", (), attrs)
        attrs = {"dtype": FLOAT32}
        is_there = self._add(f"{end}/IsInitialized", "IsVariableInitialized", (variable,), attrs)
        switch = self._add(f"{end}/Switch", "Switch", (value, is_there), float_)
        one = self._constant(f"{end}/EMA/OneConst", 1)
        share = self._add(f"{end}/EMA/DecayComplement", "Sub", (one, decay), float_)
        apart = self._add(f"{end}/EMA/ValueDiff", "Sub", (variable, f"{switch}:1"), float_)
        update = self._add(f"{end}/EMA/UpdateValue", "Mul", (apart, share), float_)
        average = self._add(f"{end}/EMA/EMAValue", "Sub", (variable, update), float_)
        merged = self._add(f"{end}/Merge", "Merge", (switch, average), {"T": FLOAT32, "N": 2})
        attrs = {"T": FLOAT32, "validate_shape": True, "use_locking": True}
        return self._add(f"{end}/AssignValue", "Assign", (variable, merged), attrs)


TRANSFORM = Transform(
    "fake_quantize_training",
    run,
    """Put FakeQuant nodes before what convolutions and MatMul read, to train for eight bits.

    Conv2D, DepthwiseConv2dNative and MatMul of floats then compute with values as they are after
    quantization, and training makes up for the loss; without training, the graph tells how large
    it is. Ranges of constants and behind Relu6, Sigmoid and Tanh are constant; others are moving
    averages in variables, which need no initialiser. Each run moves them, also one that is no
    training: freeze the graph for that.

    Apply it before gradients are made; nodes named `gradients...` are left alone. Biases and sums
    are not quantized. What is in a loop or conditional, and what a FakeQuant is before already, is
    left as it is.

    The original, experimental, knew no depthwise convolution, averaged the ranges of constants,
    too, gave several outputs of a node the same range, and failed for more than two inputs it did
    not know. It added the variables to the graph's own SaveV2, which this does not: a note says so.
    """,
    "fake_quantize_training",
    (Parameter("num_bits", "integer", "bits to train for", "8"),),
    keeps_meaning=False,
)
