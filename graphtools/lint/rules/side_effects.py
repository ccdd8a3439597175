"""GT125: what writes files."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import WARNING
from graphtools.findings.rule import Found
from graphtools.idioms.side_effects import described, writes_of
from graphtools.lint.rules._guarded import rule
from graphtools.lint.subject import Subject

_WITHOUT_INITIALIZER = (
    "look at what is written; the outputs do not need it, and a graph frozen for them is without "
    "it: graphtools freeze FILE -o OUT"
)


@rule("GT125", "writes-files", WARNING)
def writes_files(subject: Subject) -> Iterator[Found]:
    """The graph writes files when it runs, or when its SavedModel is loaded.

    Why:
        TensorFlow runs what a graph says, and writes where it says, with the rights of the process:
        a model file from somewhere may write any file. What initialises a SavedModel runs whenever
        it is loaded, whether an output needs it or not.

    Example:
        A WriteFile on which the output waits by a control edge.

    Remedy:
        Look at what is written, before the graph is run; choose outputs that do not wait for it.

        What only initialises a SavedModel goes with graphtools freeze FILE -o OUT.
    """
    graph = subject.graph
    for write in writes_of(graph, subject.live):
        yield Found(graph.get(write.node.partition("@")[0]), f"{described([write])} when it runs")
    if subject.init_writes:
        message = f"{described(subject.init_writes)} when the SavedModel is loaded"
        yield Found(None, message, _WITHOUT_INITIALIZER)
