"""What passes between a process and its child: frozen dataclasses, as JSON, one a line.

It is imported by interpreters that have nothing but the standard library, too.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

#: The key that has the name of a message's class; no node, whose names are keys, too, has a blank.
_KIND = "kind of message"


class Message:
    """A request or an answer: a frozen dataclass that extends it and holds what JSON can hold.

    That is texts, numbers, None, tuples of such, tables by text, and other messages.

    Example:
        >>> @dataclass(frozen=True)
        ... class Ready(Message):
        ...     version: str
        >>> decode(encode(Ready("2.21.0")))
        Ready(version='2.21.0')
    """

    #: The kinds of messages by name.
    kinds: ClassVar[dict[str, type[Message]]] = {}

    def __init_subclass__(cls) -> None:
        Message.kinds[cls.__name__] = cls


def encode(message: Message) -> str:
    """A message as one line of JSON."""
    return json.dumps(message, default=lambda inner: {_KIND: type(inner).__name__, **vars(inner)})


def decode(line: str) -> Message:
    """The message of a line of JSON; its class has been imported before."""
    found = json.loads(line, object_hook=_read)
    assert isinstance(found, Message)
    return found


def _read(entries: dict[str, Any]) -> Any:
    plain = {key: _tuples(value) for key, value in entries.items()}
    kind = plain.pop(_KIND, None)
    return plain if kind is None else Message.kinds[kind](**plain)


def _tuples(value: Any) -> Any:
    """Lists as tuples, which is what messages hold."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
