"""A message that is to be recognised."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """A message, the entry that it is to be recognised as, and words that the answer must have."""

    name: str
    message: str
    words: tuple[str, ...]


def sample(name: str, message: str, *words: str) -> Sample:
    return Sample(name, message, words)
