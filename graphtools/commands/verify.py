"""`graphtools verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options
from graphtools.commands._samples import sample_options
from graphtools.commands._shared import (
    DONE,
    FOUND,
    command,
    json_option,
    note,
    progress,
    show,
    time_limit_option,
    trust_option,
)

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions
    from graphtools.samples.options import SampleOptions
    from graphtools.verify.verify_models import ModelVerification


@command(
    "verify",
    group="compare",
    example=(
        "graphtools verify frozen.pb model.tflite\n"
        "graphtools verify frozen_inference_graph.pb detect.tflite --feed image.npz\n"
        "graphtools verify saved_model/ model.tflite --layers\n"
        "graphtools verify frozen.pb int8.tflite --labels photos/ --mean 127.5 --std 127.5"
    ),
    also={
        "A B  # what they compute": "compare cmp equal",
        "FILE MODEL.tflite --feed INPUTS.npz --layers": "accuracy evaluate",
    },
    exit_codes="0 they compute the same, 1 they do not, 2 cannot do it (stderr says why)",
)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--feed", metavar="NPZ", help="Values of the inputs; random ones by default.")
@click.option(
    "--labels",
    metavar="DATA",
    help="Compare how often both are right: a folder with a folder of images for each class, or"
    " TFRecords of classification.",
)
@click.option(
    "--class-names",
    metavar="FILE",
    help="Names of the classes of --labels in their order, or a label map; folders by default.",
)
@click.option(
    "--most-lost",
    metavar="POINTS",
    type=float,
    default=1.0,
    show_default=True,
    help="Percentage points that B may lose with --labels.",
)
@sample_options
@model_options
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of random values (default 0).")
@click.option(
    "--tolerance",
    metavar="KIND",
    default="",
    help="float, float16, int16x8, dynamic, int8 or uint8; by default as the models are.",
)
@click.option("--rtol", type=float, help="Relative tolerance, of the largest element.")
@click.option("--atol", type=float, help="Absolute tolerance.")
@click.option("--layers", is_flag=True, help="Compare all tensors that both have by name.")
@click.option(
    "--reference-kernels", "reference", is_flag=True, help="Run LiteRT's reference kernels: slow."
)
@trust_option
@time_limit_option(help="How long one run may take.")
@click.option("--report", metavar="HTML", help="Write a page on it.")
@json_option
@click.pass_context
# long: its parameters are the options of the command
def COMMAND(
    ctx: click.Context,
    first: str,
    second: str,
    feed: str | None,
    labels: str | None,
    class_names: str | None,
    most_lost: float,
    samples: SampleOptions,
    options: ModelOptions,
    seed: int,
    tolerance: str,
    rtol: float | None,
    atol: float | None,
    layers: bool,
    reference: bool,
    trust: bool,
    time_limit: float,
    report: str | None,
    as_json: bool,
) -> None:
    """Compare what two models compute: graphs, SavedModels and .tflite files, in any combination.

    Both get the same inputs, in TensorFlow and in LiteRT. A is the reference. What is tolerated
    depends on how B was converted; detectors are compared detection by detection. With --labels,
    it is how often each is right.
    """
    from graphtools.samples.options import SampleOptions

    if labels is not None:
        from graphtools.verify.accuracy import compare_accuracy

        with progress(f"comparing {first} with {second}") as shown:
            accuracy = compare_accuracy(
                first,
                second,
                labels,
                class_names=class_names,
                options=options,
                samples=samples,
                most_lost=most_lost,
                time_limit=time_limit,
                trust=trust,
                progress=shown.update,
            )
        show(accuracy, as_json)
        ctx.exit(DONE if accuracy.sound else FOUND)
    if samples != SampleOptions() or class_names is not None:
        raise click.UsageError("how images are read, and names of classes, count with --labels")
    from graphtools.verify.verify_models import verify_models

    with progress(f"comparing {first} with {second}"):
        found: ModelVerification = verify_models(
            first,
            second,
            feed,
            options=options,
            seed=seed,
            tolerance=tolerance,
            rtol=rtol,
            atol=atol,
            layers=layers,
            reference=reference,
            trust=trust,
            time_limit=time_limit,
        )
    if report is not None:
        from graphtools.formats.source import write_file
        from graphtools.report.reporting import verification_report

        with progress(f"writing {report}"):
            write_file(report, [verification_report(found).encode()])
        note(f"written {report}")
    show(found, as_json)
    if not found.equal:
        ctx.exit(FOUND)
