"""obfuscate_names."""

from __future__ import annotations

import string
from collections.abc import Iterator

from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Transform

_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase


def run(graph: Graph, job: Job) -> None:
    """Give all nodes but inputs and outputs short names without meaning."""
    free = (name for name in _short_names() if not job.is_kept(name))
    names: dict[str, str] = {}
    for node in graph:
        if node.name not in names:
            names[node.name] = node.name if job.is_kept(node.name) else next(free)
    graph.rename_all(names)


def _short_names() -> Iterator[str]:
    """The numbers from zero on, in 62 digits."""
    number = 0
    while True:
        rest, name = number, ""
        while rest or not name:
            rest, digit = divmod(rest, len(_DIGITS))
            name = _DIGITS[digit] + name
        yield name
        number += 1


TRANSFORM = Transform(
    "obfuscate_names",
    run,
    """Give all nodes but inputs and outputs short names, which makes a file smaller.

    It also hides how the model was made. Colocations (`_class`) get the new names; the original
    left the old ones, and TensorFlow refused what it made. The functions of the library keep
    their names, and so do the nodes in them.
    """,
    "obfuscate_names",
    aliases=("obsfucate_names",),
)
