"""`graphtools convert`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from graphtools.commands._converting import EXIT_CODES, convert_files
from graphtools.commands._models import model_options
from graphtools.commands._samples import sample_parameters
from graphtools.commands._shared import command, json_option, time_limit_option, trust_option
from graphtools.commands._target_formats import TFLITE, change_formats, targets, wanted_format
from graphtools.commands._targets import (
    TARGET_OPTIONS,
    convert_to_target,
    refuse_options,
    target_options,
)

if TYPE_CHECKING:
    from graphtools.convert.calibration.calibration import Calibration
    from graphtools.convert.target import TargetOptions
    from graphtools.graph.graph import Graph
    from graphtools.model.options import ModelOptions

_MODES = ("none", "dynamic", "float16", "int8", "int16x8", "qat", "dummy")
_TYPES = ("float32", "uint8", "int8", "int16")
_SHAPES = {"input_shapes", "batch"}
#: What says how a .tflite model is to be.
_OF_TFLITE = {
    "quantize", "input_type", "output_type", "input_stats", "default_ranges", "calibrate",
    "samples", "resize", "mean", "std", "keys", "per_tensor", "allow_custom_ops", "select_tf_ops",
    "report",
}  # fmt: skip


@command(
    "convert",
    group="convert",
    example=(
        "graphtools convert frozen.pb -o model.tflite\n"
        "graphtools convert graph.pb --checkpoint model.ckpt -o model.tflite\n"
        "graphtools convert frozen.pb --quantize int8 --calibrate photos/ -o model.tflite\n"
        "graphtools convert qat.pb --quantize qat --input-stats image=128,128 -o model.tflite\n"
        "graphtools convert a.pb b.pb saved_model/ -o 'models/{name}.tflite'\n"
        "graphtools convert frozen.pb -o model.onnx --inputs-as-nchw\n"
        "graphtools convert frozen.pb --input-shape input=1,32,32,3 -o model.ncnn.param\n"
        "graphtools convert frozen.pb -o frozen.pbtxt"
    ),
    also={
        "FILE -o OUT.tflite --quantize dynamic  # to a .tflite model": "quantize quantise"
        " ptq post-training-quantization",
        "FILE -o OUT.tflite --quantize int8 --calibrate DATA  # all in integers": "full-integer"
        " int8 uint8 representative-dataset calibrate",
        "FILE -o OUT.tflite --quantize float16  # weights of half the size": "float16 fp16 half",
        "FILE -o OUT.tflite": "tflite lite to-tflite pb2tflite toflite conversion translate",
        "FILE -o OUT.pbtxt  # as text, without loss": "pbtxt pb2pbtxt to-text to-pbtxt text"
        " print-graph dump-graph",
        "FILE -o OUT.pb  # as binary, without loss": "pb pbtxt2pb to-pb to-binary binary",
        "FILE -o OUT  # the ending says the format: .pb, .pbtxt, .tflite": "save copy export",
        "FILE -o OUT.onnx": "onnx to-onnx tf2onnx",
        "FILE -o OUT.ncnn.param": "ncnn to-ncnn pnnx",
    },
    exit_codes=EXIT_CODES,
)
@click.argument("files", metavar="MODEL...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    required=True,
    help="Where the model goes; for several models a folder, or a pattern with {name}. The ending "
    "says what is wanted: .tflite, .onnx, .ncnn.param; .pb, .pbtxt or .meta for the same model as"
    " binary or text.",
)
@click.option(
    "--to",
    metavar="FORMAT",
    help="What is wanted, whatever the ending: tflite, onnx, ncnn, pb, pbtxt.",
)
@model_options
@click.option(
    "--quantize",
    type=click.Choice(_MODES),
    default="none",
    show_default=True,
    help="dynamic and float16 need no data, int8 and int16x8 need --calibrate, qat takes the "
    "trained ranges of FakeQuant nodes, dummy makes them up.",
)
@click.option("--input-type", type=click.Choice(_TYPES), help="Type of the model's float inputs.")
@click.option("--output-type", type=click.Choice(_TYPES), help="Type of the model's float outputs.")
@click.option(
    "--input-stats",
    metavar="NAME=MEAN,STD",
    multiple=True,
    help="For qat and dummy: real = (stored - mean) / std. Repeatable.",
)
@click.option("--default-ranges", metavar="MIN,MAX", help="For what has no range in qat and dummy.")
@click.option(
    "--calibrate",
    metavar="DATA",
    help="Images (a folder or pattern), .npz, .npy or TFRecords, as the model gets them.",
)
@sample_parameters
@click.option("--per-tensor", is_flag=True, help="One scale for all channels of weights.")
@click.option("--allow-custom-ops", is_flag=True, help="Keep ops that nothing has as custom ops.")
@click.option(
    "--select-tf-ops", is_flag=True, help="Use TensorFlow's kernels for what TFLite lacks."
)
@target_options
@time_limit_option(help="How long one conversion may take; 600 for other targets than .tflite.")
@trust_option
@click.option("--report", metavar="HTML", help="Write a page: before and after, and how it runs.")
@json_option
@click.pass_context
# long: its parameters are the options of the command
def COMMAND(
    context: click.Context,
    files: tuple[str, ...],
    target: str,
    to: str | None,
    options: ModelOptions,
    quantize: str,
    input_type: str | None,
    output_type: str | None,
    input_stats: tuple[str, ...],
    default_ranges: str | None,
    calibrate: str | None,
    samples: int,
    resize: str,
    mean: str | None,
    std: str | None,
    keys: tuple[str, ...],
    per_tensor: bool,
    allow_custom_ops: bool,
    select_tf_ops: bool,
    for_target: TargetOptions,
    time_limit: float,
    trust: bool,
    report: str | None,
    as_json: bool,
) -> None:
    """Convert graphs to TFLite, ONNX or ncnn, and check them; or write them as text or binary.

    MODEL is a frozen graph, a graph with its --checkpoint, a .meta file or a SavedModel. The
    converter runs in a process of its own; what it is known to crash on or to get wrong without a
    word is looked for before, and the model is read and run in LiteRT after. Of a quantized model
    the error against the float graph is measured. An ONNX or ncnn model is run by its runtime, and
    kept only where it computes what TensorFlow does. Needs TensorFlow.
    """
    from graphtools.convert.conversion.options import (
        ConversionOptions,
        read_default_ranges,
        read_input_stats,
    )

    wanted = wanted_format(target, to)
    given = {
        str(option.name): option.opts[-1]
        for option in context.command.params
        if context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    }
    if wanted == TFLITE:
        refuse_options(given, TARGET_OPTIONS, "for ONNX and ncnn models")
    elif wanted in targets():
        refuse_options(given, _OF_TFLITE, "for .tflite models")
        limit = time_limit if "time_limit" in given else None
        convert_to_target(
            files, target, wanted, for_target, options, limit, trust=trust, as_json=as_json
        )
    else:
        others = {*given} - {"files", "target", "to", "as_json"}
        how = "; graphtools strip writes a graph with other shapes" if _SHAPES & others else ""
        refuse_options(given, others, f"for .tflite models{how}")
        change_formats(files, target, as_text=wanted == "pbtxt", as_json=as_json)
        return
    stats = read_input_stats(input_stats)

    def read_data(
        graph: Graph, names: Sequence[str], shapes: Any, signature: Any
    ) -> Calibration | None:
        from graphtools.convert.calibration.calibrating import calibration_for
        from graphtools.samples.inputs import read_keys

        if calibrate is None:
            return None
        return calibration_for(
            graph,
            names,
            calibrate,
            shapes=shapes,
            steps=samples,
            resize=resize,
            mean=mean,
            std=std,
            keys=read_keys(keys),
            signature=signature,
            stats=next(iter(stats.values()), None),
            model=files[0] if len(files) == 1 else None,
        )

    convert_files(
        files,
        target,
        ConversionOptions(
            quantize=quantize,
            input_type=input_type or "",
            output_type=output_type or "",
            input_stats=stats,
            default_ranges=read_default_ranges(default_ranges),
            per_tensor=per_tensor,
            allow_custom_ops=allow_custom_ops,
            select_tf_ops=select_tf_ops,
        ),
        model_options=options,
        calibrate=read_data,
        time_limit=time_limit,
        trust=trust,
        report=report,
        as_json=as_json,
    )
