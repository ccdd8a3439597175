"""The transforms: one a file, registered by its name."""

from __future__ import annotations

from graphtools.registry import Registry
from graphtools.rewrite.transform import Transform

#: The transforms by name; aliases are not among the names.
TRANSFORMS: Registry[Transform] = Registry(__name__, "TRANSFORM", lambda t: t.name)
