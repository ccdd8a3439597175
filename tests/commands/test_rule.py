"""`graphtools rule`."""

from __future__ import annotations

import pytest

from graphtools.lint.tables import all_rules
from tests.commands.running import refusal, run, run_json


@pytest.mark.parametrize("named", ["GT101", "gt101", "dangling-input"])
def test_the_manual_of_a_rule(named: str) -> None:
    done = run("rule", named)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "GT101 dangling-input"
    assert {"Why", "Example", "Remedy"} <= set(done.lines)


@pytest.mark.parametrize("code", all_rules())
def test_every_rule_has_a_manual(code: str) -> None:
    done = run("rule", code)
    assert done.code == 0
    assert done.lines[0] == f"{code} {all_rules()[code].name}"
    assert max(map(len, done.lines)) <= 200


def test_a_check_of_configurations_is_a_rule() -> None:
    done = run("rule", "GTC102")
    assert "  family    training configurations" in done.lines


def test_all_rules() -> None:
    done = run("rule", "--all")
    assert done.code == 0
    listed = [line.split()[0] for line in done.lines if line.startswith("  GT")]
    assert listed == list(all_rules())


def test_json() -> None:
    found = run_json("rule", "dangling-input")
    assert (found["code"], found["severity"], found["family"]) == ("GT101", "error", "structure")
    assert set(found["manual"]) == {"what", "why", "example", "remedy"}
    every = run_json("rule", "--all")["rules"]
    assert [rule["code"] for rule in every] == list(all_rules())


def test_an_unknown_rule_and_no_rule() -> None:
    assert "did you mean GT101 dangling-input?" in refusal(run("rule", "dangling-inputs"))
    assert "or --all" in refusal(run("rule"))
    assert "or --all" in refusal(run("rule", "GT101", "--all"))


def test_a_code_that_no_rule_has_names_its_family() -> None:
    assert "GT3 is TFLite: GT301 to GT3" in refusal(run("rule", "GT399"))
    assert "GT3 TFLite" in refusal(run("rule", "GT099"))
