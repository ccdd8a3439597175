"""Puts a page together: sections, style, script and data in one file that loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

from markupsafe import Markup

from graphtools.report.html import fill

#: The parts of the script; the last one starts it.
_SCRIPTS = (
    "text",
    "layout",
    "scopes",
    "scene",
    "colours",
    "picture",
    "hands",
    "search",
    "details",
    "explorer",
    "treemap",
    "page",
)


class Section(NamedTuple):
    """A part of a page.

    Attributes:
        title: Its heading, which the list of contents has.
        html: Its content.
        note: What the list of contents says beside it, as a number; empty for nothing.
    """

    title: str
    html: Markup
    note: str = ""


class Chapter(NamedTuple):
    """What a page says of one file.

    Attributes:
        title: Its name.
        lead: What it is, in a line.
        sections: The parts.
        data: What the script shows: by the `data-source` of an element, JSON's types.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    data: Mapping[str, Any] = {}


def assemble(title: str, chapters: Sequence[Chapter], made_by: str) -> str:
    """A page."""
    page = fill(
        "page.html",
        title=title,
        chapters=chapters,
        made_by=made_by,
        data={str(number): chapter.data for number, chapter in enumerate(chapters) if chapter.data},
        style=_asset("page.css"),
        script=_asset(*(f"script/{name}.js" for name in _SCRIPTS)),
    )
    return str(page)


def _asset(*names: str) -> Markup:
    # files of this package, with nothing of a model in them
    files = [resources.files(__package__ or "").joinpath(name) for name in names]
    return Markup("\n".join(file.read_text(encoding="utf-8") for file in files))
