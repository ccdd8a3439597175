"""What the commands share that apply transforms: options, running, reporting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from graphtools.commands._shared import (
    FOUND,
    choose_ends,
    emit,
    emit_json,
    note,
    progress,
    read_input_shapes,
)

F = TypeVar("F", bound=Callable[..., Any])
#: Relative and absolute tolerance, an .npz file with inputs or None, shapes of inputs.
Verification = tuple[float, float, "str | None", tuple[str, ...]]


def verify_options(function: F) -> F:
    """The options of `--verify`."""
    options = (
        click.option(
            "--verify", is_flag=True, help="Run both graphs in TensorFlow and compare the outputs."
        ),
        click.option("--rtol", default=1e-4, show_default=True, help="Relative tolerance."),
        click.option("--atol", default=1e-5, show_default=True, help="Absolute tolerance."),
        click.option("--feed", metavar="FILE", help="An .npz file with inputs; random if absent."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def apply_pipeline(
    ctx: click.Context,
    file: str,
    spec: str | Callable[[Any], str],
    *,
    inputs: list[str] | None,
    outputs: list[str] | None,
    target: str | None,
    tags: list[str] | None = None,
    skips: bool = False,
    dry_run: bool = False,
    stop_after: str | None = None,
    as_text: bool | None = None,
    as_json: bool = False,
    verification: Verification | None = None,
) -> None:
    """Read a graph, transform it, write it and say what was done.

    Args:
        ctx: The command's context.
        file: The graph.
        spec: The pipeline, or what makes it of the graph.
        inputs: Names of the inputs; the likely ones if None.
        outputs: Names of the outputs; the likely ones if None.
        target: Where the graph goes.
        tags: For a SavedModel.
        skips: Whether to list what was skipped.
        dry_run: Whether to write nothing.
        stop_after: The transform behind which to end.
        as_text: Whether to write text; by the target's name if None.
        as_json: Whether to print JSON.
        verification: How to verify the result; not at all if None.
    """
    from graphtools.errors import InvalidValue
    from graphtools.formats import graph_of, open_model, save, signatures_of
    from graphtools.report.transforms import pipeline_document
    from graphtools.transforms.pipeline import checked_steps, transform

    if target is None and not dry_run:
        raise InvalidValue("where shall the graph go?", "say it with -o, or use --dry-run")
    with progress(f"reading {file}"):
        model = open_model(file)
        graph = graph_of(model, tags)
    inputs, outputs = choose_ends(graph, inputs, outputs, signatures_of(model, tags))
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
    compared = None
    if verification is not None:
        from graphtools.convert.feeds import make_feeds
        from graphtools.convert.verify_rewrite import verify

        rtol, atol, feed, shapes = verification
        with progress("running both graphs in TensorFlow"):
            feeds = make_feeds(graph, inputs, feed, read_input_shapes(graph, shapes))
            compared = verify(graph, done.graph, inputs, outputs, feeds, rtol=rtol, atol=atol)
    if not dry_run and target is not None:
        with progress(f"writing {target}"):
            save(done.graph, target, as_text=as_text)
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
