from __future__ import annotations

import pytest

from graphtools.run.child import Died, Hung
from graphtools.run.litert_messages import death_of, hang_of, problem_of, tidy

FLEX = (
    "Select TensorFlow op(s), included in the given model, is(are) not supported by this "
    "interpreter. Make sure you apply/link the Flex delegate before inference. See instructions: "
    "https://www.tensorflow.org/lite/guide/ops_selectNode number 0 (FlexErf) failed to prepare."
)
CUSTOM = (
    "Encountered unresolved custom op: Erf.\nSee instructions: "
    "https://www.tensorflow.org/lite/guide/ops_custom Node number 0 (Erf) failed to prepare."
)
VERSION = (
    "Didn't find op for builtin opcode 'CONV_2D' version '99'. An older version of this builtin "
    "might be supported. Are you using an old TFLite binary with a newer model?"
)
SHAPE = (
    "third_party/tflite/kernels/conv.cc:353 input->dims->size != 4 (1 != 4)Node number 2 "
    "(CONV_2D) failed to prepare."
)


@pytest.mark.parametrize(
    ("text", "kind", "op", "words"),
    [
        (FLEX, "flex", "FlexErf", "runs in neither LiteRT nor tf.lite as they come from PyPI"),
        (CUSTOM, "custom", "Erf", "custom operator 'Erf'"),
        (VERSION, "refused", "CONV_2D", "CONV_2D of version 99"),
        (SHAPE, "refused", "CONV_2D", "operator 2 (CONV_2D) failed to prepare: input->dims->size"),
        ("The model is not a valid Flatbuffer buffer", "refused", "", "not a valid Flatbuffer"),
    ],
)
def test_what_litert_says_is_one_line(text: str, kind: str, op: str, words: str) -> None:
    problem = problem_of("refused", text, "m.tflite")
    assert (problem.kind, problem.op) == (kind, op)
    assert words in problem.message
    assert "\n" not in problem.message + problem.remedy
    assert "m.tflite" in problem.message
    assert problem.remedy


def test_a_failed_run_is_told_from_a_refused_model() -> None:
    problem = problem_of("failed", "Input tensor 4 lacks data", "m.tflite")
    assert problem.message == "m.tflite: LiteRT cannot run the model: Input tensor 4 lacks data"
    assert problem_of("memory", "", "m.tflite").kind == "memory"


def test_places_in_sources_are_left_out_and_long_texts_cut() -> None:
    assert tidy("tensorflow/lite/core/subgraph.cc:12 a != b.\n\nERROR: c;\n") == "a != b; c"
    assert len(tidy("x" * 1000)) == 400


def test_deaths_and_hangs() -> None:
    crash = death_of(Died(-11, "loading\nsome check failed\n"), "m.tflite")
    assert crash.kind == "crashed"
    assert "(SIGSEGV): some check failed" in crash.message
    assert death_of(Died(-9, ""), "m.tflite").kind == "memory"
    assert death_of(Died(1, "MemoryError"), "m.tflite").kind == "memory"
    assert "exit code 3" in death_of(Died(3, ""), "m.tflite").message
    assert hang_of(Hung(2.5), "m.tflite").kind == "hung"
