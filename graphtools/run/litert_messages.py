"""What LiteRT says when it does not run a model, as errors."""

from __future__ import annotations

import re

from graphtools.errors import GraphtoolsError
from graphtools.front_end import step
from graphtools.run.child import Died, Hung

_FLEX = re.compile(r"Select TensorFlow op\(s\).*?\((?P<op>\w+)\) failed to prepare", re.DOTALL)
_CUSTOM = re.compile(r"unresolved custom op: (?P<op>[^\s.]+)")
#: The model needs a newer operator than the runtime has.
_VERSION = re.compile(r"Didn't find op for builtin opcode '(?P<op>\w+)' version '(?P<version>\d+)'")
#: Where in LiteRT's own sources something was found, and what the reader cannot act on.
_NOISE = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:cc|h|c):\d+ |See instructions: \S+|^ERROR: ")
_NODE = re.compile(r"Node number (\d+) \(([^)]*)\) failed to (prepare|invoke)\.")
_LONGEST = 400


class LiteRTProblem(GraphtoolsError):
    """LiteRT did not run a model.

    Attributes:
        kind: `refused` (it does not load the model), `flex` (the model needs TensorFlow's own
            kernels), `custom` (it needs a custom operator that LiteRT does not have), `failed`
            (while running it), `crashed`, `memory` (out of memory), `hung` (it took longer than the
            time limit).
        op: Name of the operator that it speaks of; empty if of none.
    """

    def __init__(self, kind: str, message: str, remedy: str = "", op: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind
        self.op = op


def problem_of(kind: str, text: str, path: str) -> LiteRTProblem:
    """What LiteRT said, as an error.

    Args:
        kind: `refused`, `failed` or `memory`.
        text: Its whole message.
        path: The model.
    """
    if kind == "memory":
        return LiteRTProblem(kind, f"{path}: LiteRT ran out of memory", "feed smaller shapes")
    flex = _FLEX.search(text)
    if flex:
        return LiteRTProblem(
            "flex",
            f"{path} needs TensorFlow's kernels (Flex), as for {flex['op']!r}: it runs in neither "
            "LiteRT nor tf.lite as they come from PyPI",
            "replace what needs them, or run it where the Flex delegate is linked, as in an app",
            flex["op"],
        )
    custom = _CUSTOM.search(text)
    if custom:
        return LiteRTProblem(
            "custom",
            f"{path} has the custom operator {custom['op']!r}, which LiteRT does not know",
            "run it where this operator is registered, or convert the graph without it",
            custom["op"],
        )
    newer = _VERSION.search(text)
    if newer:
        return LiteRTProblem(
            "refused",
            f"{path} needs the operator {newer['op']} of version {newer['version']}, which this "
            "LiteRT does not have",
            "take a newer one: pip install --upgrade ai-edge-litert",
            newer["op"],
        )
    node = _NODE.search(text)
    said = tidy(text)
    if kind == "refused":
        return LiteRTProblem(
            kind,
            f"{path}: LiteRT refuses the model: {said}",
            f"see what is in it with: {step('summary', 'FILE')}",
            node[2] if node else "",
        )
    return LiteRTProblem(
        kind, f"{path}: LiteRT cannot run the model: {said}", "", node[2] if node else ""
    )


def tidy(text: str) -> str:
    """The lines that tell why, as one, without places in LiteRT's sources."""
    node = _NODE.search(text)
    body = _NODE.sub("", text)
    lines = (" ".join(_NOISE.sub("", line).split()) for line in body.splitlines())
    said = "; ".join(line.rstrip(".;") for line in lines if line)
    if node:
        where = f"operator {node[1]} ({node[2]}) failed to {node[3]}"
        said = f"{where}: {said}" if said else where
    return said if len(said) <= _LONGEST else said[: _LONGEST - 3] + "..."


def hang_of(hang: Hung, path: str) -> LiteRTProblem:
    """Why LiteRT did not end in time."""
    return LiteRTProblem(
        "hung",
        f"{path}: LiteRT did not end within {hang.seconds:g} seconds",
        "allow it more time, or look for a loop without end",
    )


def death_of(death: Died, path: str) -> LiteRTProblem:
    """Why the child process has died."""
    if death.out_of_memory:
        return LiteRTProblem(
            "memory",
            f"{path}: the process that runs LiteRT was ended, most likely for lack of memory",
            "feed smaller shapes, or take a machine with more memory",
        )
    said = (death.lines or [""])[-1][:_LONGEST]
    return LiteRTProblem(
        "crashed",
        f"{path}: LiteRT crashed ({death.how})" + (f": {said}" if said else ""),
        "the file is most likely damaged: convert or copy it anew",
    )
