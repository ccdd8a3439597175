"""Words of commands: what they are called besides, and which are forms of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphtools.commands._shared import Command

PROGRAM = "graphtools"
#: Beginnings that two forms of a word share, of the shorter one: quantize, quantization.
_SHARED = 0.85
#: What is behind it: tensorrt is no form of tensor.
_ENDING = re.compile(
    r"|e?s|e?d|ing|e|er|or|ions?|ations?|ment|al|ly|ance|ence|able|[sz](e|ed|ing|ation)"
)


def declared(command: Command) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What a command says of other words for it: the words, the rest of the line, what it does."""
    for line, words in command.also.items():
        rest, _, what = line.partition("#")
        yield tuple(words.split()), rest.strip(), what.strip()


def stem(word: str) -> str:
    """A word as it is looked up: in small letters, with dashes, not in the plural."""
    plain = word.lower().replace("_", "-")
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and plain[-2] != "s" else plain


def is_form_of(word: str, other: str, shortest: int) -> bool:
    """Whether two words begin alike, as forms of one do; not where one has but a few letters."""
    shorter = min(len(word), len(other))
    pairs = enumerate(zip(word, other, strict=False))
    shared = next((at for at, (one, two) in pairs if one != two), shorter)
    ends = word[shared:], other[shared:]
    is_long = shorter >= shortest and shared >= _SHARED * shorter
    return is_long and all(map(_ENDING.fullmatch, ends))
