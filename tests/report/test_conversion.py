"""What is told of a conversion, and of what stands in its way."""

from __future__ import annotations

import dataclasses

import pytest

from graphtools.analysis.tflite_summary import OperatorCount
from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.report import (
    Conversion,
    ConvertedPort,
    OutputError,
    RunInLiteRT,
)
from graphtools.report.conversion import blocked_document, conversion_document
from graphtools.report.document import Facts, Heading, Items, Table

DONE = Conversion(
    target="a.tflite",
    quantize="full",
    inputs=(
        ConvertedPort("image", "image", "uint8", (1, 4), 0.5, 128),
        ConvertedPort("length", "length", "int8", (1,), 0.25, -3),
        ConvertedPort("mask", "mask", "float32", None, None, None),
    ),
    outputs=(),
    operators=tuple(OperatorCount(f"OP_{n}", 1, 20 - n, "builtin") for n in range(14)),
    custom_ops=(),
    flex_ops=(),
    size=2_500,
    source_size=10_000,
    tensorflow="2.21.0",
    litert=RunInLiteRT("ran"),
)


def facts(found: Conversion) -> dict[str, str]:
    (block,) = (b for b in conversion_document(found) if isinstance(b, Facts))
    return dict(block.items)


def test_the_size_is_told_as_a_part_of_the_graph() -> None:
    assert facts(DONE)["size"] == "2.5 kB, 25% of the graph's 10.0 kB"
    assert facts(dataclasses.replace(DONE, source_size=0))["size"].startswith("2.5 kB, 0%")


def test_the_most_frequent_operators_are_told() -> None:
    total = sum(20 - n for n in range(14))
    told = facts(DONE)["operators"]
    assert told.startswith(f"{total}: 20 OP_0 v1, 19 OP_1 v1, ")
    assert told.endswith("9 OP_11 v1 and 2 more kinds")
    assert facts(dataclasses.replace(DONE, operators=()))["operators"] == "none"


@pytest.mark.parametrize(
    ("status", "told"),
    [("ran", "loads and runs"), ("skipped", "not run"), ("crashed", "CRASHED")],
)
def test_how_it_ran_in_litert(status: str, told: str) -> None:
    found = dataclasses.replace(DONE, litert=RunInLiteRT(status))
    assert facts(found)["run in LiteRT"] == told


def test_quantization_is_a_formula_of_what_is_stored() -> None:
    ports = next(b for b in conversion_document(DONE) if isinstance(b, Table))
    assert [row[3] for row in ports.rows] == ["0.5 * (stored - 128)", "0.25 * (stored + 3)", ""]
    assert [row[2] for row in ports.rows] == ["[1,4]", "[1]", "?"]


def test_what_is_not_as_asked_for_has_a_heading() -> None:
    assert Heading("This is not what was asked for") not in conversion_document(DONE)
    found = dataclasses.replace(DONE, notes=("n",), findings=("it is float",))
    document = conversion_document(found)
    assert document[-2:] == [Heading("This is not what was asked for"), Items(("it is float",))]
    assert Items(["note: n"]) in document


@pytest.mark.parametrize(
    ("max_abs", "snr", "not_finite", "told"),
    [
        (0.0, None, 0, ("0", "no error")),
        (0.25, 31.26, 0, ("0.25", "31.3 dB")),
        (None, None, 0, ("", "")),
        (0.5, 30.0, 4, ("0.5", "4 not finite")),
    ],
)
def test_errors(
    max_abs: float | None, snr: float | None, not_finite: int, told: tuple[str, str]
) -> None:
    error = OutputError("y", 2, -1.0, 1.0, max_abs, max_abs, snr, not_finite, False, None)
    document = conversion_document(dataclasses.replace(DONE, errors=(error,), error_data="images"))
    (table,) = (
        b for b in document if isinstance(b, Table) and b.columns[0] == "output" and b.right
    )
    ((name, span, worst, _, noise),) = table.rows
    assert (name, span, worst, noise) == ("y", "-1 to 1", *told)


def test_nodes_that_are_in_the_way_for_the_same_reason_are_one_row() -> None:
    blockers = [Blocker(f"n{i}", "Foo", "no kernel", "custom", "drop it") for i in range(3)]
    blockers.append(Blocker("m", "Foo", "no kernel", "flex", "drop it"))
    (table,) = blocked_document(blockers)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["n0 and 2 more", "m"]
