"""Reports as HTML pages, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from graphtools.analysis.graph_diff import diff_graphs
from graphtools.analysis.model_diff import ModelDiff, diff_models
from graphtools.analysis.variables import open_variables
from graphtools.errors import FileProblem
from graphtools.formats import graph_of
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.lint.settings import LintSettings
from graphtools.report.diffs import diff_document
from graphtools.report.document import Heading
from graphtools.report.html import render_html
from graphtools.report.json import render_json
from graphtools.report.markdown import render_markdown
from graphtools.report.model_report import gather, report_document
from graphtools.report.page.assemble import Chapter, Section, assemble, short_names
from graphtools.report.page.diff_chapter import diff_chapter
from graphtools.report.page.model_chapter import model_chapter
from graphtools.wording import counted

if TYPE_CHECKING:
    from graphtools.convert.conversion.report import Conversion, ConversionFailure
    from graphtools.transforms.pipeline import Transformed
    from graphtools.verify.verify_models import ModelVerification
    from graphtools.verify.verify_rewrite import Verification


def format_of(path: str) -> str:
    """The format that a path asks for by its suffix; HTML if by none."""
    lowered = path.lower()
    if lowered.endswith((".md", ".markdown")):
        return "markdown"
    return "json" if lowered.endswith(".json") else "html"


def models_report(
    paths: str | Sequence[str],
    kind: str = "html",
    *,
    settings: LintSettings | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    refused: Callable[[str, str], None] = lambda _path, _why: None,
) -> str:
    """A report on models.

    Args:
        paths: Graphs, SavedModels, checkpoints, TFLite models; or one of them.
        kind: `html`, `markdown` or `json`.
        settings: How graphs are read, and what lint looks for; what is usual if None.
        progress: Is told how many files are done, and of how many.
        refused: Is told the files that TensorFlow refuses, and why; they are reported as far as
            that goes.

    Raises:
        GraphtoolsError: A file cannot be read.

    Example:
        >>> graphtools.models_report(["fixtures/lstm/frozen.pb"], "markdown").splitlines()[0]
        '### fixtures/lstm/frozen.pb: GraphDef (binary), 11.2 kB'
    """
    paths = [paths] if isinstance(paths, str) else paths
    reports, chapters, documents = [], [], []
    names = short_names(paths)
    for number, path in enumerate(paths):
        gathered = gather(path, settings)
        reports.append(gathered.report)
        for why in gathered.report.summary.problems[:1]:
            refused(path, why)
        if kind == "html":
            chapters.append(model_chapter(gathered, names[number]))
        elif kind == "markdown":
            documents += report_document(gathered.report)
        progress(number + 1, len(paths))
    if kind == "json":
        return render_json({"files": reports}) + "\n"
    if kind == "markdown":
        return render_markdown(documents)
    return assemble(", ".join(names), chapters, _made_by())


def diff_report(
    a: str, b: str, kind: str = "html", *, tags: Sequence[str] | None = None
) -> tuple[str, bool]:
    """A report on the difference of two files, and whether there is none.

    Args:
        a: A checkpoint, graph or SavedModel.
        b: Another.
        kind: `html`, `markdown` or `json`.
        tags: For SavedModels, the tags of the meta graph.

    Raises:
        GraphtoolsError: A file cannot be read, or the two cannot be compared.

    Example:
        >>> a, b = "fixtures/lstm/graph.pb", "fixtures/lstm/frozen.pb"
        >>> text, same = graphtools.diff_report(a, b, "markdown")
        >>> same
        False
    """
    models = [open_variables(path) for path in (a, b)]
    diff = diff_models(*models, tags=tags)
    if kind == "json":
        return render_json(diff) + "\n", diff.same
    if kind == "markdown":
        title = Heading(f"{a} and {b}")
        return render_markdown([title, *diff_document(diff)]), diff.same
    graphs: list[Graph] = []
    for model in models:
        if not isinstance(model, Checkpoint | TFLiteModel):
            try:
                graphs.append(graph_of(model, tags))
            except FileProblem:  # a folder of variables alone
                continue
    both = (graphs[0], graphs[1]) if len(graphs) == 2 else None
    chapter = diff_chapter(diff, both)
    return assemble(chapter.title, [chapter], _made_by()), diff.same


def transformation_report(
    path: str,
    before: Graph,
    done: Transformed,
    verification: Verification | None = None,
) -> str:
    """A page on what transforms did to a graph: each one, the changed parts, the verification.

    Args:
        path: Where the graph came from.
        before: The graph.
        done: What the transforms made of it.
        verification: How its outputs compare; None if they were not.
    """
    from graphtools.report.transforms import pipeline_document
    from graphtools.report.verification import verification_document

    sections = [Section("What each did", render_html(pipeline_document(done.report, skips=True)))]
    if verification is not None:
        sections.append(Section("Outputs", render_html(verification_document(verification))))
    diff = diff_graphs(before, done.graph)
    chapter = diff_chapter(
        ModelDiff("before", "after", diff.same, (), None, diff), (before, done.graph)
    )
    sections += chapter.sections
    lead = f"{counted(len(before), 'node')} before (A), {len(done.graph):,} after (B)"
    (name,) = short_names([path])
    return assemble(name, [Chapter(name, lead, sections)], _made_by())


def conversion_report(
    done: Sequence[tuple[str, Conversion]], failures: Sequence[ConversionFailure] = ()
) -> str:
    """A page on conversions to TFLite: before and after, how they run, why some were not made.

    Args:
        done: Where each graph stands, with what came of it.
        failures: The graphs of which no model was made.

    Raises:
        GraphtoolsError: A graph or model cannot be read any more.
    """
    from graphtools.report.page.conversion_chapter import conversion_chapter, failure_chapter

    chapters = [conversion_chapter(source, found) for source, found in done]
    chapters += [failure_chapter(failure) for failure in failures]
    return assemble("Conversion to TFLite", chapters, _made_by())


def verification_report(found: ModelVerification) -> str:
    """A page on the comparison of what two models compute.

    Raises:
        GraphtoolsError: One of them cannot be read any more.
    """
    from graphtools.report.page.conversion_chapter import verification_chapter

    chapter = verification_chapter(found)
    return assemble(chapter.title, [chapter], _made_by())


def _made_by() -> str:
    from importlib.metadata import version

    return f"made by graphtools {version('tf-graphtools')}"
