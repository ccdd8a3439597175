"""Messages in the words of toco."""

from __future__ import annotations

import pytest

from graphtools.legacy.words import in_old_words


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (
            "give mean and standard deviation: --input-stats image=128,127.5 for values",
            "give mean and standard deviation: --mean_values=128 --std_values=127.5 for values",
        ),
        (
            "measure them: --quantize int8 --calibrate DATA, or make them up: "
            "--quantize dummy --default-ranges 0,6",
            "measure them: graphtools convert FILE -o OUT --quantize int8 --calibrate DATA, or "
            "make them up: --default_ranges_min=0 --default_ranges_max=6",
        ),
        (
            "graphtools convert FILE -o OUT --quantize int16x8 --calibrate DATA",
            "graphtools convert FILE -o OUT --quantize int16x8 --calibrate DATA",
        ),
        ("take --input-type uint8", "take --inference_type=QUANTIZED_UINT8"),
        ("--allow-custom-ops", "--allow_custom_ops"),
        ("name others: --outputs", "name others: --output_arrays"),
        (
            "give it with --checkpoint (--input_checkpoint of freeze_graph)",
            "freeze it first: graphtools freeze, then convert that",
        ),
        (
            "give the checkpoint: --checkpoint model.ckpt, or freeze it first: graphtools freeze",
            "freeze it first: graphtools freeze",
        ),
        ("nothing of all that", "nothing of all that"),
    ],
)
def test_options_have_their_old_names(now: str, then: str) -> None:
    assert in_old_words(now) == then
