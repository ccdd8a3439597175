"""What TensorFlow says when it fails: the line that tells why, and the node that it speaks of."""

from __future__ import annotations

import re
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.explain.explain import remedy_of
from graphtools.run.child import Died

#: What comes behind the message itself: stack traces, and advice for who wrote the Python code.
_TAIL = re.compile(
    r"\n\s*(Original stack trace|Errors may have originated|\d+ successful operations)"
    r"|[;,.]? NodeDef: | in binary running on |\. Make sure the Op and Kernel"
    r"|'? The binary trying to import the GraphDef "
    r"|\s*\[Op:|\s*Debug info: "
)
#: Behind it, the message of a failed run begins.
_HEAD = re.compile(r"^Node: '(?P<node>[^']*)'$", re.MULTILINE)
_NOISE = re.compile(
    r"\s*\[\[.*?\]\]|^\s*\(\d+\) (\w+ )?\w+: |^\d+ root error\(s\) found\.?"
    r"|^Converting GraphDef to Graph has failed with an error: '"
    r"|^Graph execution error:$|\{\{function_node [^}]*\}\}"
)
#: How nodes are named, the surest way first.
_NODES = (
    re.compile(r"\{\{node ([^}]+)\}\}"),
    re.compile(r"\b[Nn]ode '([^']+)'"),
    re.compile(r"\bof node (\S+) was passed"),
    re.compile(r"\bfor Tensor ([^\s:,]+)"),
)
_LONGEST = 400

#: Beginnings of the lines by which TensorFlow says that it aborts.
_FATAL = re.compile(r"(?:: F |^F\d{4} )[^\]]*\] (?P<message>.*)")
#: Lines of a log that tell nothing of a death: what it says at its start, and dumps of operations.
_CHATTER = re.compile(
    r"cuda|cuInit|^(?:I|W)\d{4} |^WARNING: All log|rebuild TensorFlow|^\W*tfl?\.", re.I
)


class Tidied(NamedTuple):
    """A message of TensorFlow.

    Attributes:
        message: The line that tells why.
        node: Name of the node it speaks of; empty if of none.
    """

    message: str
    node: str


def tidy(text: str) -> Tidied:
    """The line that tells why, of a message that may be pages long, and the node."""
    head = _HEAD.search(text)
    node = head["node"] if head else ""
    for pattern in _NODES:
        named = pattern.search(text)
        if named and not node:
            node = named[1]
    body = text[head.end() :] if head else text
    tail = _TAIL.search(body)
    if tail:
        body = body[: tail.start()]
    lines = (_NOISE.sub("", line).strip() for line in body.splitlines())
    message = next((line for line in lines if line), text.strip().partition("\n")[0])
    if len(message) > _LONGEST:
        message = message[: _LONGEST - 3] + "..."
    return Tidied(message, node.strip())


class TensorFlowProblem(GraphtoolsError):
    """TensorFlow did not run a graph.

    Attributes:
        kind: `refused` (it does not take the graph), `failed` (while running it), `crashed`,
            `memory` (out of memory), `hung` (it took longer than the time limit).
        node: Name of the node that it speaks of; empty if of none.
    """

    def __init__(self, kind: str, message: str, remedy: str = "", node: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind
        self.node = node


def problem_of(kind: str, text: str) -> TensorFlowProblem:
    """What TensorFlow said, as an error.

    Args:
        kind: `refused`, `failed` or `memory`.
        text: Its whole message.
    """
    message, node = tidy(text)
    where = f" at node {node!r}" if node and node not in message else ""
    what = {
        "refused": "TensorFlow refuses the graph",
        "failed": "TensorFlow cannot run the graph",
        "memory": "TensorFlow ran out of memory",
    }[kind]
    return TensorFlowProblem(kind, f"{what}{where}: {message}", remedy_of(text), node)


def death_of(death: Died) -> TensorFlowProblem:
    """Why the child process has died."""
    fatal = [found["message"] for line in death.lines if (found := _FATAL.search(line))]
    lines = [line for line in death.lines if not _CHATTER.search(line)]
    errors = [line for line in lines if "error:" in line]
    said = (fatal or errors or lines or [""])[-1][:_LONGEST]
    if death.out_of_memory:
        return TensorFlowProblem(
            "memory",
            "the process that runs TensorFlow was ended, most likely for lack of memory",
            "give the inputs smaller shapes, or take a machine with more memory",
        )
    what = f"TensorFlow crashed ({death.how})"
    return TensorFlowProblem("crashed", what + (said and f": {said}"))
