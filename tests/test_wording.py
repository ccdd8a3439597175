"""Numbers, the rest of lists, and names that may be meant."""

from __future__ import annotations

import pytest

from graphtools.wording import and_more, and_others, counted, did_you_mean, listed, similar


def test_things_are_counted() -> None:
    assert [counted(n, "node") for n in (0, 1, 2324)] == ["0 nodes", "1 node", "2,324 nodes"]
    assert counted(2, "class", "classes") == "2 classes"


@pytest.mark.parametrize(
    ("number", "noun", "expected"),
    [(-1, "", ""), (0, "op", ""), (1200, "", " and 1,200 more"), (1, "op", " and 1 more op"),
     (2, "op", " and 2 more ops")],
)  # fmt: skip
def test_what_is_left_out_is_counted(number: int, noun: str, expected: str) -> None:
    assert and_more(number, noun) == expected


def test_lists_are_cut() -> None:
    assert and_others(["a"]) == ""
    assert and_others("abc") == " (and 2 more)"
    assert listed(["a", "b"], 2) == "'a', 'b'"
    assert listed(["a", "b", "c"], 2) == "'a', 'b' and 1 more"


def test_a_name_that_is_alike_is_meant() -> None:
    assert similar("TFLITE", ["cpu", "tflite"]) == "tflite"
    assert similar("x", ["cpu"]) == ""
    assert did_you_mean("Tahn", ["Relu", "Tanh"]) == "did you mean 'Tanh'?"
    assert did_you_mean("x", ["Relu"], "list them") == "list them"
