"""Placeholders that are no inputs of the model."""

from __future__ import annotations

from graphtools.compat.judgement import Judgement
from graphtools.compat.site import Site, rule


@rule("Placeholder", "PlaceholderV2")
def placeholder(_site: Site) -> Judgement:
    """One that is fed is not judged; another stays, and with Select TF ops fails when it runs."""
    return "it is no input of the model, and nothing gives it a value"
