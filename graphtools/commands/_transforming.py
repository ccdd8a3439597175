"""What the commands share that apply transforms: options, running, reporting."""

from __future__ import annotations

from collections.abc import Callable
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
    from graphtools.model.options import ModelOptions

F = TypeVar("F", bound=Callable[..., Any])

#: The transform of graphs that are to be trained: their variables stay variables.
_PREPARES_TRAINING = "fake_quantize_training"


def pipeline_options(function: F) -> F:
    """The file, and the options that all commands have which apply transforms."""
    options = (
        file_argument,
        output_option,
        model_options,
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
) -> None:
    """Read a graph, transform it, write it and say what was done.

    Args:
        ctx: The command's context.
        spec: The pipeline, or what makes it of the graph.
        file: The graph.
        options: How it is read; `input_shapes` are those of random inputs.
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
    """
    from graphtools.errors import InvalidValue
    from graphtools.formats import save
    from graphtools.model.endpoints import no_outputs
    from graphtools.report.transforms import pipeline_document
    from graphtools.transforms.pipeline import check_functions, checked_steps, transform

    if target is None and not dry_run:
        raise InvalidValue("where shall the graph go?", "say it with -o, or use --dry-run")
    model = read_model(file, options)
    prepares = isinstance(spec, str) and _PREPARES_TRAINING in spec
    read = told(model.stored if prepares else model.examined)
    if not read.outputs and options.outputs is None:
        raise no_outputs(file)
    graph, inputs, outputs = read.graph, read.inputs, read.outputs
    if callable(spec):
        spec = spec(graph)
        note(f"transforms: {spec}")
    steps = [str(step) for step, _ in checked_steps(spec)]
    if stop_after:
        names = [step.partition("(")[0] for step in steps]
        if stop_after not in names:
            raise InvalidValue(f"{stop_after!r} is none of the transforms: {', '.join(names)}")
        steps = steps[: names.index(stop_after) + 1]
    with progress(f"transforming {file}"):
        done = transform(graph, steps, inputs, outputs)
        check_functions(done.graph)
    compared = None
    if verify:
        from graphtools.verify.feeds import make_feeds
        from graphtools.verify.verify_rewrite import verify as compare

        with progress("running both graphs in TensorFlow"):
            feeds = make_feeds(graph, inputs, feed, read.input_shapes, keys=read.keys)
            compared = compare(
                graph,
                done.graph,
                inputs,
                outputs,
                feeds,
                rtol=rtol,
                atol=atol,
                trust=trust,
            )
    if not dry_run and target is not None:
        with progress(f"writing {target}"):
            remark = save(done.graph, target, as_text=as_text, like=model.file)
        note(remark)
    if report is not None:
        from graphtools.formats.source import write_file
        from graphtools.report.reporting import transformation_report

        written = () if dry_run or target is None else (target,)
        with though_written(*written), progress(f"writing {report}"):
            page = transformation_report(file, graph, done, compared)
            write_file(report, [page.encode()])
    if target != "-":
        if as_json:
            emit_json({"transformation": done.report, "verification": compared})
        else:
            emit(pipeline_document(done.report, skips=skips))
            if compared is not None:
                from graphtools.report.verification import verification_document

                emit(verification_document(compared))
    if compared is not None and not compared.equal:
        ctx.exit(FOUND)
