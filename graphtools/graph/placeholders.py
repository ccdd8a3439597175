"""Ops that stand for what a graph is fed with."""

from __future__ import annotations

#: Those without a value of their own, which must be fed.
FED = frozenset({"Placeholder", "PlaceholderV2"})
PLACEHOLDERS = FED | {"PlaceholderWithDefault"}
