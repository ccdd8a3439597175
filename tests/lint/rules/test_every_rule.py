"""Holds for every rule: it has a good and a bad graph, a manual, and cures that cure."""

from __future__ import annotations

import re
import shlex
from typing import Any

import click
import numpy as np
import pytest

from graphtools.cli import main
from graphtools.findings.rule import SECTIONS
from graphtools.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.lint.tables import GRAPH_RULES, all_rules
from graphtools.transforms.pipeline import find_transform, transform
from tests.lint.graphs import Case, all_cases
from tests.transforms.numerics import run

CASES = ()
_ALL = all_cases()
_RULES = list(GRAPH_RULES.rules())


@pytest.mark.parametrize("code", _RULES)
def test_every_rule_has_cases(code: str) -> None:
    assert [c for c in _ALL if c.code == code], f"{code} has neither a good nor a bad graph"


@pytest.mark.parametrize("code", _RULES)
def test_every_rule_has_a_manual(code: str) -> None:
    rule = all_rules()[code]
    manual = rule.manual
    assert all((manual.what, manual.why, manual.example, manual.remedy)), SECTIONS
    first = manual.what.partition("\n\n")[0]
    assert first.endswith((".", "?")), first
    assert rule.remedy
    assert "\n" not in rule.remedy


@pytest.mark.parametrize("case", _ALL, ids=str)
def test_the_bad_graph_is_found(case: Case) -> None:
    found = case.findings(case.bad_graph())
    assert found
    first = next((f for f in found if f.node == (case.node or "")), None)
    assert first is not None, [f.node for f in found]
    assert case.says in first.message
    assert first.severity == (case.severity or all_rules()[case.code].severity)
    assert first.remedy
    assert "\n" not in first.message + first.remedy
    assert bool(first.cure) == case.cured


@pytest.mark.parametrize("case", _ALL, ids=str)
def test_the_good_graph_is_clean(case: Case) -> None:
    assert not case.findings(case.good_graph())


@pytest.mark.parametrize("case", [c for c in _ALL if c.cured], ids=str)
def test_the_cure_removes_what_was_found(case: Case) -> None:
    graph, subject = case.bad_graph(), case.subject(case.bad_graph())
    cures = {f.cure for f in case.findings(graph) if f.node == (case.node or "")}
    for cure in cures - {""}:
        done = transform(graph, cure, subject.inputs, subject.outputs)
        left = [f for f in case.findings(done.graph) if f.cure == cure]
        assert not left, f"{cure} leaves {left}"


def _is_safe(case: Case) -> bool:
    return any(f.is_safe_cure for f in case.findings(case.bad_graph()))


@pytest.mark.tensorflow
@pytest.mark.parametrize("case", [c for c in _ALL if c.cured and _is_safe(c)], ids=str)
def test_safe_cures_keep_the_outputs(case: Case, tf: Any) -> None:
    graph, subject = case.bad_graph(), case.subject(case.bad_graph())
    cure = next(f.cure for f in case.findings(graph) if f.is_safe_cure)
    done = transform(graph, cure, subject.inputs, subject.outputs).graph
    feeds = _feeds(case)
    outputs = [Ref.from_user(name).tensor for name in subject.outputs]
    after = run(tf, done, feeds, outputs)
    try:
        before = run(tf, graph, feeds, outputs)
    except (ValueError, tf.errors.OpError) as refusal:
        # what cannot be run is what was found; the cure has made it run
        assert case.code.startswith("GT1") or "NHWC" in str(refusal) or case.code == "GT509"
        return
    for left, right in zip(before, after, strict=True):
        assert np.allclose(left, right, rtol=1e-4, atol=1e-5)


def _feeds(case: Case) -> dict[str, Any]:
    """Random values for the inputs of a case."""
    graph = case.bad_graph()
    subject = case.subject(graph)
    random = np.random.default_rng(3)
    found = {}
    for name in subject.inputs:
        kind = subject.dtype(name)
        dims = [d or 1 for d in subject.dims(name) or ()]
        values = random.uniform(-2, 2, dims)
        array_kind = kind.base.numpy() if kind is not None else np.float32
        found[Ref.from_user(name).tensor] = values.astype(array_kind)
    return found


def test_rules_are_silent_on_an_empty_graph() -> None:
    from graphtools.lint.subject import Subject

    for target in ("tflite", "edgetpu", "gpu", "tensorflow-cpu"):
        subject = Subject(Graph(), target)
        found = {
            f.code
            for rule in GRAPH_RULES.rules().values()
            if target in rule.targets
            for f in rule.run(subject)
        }
        assert found <= {"GT121"}, found


#: A command as manuals write it, up to the end of its options and values.
_MENTIONED = re.compile(
    r"graphtools ([a-z_-]+)((?: (?:--?[a-z-]+|[A-Z]+\b|\"[^\"]*\"|'[^']*'"
    r"|(?<=transforms )[a-z_0-9]+|(?<=quantize )[a-z0-9]+))*)"
)


@pytest.mark.parametrize("code", _RULES)
def test_command_lines_of_manuals_can_be_parsed(code: str) -> None:
    _check_commands(" ".join(all_rules()[code].text.split()))


@pytest.mark.parametrize("case", _ALL, ids=str)
def test_command_lines_of_findings_can_be_parsed(case: Case) -> None:
    for found in case.findings(case.bad_graph()):
        _check_commands(found.remedy)


def _check_commands(text: str) -> None:
    """Parse the command lines that a text mentions."""
    for name, rest in _MENTIONED.findall(text):
        if name == "keeps":
            continue  # a sentence about graphtools itself
        command = main.get_command(click.Context(main), name)
        assert command is not None, f"there is no command {name!r}"
        command.make_context(name, shlex.split(rest)).close()


@pytest.mark.parametrize("code", _RULES)
def test_transforms_that_a_manual_names_are_there(code: str) -> None:
    rule = all_rules()[code]
    named = re.findall(r"--transforms \"?([a-z_]+)", " ".join(rule.text.split()))
    named += re.findall(r"(?:^| )([a-z]+(?:_[a-z]+)+)(?=\(|$| )", rule.cure)
    for name in named:
        assert find_transform(name).name == name
