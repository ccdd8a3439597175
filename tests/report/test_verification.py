"""What is told of rewrites that were verified, without running any."""

from __future__ import annotations

import dataclasses

import pytest

from graphtools.report.document import Document, Facts, Heading, Items, Table, Text
from graphtools.report.verification import bisection_document, verification_document
from graphtools.verify.comparison import TensorComparison
from graphtools.verify.feeds import FedInput
from graphtools.verify.verify_rewrite import Bisection, Culprit, Verification, VerifiedStep

FED = (FedInput("x", "float32", (1, 3)),)
EQUAL = TensorComparison(
    name="y:0",
    equal=True,
    bit_equal=True,
    dtype_before="float32",
    dtype_after="float32",
    shape_before=(1, 3),
    shape_after=(1, 3),
    elements=3,
    differing=0,
    max_abs=0.0,
    max_relative=0.0,
    not_finite=0,
    nan_before=0,
    nan_after=0,
)
ROUNDED = dataclasses.replace(EQUAL, bit_equal=False, max_abs=1e-7, max_relative=2e-7)
WRONG = dataclasses.replace(ROUNDED, equal=False, differing=2, max_abs=0.5)
OTHER_TYPE = dataclasses.replace(
    EQUAL, equal=False, bit_equal=False, dtype_after="int32", max_abs=None, max_relative=None
)
DONE = Verification(True, FED, "random, seed 0", (EQUAL,), 1e-5, 1e-6)


def tables(document: Document) -> list[Table]:
    return [block for block in document if isinstance(block, Table)]


def facts(document: Document) -> dict[str, str]:
    return {key: value for b in document if isinstance(b, Facts) for key, value in b.items}


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        ((EQUAL,), "The rewritten graph computes the same, bit by bit"),
        ((EQUAL, ROUNDED), "The rewritten graph computes the same, within the tolerance"),
        ((WRONG, EQUAL), "The rewritten graph does not compute the same: 1 output differs"),
        ((WRONG, WRONG), "The rewritten graph does not compute the same: 2 outputs differ"),
    ],
)
def test_the_verdict_stands_last(outputs: tuple[TensorComparison, ...], told: str) -> None:
    equal = all(output.equal for output in outputs)
    document = verification_document(dataclasses.replace(DONE, equal=equal, outputs=outputs))
    assert document[-1] == Text(f"{told} (rtol 1e-05, atol 1e-06)")


def test_a_graph_that_does_not_run_has_no_table() -> None:
    found = dataclasses.replace(DONE, equal=False, outputs=(), problem="no kernel")
    document = verification_document(found)
    assert not tables(document)
    assert "does not run. no kernel" in str(document[-1])


def test_each_output_has_its_errors() -> None:
    found = dataclasses.replace(DONE, outputs=(EQUAL, ROUNDED, WRONG, OTHER_TYPE), remarks=("r",))
    document = verification_document(found)
    assert document[0] == Text("Fed: x float32 [1,3] (random, seed 0)")
    assert Items(("r",)) in document
    rows = tables(document)[0].rows
    assert [row[2:4] for row in rows] == [
        ("0", "0"),
        ("1e-07", "2e-07"),
        ("0.5", "2e-07"),
        ("", ""),
    ]
    assert [row[4].split(" (")[0] for row in rows] == ["bit-equal", "same", *["DIFFERENT"] * 2]
    assert "dtype int32 instead of float32" in rows[3][4]
    assert verification_document(dataclasses.replace(DONE, inputs=()))[0] == Text("Fed: nothing")


STEPS = (
    VerifiedStep("idle", True, 0, (EQUAL,), "", 0.1),
    VerifiedStep("good", True, 2, (EQUAL, ROUNDED), "", 0.1),
    VerifiedStep("bad", False, 1200, (EQUAL, WRONG), "", 0.1),
    VerifiedStep("broken", False, 1, (), "no kernel", 0.1),
)
BISECTED = Bisection(False, FED, "zeros", STEPS, ("later",), None, 1e-5, 1e-6)


def test_each_transform_has_a_row() -> None:
    rows = tables(bisection_document(BISECTED))[0].rows
    assert [row[0] for row in rows] == ["idle", "good", "bad", "broken", "later"]
    assert [row[1] for row in rows] == ["0", "2", "1,200", "1", ""]
    assert [row[4] for row in rows[:2]] == ["nothing changed", "same"]
    assert rows[2][4].startswith("DIFFERENT (y:0: ")
    assert [row[4] for row in rows[3:]] == ["DOES NOT RUN", "not tried"]
    assert "No transform changes the outputs" in str(bisection_document(BISECTED)[-1])


def told_of(culprit: Culprit) -> Document:
    return bisection_document(dataclasses.replace(BISECTED, culprit=culprit))


def test_the_first_node_that_differs() -> None:
    names = tuple("abcde")
    culprit = Culprit("bad", "n", "Mul", "Mul", ("x",), names, WRONG, 9, 4, ("loop",))
    told = facts(told_of(culprit))
    assert told["first node that differs"] == "n"
    assert told["op"] == "Mul"
    assert (told["inputs before"], told["inputs after"]) == ("x", "a, b, c and 2 more")
    assert told["rewritten before it"] == "loop"
    assert told["max abs"] == "0.5"
    assert told["in all"] == "4 of 9 tensors differ"
    new = facts(told_of(dataclasses.replace(culprit, op_before="", inputs_before=names)))
    assert (new["op before"], new["op after"]) == ("(not there)", "Mul")
    assert new["inputs"] == "a, b, c and 2 more"


def test_a_culprit_without_a_node() -> None:
    assert told_of(Culprit("bad"))[-1] == Text(
        "No single node of both graphs can be told to be the first."
    )
    broken = told_of(Culprit("bad", problem="no kernel"))
    assert broken[-2:] == [Heading("bad leaves a graph that does not run"), Text("no kernel")]
    named = facts(told_of(Culprit("bad", "n", "A", "A", problem="no kernel")))
    assert named == {"node": "n", "op": "A", "inputs": "none"}
