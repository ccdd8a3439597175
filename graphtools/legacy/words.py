"""Messages with options of today, in the words of toco."""

from __future__ import annotations

import re

_NUMBER = r"(-?\d[\d.e+-]*)"
#: Options of `graphtools convert`, and what they are called in toco; the first that fits counts.
_WORDS = (
    (rf"--input-stats \S+?={_NUMBER},{_NUMBER}", r"--mean_values=\1 --std_values=\2"),
    (r"--input-stats", "--mean_values and --std_values"),
    (rf"--default-ranges {_NUMBER},{_NUMBER}", r"--default_ranges_min=\1 --default_ranges_max=\2"),
    (r"--default-ranges", "--default_ranges_min and --default_ranges_max"),
    (r"--quantize dummy ", ""),
    (r"--quantize qat|--input-type uint8", "--inference_type=QUANTIZED_UINT8"),
    (
        r"(?<!OUT )--quantize (?=int|dynamic|float)",
        "graphtools convert FILE -o OUT --quantize ",
    ),
    (r"--allow-custom-ops", "--allow_custom_ops"),
    (r"--select-tf-ops", "--enable_select_tf_ops"),
    (r"give it with --checkpoint.*", "freeze it first: graphtools freeze, then convert that"),
    (r"give the checkpoint: --checkpoint \S+ or freeze", "freeze"),
    (r"--inputs\b", "--input_arrays"),
    (r"--outputs\b", "--output_arrays"),
    (r"--input-shape\b", "--input_shapes"),
)


def in_old_words(text: str) -> str:
    """A message for people who have typed flags of toco.

    Args:
        text: A message or remedy that names options of `graphtools convert`.
    """
    for pattern, word in _WORDS:
        text = re.sub(pattern, word, text)
    return text
