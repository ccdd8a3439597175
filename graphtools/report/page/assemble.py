"""Puts a page together: sections, style, script and data in one file that loads nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

from graphtools.report.html import text_html

#: What a page may load: nothing but what stands in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

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
    html: str
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
    contents, bodies = [], []
    for number, chapter in enumerate(chapters):
        entries = []
        parts = []
        for place, section in enumerate(chapter.sections):
            anchor = f"s{number}-{place}"
            heading = text_html(section.title)
            note = f' <span class="note">{text_html(section.note)}</span>' if section.note else ""
            entries.append(f'<li><a href="#{anchor}">{heading}</a>{note}</li>')
            parts.append(f'<section id="{anchor}"><h2>{heading}</h2>{section.html}</section>')
        name = text_html(chapter.title)
        contents.append(f'<li><a href="#c{number}">{name}</a><ul>{"".join(entries)}</ul></li>')
        bodies.append(
            f'<article id="c{number}" data-chapter="{number}"><header><h1>{name}</h1>'
            f'<p class="lead">{text_html(chapter.lead)}</p></header>{"".join(parts)}</article>'
        )
    data = {str(number): chapter.data for number, chapter in enumerate(chapters) if chapter.data}
    return _PAGE.format(
        policy=_POLICY,
        title=text_html(title),
        style=_asset("page.css"),
        contents="".join(contents),
        bodies="".join(bodies),
        made_by=text_html(made_by),
        data=_script_json(data),
        script="\n".join(_asset(f"script/{name}.js") for name in _SCRIPTS),
    )


def _script_json(data: object) -> str:
    """JSON that may stand in a script element: nothing in it ends the element."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return resources.files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<script>
document.documentElement.dataset.theme =
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
</script>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<nav aria-label="Contents"><div class="tools"><strong>graphtools</strong>
<button type="button" id="theme" aria-label="Dark or light">&#9681;</button></div>
<ul class="contents">{contents}</ul></nav>
<main id="main">{bodies}
<footer>{made_by}</footer></main>
<script type="application/json" id="data">{data}</script>
<script>
"use strict";
{script}</script>
</body>
</html>
"""
