"""How rules are declared, and the whole table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphtools.findings.finding import ERROR, SEVERITIES, WARNING
from graphtools.findings.rule import TARGETS, Found, RuleTable, read_manual
from graphtools.lint.subject import Subject
from graphtools.lint.tables import CONFIG_RULES, GRAPH_RULES, all_rules
from graphtools.rewrite.transform import Job
from graphtools.transforms.pipeline import checked_steps
from tests.lint.declared import RULES, sample


def nothing(_subject: Subject) -> Iterator[Found]:
    """Nothing."""
    return iter(())


def test_a_manual_is_divided_by_its_sections() -> None:
    manual = RULES["GT901"].manual
    assert manual.what == "An Identity between two nodes."
    assert manual.why == "It costs a call."
    assert manual.example == "tf.identity in a layer."
    assert manual.remedy == "Take it away,\nor leave it.\n\nIt does no harm."


def test_a_manual_keeps_what_is_laid_out() -> None:
    manual = read_manual("What.\n\nMore:\n\nWhy:\n    Because:\n\n        a -> b\n\n    So.")
    assert manual.what == "What.\n\nMore:"
    assert manual.why == "Because:\n\n    a -> b\n\nSo."
    assert manual.remedy == ""


def test_the_remedy_of_a_finding_is_the_first_paragraph_of_the_manuals() -> None:
    found = list(RULES["GT901"].run(Subject(sample(), outputs=["y"])))
    assert [f.node for f in found] == ["a", "c"]
    assert {f.remedy for f in found} == {"Take it away, or leave it."}
    assert found[0].op == "Identity"
    assert found[0].cure == "remove_nodes(op=Identity)"
    assert found[0].is_safe_cure


def test_a_found_thing_may_differ_from_its_rule() -> None:
    table = RuleTable()

    @table.rule("GT900", "sometimes", ERROR, cure="fold_constants")
    def sometimes(_subject: Subject) -> Iterator[Found]:
        """Sometimes."""
        yield Found("a", "worse", severity=WARNING, cure="")
        yield Found("gone@f", "there", is_safe_cure=False, op="Op")

    first, second = table.rules()["GT900"].run(Subject(sample(), outputs=["y"]))
    assert (first.severity, first.cure, first.is_safe_cure, first.op) == (
        WARNING,
        "",
        False,
        "Identity",
    )
    assert (second.severity, second.node, second.op) == (ERROR, "gone@f", "Op")
    assert (second.cure, second.is_safe_cure) == ("fold_constants", False)


@pytest.mark.parametrize(("code", "name"), [("GT900", "other"), ("GT999", "first")])
def test_a_code_or_name_that_is_taken_is_refused(code: str, name: str) -> None:
    table = RuleTable()
    table.rule("GT900", "first", ERROR)(nothing)
    with pytest.raises(RuntimeError, match=r"two (things|rules) are called"):
        table.rule(code, name, ERROR)(nothing)


@pytest.mark.parametrize(
    "declare",
    [
        lambda t: t.rule("X1", "a-name", ERROR),
        lambda t: t.rule("GT1", "a-name", ERROR),
        lambda t: t.rule("GT100", "A Name", ERROR),
        lambda t: t.rule("GT100", "a-name", "fatal"),
        lambda t: t.rule("GT100", "a-name", ERROR, targets={"tflight"}),
        lambda t: t.rule("GT100", "a-name", ERROR, targets=()),
    ],
)
def test_a_wrong_declaration_is_refused(declare: Callable[[RuleTable], Any]) -> None:
    with pytest.raises(RuntimeError, match="is declared wrongly"):
        declare(RuleTable())(nothing)


def test_the_checks_of_configurations_are_rules() -> None:
    found = CONFIG_RULES.rules()
    assert found["GTC101"].name == "path-to-be-configured"
    assert all(rule.manual.what for rule in found.values())
    assert set(found) < set(all_rules())


@pytest.mark.parametrize("code", GRAPH_RULES.rules())
def test_every_rule_for_graphs_has_a_whole_manual_and_a_cure_that_exists(code: str) -> None:
    rule = GRAPH_RULES.rules()[code]
    assert rule.severity in SEVERITIES
    assert rule.targets <= set(TARGETS)
    manual = rule.manual
    assert all((manual.what, manual.why, manual.example, manual.remedy))
    for step, transform in checked_steps(rule.cure) if rule.cure else ():
        Job(parameters=step.parameters, declared=transform.parameters)
        # to take out an op that gives what it reads changes nothing; the rule names the op
        taken = step.parameters.get("op", [""])[-1] in ("CheckNumerics", "Identity")
        assert transform.keeps_meaning or taken or not rule.is_safe_cure
