"""`graphtools toco`, for scripts that called the program of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._converting import EXIT_CODES
from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option
from graphtools.commands._toco_flags import convert_as_toco, timeout_option
from graphtools.legacy.flags import FLAGS
from graphtools.legacy.parsing import TOCO as RULES
from graphtools.legacy.words import TOCO


@flags(FLAGS, RULES)
@command(
    "toco",
    example=(
        "graphtools toco --input_file=tflite_graph.pb --output_file=detect.tflite \\\n"
        "    --input_arrays=normalized_input_image_tensor --input_shapes=1,300,300,3 \\\n"
        "    --output_arrays=TFLite_Detection_PostProcess,TFLite_Detection_PostProcess:1 \\\n"
        "    --inference_type=QUANTIZED_UINT8 --mean_values=128 --std_values=128 \\\n"
        "    --allow_custom_ops"
    ),
    exit_codes=EXIT_CODES,
    legacy=True,
    front_end=TOCO,
)
@timeout_option
@json_option
def COMMAND(time_limit: float, as_json: bool, **given: Any) -> None:
    """Do what TensorFlow's toco did: convert a graph to TFLite; see graphtools convert.

    Flags may be written in singular and plural, with = or a blank, those that are true or false
    without a value. Needs TensorFlow.
    """
    convert_as_toco(given, time_limit=time_limit, as_json=as_json)
