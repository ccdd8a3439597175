"""What the child processes answer; what LiteRT says of models is in `litert_answers`.

It is imported by interpreters that have nothing but the standard library, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphtools.run.passing import Message


@dataclass(frozen=True)
class Ready(Message):
    """The child can be asked; this comes by itself, with TensorFlow's version."""

    version: str


@dataclass(frozen=True)
class CannotImport(Message):
    """What the child is for cannot be imported; this comes by itself, too."""

    message: str


@dataclass(frozen=True)
class NotDone(Message):
    """What was asked was not done.

    Attributes:
        kind: `refused`, `failed` (while running it), or `memory`.
        message: The whole message.
    """

    kind: str
    message: str


@dataclass(frozen=True)
class NoRoom(Message):
    """A file with a result cannot be written, and why."""

    file: str
    message: str


@dataclass(frozen=True)
class TwinDied(Message):
    """The process that answers in the child's place has died, with an exit code."""

    code: int


@dataclass(frozen=True)
class Fetched(Message):
    """The values are in the file; their element types by TensorFlow's names."""

    dtypes: tuple[str, ...]


@dataclass(frozen=True)
class Converted(Message):
    """The model is in the file.

    Attributes:
        allocated: What tf.lite's interpreter said to the model; empty if it could load it, None if
            that was not tried.
    """

    allocated: str | None = None


@dataclass(frozen=True)
class Complaint(Message):
    """What the converter has against an op.

    Attributes:
        code: Its error code, as `ERROR_NEEDS_FLEX_OPS`; may be empty.
        op: The op by its MLIR name, as `tf.Erf`; empty where it does not say.
        stage: The pass that complained, as `CONVERT_GRAPHDEF`.
        nodes: Names of the nodes from which the op stems.
        message: The message.
    """

    code: str
    op: str
    stage: str
    nodes: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class NotConverted(Message):
    """What the converter raised.

    Attributes:
        kind: Its Python class.
        message: Its message.
        complaints: What it has against ops.
    """

    kind: str
    message: str
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True)
class Allowed(Message):
    """For each op that was asked for, whether it may be; None where TensorFlow does not tell."""

    allowed: tuple[bool, ...] | None


@dataclass(frozen=True)
class Written(Message):
    """The file is there."""
