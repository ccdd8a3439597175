"""remove_nodes."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.graph.colocations import update_colocations
from graphtools.graph.dtypes import DType
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import MERGES, SWITCHES
from graphtools.ops.definitions import input_dtypes, output_dtypes
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform


class _Uses(NamedTuple):
    """How a node is read: whether something waits for it, and who reads a further output."""

    control: bool
    other: str


_NO_USES = _Uses(False, "")


def run(graph: Graph, job: Job) -> None:
    """Take nodes out, and let what reads them read their first input."""
    check_names(graph)
    most = job.integer("max_inputs")
    if most < 1:
        raise InvalidValue(f"max_inputs={most} must be at least 1", "a node has an input then")
    ops, patterns = set(job.texts("op")), job.texts("name")
    if not ops and not patterns:
        raise InvalidValue(
            "remove_nodes does not know which nodes are meant", "say it: op=Identity, or name=a/b/*"
        )
    names = {node.name for node in graph if node.op in ops}
    for pattern in patterns:
        found = fnmatch.filter((node.name for node in graph), pattern)
        if not found:
            job.note(f"no node is called {pattern}")
        names.update(found)
    take_out(graph, job, names, most)


def take_out(graph: Graph, job: Job, names: Set[str], most: int) -> None:
    """Let what reads nodes read their first input, and remove them.

    Args:
        graph: The graph.
        job: Tells which nodes stay; it is told which others do, and why.
        names: Names of the nodes.
        most: How many data inputs they may have.
    """
    bypassed: dict[str, Ref] = {}
    uses = _uses(graph, names)
    for node in graph:
        if node.name in names:
            reason = _obstacle(graph, node, job, most, uses.get(node.name, _NO_USES))
            if reason:
                job.skip(node.name, reason)
            else:
                bypassed[node.name] = Ref.parse(node.inputs[0])
    for name in _before_merges(graph, bypassed):
        job.skip(name, "it waits for what the Merge that reads it cannot wait for")
        del bypassed[name]
    sources = _resolve(graph, bypassed, job)
    if not sources:
        return
    _bypass(graph, list(graph.nodes), sources)
    graph.remove_all(sources)
    update_colocations(graph, dict.fromkeys(sources))


def bypass_one(graph: Graph, node: Node) -> None:
    """Let what reads a node's only output read the node's first input, and remove it.

    Colocations with it are the caller's affair.
    """
    _bypass(graph, graph.consumers(node.name), {node.name: Ref.parse(node.data_inputs[0])})
    graph.remove(node.name)


def _before_merges(graph: Graph, bypassed: Mapping[str, Ref]) -> list[str]:
    """The nodes that wait for something and are handed on to a Merge.

    In a loop it would wait for the round that it begins.
    """
    found: dict[str, None] = {}
    for merge in graph:
        for text in merge.data_inputs if merge.op in MERGES else ():
            way = reach([producer(text)], lambda n: [bypassed[n].node] if n in bypassed else [])
            found.update((n, None) for n in way if n in bypassed and _waits(graph, n))
    return list(found)


def _uses(graph: Graph, names: Set[str]) -> dict[str, _Uses]:
    """How some nodes are read, by name."""
    found: dict[str, _Uses] = {}
    for reader in graph:
        for text in reader.inputs:
            name = producer(text)
            if name in names:
                before = found.get(name, _NO_USES)
                other = reader.name if text[:1] != "^" and Ref.parse(text).index else ""
                control = before.control or text[:1] == "^"
                found[name] = _Uses(control, before.other or other)
    return found


def _obstacle(graph: Graph, node: Node, job: Job, most: int, uses: _Uses) -> str:
    """Why a node cannot be taken out; empty if it can."""
    data = node.data_inputs
    if job.is_kept(node.name):
        return "it is an input or output"
    if not data:
        return "it has no input that could take its place"
    if len(data) > most:
        return f"it has {len(data)} inputs, more than max_inputs"
    if node.inputs[0] != data[0] or producer(data[0]) not in graph:
        return "its first input is not there"
    if uses.other:
        return f"{uses.other!r} reads another output of it than the first"
    if uses.control and graph[producer(data[0])].op in SWITCHES:
        # a control edge from a Switch does not tell on which of its branches one is
        return "what waits for it runs on one branch of a conditional or loop only"
    given, taken = _only(output_dtypes(node)), _only(input_dtypes(node))
    if given and taken and given.base is not taken.base:
        return f"it makes {given.base} of {taken.base}"
    return ""


def _only(dtypes: list[DType | None] | None) -> DType | None:
    return dtypes[0] if dtypes else None


def _resolve(graph: Graph, bypassed: dict[str, Ref], job: Job) -> dict[str, Ref]:
    """For each node that goes, the tensor of one that stays."""
    found: dict[str, Ref] = {}

    def goes(name: str) -> bool:
        return name in bypassed and name not in found

    for name in bypassed:
        *way, end = reach([Ref(name)], lambda at: [bypassed[at.node]] if goes(at.node) else [])
        if goes(end.node) or end.node not in graph:
            continue  # they read each other in a circle
        found.update(dict.fromkeys((at.node for at in way), found.get(end.node, end)))
    for name in bypassed:
        if name not in found:
            job.skip(name, "it needs its own result")
    return found


def _bypass(graph: Graph, readers: Iterable[Node], sources: Mapping[str, Ref]) -> None:
    """Let nodes read what other nodes stand for, and wait for what these have waited for."""

    def onward(name: str) -> Iterable[str]:
        node = graph[name]
        first = producer(node.inputs[0])
        return (n for n in (first, *node.control_inputs) if n in sources)

    def new_controls(name: str, *, waits: bool) -> Iterator[str]:
        """What stands for a control edge from a node that goes, or for those of its own."""
        for inner in reach([name], onward):
            if sources[inner].node != sources[name].node or (waits and inner == name):
                yield f"^{sources[inner].node}"
            yield from (f"^{c}" for c in _waits(graph, inner) if c not in sources)

    for reader in readers:
        if reader.name in sources or sources.keys().isdisjoint(map(producer, reader.inputs)):
            continue
        data: list[str] = []
        controls: dict[str, None] = {}
        for text in reader.inputs:
            name = producer(text)
            if name not in sources:
                (controls.setdefault(text) if text[:1] == "^" else data.append(text))
                continue
            if text[:1] != "^":
                data.append(str(sources[name]))
            controls.update(dict.fromkeys(new_controls(name, waits=text[:1] == "^")))
        graph.set_inputs(reader, (*data, *controls))


def _waits(graph: Graph, name: str) -> list[str]:
    """What a node waits for; a constant that waits for nothing is always there."""
    found = (graph.get(c) for c in graph[name].control_inputs)
    return [n.name for n in found if n is not None and (n.op != "Const" or n.inputs)]


TRANSFORM = Transform(
    "remove_nodes",
    run,
    """Take nodes out; what reads them reads their first input.

    Which they are is told by their ops or by their names, as patterns with `*`, `?` and `[...]`.
    It is for ops that give on what they get: Identity, CheckNumerics, StopGradient, Dropout at
    inference. What they have waited for, by control inputs, their readers wait for then (the
    original lost it, and with it updates of state). Inputs and outputs stay, and so does a node
    without which the graph would be wrong, which the original did not see to: one of which
    a further output is read, one that changes the type of its input (Cast), and one that tells
    the nodes that wait for it on which branch of a conditional they are. Colocations (`_class`)
    with nodes that are gone are dropped, as TensorFlow would refuse them.
    """,
    "remove_nodes(op=Identity, op=CheckNumerics)",
    (
        Parameter("op", "text", "an op that is to go", repeated=True),
        Parameter("name", "text", "a node that is to go, or a pattern: a/b/*", repeated=True),
        Parameter("max_inputs", "integer", "most data inputs that such a node may have", "1"),
    ),
    keeps_meaning=False,
)
