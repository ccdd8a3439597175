"""remove_dropout."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.colocations import update_colocations
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import sole_reader
from graphtools.graph.ref import producer
from graphtools.idioms import dropout
from graphtools.idioms.dropout import Dropout
from graphtools.ops.bodies import body_of, function_of
from graphtools.ops.control_flow import ENTERS
from graphtools.ops.handing_on import (
    CONVERTED,
    INTO_BRANCHES,
    INTO_FRAMES,
    SAME_TENSOR,
    way_to_source,
)
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.transform import Job, Transform

#: What stands between a mask or a number and where it comes from.
_ON_THE_WAY = SAME_TENSOR | INTO_FRAMES | INTO_BRANCHES | CONVERTED


def run(graph: Graph, job: Job) -> None:
    """Let what reads the result of dropout read what dropout is given."""
    take_out(graph, job)


def take_out(graph: Graph, job: Job, found: Sequence[Dropout] | None = None) -> list[str]:
    """Take dropouts out of a graph and its functions.

    Args:
        graph: The graph.
        job: What is asked.
        found: Those that stand in the graph itself, if they are known already.

    Returns:
        The nodes that had their results; in functions as `node@function`.
    """
    before = [node.name for node in graph]
    taken = _take_out_here(graph, job, found)
    update_colocations(graph, {name: None for name in before if name not in graph})
    for function in list(graph.functions.values()):
        if not any(node.op in dropout.UNIFORM for node in function.nodes):
            continue
        body = body_of(function, graph.functions, {}, graph.versions)
        if body is None:
            continue
        ends = [producer(text) for text in body.results]
        inner = Job((), [*ends, *body.arguments, *function.control_outputs.values()])
        names = _take_out_here(body.graph, inner)
        for node, reason in inner.skipped:
            job.skip(f"{node}@{function.name}", reason)
        if names:
            graph.set_function(function_of(function, body))
            taken += [f"{name}@{function.name}" for name in names]
    return taken


def _take_out_here(graph: Graph, job: Job, found: Sequence[Dropout] | None = None) -> list[str]:
    taken: list[str] = []
    while True:
        # one may have a part in another, which is looked for anew then
        known = dropout.find(graph) if found is None else found
        done = [d.end.name for d in known if _is_whole(graph, d) and _take(graph, d, job)]
        if not done:
            return taken
        taken += done
        found = None


def _is_whole(graph: Graph, found: Dropout) -> bool:
    nodes = (found.node, found.scale or found.node, *found.between)
    return all(graph.get(node.name) is node for node in nodes)


def _take(graph: Graph, found: Dropout, job: Job) -> bool:
    """Take one dropout out; what stands between the mask and the scale stays."""
    node, scale = found.node, found.scale
    source = node.data_inputs[found.kept]
    changed = {node: source}
    if scale is not None and (found.is_scaled_after or found.between):
        inner = (node, *found.between) if found.is_scaled_after else (scale, *found.between)
        for step in inner:
            reason = _why_not(graph, step, job)
            if reason:
                job.skip(found.end.name, reason)
                return False
        changed[scale] = scale.data_inputs[found.unscaled]
    elif scale is not None:
        changed[node] = scale.data_inputs[found.unscaled]
    for old, text in changed.items():
        controls = (f"^{name}" for name in old.control_inputs)
        attrs = {"T": old.attr("T")}
        graph.replace(old, [Node(old.name, "Identity", (text, *controls), attrs, old.device)])
    read = [text for old in (node, scale) if old is not None for text in old.data_inputs]
    # in a loop nothing can wait for what ran before it
    ways = (way_to_source(graph, text, _ON_THE_WAY) for text in read)
    enters = any(step.op in ENTERS for way in ways for _, step in way)
    remove_unread(graph, map(producer, read), job, heir="" if enters else node.name)
    return True


def _why_not(graph: Graph, node: Node, job: Job) -> str:
    if job.is_kept(node.name):
        return f"{node.name!r} is an input or output"
    if sole_reader(graph, node.name) is None:
        return f"{node.name!r}, which is scaled for the mask, is used elsewhere, too"
    return ""


TRANSFORM = Transform(
    "remove_dropout",
    run,
    """Take dropout out, as it is at inference.

    Takes what tf.nn.dropout and Keras write, in the forms of TensorFlow 0.6 to 2.21: a mask of
    random numbers, before or behind the factor that makes up for what is dropped, also in functions
    and with quantization between them. In their place Identities keep the names. As dropout keeps
    the mean of what it is given, nothing else has to be scaled; all other factors stay.

    The results change: before they were random. A dropout whose rate is fed is taken out, too.
    """,
    "remove_dropout",
    keeps_meaning=False,
)
