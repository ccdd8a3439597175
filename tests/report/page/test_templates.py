"""Templates of pages: whatever a model's names say, they are texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib import resources

import pytest
from jinja2 import UndefinedError

from graphtools.analysis.histogram import Histogram
from graphtools.findings.finding import Finding
from graphtools.report.document import Commands, Document, Facts, Heading, Items, Table, Text
from graphtools.report.html import fill, render_html, templates
from graphtools.report.page.assemble import Chapter, Section, assemble

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "{{ 7 * 7 }}{% raw %}{# gone #}",
    "</title></style></pre></textarea>",
    "&lt;b&gt; &amp;amp; &#60;b&#62;",
]


def finding(text: str) -> Finding:
    return Finding(text, text, text, text, f"remedy {text[:-1]}", text, cure=text)


def links(text: str) -> str:
    module = templates().get_template("links.html").module
    return f"{module.node(text)}{module.op(text)}"  # type: ignore[attr-defined]


def document(text: str) -> str:
    table = Table((text, text), [(text, text)], (1,))
    blocks: Document = [Heading(text), Text(text), Facts([(text, text)]), table, Items([text])]
    return render_html([*blocks, Commands([text])]) + render_html([table], nodes=True)


def page(text: str) -> str:
    section = Section(text, render_html([Text(text)]), text)
    return assemble(text, [Chapter(text, text, [section])], text)


def values(text: str) -> str:
    histogram = Histogram(0.0, 1.0, (3, 0), sampled=False, not_finite=2)
    shown = [(text, text, histogram, ""), (text, text, None, text), (text, text, None, "")]
    return fill("values.html", tensors=shown)


CASES: dict[str, Callable[[str], str]] = {
    "bars.html": lambda text: (
        fill("bars.html", rows=[(text, 2), (text, 1)], most=1, ops=True)
        + fill("bars.html", rows=[(text, 2)], most=1, ops=False)
    ),
    "document.html": document,
    "findings.html": lambda text: fill("findings.html", findings=[finding(text)] * 2, most=1),
    "first.html": lambda text: fill("first.html", answers=[(text, text)], picture=text),
    "functions.html": lambda text: fill(
        "functions.html", functions=[(text, text, None), (text, text, 0)]
    ),
    "links.html": links,
    "page.html": page,
    "shown.html": lambda text: fill("shown.html", source=text, remark=text),
    "sides.html": lambda text: (
        fill("sides.html", sides=[(text, text)], pictures=False)
        + fill("sides.html", sides=[(text, text)], pictures=True)
    ),
    "values.html": values,
    "wrong.html": lambda text: fill("wrong.html", told=text, findings=[finding(text)]),
}


class Tokens(HTMLParser):
    """What a browser sees: elements with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(str(html))  # pieces of `Markup` would be escaped when they are compared
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(f"<{tag} {attrs}>")

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def test_each_template_has_a_case() -> None:
    assert set(templates().list_templates()) == set(CASES)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("template", CASES)
def test_no_text_changes_what_a_template_consists_of(template: str, hostile: str) -> None:
    harmless = "x" * len(hostile)
    plain = Tokens(CASES[template](harmless)).seen
    evil = Tokens(CASES[template](hostile)).seen
    assert any(harmless in token for token in plain)
    # attributes are shown by their repr
    pairs = [(repr(hostile), repr(harmless)), (hostile, harmless)]
    pairs += [(hostile[:-1], harmless[:-1])]
    for found, wanted in pairs:
        evil = [token.replace(found, wanted) for token in evil]
    assert evil == plain


@pytest.mark.parametrize("template", CASES)
def test_no_template_lets_text_through(template: str) -> None:
    folder = resources.files("graphtools.report.page").joinpath("templates")
    source = folder.joinpath(template).read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source)
    assert templates().get_template(template).environment.autoescape is True


def test_control_characters_are_shown() -> None:
    assert "\\x1b[2J" in fill("shown.html", source="", remark="\x1b[2J")


def test_a_variable_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        fill("shown.html", source="")


def test_bars_are_as_long_as_their_numbers() -> None:
    html = fill("bars.html", rows=[("a", 4000), ("b", 1000), ("c", 1)], most=2, ops=False)
    assert re.findall(r"width:([0-9.]+)%", html) == ["100.0", "25.0"]
    assert "4,000" in html
    assert "and 1 more" in html
    assert fill("bars.html", rows=[], most=2, ops=False).split() == [
        "<div",
        'class="bars">',
        "</div>",
    ]


def test_a_histogram_stands_on_its_ground() -> None:
    html = values("name")
    places = [float(y) for y in re.findall(r' y="([0-9.]+)"', html)]
    heights = [float(height) for height in re.findall(r' height="([0-9.]+)"', html)]
    assert heights == [38.0, 0.0]
    assert [y + height for y, height in zip(places, heights, strict=True)] == [40.0, 40.0]
    assert "0 to 1" in html
    assert "2 NaN or infinite" in html
    assert "no numbers with a range" in html


def test_a_cure_that_the_remedy_names_is_not_told_twice() -> None:
    told = Finding("c", "n", "error", "m", "fuse it", cure="fold")
    assert "--transforms 'fold'" in fill("findings.html", findings=[told], most=1)
    named = Finding("c", "n", "error", "m", "run fold on it", cure="fold")
    assert "--transforms" not in fill("findings.html", findings=[named], most=1)
    assert "Nothing found." in fill("findings.html", findings=[], most=1)
