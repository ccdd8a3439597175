"""Protobuf's text format: what kind of text a file is, and its wire encoding."""

from __future__ import annotations

import re
from typing import Any

from graphtools.errors import Damaged
from graphtools.formats.source import Source
from graphtools.schema import PublicNames, message_class

_TEXT_START = re.compile(r"(?:\s|#[^\n]*\n)*([A-Za-z_]\w*)\s*[:{<]")


def first_text_field(source: Source) -> str:
    """Name of the first field of a file in protobuf's text format; empty where it is none."""
    if not source.is_text:
        return ""
    found = _TEXT_START.match(source.head.decode("utf-8-sig", "replace"))
    return found.group(1) if found else ""


def encode_text(source: Source, message_name: str) -> bytes:
    """The wire encoding of a message in text format.

    Args:
        source: The text.
        message_name: Name of the message in the schema, as `GraphDef`.

    Raises:
        Damaged: The text breaks the format's rules or has unknown fields; line and column are
            named.
    """
    from graphtools.formats.printed_text import encode_printed

    text = source.text()
    encoded = encode_printed(text, message_name)
    return _encode_any(text, source.path, message_name) if encoded is None else encoded


def _encode_any(text: str, path: str, message_name: str) -> bytes:
    """The wire encoding of any text that the format allows."""
    from google.protobuf import text_format

    message = message_class(message_name)()
    names: Any = PublicNames()
    try:
        text_format.Parse(text, message, descriptor_pool=names)
    except RecursionError:
        raise Damaged(
            f"{path} is not a sound {message_name} in text format: it is nested too deeply"
        ) from None
    except text_format.ParseError as error:
        detail = " ".join(str(error).split())
        raise Damaged(
            f"{path} is not a sound {message_name} in text format: {detail}",
            "the numbers are line and column",
        ) from None
    return message.SerializeToString(deterministic=True)  # type: ignore[no-any-return]
