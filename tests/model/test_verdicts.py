"""Of a SavedModel, verdicts, findings and sizes are those of what a conversion gets."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.analysis.model_costs import model_costs
from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Verdict
from graphtools.lint.running import lint_files
from graphtools.lint.settings import LintSettings
from graphtools.model.loading import ModelGraph, load_model
from graphtools.model.options import ModelOptions
from tests.support import FIXTURES

pytestmark = pytest.mark.usefixtures("command_line")

TWO, NAMELESS, LOOP = (FIXTURES / "signatures" / name for name in ("two", "nameless", "loop"))
CONVERTS = [(TWO, None), (TWO, "other"), (NAMELESS, "encode"), (NAMELESS, "decode"), (LOOP, None)]


def read(path: object, signature: str | None = None) -> ModelGraph:
    return load_model(str(path), ModelOptions(signature=signature)).examined


def verdict(path: object, signature: str | None = None) -> Verdict:
    model = read(path, signature)
    return predict_conversion(model.graph, model.inputs, model.outputs)


def test_a_verdict_is_about_one_signature() -> None:
    assert verdict(TWO).builtins
    other = verdict(TWO, "other")
    assert not other.select
    assert {b.op for b in other.blockers} == {"Erfinv"}
    assert verdict(LOOP).builtins


def test_without_a_default_all_signatures_are_taken() -> None:
    model = read(NAMELESS)
    assert len(model.inputs) == len(model.outputs) == 2
    assert not model.remarks
    assert len(read(NAMELESS, "encode").outputs) == 1


@pytest.mark.parametrize("path", [TWO, NAMELESS, LOOP], ids=lambda p: p.name)
def test_no_variable_is_found_where_the_values_are_there(path: object) -> None:
    (report,) = lint_files([str(path)], LintSettings()).files
    assert not report.problems
    assert "GT201" not in {f.code for f in report.findings}


def test_lint_says_which_of_several_signatures_was_taken() -> None:
    (report,) = lint_files([str(TWO)], LintSettings()).files
    assert report.notes == (f"signature of {TWO}: serving_default; other with --signature",)
    (report,) = lint_files([str(TWO)], LintSettings(signature="other")).files
    assert not report.notes
    assert any(f.severity == "error" for f in report.findings)


@pytest.mark.parametrize(
    ("path", "signature", "parameters"),
    [(TWO, None, 12), (TWO, "other", 20), (NAMELESS, None, 12), (LOOP, None, 16)],
)
def test_a_size_counts_each_variable_once(path: Any, signature: Any, parameters: int) -> None:
    model = read(path, signature)
    found = model_costs(model.graph, io=model.candidates, variables=model.variables)
    assert found.total.parameters == parameters


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("path", "signature"), CONVERTS, ids=[f"{p.name}-{s}" for p, s in CONVERTS]
)
def test_the_converter_does_what_is_said(path: Any, signature: str | None, tf: Any) -> None:
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(path), signature_keys=[signature or "serving_default"]
    )
    try:
        converter.convert()
        converts = True
    except Exception:  # the converter's own error class is none of its public names
        converts = False
    assert verdict(path, signature).builtins == converts
