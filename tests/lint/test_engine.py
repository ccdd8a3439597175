"""The engine: graphs and files, what is selected, ignored, or cannot be looked at."""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import save
from graphtools.graph import Graph, Shape
from graphtools.lint.applying import look_at
from graphtools.lint.engine import check_config, check_subject, lint_file, lint_graph
from graphtools.lint.file_report import FileReport
from graphtools.lint.settings import LintSettings
from graphtools.lint.subject import Subject
from tests.lint.declared import BROKEN, RULES, sample
from tests.support import FIXTURES, damaged
from tests.transforms.graphs import graph

FROZEN = FIXTURES / "classifier/frozen.pb"
CONFIG = FIXTURES / "ssd/pipeline.config"


def look(chosen: LintSettings, made: Graph | None = None, path: str = "") -> FileReport:
    subject = Subject(made or sample(), chosen.target, path=path, outputs=["y"])
    return look_at(subject, chosen, RULES)


def codes(report: FileReport) -> str:
    return " ".join(f"{f.code[2:]}:{f.node}" for f in report.findings)


def test_findings_come_worst_first_then_by_node() -> None:
    report = look(LintSettings(select=("ALL",)))
    assert codes(report) == "902:b 901:a 901:c 903:"
    assert not report.is_clean
    assert (report.inputs, report.outputs, report.nodes) == (("x",), ("y",), 5)


def test_remarks_alone_are_clean() -> None:
    assert look(LintSettings(select=("GT903",))).is_clean


def test_what_is_ignored_is_counted() -> None:
    assert codes(look(LintSettings(ignore=("GT902",)))) == "901:a 901:c"
    report = look(LintSettings(ignore_nodes=(("a", ("GT901",)), ("b", ("GT901",)))))
    assert (codes(report), report.ignored) == ("902:b 901:c", 1)
    report = look(LintSettings(per_file_ignores=(("old/*", ("GT901",)),)), path="old/x.pb")
    assert (codes(report), report.ignored) == ("902:b", 2)


def test_the_target_decides_which_rules_hold() -> None:
    assert codes(look(LintSettings(target="edgetpu", select=("GT904",)))) == "904:x"
    assert codes(look(LintSettings(select=("GT904",)))) == ""


def test_a_rule_that_cannot_be_applied_is_a_problem_and_the_others_are() -> None:
    rules = {**BROKEN.rules(), **RULES}
    report = look_at(Subject(sample(), outputs=["y"]), LintSettings(), rules)
    assert codes(report) == "910: 902:b 901:a 901:c"
    (problem,) = report.problems
    assert problem.message == (
        "the rule GT910 broken-rule could not be applied: this cannot be looked at"
    )
    assert problem.remedy == "look elsewhere"


def test_a_graph_of_the_library() -> None:
    found = lint_graph(graph("x = Placeholder dtype=float\ny = Neg(gone) T=float"))
    assert "GT101" in {f.code for f in found.findings}
    assert found.problems == ()


def test_what_the_user_says_of_a_graph_is_checked() -> None:
    with pytest.raises(UnknownName):
        lint_graph(sample(), outputs=["z"])
    with pytest.raises(UnknownName):
        lint_graph(sample(), inputs=["z"])
    with pytest.raises(UnknownName):
        lint_graph(sample(), select=["GT0"])
    with pytest.raises(InvalidValue):
        lint_graph(sample(), target="moon")
    with pytest.raises(UnknownName):
        lint_graph(sample(), input_shapes={"z": Shape((1,))})
    stated = graph("x = Placeholder dtype=float shape=[?,3]\ny = Neg(x) T=float")
    with pytest.raises(InvalidValue, match=r"states the shape \[\?,3\] for 'x'"):
        check_subject(Subject(stated, input_shapes={"x": Shape((1, 4))}))


