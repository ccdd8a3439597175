"""How a rewrite refuses."""

from __future__ import annotations

from graphtools.errors import GraphtoolsError


class Unfit(GraphtoolsError):
    """What was matched is left as it is; the message says why."""
