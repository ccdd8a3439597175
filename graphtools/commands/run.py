"""`graphtools run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options
from graphtools.commands._samples import sample_options
from graphtools.commands._shared import (
    command,
    json_option,
    note,
    progress,
    show,
    time_limit_option,
    trust_option,
)
from graphtools.wording import counted

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions
    from graphtools.samples.options import SampleOptions

#: Endings of pictures; what else is written holds arrays.
_PICTURES = (".png", ".jpg", ".jpeg")
#: Objects that are drawn at most, unless told otherwise.
_MOST_DRAWN = 20


@command(
    "run",
    group="convert",
    example=(
        "graphtools run frozen.pb --feed input.npz -o outputs.npz\n"
        "graphtools run frozen.pb --feed photo.jpg --mean 127.5 --std 127.5 --labels labels.txt\n"
        "graphtools run model.tflite --feed photos/ --outputs conv1/Relu6 -o layer.npz\n"
        "graphtools run frozen_inference_graph.pb --feed photo.jpg -o boxes.png"
    ),
    also={
        "MODEL --feed DATA": "predict execute classify infer detect invoke forward",
        "MODEL --feed DATA --outputs NODE  # any tensor within": "intermediate activation feature"
        " embedding",
        "MODEL --feed photo.jpg --labels FILE  # on an image": "label_image infer_image",
    },
)
@click.argument("file", metavar="MODEL")
@click.option(
    "--feed",
    metavar="DATA",
    help="Values of the inputs: .npz, .npy, an image, a folder or pattern of these, TFRecords;"
    " random ones by default.",
)
@click.option(
    "-o",
    "--output",
    "targets",
    metavar="FILE",
    multiple=True,
    help="Where values go: an .npz, or a folder for .npy files; a .png or .jpg is the picture with"
    " the boxes that a detector finds. Repeatable.",
)
@model_options
@click.option("--labels", metavar="FILE", help="Names of the classes: a list, or a label map.")
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many classes or objects of a sample are told; 5 with --labels.",
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of objects that are drawn.",
)
@click.option(
    "--dequantize", is_flag=True, help="Give real values in place of a .tflite's stored integers."
)
@sample_options
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of random values (default 0).")
@trust_option
@time_limit_option(help="How long one run may take.")
@json_option
def COMMAND(
    file: str,
    feed: str | None,
    targets: tuple[str, ...],
    options: ModelOptions,
    labels: str | None,
    top: int | None,
    min_score: float,
    dequantize: bool,
    samples: SampleOptions,
    seed: int,
    trust: bool,
    time_limit: float,
    as_json: bool,
) -> None:
    """Run a graph, SavedModel or .tflite, and show or save outputs, or any tensors within.

    Graphs run in TensorFlow and .tflite files in LiteRT, in a process and a folder of their own.
    --outputs takes any tensor by name, those of layers too. Values are saved under their keys in
    the signature, or their names. Images are fed as --mean and --std say.
    """
    from graphtools.analysis.saved_arrays import check_target
    from graphtools.verify.model_run import run_model

    pictures = [name for name in targets if name.lower().endswith(_PICTURES)]
    arrays = [name for name in targets if name not in pictures]
    for name in arrays:
        check_target(name)
    with progress(f"running {file}") as shown:
        found = run_model(
            file,
            feed,
            options=options,
            samples=samples,
            labels=labels,
            top=top or (_MOST_DRAWN if pictures else None),
            dequantize=dequantize,
            seed=seed,
            time_limit=time_limit,
            trust=trust,
            progress=shown.update,
        )
    for name in arrays:
        found.save(name)
        note(f"written {name}")
    for name in pictures:
        from graphtools.report.detection_picture import draw_objects

        count = draw_objects(found, name, min_score=min_score, resize=samples.resize)
        note(f"written {name}, with {counted(count, 'object')} of score {min_score:g} and more")
    show(found, as_json)
