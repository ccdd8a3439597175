"""Ops that stand for what a graph is fed with."""

from __future__ import annotations

PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})
