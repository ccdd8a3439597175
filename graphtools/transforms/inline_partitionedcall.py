"""inline_partitionedcall."""

from __future__ import annotations

from graphtools.errors import InvalidGraph
from graphtools.graph.colocations import update_colocations
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.idioms.control_flow import find_places
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._inlining import called, inline, open_call

#: A graph whose functions call each other may grow without measure: so many nodes are made, and so
#: many times those that the bodies have.
MOST_NODES = 50_000
MOST_COPIES = 20


def run(graph: Graph, job: Job) -> None:
    """Put the bodies of functions in the place of the nodes that call them."""
    check_names(graph)
    pending = [(n, frozenset[str]()) for n in graph.nodes if called(graph, n)]
    places = find_places(graph) if pending else {}
    bound = {n.name for n, _ in pending if n.name in places}
    most = MOST_NODES + MOST_COPIES * sum(len(f.nodes) for f in graph.functions.values())
    room = most
    gone: dict[str, str | None] = {}
    inlined: set[str] = set()
    while pending:
        node, callers = pending.pop()
        callee = called(graph, node)
        if callee is None:
            continue
        if callee.name in callers:
            job.skip(node.name, f"the function {callee.name} calls itself")
            continue
        call = open_call(graph, node, callee)
        if isinstance(call, str):
            job.skip(node.name, call)
            continue
        beyond = _beyond(graph, node.name, len(call.body.results))
        if beyond:
            job.skip(node.name, f"{beyond!r} reads a result that {callee.name} does not have")
            continue
        room -= len(call.body.graph)
        if room < 0:
            raise InvalidGraph(
                f"inlining would add more than {most:,} nodes to the graph",
                "its functions call each other again and again",
            )
        kept = job.is_kept(node.name)
        inlined.add(callee.name)
        made = inline(graph, call, kept=kept, bound=node.name in bound)
        if not kept:
            gone[node.name] = None
        for inner in made:
            if called(graph, inner):
                pending.append((inner, callers | {callee.name}))
                if node.name in bound:
                    bound.add(inner.name)
    update_colocations(graph, gone)
    # programs that do not know functions refuse a library, though nothing calls what is in it
    idle = inlined - set(called_functions(graph))
    graph.keep_functions(graph.functions.keys() - idle)


def _beyond(graph: Graph, name: str, results: int) -> str:
    """Name of a node that reads an output of a call that its function does not give."""
    for reader in graph.consumers(name):
        for text in reader.inputs:
            ref = Ref.parse(text)
            if ref.node == name and ref.index >= results:
                return reader.name
    return ""


TRANSFORM = Transform(
    "inline_partitionedcall",
    run,
    """Put the bodies of functions in the place of the nodes that call them.

    It is for PartitionedCall, StatefulPartitionedCall and nodes whose op is a function of the
    library, also where these stand in bodies. Nodes of a body get the name of the call before
    theirs. A call that is an output stays as an Identity of its results. The bodies of While, If
    and Case stay functions; one that was put in place of its calls, and that nothing else needs,
    leaves the library. (The original left the library as it is, took PartitionedCall only, no calls
    in bodies, mistook the outputs of nodes that have several, and gave the loops in two copies of a
    body the same name.)
    """,
    "inline_partitionedcall",
)
