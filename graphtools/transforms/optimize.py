"""Chooses the transforms that a graph wants before it is converted: `optimizing_pipeline`."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.ops.handing_on import CHECKED, SAME_TENSOR
from graphtools.rewrite.grammar import Step
from graphtools.transforms._inlining import called
from graphtools.transforms.strip_unused_nodes import stripping_step, types_by_number

#: Ops that hand their input on and do nothing else in inference, the most frequent first.
_PASSING = sorted(SAME_TENSOR | CHECKED, key=lambda op: (op != "Identity", op))


def optimizing_pipeline(graph: Graph) -> str:
    """The transforms that remove from a graph what inference does not need.

    What is not in the graph is not in the pipeline: without batch norms none are folded.

    Returns:
        A pipeline in the grammar of the Graph Transform Tool.
    """
    steps = ["strip_unused_nodes"]
    nodes = list(graph)
    if any(called(graph, node) for node in nodes):
        steps.append("inline_partitionedcall")
        nodes += (node for name in called_functions(graph) for node in graph.functions[name].nodes)
    ops = {node.op for node in nodes}
    passing = [op for op in _PASSING if op in ops]
    if passing:
        steps.append(f"remove_nodes({', '.join(f'op={op}' for op in passing)})")
    steps.append("fold_constants")
    if "Mul" in ops:
        steps.append("fold_batch_norms")
    if ops & BATCH_NORMS:
        steps.append("fold_old_batch_norms")
    steps += ["merge_duplicate_nodes", "sort_by_execution_order"]
    return " ".join(steps)


def legacy_pipeline(
    graph: Graph, inputs: Sequence[str], types: Sequence[str], constants: Sequence[str]
) -> str:
    """The pipeline for the arguments of `optimize_for_inference`.

    Args:
        graph: The graph.
        inputs: Names of the inputs.
        types: Their element types, by number or name; one for all or one for each.
        constants: Placeholders that become constants, as `phase_train=False`.
    """
    steps = optimizing_pipeline(graph)
    if types:
        stripping = stripping_step(graph, types_by_number(inputs, types))
        steps = steps.replace("strip_unused_nodes", stripping, 1)
    fixed = [str(Step("placeholder_to_const", {"value": [text]})) for text in constants]
    return " ".join([*fixed, steps])
