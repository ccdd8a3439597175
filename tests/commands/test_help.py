"""`graphtools help`: the help of a command, and commands by what they do."""

from __future__ import annotations

import pytest

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
        ("int8 calibration", "graphtools convert MODEL... -o OUT --quantize"),
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