@pytest.mark.parametrize("made", [Graph(), graph("x = Placeholder dtype=float")])
def test_graphs_without_ends(made: Graph) -> None:
    report = lint_graph(made)
    assert report.problems == ()
    assert report.outputs == ()


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a b.pb"
    save(sample(), path)
    report = lint_file(str(path), LintSettings(), RULES)
    assert (report.path, report.kind) == (str(path), "GraphDef")
    assert codes(report) == "902:b 901:a 901:c"
    assert report.seconds > 0


def test_signatures_name_the_ends_of_a_saved_model() -> None:
    report = lint_file(str(FIXTURES / "saved_model/v2"))
    assert report.kind == "SavedModel"
    assert report.problems == ()
    assert report.outputs


def test_input_shapes_are_read_for_each_file() -> None:
    shapes = LintSettings(input_shapes=("1,32,32,3",))
    assert lint_file(str(FROZEN), shapes).problems == ()
    wrong = lint_file(str(FROZEN), LintSettings(input_shapes=("nothing=1,2",)))
    assert "no node 'nothing'" in wrong.problems[0].message
    wrong = lint_file(str(FROZEN), LintSettings(input_shapes=("input=1,x",)))
    assert wrong.problems


def test_a_configuration_has_the_findings_of_check_config() -> None:
    report = lint_file(str(CONFIG))
    assert report.kind == "pipeline configuration"
    assert report.findings
    assert report.findings == check_config(str(CONFIG)).findings


def test_checks_of_configurations_are_selected_and_ignored_as_rules(tmp_path: Path) -> None:
    copy = tmp_path / "any.name"
    shutil.copy(CONFIG, copy)
    assert lint_file(str(copy), LintSettings(ignore=("GTC102",))).findings == ()
    assert lint_file(str(copy), LintSettings(select=("GTC1",))).findings
    assert lint_file(str(copy), LintSettings(select=("GT1",))).findings == ()
    ignored = lint_file(str(copy), LintSettings(ignore_nodes=(("train_*", ("missing-file",)),)))
    assert ignored.ignored == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "is a PNG image"),
        (b"model { ssd { num_classes: } }", "line 1, column 28: a value is expected"),
        (b"some prose", "is a text file"),
        (FROZEN.read_bytes()[:5000], "truncated"),
        (None, "does not exist"),
    ],
)
def test_what_cannot_be_read_is_a_problem(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "model.pb"
    if content is not None:
        path.write_bytes(content)
    report = lint_file(str(path))
    assert report.findings == ()
    assert message in report.problems[0].message
    assert report.is_clean  # what was not seen has no findings; the problem says so


SMALL = b"".join(sample().pieces())


@given(damaged(SMALL))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_graph_gives_findings_or_problems_and_no_exception(
    tmp_path: Path, raw: bytes
) -> None:
    path = tmp_path / "damaged.pb"
    path.write_bytes(raw)
    for fix in ("none", "unsafe"):
        report = lint_file(str(path), LintSettings(select=("ALL",), fix=fix, is_dry_run=True))
        assert report.path == str(path)
        assert report.kind or report.problems


def test_too_little_memory_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(_path: str) -> None:
        raise MemoryError

    monkeypatch.setattr("graphtools.formats.open_model", greedy)
    assert lint_file(str(FROZEN)).problems[0].message == "there is not enough memory for this file"


def test_results_can_be_sent_elsewhere() -> None:
    report = look(LintSettings(select=("ALL",)))
    assert pickle.loads(pickle.dumps(report)) == report
    chosen = LintSettings(select=("ALL",), ignore_nodes=(("a", ("ALL",)),))
    assert pickle.loads(pickle.dumps(chosen)) == chosen


def test_the_order_of_the_nodes_changes_no_finding() -> None:
    made = sample()
    backwards = Graph(list(made.nodes)[::-1])
    first, second = look(LintSettings()), look(LintSettings(), backwards)
    assert set(first.findings) == set(second.findings)
    assert [dataclasses.astuple(f) for f in second.findings] != []
