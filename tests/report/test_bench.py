"""What is told of the times of models."""

from __future__ import annotations

import dataclasses

from graphtools.analysis.tflite_costs import OperatorKind
from graphtools.report.bench import bench_document
from graphtools.report.document import Facts, Items, Table
from graphtools.run.bench import Bench, ModelTimes

A = ModelTimes(
    path="a.tflite",
    size=2_000,
    kind="float",
    runs=1_000,
    median=3.0,
    p90=3.5,
    min=2.0,
    loading=1_234.0,
    first=9.0,
    memory=None,
    macs=400,
    operators=(OperatorKind("CONV_2D", 2, 300, 8), OperatorKind("RESHAPE", 1, 0, 0)),
)
B = dataclasses.replace(
    A,
    path="b.tflite",
    median=1.5,
    memory=4_000,
    loading=0.0,
    operators=(OperatorKind("CONV_2D", 1, 100, 8), OperatorKind("ADD", 1, 0, 0)),
)
ALONE = Bench("x86_64", 1, 2, A, None, None, ("busy",))


def tables(found: Bench) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    times, operators = (b for b in bench_document(found) if isinstance(b, Table))
    return tuple({row[0]: [*row[1:]] for row in t.rows} for t in (times, operators))  # type: ignore[return-value]


def test_one_model() -> None:
    document = bench_document(ALONE)
    assert document[0] == Facts([("machine", "x86_64, 1 processor; 2 threads"), ("A", "a.tflite")])
    times, operators = tables(ALONE)
    assert times["median"] == ["3.000 ms"]
    assert times["loading"] == ["1,234 ms"]
    assert times["memory"] == ["?"]
    assert times["runs"] == ["1,000"]
    assert operators == {"CONV_2D": ["2", "300", "75.0 %"], "RESHAPE": ["1", "", ""]}
    last = document[-1]
    assert isinstance(last, Items)
    assert last.lines[0] == "busy"


def test_two_models_have_ratios_where_both_have_numbers() -> None:
    times, operators = tables(dataclasses.replace(ALONE, against=B, ratio=2.0))
    assert times["median"] == ["3.000 ms", "1.500 ms", "2.00"]
    assert times["memory"] == ["?", "4.0 kB", ""]
    assert times["loading"][2] == ""  # no part of nothing
    assert times["kind"] == ["float", "float", ""]
    assert operators["CONV_2D"] == ["2", "300", "75.0 %", "1", "100", "25.0 %"]
    assert operators["ADD"] == ["", "", "", "1", "", ""]
