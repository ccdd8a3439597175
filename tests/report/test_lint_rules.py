"""Manuals of rules, settings and complaints as documents."""

from __future__ import annotations

import pytest

from graphtools.errors import UnknownName
from graphtools.findings.finding import ERROR
from graphtools.findings.rule import Rule
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.settings import FileSettings, LintSettings
from graphtools.lint.tables import all_rules
from graphtools.report.lint_rules import (
    FAMILIES,
    complaints,
    find_rule,
    rule_document,
    rule_json,
    rules_document,
    settings_document,
    settings_json,
)
from graphtools.report.text import render_text
from tests.lint.declared import RULES
from tests.report.lint_reports import report


def test_a_rule_is_found_by_code_or_name() -> None:
    assert find_rule("gt101").name == "dangling-input"
    assert find_rule(" Dangling-Input ").code == "GT101"
    with pytest.raises(UnknownName) as caught:
        find_rule("dangling-imput")
    assert caught.value.remedy == "did you mean GT101 dangling-input?"
    with pytest.raises(UnknownName) as caught:
        find_rule("qqqqqqqq")
    assert caught.value.remedy == "list them: graphtools rule --all"


def test_a_manual() -> None:
    assert render_text(rule_document(RULES["GT901"])).splitlines() == [
        "GT901 needless-identity",
        "  family    TFLite models",
        "  severity  warning",
        "  targets   all",
        "  fixed by  --fix: remove_nodes(op=Identity)",
        "",
        "An Identity between two nodes.",
        "",
        "Why",
        "It costs a call.",
        "",
        "Example",
        "tf.identity in a layer.",
        "",
        "Remedy",
        "Take it away, or leave it.",
        "",
        "It does no harm.",
    ]
    assert "  applied   where it is selected: --extend-select GT903" in render_text(
        rule_document(RULES["GT903"])
    )
    assert "  fixed by  --fix --unsafe-fixes: rename_op" in render_text(
        rule_document(RULES["GT902"])
    )
    assert "  targets   edgetpu" in render_text(rule_document(RULES["GT904"]))


def test_what_is_laid_out_stays_so() -> None:
    rule = Rule(
        "GT900",
        "a-name",
        ERROR,
        lambda _: (),
        "What.\n\nExample:\n    In words\n    go on.\n\n        a -> b\n        b -> c\n",
    )
    text = render_text(rule_document(rule))
    assert "In words go on.\n" in text
    assert "\n      a -> b\n      b -> c\n" in text


def test_all_rules_are_listed_by_family() -> None:
    text = render_text(rules_document(all_rules()))
    for code, rule in all_rules().items():
        assert f"  {code:<6}  {rule.name}" in text
        assert code[:3] in FAMILIES
    assert text.startswith("GT1: structure (")


def test_json() -> None:
    found = rule_json(RULES["GT904"])
    assert found["targets"] == ["edgetpu"]
    assert found["manual"].what == "A float input."
    assert (found["cure"], found["is_safe_cure"]) == ("", False)


def test_settings() -> None:
    settings = LintSettings(
        select=("GT101", "GTC102"),
        ignore_nodes=(("a/*", ("GT3",)),),
        per_file=(FileSettings("x/*.pb", outputs=("o", "p")),),
    )
    lines = render_text(settings_document(settings)).splitlines()
    assert lines[-1] == "Rules: GT101, GTC102"
    assert "  select            GT101, GTC102" in lines
    assert "  ignore-nodes      a/*: GT3" in lines
    assert "  x/*.pb            outputs o, p" in lines
    assert settings_json(settings)["rules"] == ["GT101", "GTC102"]


def test_complaints_name_their_file_once() -> None:
    files = (
        FileReport("a.pb", problems=(Problem("a.pb is empty", "r"),)),
        FileReport("b.pb", problems=(Problem("no node 'x'"),)),
    )
    assert [text for _, text, _ in complaints(report(*files))] == [
        "a.pb is empty",
        "b.pb: no node 'x'",
    ]
