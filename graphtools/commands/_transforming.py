"""What the commands share that apply transforms: options, running, reporting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphtools.commands._models import model_options, read_model, told
from graphtools.commands._shared import (
    FOUND,
    emit,
    emit_json,
    file_argument,
    json_option,
    note,
    output_option,
    progress,
    though_written,
    trust_option,
)

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.model.loading import ModelGraph
    from graphtools.model.options import ModelOptions
    from graphtools.transforms.pipeline import PipelineReport
    from graphtools.verify.verify_rewrite import Verification

F = TypeVar("F", bound=Callable[..., Any])

#: Seconds from which on a transform is named as slow.
_SLOW = 1.0
#: The transform of graphs that are to be trained: their variables stay variables.
_PREPARES_TRAINING = "fake_quantize_training"


def pipeline_options(function: F) -> F:
    """The file, and the options that all commands have which apply transforms."""
    options = (
        file_argument,
        output_option,
        model_options,
        click.option(
            "--rename",
            "renames",
            metavar="OLD=NEW",
            multiple=True,
            help="Give a node another name at last, an input or output too. Repeatable.",
        ),
        click.option("--skips", is_flag=True, help="List what was not done, with the reasons."),
        click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done."),
        click.option(
            "--text",
            "as_text",
            is_flag=True,
            callback=lambda _ctx, _param, value: value or None,
            help="Write the text format.",
        ),
        click.option(
            "--verify", is_flag=True, help="Run both graphs in TensorFlow and compare the outputs."
        ),
        trust_option,
        click.option("--rtol", default=1e-4, show_default=True, help="Relative tolerance."),
        click.option("--atol", default=1e-5, show_default=True, help="Absolute tolerance."),
        click.option("--feed", metavar="FILE", help="An .npz file with inputs; random if absent."),
        click.option(
            "--report", metavar="HTML", help="Write a page that shows what each transform did."
        ),
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


# long: the half of it are its parameters, the options that these commands share
def apply_pipeline(
    ctx: click.Context,
    spec: str | Callable[[Graph], str],
    *,
    file: str,
    options: ModelOptions,
    target: str | None,
    skips: bool = False,
    dry_run: bool = False,
    stop_after: str | None = None,
    as_text: bool | None = None,
    as_json: bool = False,
    verify: bool = False,
    trust: bool = False,
    rtol: float = 0,
    atol: float = 0,
    feed: str | None = None,
    report: str | None = None,
    renames: Sequence[str] = (),
    remarks: Callable[[ModelGraph], Iterable[str]] | None = None,
) -> None:
    """Read a graph, transform it, write it and say what was done.

    Args:
        ctx: The command's context.
        spec: The pipeline, or what makes it of the graph.
        file: The graph.
        options: How it is read, and which shapes its inputs get.
        target: Where the graph goes.
        skips: Whether to list what was skipped.
        dry_run: Whether to write nothing.
        stop_after: The transform behind which to end.
        as_text: Whether to write text; by the target's name if None.
        as_json: Whether to print JSON.
        verify: Whether to run both graphs in TensorFlow.
        trust: Whether to do so where they write or read files, or use the network.
        rtol: Relative tolerance of the outputs.
        atol: Absolute tolerance of the outputs.
        feed: An .npz file with inputs; random ones if None.
        report: Where a page on what was done goes; None for nowhere.
        renames: Names that nodes get at last, as `old=new`.
        remarks: Tells what is to be said of the graph before.
    """
    from graphtools.errors import InvalidValue
    from graphtools.formats import save
    from graphtools.model.endpoints import no_outputs
    from graphtools.model.loading import shaped
    from graphtools.model.write_back import is_written_back, write_back
    from graphtools.transforms.pipeline import (
        PipelineReport,
        Transformed,
        check_functions,
        transform,
    )

    if target is None and not dry_run:
        raise InvalidValue("where shall the graph go?", "say it with -o, or use --dry-run")
    new_names = _new_names(renames)
    model = read_model(file, options)
    prepares = isinstance(spec, str) and _PREPARES_TRAINING in spec
    is_kept = prepares or (target is not None and is_written_back(model.file, target))
    read = told(shaped(model.stored) if is_kept else model.rewritable)
    if not read.outputs and options.outputs is None:
        raise no_outputs(file)
    for text in remarks(read) if remarks is not None else ():
        note(text)
    if callable(spec):
        spec = spec(read.graph)
        note(f"transforms: {spec}")
    steps = _steps(spec, stop_after)
    with progress(f"transforming {file}"):
        done = transform(read.graph, steps, read.inputs, read.outputs)
        check_functions(done.graph)
    compared = None
    if verify:
        compared = _compared(read, done.graph, feed, rtol, atol, trust)
    if new_names:
        named = transform(done.graph, [_renaming(*pair) for pair in new_names])
        done = Transformed(named.graph, PipelineReport(done.report.steps + named.report.steps))
    if not dry_run and target is not None:
        with progress(f"writing {target}"):
            if is_written_back(model.file, target):
                remarks_on_it = write_back(model, done.graph, target, as_text=as_text)
            else:
                remarks_on_it = [save(done.graph, target, as_text=as_text, like=model.file)]
        for text in remarks_on_it:
            note(text)
    if report is not None:
        from graphtools.formats.source import write_file
        from graphtools.report.reporting import transformation_report

        written = () if dry_run or target is None else (target,)
        with though_written(*written), progress(f"writing {report}"):
            page = transformation_report(file, read.graph, done, compared)
            write_file(report, [page.encode()])
    if target != "-":
        _show(done.report, compared, skips=skips, as_json=as_json)
    if compared is not None and not compared.equal:
        ctx.exit(FOUND)


def apply_legacy(
    spec: str | Callable[[Graph], str],
    file: str,
    target: str,
    ends: tuple[Sequence[str], Sequence[str]],
    *,
    as_text: bool,
    as_json: bool,
) -> None:
    """Transform a graph as old programs did: see `apply_pipeline`; all inputs and outputs named."""
    from graphtools.model.options import ModelOptions

    apply_pipeline(
        click.get_current_context(),
        spec,
        file=file,
        options=ModelOptions(*ends),
        target=target,
        as_text=as_text,
        as_json=as_json,
    )


def _new_names(renames: Sequence[str]) -> list[tuple[str, str]]:
    """The names that nodes have and get.

    Raises:
        InvalidValue: One is written otherwise.
    """
    from graphtools.errors import InvalidValue

    pairs = []
    for text in renames:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise InvalidValue(f"{text!r} does not say which name becomes which", "write OLD=NEW")
        pairs.append((old, new))
    return pairs


def _renaming(old: str, new: str) -> str:
    """The step that gives a node another name."""
    from graphtools.rewrite.grammar import Step

    return str(Step("rename_node", {"old_node_name": [old], "new_node_name": [new]}))


def _steps(spec: str, stop_after: str | None) -> list[str]:
    """The steps of a pipeline, up to one of them."""
    from graphtools.errors import InvalidValue
    from graphtools.transforms.pipeline import checked_steps

    steps = [str(step) for step, _ in checked_steps(spec)]
    if not stop_after:
        return steps
    names = [step.partition("(")[0] for step in steps]
    if stop_after not in names:
        raise InvalidValue(f"{stop_after!r} is none of the transforms: {', '.join(names)}")
    return steps[: names.index(stop_after) + 1]


def _compared(
    read: ModelGraph,
    transformed: Graph,
    feed: str | None,
    rtol: float,
    atol: float,
    trust: bool,
) -> Verification:
    """Run the graph that was read and the transformed one in TensorFlow."""
    from graphtools.verify.feeds import make_feeds
    from graphtools.verify.verify_rewrite import verify

    with progress("running both graphs in TensorFlow"):
        feeds = make_feeds(read.graph, read.inputs, feed, read.input_shapes, keys=read.keys)
        return verify(
            read.graph,
            transformed,
            read.inputs,
            read.outputs,
            feeds,
            rtol=rtol,
            atol=atol,
            trust=trust,
            own_files=read.own_files,
        )


def _show(
    report: PipelineReport, compared: Verification | None, *, skips: bool, as_json: bool
) -> None:
    from graphtools.report.transforms import pipeline_document

    if as_json:
        emit_json({"transformation": report, "verification": compared})
        return
    emit(pipeline_document(report, skips=skips))
    for step in report.steps:
        if step.seconds >= _SLOW:
            note(f"{step.step.partition('(')[0]} took {step.seconds:.1f} s")
    if compared is not None:
        from graphtools.report.verification import verification_document

        emit(verification_document(compared))
