"""`graphtools check-config`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    CANNOT,
    FOUND,
    command,
    complain,
    emit,
    emit_json,
    json_option,
)


@command(
    "check-config",
    group="check",
    example="graphtools check-config pipeline.config --checkpoint model.ckpt-1000 "
    "--label-map label_map.pbtxt\n"
    "graphtools check-config label_map.pbtxt --records train.record",
    also={
        "PIPELINE.CONFIG  # a configuration for training": "check validate config pipeline",
        "LABEL_MAP  # a label map alone: its ids and names": "label-map labelmap",
    },
    exit_codes="0 nothing to change, 1 errors or warnings, 2 cannot do it (the message on stderr "
    "says why)",
)
@click.argument("file", metavar="PIPELINE.CONFIG|LABEL_MAP")
@click.option("--checkpoint", metavar="CHECKPOINT", default="", help="Hold it against this one.")
@click.option("--label-map", metavar="FILE", default="", help="Hold it against this label map.")
@click.option("--records", metavar="FILE", multiple=True, help="Hold it against these. Repeatable.")
@json_option
@click.pass_context
def COMMAND(
    context: click.Context,
    file: str,
    checkpoint: str,
    label_map: str,
    records: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check a training configuration of the Object Detection API, or a label map.

    Without --checkpoint and --label-map, those that the configuration names are looked at, if they
    are there. What `lint` ignores by its settings (graphtools.toml or pyproject.toml) is ignored.
    """
    from graphtools.lint.engine import check_config
    from graphtools.lint.settings import find_settings
    from graphtools.report.findings import findings_document, findings_json

    report = check_config(
        file, checkpoint, label_map, find_settings().for_file(file), records=records
    )
    if as_json:
        emit_json(findings_json(report))
    else:
        emit(findings_document(report))
    for problem in report.problems:
        complain(problem.message, problem.remedy)
    if report.problems:
        context.exit(CANNOT)
    if not report.is_clean:
        context.exit(FOUND)
