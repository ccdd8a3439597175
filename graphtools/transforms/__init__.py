"""The transforms: one a file, registered by its name."""

from __future__ import annotations

import functools
import sys

from graphtools.registry import collect
from graphtools.rewrite.transform import Transform


@functools.cache
def transforms() -> dict[str, Transform]:
    """All transforms by name, sorted; aliases are not among the names."""
    found: dict[str, Transform] = collect(sys.modules[__name__], "TRANSFORM", lambda t: t.name)
    return dict(sorted(found.items()))
