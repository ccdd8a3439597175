"""What is in a graph."""

from __future__ import annotations

import dataclasses
from collections import Counter

from graphtools.analysis.inputs_outputs import InputsOutputs, inputs_and_outputs
from graphtools.analysis.model_costs import Macs, total_macs
from graphtools.analysis.producers import describe_producer
from graphtools.analysis.side_effects import effects_of_file
from graphtools.analysis.sizes import (
    Size,
    by_dtype,
    constants,
    informative_scopes,
    total,
    variables,
)
from graphtools.analysis.traits import Traits, find_traits
from graphtools.formats.metagraph import MetaGraph, Signature
from graphtools.graph.graph import Graph
from graphtools.idioms.side_effects import Effect
from graphtools.ops.defects.defect import Defect
from graphtools.ops.defects.structure import find_structure_defects
from graphtools.ops.first_versions import needed_version
from graphtools.ops.inference import Inference, infer_shapes


@dataclasses.dataclass(frozen=True)
class GraphSummary:
    """What is in a graph.

    Attributes:
        nodes: Number of nodes.
        ops: Number of nodes by op, the most frequent first.
        functions: Number of functions in the library.
        function_nodes: Number of nodes in their bodies.
        function_ops: Number of nodes by op in their bodies.
        producer: GraphDef version of the TensorFlow that wrote it, 0 if not recorded.
        min_consumer: Least GraphDef version that may read it.
        written_by: What the producer version tells.
        needs: The least TensorFlow that has its ops and attributes, as `1.14`; empty if any has.
        needed_for: What older ones do not have, as `AddV2` or `Cast.Truncate`.
        io: Ranked inputs and outputs.
        work: Multiply-accumulates of one run, None where shapes are not known.
        constants: Size of the constants.
        variables: Size of the variables.
        by_dtype: Size of constants and variables by dtype.
        by_scope: Size by top scopes: of the variables, or of the constants of a frozen graph.
        devices: Number of nodes by device; "" for those without one.
        control_edges: Number of control dependencies.
        defects: What TensorFlow would refuse, invalid inputs among it.
        traits: Frozen or not, for training, quantization-aware.
        effects: What it does beside computing when it is loaded or run.
    """

    nodes: int
    ops: dict[str, int]
    functions: int
    function_nodes: int
    function_ops: dict[str, int]
    producer: int
    min_consumer: int
    written_by: str
    needs: str
    needed_for: tuple[str, ...]
    io: InputsOutputs
    work: Macs | None
    constants: Size
    variables: Size
    by_dtype: dict[str, Size]
    by_scope: dict[str, Size]
    devices: dict[str, int]
    control_edges: int
    defects: tuple[Defect, ...]
    traits: Traits
    effects: tuple[Effect, ...]


def summarize_graph(
    graph: Graph,
    signatures: tuple[Signature, ...] = (),
    loaded: MetaGraph | None = None,
    inference: Inference | None = None,
) -> GraphSummary:
    """Say what is in a graph. Contents of tensors are not read.

    Args:
        graph: The graph.
        signatures: The signatures that came with it.
        loaded: The meta graph of a SavedModel that it is of, else None.
        inference: The inferred shapes of the whole graph, where they are there already.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> graphtools.summarize_graph(graph).nodes
        53
    """
    fixed = constants(graph)
    inference = inference or infer_shapes(graph)
    io = inputs_and_outputs(graph, signatures, inference)
    held = variables(graph)
    bodies = [n for f in graph.functions.values() for n in f.nodes]
    needs, needed_for = needed_version((*graph, *bodies))
    return GraphSummary(
        nodes=len(graph),
        ops=dict(Counter(n.op for n in graph).most_common()),
        functions=len(graph.functions),
        function_nodes=len(bodies),
        function_ops=dict(Counter(n.op for n in bodies).most_common()),
        producer=graph.versions.producer,
        min_consumer=graph.versions.min_consumer,
        written_by=describe_producer(graph.versions.producer),
        needs=needs,
        needed_for=tuple(needed_for),
        io=io,
        work=total_macs(graph, io.likely_inputs, inference),
        constants=total(fixed),
        variables=total(held),
        by_dtype=by_dtype(fixed + held),
        by_scope=informative_scopes(held or fixed),
        devices=dict(Counter(n.device for n in graph).most_common()),
        control_edges=sum(1 for n in graph for i in n.inputs if i[:1] == "^"),
        defects=tuple(d for d in find_structure_defects(graph) if d.is_fatal),
        traits=find_traits(graph),
        effects=effects_of_file(graph, [c.name for c in io.likely_outputs], loaded),
    )
