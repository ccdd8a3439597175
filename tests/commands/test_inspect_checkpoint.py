from __future__ import annotations

import numpy as np
import pytest

from tests.commands.running import V2, refusal, run, run_json
from tests.support import CHECKPOINTS, values_of

STORED = values_of(CHECKPOINTS["checkpoints/v2/model.ckpt"]["values"])
NAMES = [
    "tensor: global_step (int64) []",
    "tensor: layer1/biases (float32) [6]",
    "tensor: layer1/weights (float32) [4, 6]",
    "tensor: layer2/biases (float32) [3]",
    "tensor: layer2/weights (float32) [6, 3]",
]
COUNT = "# Total number of params: 52"


def test_without_flags_the_tensors_are_listed() -> None:
    assert run("inspect_checkpoint", f"--file_name={V2}").lines == [
        "global_step (DT_INT64) []",
        "layer1/biases (DT_FLOAT) [6]",
        "layer1/weights (DT_FLOAT) [4,6]",
        "layer2/biases (DT_FLOAT) [3]",
        "layer2/weights (DT_FLOAT) [6,3]",
        "",
        COUNT,
    ]


@pytest.mark.parametrize("flag", ["--all_tensor_names", "--all_tensor_names=True"])
def test_the_names_of_all_tensors(flag: str) -> None:
    assert run("inspect_checkpoint", f"--file_name={V2}", flag).lines == [*NAMES, COUNT]


@pytest.mark.parametrize("flag", ["--all_tensors", "--all_tensors=true"])
def test_the_values_of_all_tensors(flag: str) -> None:
    expected = [f"{head}\n{STORED[head.split()[1]]}" for head in NAMES]
    done = run("inspect_checkpoint", f"--file_name={V2}", flag)
    assert done.out == "\n".join([*expected, COUNT, ""])


def test_the_values_of_one_tensor() -> None:
    done = run("inspect_checkpoint", "--file_name", V2, "--tensor_name", "global_step")
    assert done.lines == [NAMES[0], "100", COUNT]


def test_flags_may_be_false() -> None:
    flags = ["--all_tensors=false", "--all_tensor_names=False"]
    plain = run("inspect_checkpoint", f"--file_name={V2}")
    assert run("inspect_checkpoint", f"--file_name={V2}", *flags) == plain


def test_some_parameters_are_not_counted() -> None:
    done = run("inspect_checkpoint", f"--file_name={V2}", "--count_exclude_pattern=layer1")
    assert done.lines[-1] == "# Total number of params: 22"
    message = refusal(run("inspect_checkpoint", f"--file_name={V2}", "--count_exclude_pattern=("))
    assert "is no regular expression" in message


@pytest.mark.parametrize("end", ["", ".index", ".data-00000-of-00001", ".meta"])
def test_any_form_of_the_path_is_taken(end: str) -> None:
    assert run("inspect_checkpoint", f"--file_name={V2}{end}").lines[-1] == COUNT


def test_values_are_printed_as_numpy_is_told() -> None:
    head = ("inspect_checkpoint", f"--file_name={V2}", "--tensor_name=layer1/biases")
    done = run(*head, "--printoptions", "precision=1", "suppress=True", "--all_tensors=false")
    with np.printoptions(precision=1, suppress=True):
        assert done.out == f"{NAMES[1]}\n{STORED['layer1/biases']}\n{COUNT}\n"
    assert done.out != run(*head).out
    assert "there are precision," in refusal(run(*head, "--printoptions=depth=3"))


def test_an_unknown_tensor_is_said() -> None:
    assert "no tensor 'x'" in refusal(
        run("inspect_checkpoint", f"--file_name={V2}", "--tensor_name=x")
    )


def test_json_is_the_list_of_variables() -> None:
    found = run_json("inspect_checkpoint", f"--file_name={V2}")["variables"]
    assert [v["name"] for v in found] == sorted(STORED)
