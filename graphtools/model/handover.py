"""The graph that a converter gets of a model's: `hand_over`.

What is told of a conversion is told of this graph, and it is this graph that is converted.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.errors import unknown_name
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.functions import CALLS, called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.ops.control_flow import EXITS
from graphtools.ops.defects.defect import Defect
from graphtools.ops.defects.find import find_defects, refuse_broken
from graphtools.ops.inference import Inference, infer_shapes, node_output_dtypes
from graphtools.rewrite.transform import check_ends
from graphtools.transforms.input_shapes import give_shapes, own_functions, state_elements
from graphtools.transforms.pipeline import transform
from graphtools.transforms.strip_unused_nodes import cut_outputs
from graphtools.wording import counted


class Handover(NamedTuple):
    """A graph as a converter gets it.

    Attributes:
        graph: The graph, with nothing that the outputs do not need, and calls replaced by bodies.
        inputs: Names of the input tensors, as `input:0`.
        outputs: Names of the output tensors, likewise.
        inference: Shapes of the graph's tensors.
        notes: What was changed.
        defects: What was found in the graph, where it was looked for.
    """

    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    inference: Inference
    notes: tuple[str, ...]
    defects: tuple[Defect, ...] | None = None


def changes_in_handover(graph: Graph, inputs: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    """Whether a graph is handed over with more changed than what is not needed taken away."""
    if shapes or _calls(graph):
        return True
    fed = (graph.get(producer(name)) for name in inputs)
    return any(":" in name.removesuffix(":0") for name in inputs) or any(
        node is not None and node.op == "PlaceholderWithDefault" for node in fed
    )


def for_verdict(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
) -> Handover:
    """What a verdict is about: what `hand_over` makes, or the graph where that changes nothing.

    Raises:
        UnknownName, InvalidGraph: See `hand_over`.
    """
    if changes_in_handover(graph, inputs, input_shapes or {}):
        return hand_over(graph, inputs, outputs, input_shapes)
    inferred = functools.cache(lambda: infer_shapes(graph))
    defects = find_defects(graph, inferred)
    refuse_broken(graph, defects)
    check_ends(graph, inputs, outputs)
    fed, wanted = _tensors(graph, inputs), _tensors(graph, outputs)
    return Handover(graph, tuple(fed), tuple(wanted), inferred(), (), defects)


def _calls(graph: Graph) -> bool:
    """Whether a graph has nodes that are nothing but a function's body."""
    return any(n.op in CALLS or n.op in graph.functions for n in graph)


def hand_over(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
    *,
    ends_loops: bool = False,
) -> Handover:
    """Make of a graph what a converter gets.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        input_shapes: Shapes of inputs by tensor name, in place of those of the graph.
        ends_loops: Whether the end of a loop that is an output is mended, as for a conversion here;
            a verdict tells that the converter by itself loses it.

    Raises:
        UnknownName: An input or output is not there.
        InvalidGraph: It is not clear what nodes read, or a constant contradicts the shapes.
    """
    refuse_broken(graph)
    check_ends(graph, inputs, outputs)
    graph, cut_inputs, remarks = cut_outputs(graph, inputs)
    names = dict(zip(inputs, cut_inputs, strict=True))
    fed, wanted = _tensors(graph, cut_inputs), _tensors(graph, outputs)
    graph, notes = _without_defaults(graph, fed)
    notes = [*remarks, *notes]
    # functions hold shapes of what were variables, for which the converter refuses them
    steps = ["inline_partitionedcall"] * _calls(graph) + ["strip_unused_nodes"]
    ends = [str(Ref.parse(t)) for t in fed], [str(Ref.parse(t)) for t in wanted]
    cut = transform(graph, steps, *ends)
    own = cut.graph
    notes += cut.report.steps[-1].notes
    own.keep_functions(called_functions(own))
    notes += _newest_batch_norms(own)
    if ends_loops:
        notes += _end_loops(own, wanted)
    given = input_shapes or {}
    shapes = {Ref.from_user(names.get(n, n)).tensor: s for n, s in given.items()}
    notes += give_shapes(own, shapes)
    own_functions(own)
    return Handover(own, tuple(fed), tuple(wanted), state_elements(own, shapes), tuple(notes))


def _without_defaults(graph: Graph, inputs: Sequence[str]) -> tuple[Graph, list[str]]:
    """A graph whose inputs are placeholders that have to be fed, as those of a model are."""
    found = [n for n in map(producer, inputs) if graph[n].op == "PlaceholderWithDefault"]
    if found:
        graph = graph.copy()
    for name in found:
        attrs = {key: value for key in ("dtype", "shape") if (value := graph[name].attr(key))}
        graph.replace(graph[name], [Node(name, "Placeholder", attrs=attrs)])
    return graph, [
        f"the input {name!r} loses its default: converted models have none" for name in found
    ]


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


def _newest_batch_norms(graph: Graph) -> Iterator[str]:
    """Make FusedBatchNormV2 the V3 that the converter knows.

    They compute the same; V3 has one output more, which none reads.
    """
    old = [n for n in graph if n.op == "FusedBatchNormV2" and n.attr("T") is FLOAT32]
    for node in old:
        graph.set_op(node, "FusedBatchNormV3")
    if old:
        nodes = counted(len(old), "node")
        yield f"{nodes} FusedBatchNormV2 became V3, which converters take and computes the same"


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
