"""Keeps what several rules need of one graph, so that it is worked out once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from graphtools.lint.subject import Subject

T = TypeVar("T")


def per_subject(function: Callable[[Subject], T]) -> Callable[[Subject], T]:
    """Let a function be called once for each subject, as long as that lives."""
    kept: WeakKeyDictionary[Subject, T] = WeakKeyDictionary()

    @functools.wraps(function)
    def remembering(subject: Subject) -> T:
        if subject not in kept:
            kept[subject] = function(subject)
        return kept[subject]

    return remembering
