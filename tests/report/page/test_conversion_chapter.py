"""Pages on conversions and on comparisons of models."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.report import (
    Conversion,
    ConversionFailure,
    ConvertedPort,
    RunInLiteRT,
)
from graphtools.report.reporting import conversion_report
from tests.report.page.test_pages import data_of
from tests.support import FIXTURES

SOURCE = str(FIXTURES / "quant/frozen.pb")
MODEL = str(FIXTURES / "quant/model.tflite")
DONE = Conversion(
    target=MODEL,
    quantize="qat",
    inputs=(ConvertedPort("input", "input", "uint8", (1, 16, 16, 3), 0.0078125, 128),),
    outputs=(ConvertedPort("logits", "logits", "uint8", (1, 4), 0.01, 3),),
    operators=(),
    custom_ops=(),
    flex_ops=(),
    size=3500,
    source_size=14000,
    tensorflow="2.21.0",
    litert=RunInLiteRT("ran"),
)


def test_before_and_after_stand_side_by_side() -> None:
    page = conversion_report([(SOURCE, DONE)])
    assert "loads and runs" in page
    assert "25% of the graph&#39;s" in page
    assert "FakeQuantWithMinMaxVars" in page
    assert "DEPTHWISE_CONV_2D" in page
    assert "<h2>Quantization</h2>" in page
    assert page.count("<h2>Inputs</h2>") == 0
    assert "costs" in data_of(page)["0"]


def test_what_was_not_asked_for_comes_first() -> None:
    found = dataclasses.replace(DONE, findings=("the input is <float32>",))
    page = conversion_report([(SOURCE, found)])
    assert "the input is &lt;float32&gt;" in page
    assert page.index("<h2>This is not") < page.index("<h3>What came out")


@pytest.mark.parametrize("source", ["-", "standard input"])
def test_streams_are_not_read_again(source: str) -> None:
    page = conversion_report([(source, dataclasses.replace(DONE, target="-"))])
    assert "<h3>What came out" in page
    assert "<h2>Before and after" not in page


def test_a_failure_says_why_and_shows_the_graph(tmp_path: Path) -> None:
    blocker = Blocker("add", "AddV2", "no <such> operator", "flex", "allow Select TF ops")
    gone = ConversionFailure(str(tmp_path / "gone.pb"), "it is not there", "name another")
    page = conversion_report([], [ConversionFailure(SOURCE, "no", "yes", (blocker,)), gone])
    assert "no &lt;such&gt; operator" in page
    assert list(data_of(page)) == ["0"]
    assert page.count("not converted") == 2
    assert "it is not there" in page
