"""Holds for every rule for TFLite models: it has a good and a bad model, and a manual."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

from graphtools.findings.rule import SECTIONS, TARGETS
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.lint.tables import TFLITE_RULES
from graphtools.lint.tflite_subject import TFLiteSubject
from tests.lint.tflite_models import TFLiteCase

_RULES = list(TFLITE_RULES.rules())


def _cases() -> list[TFLiteCase]:
    package = importlib.import_module("tests.lint.tflite_rules")
    found: list[TFLiteCase] = []
    for module in pkgutil.iter_modules(package.__path__):
        name = f"tests.lint.tflite_rules.{module.name}"
        cases: Any = [] if name == __name__ else getattr(importlib.import_module(name), "CASES", ())
        found += cases
    return found


_ALL = _cases()


@pytest.mark.parametrize("code", _RULES)
def test_every_rule_has_cases_and_a_manual(code: str) -> None:
    assert [c for c in _ALL if c.code == code], f"{code} has neither a good nor a bad model"
    rule = TFLITE_RULES.rules()[code]
    manual = rule.manual
    assert all((manual.what, manual.why, manual.example, manual.remedy)), SECTIONS
    assert rule.remedy
    assert rule.subject == "TFLite model"


@pytest.mark.parametrize("case", _ALL, ids=str)
def test_the_bad_model_is_found(case: TFLiteCase) -> None:
    found = case.findings(case.bad)
    first = next((f for f in found if f.node == case.node), None)
    assert first is not None, found
    assert case.says in first.message
    assert first.severity == (case.severity or TFLITE_RULES.rules()[case.code].severity)


@pytest.mark.parametrize("case", _ALL, ids=str)
def test_the_good_model_is_clean(case: TFLiteCase) -> None:
    assert not case.findings(case.good)


def test_rules_are_silent_on_a_model_without_subgraphs() -> None:
    empty = TFLiteModel("", 3, "", (), (), (), (), (), b"")
    for target in TARGETS:
        for rule in TFLITE_RULES.rules().values():
            assert not list(rule.run(TFLiteSubject(empty, target)))
