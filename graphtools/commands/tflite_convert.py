"""`graphtools tflite_convert`, for scripts that called the program of this name."""

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
    "tflite_convert",
    example=(
        "graphtools tflite_convert --graph_def_file=frozen.pb --output_file=model.tflite \\\n"
        "    --input_arrays=input --output_arrays=output --post_training_quantize"
    ),
    exit_codes=EXIT_CODES,
    legacy=True,
    front_end=TOCO,
)
@timeout_option
@json_option
def COMMAND(time_limit: float, as_json: bool, **given: Any) -> None:
    """Do what tflite_convert of TensorFlow 1 did; see graphtools convert.

    It takes the flags of toco, too. Needs TensorFlow.
    """
    convert_as_toco(given, time_limit=time_limit, as_json=as_json)
