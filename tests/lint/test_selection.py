"""Which rules are applied, and which findings are kept back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from graphtools.errors import InvalidValue, UnknownName
from graphtools.findings.finding import ERROR, Finding
from graphtools.findings.rule import Rule
from graphtools.lint.selection import (
    check_selectors,
    is_node_ignored,
    matches_path,
    not_for_target,
    parse_ignored_node,
    parse_per_file,
    selected_rules,
)


def nothing(_: object) -> tuple[()]:
    return ()


RULES = {
    rule.code: rule
    for rule in (
        Rule("GT101", "first", ERROR, nothing, ""),
        Rule("GT102", "second", ERROR, nothing, ""),
        Rule("GT201", "third", ERROR, nothing, "", is_default=False),
        Rule("GT601", "sixth", ERROR, nothing, "", targets=frozenset({"edgetpu"})),
    )
}


def codes(
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend: Sequence[str] = (),
    target: str = "tflite",
) -> str:
    return " ".join(r.code[2:] for r in selected_rules(RULES, target, select, extend, ignore))


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "expected"),
    [
        ([], [], [], "101 102"),
        (["ALL"], [], [], "101 102 201"),
        (["GT1"], [], [], "101 102"),
        (["GT"], [], [], "101 102 201"),
        (["GT102"], [], [], "102"),
        (["second"], [], [], "102"),
        ([], ["GT1"], [], ""),
        ([], ["GT101"], [], "102"),
        ([], ["first"], [], "102"),
        ([], ["ALL"], [], ""),
        ([], [], ["GT201"], "101 102 201"),
        ([], [], ["ALL"], "101 102 201"),
        # the longer selector decides, whichever it is
        (["GT1"], ["GT101"], [], "102"),
        (["GT101"], ["GT1"], [], "101"),
        (["ALL"], ["GT1"], ["GT102"], "102 201"),
        # of two alike the one that leaves out
        (["GT1"], ["GT1"], [], ""),
        (["first"], ["GT101"], [], ""),
    ],
)
def test_selection(select: list[str], ignore: list[str], extend: list[str], expected: str) -> None:
    assert codes(select, ignore, extend) == expected


def test_rules_for_other_targets_are_left_out() -> None:
    assert codes(target="edgetpu") == "101 102 601"
    assert codes(["GT601"]) == ""
    assert not_for_target(RULES, "tflite", ["GT601", "GT1", "GT"]) == ["GT601"]


def test_what_means_no_rule_is_refused_with_a_suggestion() -> None:
    check_selectors(["ALL", "GT", "GT10", "third"], RULES)
    with pytest.raises(UnknownName, match="no rule is meant by 'gt101'") as caught:
        check_selectors(["gt101"], RULES)
    assert caught.value.remedy == "did you mean 'GT101'?"
    with pytest.raises(UnknownName) as caught:
        check_selectors(["zzzzzzz"], RULES)
    assert caught.value.remedy == "codes are GT101 to GT601, or their beginnings"


@pytest.mark.parametrize(
    ("pattern", "node", "ignored"),
    [
        ("Postprocessor/*", "Postprocessor/Decode/add", True),
        ("Postprocessor/*", "Preprocessor/add", False),
        ("box_[0]", "box_[0]", True),  # a name is meant as it is, too
        ("add_?", "add_1", True),
        ("*", "", False),  # the graph is no node
    ],
)
def test_ignored_nodes(pattern: str, node: str, ignored: bool) -> None:
    finding = Finding("GT101", "first", ERROR, "", "", node)
    assert is_node_ignored(finding, [(pattern, ["GT1"])]) is ignored
    assert not is_node_ignored(finding, [(pattern, ["GT2"])])


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.pb", "a.pb", True),
        ("*.pb", "sub/a.pb", True),  # a file name holds in all folders
        ("sub/*.pb", "sub/a.pb", True),
        ("sub/*.pb", "sub/deep/a.pb", False),
        ("sub/**/*.pb", "sub/a.pb", True),
        ("sub/**/*.pb", "sub/deep/er/a.pb", True),
        ("sub", "sub/a.pb", True),
        ("sub/**", "sub/deep/a.pb", True),
        ("su", "sub/a.pb", False),
        ("a?.pb", "ab.pb", True),
        ("a.pb", "aXpb", False),
        ("[x].pb", "[x].pb", True),
    ],
)
def test_patterns_of_files(
    pattern: str, path: str, matches: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert matches_path(path, pattern) is matches
    monkeypatch.chdir("/")
    assert matches_path(os.path.join(tmp_path, path), pattern, str(tmp_path)) is matches


def test_ignored_files_and_nodes_are_read() -> None:
    assert parse_per_file("old/*.pb:GT1, second") == ("old/*.pb", ("GT1", "second"))
    assert parse_per_file("C:/a.pb:GT1") == ("C:/a.pb", ("GT1",))
    assert parse_ignored_node("scope/*") == ("scope/*", ("ALL",))
    assert parse_ignored_node("scope/*:GT1,GT2") == ("scope/*", ("GT1", "GT2"))
    for wrong in ("old/*.pb", "old/*.pb:", ":GT1", ""):
        with pytest.raises(InvalidValue):
            parse_per_file(wrong)
    for wrong in ("", ":GT1", "a:"):
        with pytest.raises(InvalidValue):
            parse_ignored_node(wrong)
