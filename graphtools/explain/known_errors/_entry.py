"""What is known of an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

#: Why something failed.
ERROR = "error"
#: What is said on the way, and may or may not be the reason.
WARNING = "warning"
#: What is said where nothing is wrong: the error, if there is one, is elsewhere.
HARMLESS = "harmless"
#: What people see where nothing fails; told in their own words, as no program prints it.
SYMPTOM = "symptom"
#: What only says that something failed; told where nothing better is found.
GENERAL = "general"


class KnownError(NamedTuple):
    """An error, by the words of its message.

    The texts are templates: `{node}` stands for what the group `node` of the pattern has matched,
    and `{node:the node}` for the words behind the colon where it has matched nothing.

    Attributes:
        name: Stable name, in kebab case.
        signs: Words of which a message has at least one, as it is written; the first is shown
            where the error is listed.
        pattern: Regular expression that is looked for from the line with the sign on, in the
            normal spelling: see `explain.normal`. Repetitions are bounded or of characters that
            cannot begin what follows, so that no text is slow.
        cause: Why this happens: whole sentences.
        cure: What to do: a clause without a full stop, since a command may follow.
        commands: Command lines of graphtools that check or mend it, the most useful one first.
            What is in capitals there is for the reader to fill in.
        threads: Public threads that it is known from: `owner/repository#number`.
        kind: `ERROR`, `WARNING`, `HARMLESS`, `SYMPTOM` or `GENERAL`.
        likely: Of a symptom the causes, the most likely one first; the command at the same place
            checks it.
        within: What decides where the words alone do not: a regular expression that the text
            around the message has, as the scope of its node, the program, a call of the traceback.
        outside: One that it must not have.
        table: What a table says of the names that the pattern has matched, as more groups for the
            templates; None where the entry is not meant.
    """

    name: str
    signs: tuple[str, ...]
    pattern: str
    cause: str
    cure: str
    commands: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    kind: str = ERROR
    likely: tuple[str, ...] = ()
    within: str = ""
    outside: str = ""
    table: Callable[[Mapping[str, str]], Mapping[str, str] | None] | None = None


class Likely(NamedTuple):
    """A cause of a symptom, and the command that checks whether it is the one."""

    cause: str
    command: str


def symptom(
    name: str,
    signs: tuple[str, ...],
    pattern: str,
    cause: str,
    cure: str,
    *likely: Likely,
    threads: tuple[str, ...] = (),
) -> KnownError:
    """A symptom with its causes, the most likely one first."""
    commands = tuple(one.command for one in likely)
    causes = tuple(one.cause for one in likely)
    return KnownError(name, signs, pattern, cause, cure, commands, threads, SYMPTOM, causes)


def harmless(
    name: str,
    signs: tuple[str, ...],
    pattern: str,
    cause: str,
    cure: str = "leave it; the reason of a failure stands elsewhere in the log",
    threads: tuple[str, ...] = (),
) -> KnownError:
    """What is no error, though it looks like one."""
    return KnownError(name, signs, pattern, cause, cure, (), threads, HARMLESS)


def tensorflow(*numbers: int) -> tuple[str, ...]:
    """Threads of TensorFlow's repository."""
    return tuple(f"tensorflow/tensorflow#{n}" for n in numbers)


def models(*numbers: int) -> tuple[str, ...]:
    """Threads of the repository of TensorFlow's models."""
    return tuple(f"tensorflow/models#{n}" for n in numbers)
