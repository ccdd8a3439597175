"""rename_scope."""

from __future__ import annotations

from graphtools.errors import UnknownName
from graphtools.graph.graph import Graph
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.wording import did_you_mean


def run(graph: Graph, job: Job) -> None:
    """Give the names of the nodes of a scope another beginning."""
    old, new = (job.text(name).strip("/") for name in ("old_scope", "new_scope"))
    check_names(graph)
    begin, other = f"{old}/" if old else "", f"{new}/" if new else ""
    names = {
        node.name: f"{other}{node.name[len(begin) :]}"
        for node in graph
        if node.name.startswith(begin) and node.name != begin
    }
    if not names:
        scopes = {node.name.partition("/")[0] for node in graph if "/" in node.name}
        raise UnknownName(
            f"no node stands in the scope {old!r}",
            did_you_mean(old, scopes, f"the graph has {', '.join(sorted(scopes)[:5]) or 'none'}"),
        )
    graph.rename_all(names)
    for name in sorted(n for n in names if job.is_kept(n)):
        job.note(f"{name!r} is an input or output: it is named {names[name]!r} from now on")


TRANSFORM = Transform(
    "rename_scope",
    run,
    """Give all nodes of a name scope another one.

    What reads the nodes, and what is to be placed where they are, follows; so do variables,
    signatures and contexts of loops in a .meta that is written. An empty new_scope takes the scope
    away, an empty old_scope puts all nodes into one. A name that is taken is an error.
    """,
    "rename_scope(old_scope=tower_0, new_scope=model)",
    (
        Parameter("old_scope", "text", "the scope that nodes have; empty for all", required=True),
        Parameter("new_scope", "text", "the scope that they get; empty for none", required=True),
    ),
    aliases=("rename_prefix", "add_prefix"),
)
