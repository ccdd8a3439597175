from __future__ import annotations

from pathlib import Path

import pytest

from graphtools import GraphtoolsError
from graphtools.errors import InvalidGraph, InvalidValue, NothingFound, UnknownName
from tests.transforms.graphs import apply, same, skips

BEFORE = """
    x = Placeholder dtype=qint32
    low = Const value=float:-1
    high = Const value=float:1
    range = RequantizationRange(x, low, high) Tinput=qint32
    other = RequantizationRange(x, low, high) Tinput=qint32
    y = Requantize(x, low, high, range, range:1, ^range) Tinput=qint32 out_type=quint8
"""
LINE = ";range__print__;__requant_min_max:[{}][{}]\n"


def spec(log: Path, more: str = "") -> str:
    return f'freeze_requantization_ranges(min_max_log_file="{log}"{more})'


def test_ranges_of_the_log_become_constants(tmp_path: Path) -> None:
    log = tmp_path / "ranges.log"
    log.write_text("started\nI logging_ops.cc:79] " + LINE.format(-2.5, 4) + LINE.format("x", 1))
    after = """
        x = Placeholder dtype=qint32
        low = Const value=float:-1
        high = Const value=float:1
        range/frozen_min = Const value=float:-2.5
        range/frozen_max = Const value=float:4
        other = RequantizationRange(x, low, high) Tinput=qint32
        y = Requantize(x, low, high, range/frozen_min, range/frozen_max, ^range/frozen_min) Tinput=qint32 out_type=quint8
    """  # noqa: E501
    done = apply(BEFORE, spec(log))
    assert same(done.graph, after)
    assert skips(done) == {"other": "the log has no range for it"}


def test_outliers_are_left_out(tmp_path: Path) -> None:
    log = tmp_path / "ranges.log"
    log.write_text("".join(LINE.format(-i, i) for i in range(100)))
    found = {}
    for more in ("", ", min_percentile=0, max_percentile=0", ", min_percentile=100"):
        made = apply(BEFORE, spec(log, more)).graph
        ends = (made["range/frozen_min"].tensor, made["range/frozen_max"].tensor)
        found[more] = [float(t.array()) for t in ends if t is not None]
    assert list(found.values()) == [[-94, 95], [-99, 99], [0, 95]]


def test_inputs_and_outputs_stay(tmp_path: Path) -> None:
    log = tmp_path / "ranges.log"
    log.write_text(LINE.format(-1, 1))
    done = apply(BEFORE, spec(log), [], ["range:1"])
    assert same(done.graph, BEFORE)
    assert skips(done)["range"] == "it is an input or output"


@pytest.mark.parametrize(
    ("text", "more", "error"),
    [
        ("nothing", "", InvalidValue),
        (LINE.format("nan", "inf"), "", InvalidValue),
        (LINE.format(0, 1).replace("range_", "nobody_"), "", UnknownName),
        (LINE.format(0, 1).replace("range_", "low_"), "", InvalidGraph),
        (LINE.format(0, 1), ", min_percentile=-1", InvalidValue),
        (LINE.format(0, 1), ", max_percentile=many", InvalidValue),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, text: str, more: str, error: type[Exception]
) -> None:
    log = tmp_path / "ranges.log"
    log.write_text(text)
    with pytest.raises(error):
        apply(BEFORE, spec(log, more))


def test_a_log_is_needed(tmp_path: Path) -> None:
    with pytest.raises(GraphtoolsError, match="needs min_max_log_file"):
        apply(BEFORE, "freeze_requantization_ranges")
    with pytest.raises(NothingFound):
        apply(BEFORE, spec(tmp_path / "no.log"))
