"""rename_node."""

from __future__ import annotations

import re

from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform

#: What TensorFlow takes for the name of a node.
_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


def run(graph: Graph, job: Job) -> None:
    """Give a node another name."""
    old, new = job.text("old_node_name"), job.text("new_node_name")
    if not _NAME.fullmatch(new):
        raise InvalidValue(
            f"new_node_name={new!r} is no name of a node",
            "names are of letters, digits and _./>-, and start with a letter, digit or dot",
        )
    check_names(graph)
    old = graph.find(old).name
    graph.rename(old, new)
    if job.is_kept(old) and new != old:
        job.note(f"{old!r} is an input or output: it has to be named {new!r} from now on")


TRANSFORM = Transform(
    "rename_node",
    run,
    """Give a node another name.

    What reads the node, and what is to be placed where it is, follows. It is an error if there is
    no such node (the original did nothing then), or if the new name is taken. An input or output
    can be renamed, too; steps that come later and need to know inputs and outputs will not find
    it any more.
    """,
    "rename_node(old_node_name=super/deep/output, new_node_name=output)",
    (
        Parameter("old_node_name", "text", "the name that it has", required=True),
        Parameter("new_node_name", "text", "the name that it gets", required=True),
    ),
)
