"""Documents as HTML, and the templates of pages: what is not `Markup` is escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from graphtools.report.document import Document
from graphtools.wording import printable

if TYPE_CHECKING:
    from jinja2 import Environment

#: Tables with more rows say how many more there are.
MOST_ROWS = 500


def render_html(document: Document, *, level: int = 3, nodes: bool = False) -> Markup:
    """Render a document.

    Args:
        document: The blocks.
        level: Level of its headings, 1 to 6.
        nodes: Whether the first cells of tables are names of nodes, which lead to the graph of the
            page.
    """
    blocks = [(type(block).__name__, block) for block in document]
    return fill("document.html", blocks=blocks, level=level, nodes=nodes, most_rows=MOST_ROWS)


def fill(template: str, **what: object) -> Markup:
    """A template of pages with what it is to show; control characters are shown as what they are.

    Args:
        template: Its file's name.
        what: Its variables. Text is escaped, `Markup` is not.
    """
    # a template that is filled in is markup: nothing but `Markup` comes through it unescaped
    return Markup(templates().get_template(template).render(what))


@cache
def templates() -> Environment:
    """The templates of pages."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        finalize=lambda shown: printable(shown) if type(shown) is str else shown,
        loader=PackageLoader("graphtools.report.page"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment
