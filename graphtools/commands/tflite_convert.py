"""`graphtools tflite_convert`, for scripts that called the program of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._converting import EXIT_CODES
from graphtools.commands._shared import command, json_option
from graphtools.commands._toco_flags import convert_as_toco, take_dashes, timeout_option, toco_flags
from graphtools.legacy.words import TOCO


@take_dashes
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
@toco_flags
@timeout_option
@json_option
def COMMAND(time_limit: float, as_json: bool, **flags: Any) -> None:
    """Do what tflite_convert of TensorFlow 1 did; see graphtools convert.

    It takes the flags of toco, too. Needs TensorFlow.
    """
    convert_as_toco(flags, time_limit=time_limit, as_json=as_json)
