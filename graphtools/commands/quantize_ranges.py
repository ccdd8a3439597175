"""`graphtools quantize-ranges`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._models import model_options, read_model, told
from graphtools.commands._quantizing import (
    EXIT_CODES,
    exit_if_left,
    quantization_options,
    take_quantization,
)
from graphtools.commands._samples import sample_parameters
from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    note,
    progress,
    show,
    trust_option,
)

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions

_METHODS = ("min-max", "percentile", "moving-average")


@command(
    "quantize-ranges",
    group="edit",
    example=(
        "graphtools quantize-ranges frozen.pb -o ranges.pb --calibrate photos/ --mean 127.5 "
        "--std 127.5\n"
        "graphtools quantize-ranges frozen.pb -o ranges.pb --calibrate data.npz "
        "--method percentile"
    ),
    also={
        "FROZEN.pb -o OUT.pb --calibrate DATA": "post-training quantization calibrated ranges",
    },
    exit_codes=EXIT_CODES,
)
@file_argument
@click.option("-o", "--output", "target", metavar="OUT.pb", required=True, help="The result.")
@model_options
@click.option(
    "--calibrate",
    metavar="DATA",
    required=True,
    help="Images (a folder or pattern), .npz, .npy or TFRecords, as the model gets them.",
)
@click.option(
    "--method",
    type=click.Choice(_METHODS),
    default="min-max",
    show_default=True,
    help="How a range is chosen from the values.",
)
@click.option("--percentile", default=99.99, show_default=True, help="Of the values, those within.")
@sample_parameters
@quantization_options
@trust_option
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@json_option
@click.pass_context
# long: its parameters are the options of the command
def COMMAND(
    ctx: click.Context,
    /,
    file: str,
    target: str,
    options: ModelOptions,
    calibrate: str,
    method: str,
    percentile: float,
    samples: int,
    resize: str,
    mean: str | None,
    std: str | None,
    keys: tuple[str, ...],
    trust: bool,
    as_text: bool,
    strict: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Put FakeQuants with calibrated ranges into a frozen float graph.

    Quantization after training that can be looked at, edited, linted and converted as qat: the
    graph is run on the samples, and what layers give has the range of its values there. Needs
    TensorFlow.
    """
    from graphtools.convert.calibration.calibrating import calibration_for
    from graphtools.convert.calibration.range_calibration import (
        RangesReport,
        with_calibrated_ranges,
    )
    from graphtools.formats import save
    from graphtools.model.endpoints import no_outputs
    from graphtools.samples.inputs import read_keys

    model = told(read_model(file, options).runnable)
    if not model.outputs:
        raise no_outputs(file)
    quantization = take_quantization(given)
    data = calibration_for(
        model.graph,
        model.inputs,
        calibrate,
        shapes=model.input_shapes,
        steps=samples,
        resize=resize,
        mean=mean,
        std=std,
        keys=read_keys(keys),
        signature=model.keys,
        model=file,
    )
    with data, progress(f"running {file} on samples"):
        done = with_calibrated_ranges(
            model.graph,
            model.outputs,
            data,
            quantization,
            method=method,
            percentile=percentile,
            trust=trust,
        )
    note("; ".join(data.notes))
    note(save(done.graph, target, as_text=as_text or None))
    report = RangesReport(
        file,
        target,
        data.source,
        method,
        done.report,
        done.ranges,
        done.outputs,
        len(model.graph),
        len(done.graph),
    )
    if target != "-":
        show(report, as_json)
    exit_if_left(ctx, report.quantization, strict=strict)
