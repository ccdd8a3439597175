"""GT125: what writes files."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import WARNING
from graphtools.findings.rule import Found
from graphtools.idioms.side_effects import described, writes_of
from graphtools.lint.rules._guarded import rule
from graphtools.lint.subject import Subject


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
        Look at what is written. A frozen graph of the outputs alone writes nothing where they do
        not need it: graphtools freeze FILE -o OUT
    """
    graph = subject.graph
    for write in writes_of(graph, subject.live):
        yield Found(graph.get(write.node.partition("@")[0]), f"{described([write])} when it runs")
    if subject.init_writes:
        yield Found(None, f"{described(subject.init_writes)} when the SavedModel is loaded")
