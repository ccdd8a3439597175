"""GT8: what a graph does beside computing, when it is loaded or run."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import ALL, Found
from graphtools.graph.node import Node
from graphtools.idioms.side_effects import (
    CALL,
    LOAD,
    NETWORK,
    NEVER,
    PYTHON,
    READS,
    RUN,
    UNKNOWN,
    WRITES,
    Effect,
)
from graphtools.lint.rules._custom_ops import KNOWN
from graphtools.lint.rules._guarded import rule
from graphtools.lint.subject import Subject

_WITHOUT_INITIALIZER = (
    "look at what is written; the outputs do not need it, and a graph frozen for them is without "
    "it: graphtools freeze FILE -o OUT"
)

_EVERYWHERE = ALL | {"untrusted"}
_WHEN = {
    LOAD: "when the SavedModel is loaded",
    RUN: "when it runs",
    CALL: "when its function is called",
    NEVER: "if it is run, which no output asks for",
}


def _found(subject: Subject, kind: str, untrusted: str, otherwise: str) -> Iterator[Found]:
    """The findings for what is done of one kind, with their severities."""
    severity = untrusted if subject.target == "untrusted" else otherwise
    for effect in subject.effects:
        if effect.kind == kind:
            yield _finding(subject, effect, INFO if effect.when == NEVER else severity)


def _finding(subject: Subject, effect: Effect, severity: str) -> Found:
    """A finding for one node, which the linted graph may have no more."""
    return Found(
        subject.graph.get(effect.node.partition("@")[0]) or effect.node,
        f"{effect} {_WHEN[effect.when]}",
        _WITHOUT_INITIALIZER if effect.when == LOAD else "",
        severity,
        op=effect.op,
    )


@rule("GT801", "writes-files", WARNING, targets=_EVERYWHERE)
def writes_files(subject: Subject) -> Iterator[Found]:
    """The graph writes files when it runs, or when its SavedModel is loaded.

    Why:
        TensorFlow runs what a graph says, and writes where it says, with the rights of the process:
        a model file from somewhere may write any file. What initialises a SavedModel runs whenever
        it is loaded, whether an output needs it or not. What a Saver writes under a name that is
        fed is not reported.

    Example:
        A WriteFile on which the output waits by a control edge.

    Remedy:
        Look at what is written, before the graph is run; choose outputs that do not wait for it.

        What only initialises a SavedModel goes with graphtools freeze FILE -o OUT.
    """
    yield from _found(subject, WRITES, ERROR, WARNING)


@rule("GT802", "reads-files", WARNING, targets=_EVERYWHERE)
def reads_files(subject: Subject) -> Iterator[Found]:
    """The graph reads files when it runs, or when its SavedModel is loaded.

    Why:
        What is read may leave with the outputs, or be written elsewhere. Files that are not there
        end the run. A table that is filled from the model's own assets, and a file whose name
        whoever runs the graph gives to its Saver, are not reported.

    Example:
        `ReadFile("/etc/passwd")` in front of an output.

    Remedy:
        Look at what is read. The input pipeline of a training graph goes with: graphtools strip
        FILE -o OUT --inputs NAME --outputs NAME
    """
    is_strange = subject.target == "untrusted"
    for effect in subject.effects:
        if effect.kind == READS:
            severity = WARNING if effect.leaves_the_folder or is_strange else INFO
            yield _finding(subject, effect, INFO if effect.when == NEVER else severity)


@rule("GT803", "uses-network", WARNING, targets=_EVERYWHERE)
def uses_network(subject: Subject) -> Iterator[Found]:
    """The graph connects to other machines, or reads and writes files there.

    Why:
        What it sends is what the process sees. Models compute without a network.

    Example:
        A file name that begins with `gs://` or `http://`, a data service, a debugger at
        `grpc://...`.

    Remedy:
        Look at the address, before the graph is run; choose outputs that do not wait for it.

        What the outputs do not need goes with: graphtools strip FILE -o OUT
    """
    yield from _found(subject, NETWORK, ERROR, WARNING)


@rule("GT804", "calls-python", WARNING, targets=_EVERYWHERE)
def calls_python(subject: Subject) -> Iterator[Found]:
    """The graph calls a Python function, which the file does not have.

    Why:
        PyFunc and EagerPyFunc name a function of the process that made the graph. In any other
        process TensorFlow ends with "Could not find callback", or calls what is registered there
        under this name.

    Example:
        A graph with tf.py_function or tf.numpy_function in its preprocessing.

    Remedy:
        Cut the graph behind it, and compute this part outside: graphtools strip FILE -o OUT
        --inputs NAME
    """
    yield from _found(subject, PYTHON, WARNING, WARNING)


@rule("GT805", "foreign-op", WARNING, targets={"untrusted"})
def foreign_op(subject: Subject) -> Iterator[Found]:
    """An op that no TensorFlow has: a library would have to be loaded for it.

    Why:
        What a library of ops does when it is loaded, and when its op runs, is not in the graph and
        cannot be looked at here.

    Example:
        An op of tf.load_op_library.

    Remedy:
        Load no library that came with a model. Cut the graph before the op: graphtools strip FILE
        -o OUT --outputs NAME
    """
    for found in _found(subject, UNKNOWN, WARNING, WARNING):
        if not (isinstance(found.node, Node) and found.node.op in KNOWN):
            yield found
