"""How things show themselves in a notebook.

The one place where a lower floor reaches up: the classes of graphs and results are asked for their
HTML by the notebook, and only then is the room that renders loaded.
"""

from __future__ import annotations

import importlib


class Displayed:
    """Displays itself in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        html: str = importlib.import_module("graphtools.report.notebook").html_of(self)
        return html
