"""`graphtools help`: the help of a command, and commands by what they do."""

from __future__ import annotations

import pytest

from graphtools.commands._words import is_form_of
from tests.commands.running import run, run_json


def test_help_alone_is_that_of_graphtools_and_with_a_command_that_of_the_command() -> None:
    assert run("help").out == run("--help").out
    assert run("help", "variables").out == run("variables", "--help").out


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("change input shape", "graphtools strip FILE -o OUT --input-shape NAME=SHAPE"),
        ("compare", "graphtools diff A B"),
        ("weights", "graphtools variables FILE"),
        ("export all weights", "graphtools variables FILE -o weights.npz"),
        ("names of inputs and outputs", "graphtools io FILE"),
        ("flops", "graphtools size FILE"),
        ("moving averages", "graphtools freeze FILE -o OUT --ema"),
        ("is it safe?", "graphtools lint FILE --target untrusted"),
        ("what is in a TFRecord", "graphtools summary FILE"),
        ("label map", "graphtools check-config LABEL_MAP"),
        ("merge graphs", "graphtools join A B"),
        ("join two models", "graphtools join A B"),
        ("add preprocessing", "graphtools join FILE -o OUT --preprocess"),
        ("extract subgraph", "graphtools extract"),
        ("frozen graph to saved model", "graphtools saved-model FILE -o saved_model"),
        ("tflite to pb", "graphtools explain tflite-to-pb"),
        ("convert checkpoint to pb", "graphtools freeze FILE -o OUT.pb"),
        ("saved model to frozen graph", "graphtools freeze FILE -o OUT.pb"),
        ("pb to tflite", "graphtools convert FILE -o OUT.tflite"),
        ("nchw to nhwc", "graphtools transform FILE -o OUT --transforms 'to_nhwc"),
        ("replace op", "graphtools transform FILE -o OUT --transforms 'rename_op"),
        ("delete attribute", "graphtools transform FILE -o OUT --transforms 'remove_attribute"),
        ("drop batchnorm", "graphtools transform FILE -o OUT --transforms 'fold_old_batch_norms"),
        ("read weights of checkpoint", "graphtools variables FILE"),
        ("number of trainable parameters", "graphtools size FILE"),
        ("dequantize weights", "graphtools variables FILE -o weights.npz --dequantize"),
        ("print graph as text", "graphtools convert FILE -o OUT.pbtxt"),
        ("measure speed", "graphtools bench"),
        ("inference on picture", "graphtools run MODEL --feed"),
        ("list signatures", "graphtools signatures"),
        ("post training quantization", "graphtools convert FILE -o OUT.tflite --quantize"),
        ("convert frozen graph pb to tflite", "graphtools convert FILE -o OUT.tflite"),
        ("how to convert .pb file to .ckpt file", "graphtools edit-checkpoint --from-graph"),
        ("generate frozen graph from saved_model", "graphtools freeze FILE -o OUT.pb"),
        ("keep_prob", "graphtools freeze FILE -o OUT.pb --inference"),
        ("remove training nodes", "graphtools freeze FILE -o OUT.pb --inference"),
        ("quantization aware training", "graphtools quantize-training"),
        (
            "change variable names in checkpoint",
            "graphtools edit-checkpoint CHECKPOINT -o OUT --r",
        ),
        ("average checkpoints", "graphtools edit-checkpoint CHECKPOINT -o OUT --average"),
        ("get output from an intermediate layer", "graphtools run MODEL --feed DATA --outputs"),
        ("compare weights of two models", "graphtools diff A B"),
        ("int8 calibration", "graphtools convert FILE -o OUT.tflite --quantize int8"),
    ],
)
def test_the_first_line_does_the_task(task: str, line: str) -> None:
    first, what = run("help", *task.split()).lines[:2]
    assert first.strip().startswith(line)
    assert what.startswith("      ")


def test_rules_transforms_and_known_errors_take_part() -> None:
    found = run_json("help", "batch", "norm")["found"]
    assert {"rule", "transform", "error"} <= {one["kind"] for one in found}
    told = [one["line"] for one in found]
    assert "graphtools lint FILE --select GT203" in told
    assert any("--transforms 'fold_batch_norms'" in line for line in told)


def test_a_word_that_only_begins_like_another_is_none_of_its_forms() -> None:
    assert not is_form_of("tensorrt", "tensor", 5)
    assert is_form_of("quantization", "quantize", 5)


def test_a_line_that_does_the_opposite_is_not_told() -> None:
    assert "to_nhwc" not in run("help", "nhwc", "to", "nchw").out
    assert "tflite-to-pb" not in run("help", "pb", "to", "tflite").out
    assert "OUT.onnx" not in run("help", "onnx", "to", "tensorflow").out
    assert "shapes FILE" not in run("help", "change", "dtype").lines[0]


def test_what_is_not_found_is_said_with_exit_code_1() -> None:
    done = run("help", "xyzzy", "plugh")
    assert (done.code, done.out) == (1, "")
    assert "graphtools --help lists all commands" in done.err


def test_an_option_that_many_commands_have_is_told_once() -> None:
    found = run_json("help", "tolerance")["found"]
    assert len({one["what"] for one in found}) == len(found)


def test_json_without_a_task_lists_the_commands() -> None:
    found = run_json("help")["found"]
    assert {"line": "graphtools io FILE", "kind": "command"}.items() <= found[
        [one["line"] for one in found].index("graphtools io FILE")
    ].items()
