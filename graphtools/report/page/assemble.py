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
        is_first: Whether it is the first screen, on which the heading is only spoken.
    """

    title: str
    html: Markup
    note: str = ""
    is_first: bool = False


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


def first_section(answers: Sequence[tuple[str, Markup]], picture: str, note: str = "") -> Section:
    """The first screen: what is asked first of a model, and its picture beside the answers.

    Args:
        answers: Questions with their answers.
        picture: The `data-source` of what the script shows; empty for nothing.
        note: What the list of contents says beside it.
    """
    return Section("At a glance", fill("first.html", answers=answers, picture=picture), note, True)


def short_names(paths: Sequence[str]) -> list[str]:
    """The ends of paths by which they are told apart: the files' names, where these differ.

    Example:
        >>> short_names(["models/a/graph.pb", "models/b/graph.pb"])
        ['a/graph.pb', 'b/graph.pb']
    """
    parts = [[p for p in path.split("/") if p not in ("", ".")] or [path] for path in paths]
    different = len({tuple(p) for p in parts})
    kept = 1
    while len({tuple(p[-kept:]) for p in parts}) < different:
        kept += 1
    return ["/".join(p[-kept:]) for p in parts]


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
