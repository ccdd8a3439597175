"""A graph as the converter gets it: cut to what is converted, and with nothing it fails on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.compat.prediction import Verdict, predict_conversion
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.errors import InvalidGraph, InvalidValue, unknown_name
from graphtools.graph.dtypes import FLOAT32, DType
from graphtools.graph.functions import CALLS, called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import FED
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.ops.control_flow import EXITS
from graphtools.ops.defects.defect import describe_defects
from graphtools.ops.defects.find import find_defects, refuse_broken
from graphtools.ops.inference import Inference, node_output_dtypes
from graphtools.rewrite.transform import check_ends
from graphtools.transforms.input_shapes import give_shapes, own_functions, state_elements
from graphtools.transforms.pipeline import transform
from graphtools.transforms.strip_unused_nodes import cut_outputs
from graphtools.wording import counted, listed

#: Types of inputs for which the converter ends with a ValueError.
_NO_INPUTS = frozenset({"bfloat16", "qint8", "quint8", "qint16", "quint16", "qint32"})
_MOST_NAMES = 3


class ConverterInput(NamedTuple):
    """A graph as the converter gets it.

    Attributes:
        graph: The graph, with nothing that the outputs do not need.
        inputs: Names of the input tensors, as `input:0`, in the order of the model.
        outputs: Names of the output tensors, likewise.
        dtypes: Element types of the inputs.
        shapes: Shapes of the inputs; some dimensions may be open.
        inference: Shapes of the graph's tensors, for inputs of these shapes.
        notes: What was changed.
    """

    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    dtypes: tuple[DType, ...]
    shapes: tuple[Shape, ...]
    inference: Inference
    notes: tuple[str, ...]


def converter_input(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
) -> ConverterInput:
    """Make a graph what the converter can take.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        input_shapes: Shapes of inputs by tensor name, in place of those of the graph.

    Raises:
        UnknownName: An input or output is not there.
        InvalidGraph: The converter cannot take the graph.
        InvalidValue: The shape of an input is not known, or it has no elements.
        ConversionBlocked: The converter would crash.
    """
    refuse_broken(graph)
    check_ends(graph, inputs, outputs)
    graph, cut_inputs, remarks = cut_outputs(graph, inputs)
    names = dict(zip(inputs, cut_inputs, strict=True))
    inputs = cut_inputs
    fed, wanted = _tensors(graph, inputs), _tensors(graph, outputs)
    if not wanted:
        raise InvalidValue("there are no outputs to convert", "name some: --outputs NAME,NAME")
    graph, notes = _without_defaults(graph, fed)
    notes = [*remarks, *notes]
    # functions hold shapes of what were variables, for which the converter refuses them
    calls = any(n.op in CALLS for n in graph)
    steps = ["inline_partitionedcall"] * calls + ["strip_unused_nodes"]
    ends = [str(Ref.parse(t)) for t in fed], [str(Ref.parse(t)) for t in wanted]
    cut = transform(graph, steps, *ends)
    own = cut.graph
    notes += cut.report.steps[-1].notes
    own.keep_functions(called_functions(own))
    _refuse_variables(own)
    _refuse_unfed(own, fed)
    notes += _newest_batch_norms(own)
    notes += _end_loops(own, wanted)
    given = input_shapes or {}
    shapes = {Ref.from_user(names.get(n, n)).tensor: s for n, s in given.items()}
    notes += give_shapes(own, shapes)
    own_functions(own)
    inference = state_elements(own, shapes)
    kinds, found = zip(*_ports(inference, fed), strict=True) if fed else ((), ())
    defects = find_defects(own, lambda: inference)
    message = describe_defects(defects)
    if message:
        raise InvalidGraph(message)
    verdict = predict_conversion(own, fed, wanted, inference=inference, defects=defects)
    _refuse_crashes(verdict)
    return ConverterInput(own, tuple(fed), tuple(wanted), kinds, found, inference, tuple(notes))


def _without_defaults(graph: Graph, inputs: Sequence[str]) -> tuple[Graph, list[str]]:
    """A graph whose inputs are placeholders that have to be fed, as those of a model are."""
    found = [n for n in map(producer, inputs) if graph[n].op == "PlaceholderWithDefault"]
    if found:
        graph = graph.copy()
    for name in found:
        attrs = {key: value for key in ("dtype", "shape") if (value := graph[name].attr(key))}
        graph.replace(graph[name], [Node(name, "Placeholder", attrs=attrs)])
    return graph, [f"the input {name!r} loses its default: TFLite has none" for name in found]


def _tensors(graph: Graph, names: Sequence[str]) -> list[str]:
    """Names of tensors, each once, in their order.

    Raises:
        UnknownName: A node does not have such an output.
    """
    found: dict[str, None] = {}
    for name in names:
        ref = Ref.from_user(name)
        count = len(node_output_dtypes(graph, graph.find(ref.node)))
        if count and ref.index >= count:
            known = (Ref(ref.node, i).tensor for i in range(count))
            raise unknown_name("tensor", ref.tensor, known, f"the outputs of {ref.node!r}")
        found[ref.tensor] = None
    return list(found)


def _refuse_variables(graph: Graph) -> None:
    left = [n.name for n in graph if n.op in VARIABLE_OPS]
    if left:
        what = "a variable" if len(left) == 1 else "variables"
        raise InvalidGraph(
            f"the graph is not frozen: {listed(left, _MOST_NAMES)} ({what} without values)",
            "give the checkpoint: --checkpoint model.ckpt, or freeze it first: graphtools freeze",
        )


def _refuse_unfed(graph: Graph, inputs: Sequence[str]) -> None:
    fed = {producer(t) for t in inputs}
    left = [n.name for n in graph if n.op in FED and n.name not in fed]
    if left:
        what = "a placeholder that is no input" if len(left) == 1 else "placeholders, no inputs"
        raise InvalidGraph(
            f"the outputs need {listed(left, _MOST_NAMES)}: {what}",
            "name it as well: --inputs, or give it a value: graphtools transform FILE "
            "-o OUT --transforms 'placeholder_to_const(name=NAME, value=VALUE)'",
        )


def _newest_batch_norms(graph: Graph) -> Iterator[str]:
    """Make FusedBatchNormV2 the V3 that the converter knows.

    They compute the same; V3 has one output more, which none reads.
    """
    old = [n for n in graph if n.op == "FusedBatchNormV2" and n.attr("T") is FLOAT32]
    for node in old:
        graph.set_op(node, "FusedBatchNormV3")
    if old:
        nodes = counted(len(old), "node")
        yield f"{nodes} FusedBatchNormV2 became V3, which TFLite takes and computes the same"


def _refuse_crashes(verdict: Verdict) -> None:
    crashes = tuple(b for b in verdict.blockers if b.kind == "crash")
    if crashes:
        first = crashes[0]
        raise ConversionBlocked(
            f"TensorFlow's converter would crash at node {first.node!r} ({first.op}): "
            f"{first.reason}",
            first.remedy,
            crashes,
        )


def _end_loops(graph: Graph, outputs: Sequence[str]) -> Iterator[str]:
    """Put an Identity behind the end of a v1 loop that is an output.

    The converter turns loops into While ops, and does not find their ends any more.
    """
    for tensor in outputs:
        node = graph[producer(tensor)]
        if node.op not in EXITS:
            continue
        name = node.name
        graph.rename(name, graph.free_name(f"{name}/loop"))
        kind = node.attr("T")
        graph.add(Node(name, "Identity", (node.name,), {"T": kind}))
        yield f"an Identity was put behind {name!r}, the end of a loop, which is an output"


def _ports(inference: Inference, tensors: Sequence[str]) -> Iterator[tuple[DType, Shape]]:
    for tensor in tensors:
        ref = Ref.parse(tensor)
        kind, shape = inference.dtype(ref.node, ref.index), inference.shape(ref.node, ref.index)
        name = str(ref)
        if kind is None or kind.is_handle or kind.base.name in _NO_INPUTS:
            raise InvalidGraph(
                f"the input {name!r} has the type {kind.base.name if kind else 'unknown'}, which "
                "TensorFlow's converter does not take",
                "cut the graph behind the node that turns it into float32: --inputs",
            )
        if shape.dims is None:
            raise InvalidValue(
                f"the shape of the input {name!r} is not known",
                f"give it, as --input-shape {name}=1,224,224,3, or {name}=[] for a single number",
            )
        if 0 in shape.dims:
            raise InvalidValue(
                f"the input {name!r} has the shape {shape}, in which there is no element: the "
                "model would be empty",
                f"give another: --input-shape {name}=1,224,224,3",
            )
        yield kind.base, shape
