"""merge_duplicate_nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from graphtools.graph.colocations import update_colocations
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import LOOP_ENDS, runnable_order
from graphtools.graph.ref import producer
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform

#: Attributes up to this many bytes are compared as they are.
_SMALL = 256
#: What nodes must have in common to be worth a look at their attributes: op; dtype, shape and first
#: bytes of a constant; inputs, device.
_Outside = tuple[str, object, tuple[str, ...], str]


def run(graph: Graph, job: Job) -> None:
    """Let one of the nodes that compute the same stand for all."""
    check_names(graph)
    position = {node: number for number, node in enumerate(graph.nodes)}
    while merged := _duplicates(graph, job, position):
        for node in list(graph.nodes):
            if node.name not in merged:
                graph.set_inputs(node, _merged_inputs(node, merged))
        in_loops = any(graph[name].op in LOOP_ENDS for name in merged)
        graph.remove_all(merged)
        # colocations that were different may be the same now, and their nodes with them; and so may
        # what was visited before the end of a loop that it reads
        if not update_colocations(graph, merged) and not in_loops:
            break


def _duplicates(graph: Graph, job: Job, position: Mapping[Node, int]) -> dict[str, str]:
    """For each node that can go, the name of one that computes the same and stays.

    The nodes are visited in the order in which they run, so that what reads two nodes that are the
    same is recognised as the same at once.
    """
    stands_for: dict[str, str] = {}
    groups: dict[str, list[Node]] = {}
    alone: dict[_Outside, Node | None] = {}
    by_content: dict[tuple[_Outside, bytes], Node] = {}
    for node in runnable_order(graph)[0]:
        if job.is_kept(node.name):
            continue
        inputs = tuple([i.removesuffix(":0") for i in _merged_inputs(node, stands_for)])
        outside = (node.op, _kind_of_value(node), inputs, node.device)
        if outside not in alone:
            alone[outside] = node
            continue
        other = alone[outside]
        if other is not None:  # only now is it worth reading its attributes, which may be large
            by_content[outside, _content(other)] = other
            alone[outside] = None
        twin = by_content.setdefault((outside, _content(node)), node)
        if twin is node:
            continue
        reason = _refusal(graph, node)
        if reason:
            job.skip(node.name, f"it is like {twin.name!r}, but {reason}")
            continue
        stands_for[node.name] = twin.name
        groups.setdefault(twin.name, [twin]).append(node)
    found = {}
    for group in groups.values():
        stays = min(group, key=position.__getitem__)
        found.update({n.name: stays.name for n in group if n is not stays})
    return found


def _merged_inputs(node: Node, merged: Mapping[str, str]) -> tuple[str, ...]:
    """Inputs of a node, of which those that go are replaced."""
    for text in node.inputs:
        if text[:1] == "^" or producer(text) in merged:
            break
    else:
        return node.inputs
    found: dict[str, None] = {}
    data = []
    for text in node.inputs:
        name = producer(text)
        new = merged.get(name)
        text = text if new is None else text.replace(name, new, 1)
        if text[:1] == "^":
            found[text] = None
        else:
            data.append(text)
    return (*data, *found)


def _kind_of_value(node: Node) -> object:
    tensor = node.tensor
    return None if tensor is None else (tensor.dtype, tensor.shape.dims, tensor.sample())


def _content(node: Node) -> bytes:
    """A node's attributes in an order of their own; digests in the place of large ones."""
    entries = []
    for entry in node.encoded_attributes():
        pieces = [entry] if isinstance(entry, bytes) else entry
        size = sum(map(len, pieces))
        if size <= _SMALL:
            content = b"".join(pieces)
        else:
            digest = hashlib.blake2b(digest_size=16)
            for piece in pieces:
                digest.update(piece)
            content = digest.digest()
        entries.append(size.to_bytes(8, "little") + content)
    return b"".join(sorted(entries))


def _refusal(graph: Graph, node: Node) -> str:
    """Why nodes of an op cannot be merged; empty if they can."""
    if node.op.startswith("Placeholder"):
        return "each placeholder is fed by its own name"
    if node.op in graph.functions:
        return "it calls a function"
    definition = op_definition(node.op)
    if definition is None:
        return f"the op {node.op!r} is not known"
    if definition.is_stateful:
        return f"each {node.op} has a state or effect of its own"
    if any(a.is_ref for a in definition.inputs + definition.outputs):
        return f"{node.op} changes a variable, or may"
    return ""


TRANSFORM = Transform(
    "merge_duplicate_nodes",
    run,
    """Let one node stand for all that have the same op, inputs, attributes and device.

    The first in the file stays. Inputs and outputs are left alone, and so is what has a state or
    an effect: variables, random numbers, what assigns (of which the original merged some), calls
    of functions, placeholders (the original merged those that were not named as inputs) and ops
    that are not known (at which the original gave up). Colocations (`_class`) with a node that
    goes follow to the one that stays; the original left them, and TensorFlow refused the result.
    """,
    "merge_duplicate_nodes",
)
