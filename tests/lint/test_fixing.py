"""Cures: what they do, when they are left out, and how files are written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphtools.findings.finding import WARNING
from graphtools.findings.rule import Found, Rule, RuleTable
from graphtools.formats import load, open_model, save
from graphtools.graph import Graph
from graphtools.lint.applying import look_at
from graphtools.lint.engine import lint_file, lint_graph
from graphtools.lint.file_report import FileReport
from graphtools.lint.fixing import cure_graph, with_proven_cures
from graphtools.lint.settings import LintSettings
from graphtools.lint.subject import Subject
from graphtools.ops.value import evaluate
from tests.lint.declared import RULES, sample
from tests.support import FIXTURES
from tests.transforms.graphs import graph

SAFE = LintSettings(fix="safe")


def cured(
    made: Graph, settings: LintSettings = SAFE, rules: dict[str, Rule] | None = None
) -> tuple[Graph, FileReport]:
    return cure_graph(Subject(made, outputs=["y"]), settings, rules or dict(RULES))


def ops(made: Graph) -> list[str]:
    return [node.op for node in made]


def test_safe_cures_are_applied_and_their_findings_are_gone() -> None:
    before = sample()
    after, report = cured(before)
    assert ops(after) == ["Placeholder", "Relu", "Neg"]
    assert ops(before) == ["Placeholder", "Identity", "Relu", "Identity", "Neg"]
    assert [f.code for f in report.findings] == ["GT902"]
    (fix,) = report.fixes
    assert (fix.cure, fix.codes, fix.is_safe) == ("remove_nodes(op=Identity)", ("GT901",), True)
    assert fix.edits > 0


def test_unsafe_cures_only_on_demand() -> None:
    after, report = cured(sample(), LintSettings(fix="unsafe"))
    assert ops(after) == ["Placeholder", "Elu", "Neg"]
    assert report.findings == ()
    assert [f.is_safe for f in report.fixes] == [False, True]


def test_what_is_ignored_is_not_fixed() -> None:
    after, _ = cured(sample(), LintSettings(fix="safe", ignore=("GT901",)))
    assert "Identity" in ops(after)
    after, report = cured(
        sample(), LintSettings(fix="safe", ignore_nodes=(("a", ("ALL",)), ("c", ("ALL",))))
    )
    assert report.fixes == ()


def test_outputs_compute_the_same() -> None:
    made = graph("""
        x = Const value=float:[-1,2,3]
        a = Identity(x) T=float
        b = Relu(a) T=float
        y = Neg(b) T=float
        z = Neg(y) T=float
    """)
    after, report = cured(made)
    assert report.fixes
    assert "z" not in after
    assert evaluate(after, "y").tolist() == evaluate(made, "y").tolist() == [0, -2, -3]


def table(cure: str, found_in: str = "Relu", code: str = "GT999") -> dict[str, Rule]:
    made = RuleTable()

    @made.rule(code, "always", WARNING, cure=cure)
    def always(subject: Subject) -> Iterator[Found]:
        """It finds an op."""
        for node in subject.nodes_of(found_in):
            yield Found(node, f"{found_in} again")

    return dict(made.rules())


def test_a_cure_that_does_nothing_or_does_not_help_ends() -> None:
    _, report = cured(sample(), SAFE, table("remove_nodes(op=Elu)"))
    assert report.fixes == ()
    assert len(report.findings) == 1
    _, report = cured(
        sample(), SAFE, table("rename_attribute(old_attribute_name=T, new_attribute_name=U)")
    )
    assert report.fixes == ()
    assert len(report.findings) == 1


def proven(subject: Subject, rules: dict[str, Rule] | None = None) -> dict[str, str]:
    """By code, the option that removes a finding; empty where none does."""
    rules = rules or dict(RULES)
    report = with_proven_cures(
        subject, look_at(subject, LintSettings(), rules), LintSettings(), rules
    )
    return {
        f.code: ("safe" if f.is_safe_cure else "unsafe") if f.cure else "" for f in report.findings
    }


def test_a_finding_is_marked_where_its_cure_removes_it() -> None:
    made = sample()
    assert proven(Subject(made, outputs=["y"])) == {"GT901": "safe", "GT902": "unsafe"}
    assert ops(made) == ["Placeholder", "Identity", "Relu", "Identity", "Neg"]


@pytest.mark.parametrize(
    "cure",
    [
        "remove_nodes(op=Elu)",
        "rename_attribute(old_attribute_name=T, new_attribute_name=U)",
        "rename_op(old_op_name=Relu)",
    ],
    ids=["does nothing", "does not help", "refuses"],
)
def test_a_finding_is_not_marked_where_its_cure_leaves_it(cure: str) -> None:
    assert proven(Subject(sample(), outputs=["y"]), table(cure)) == {"GT999": ""}


def test_a_finding_is_not_marked_where_fixing_is_refused() -> None:
    assert set(proven(Subject(sample(), outputs=[])).values()) == {""}
    assert proven(Subject(graph(SIDE)))["GT905"] == "unsafe"
    assert proven(Subject(graph(SIDE), outputs=["predictions"]))["GT905"] == "safe"


def test_of_several_findings_those_are_marked_that_are_removed() -> None:
    made = RuleTable()

    @made.rule("GT999", "one-input", WARNING, cure="rename_op(old_op_name=Relu, new_op_name=Elu)")
    def one_input(subject: Subject) -> Iterator[Found]:
        """It finds two ops, and the cure is of one."""
        for node in subject.nodes_of("Relu", "Neg"):
            yield Found(node, "it is there")

    subject, rules = Subject(sample(), outputs=["y"]), dict(made.rules())
    report = look_at(subject, LintSettings(), rules)
    report = with_proven_cures(subject, report, LintSettings(), rules)
    assert [(f.op, bool(f.cure)) for f in report.findings] == [("Relu", True), ("Neg", False)]


@pytest.mark.slow
def test_a_file_has_as_many_marks_as_fixing_removes(tmp_path: Path) -> None:
    for name in ("frozen.pb", "train.pb"):
        path = tmp_path / name
        shutil.copy(FIXTURES / "classifier" / name, path)
        for fix in ("safe", "unsafe"):
            before = lint_file(str(path)).findings
            marked = sum(bool(f.cure) and (f.is_safe_cure or fix == "unsafe") for f in before)
            lint_file(str(path), LintSettings(fix=fix))
            assert len(before) - len(lint_file(str(path)).findings) == marked


def test_what_cannot_be_fixed_in_its_place_has_no_marks(tmp_path: Path) -> None:
    save(sample(), tmp_path / "model.pb")
    settings = LintSettings(outputs=("y",))
    assert any(f.cure for f in lint_file(str(tmp_path / "model.pb"), settings, RULES).findings)
    found = lint_file(
        str(FIXTURES / "saved_model/v2"), rules=table("strip_unused_nodes", "Placeholder")
    )
    assert found.findings
    assert not any(f.cure for f in found.findings)


def test_cures_that_undo_each_other_end() -> None:
    forth = table("rename_op(old_op_name=Relu, new_op_name=Elu)", "Relu", "GT998")
    back = table("rename_op(old_op_name=Elu, new_op_name=Relu)", "Elu")
    _, report = cured(sample(), SAFE, {**forth, **back})
    assert 1 < len(report.fixes) <= 40


def test_a_transform_that_refuses_is_noted() -> None:
    damaged = graph("""
        x = Placeholder dtype=float
        b = Relu(x) T=float
        y = AddV2(b, gone) T=float
    """)
    after, report = cured(damaged, SAFE, table("fold_constants"))
    assert report.fixes == ()
    assert "fold_constants was not applied" in report.notes[0]
    assert len(after) == 3


#: Nothing reads `aux`, nor does it depend on the input: it may be an output, but is no likely one.
SIDE = """
    x = Placeholder dtype=float shape=[?,3]
    h = Relu(x) T=float
    predictions = Softmax(h) T=float
    other = Const value=float:[1,2,3]
    aux = Exp(other) T=float
"""


def test_what_may_be_an_output_is_kept_where_nobody_named_them() -> None:
    subject = Subject(graph(SIDE))
    assert subject.outputs == ("predictions",)
    left = cure_graph(subject, SAFE, RULES)
    assert left.report.fixes == ()
    assert "it would remove 'aux', which may be an output" in left.report.notes[0]
    for done in (
        cure_graph(subject, LintSettings(fix="unsafe"), RULES),
        cure_graph(Subject(graph(SIDE), outputs=["predictions"]), SAFE, RULES),
    ):
        assert "aux" not in done.graph
        assert "predictions" in done.graph


def test_without_outputs_nothing_is_fixed() -> None:
    done = cure_graph(Subject(sample(), outputs=[]), SAFE, RULES)
    assert done.report.fixes == ()
    assert "give outputs=" in done.report.notes[0]


@pytest.mark.parametrize("name", ["model.pb", "model.pbtxt"])
def test_a_file_is_written_in_its_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save(sample(), path)
    encoding = open_model(path).encoding  # type: ignore[attr-defined]
    settings = LintSettings(fix="safe", outputs=("y",))
    report = lint_file(str(path), settings, RULES)
    assert len(report.fixes) == 1
    assert ops(load(path)) == ["Placeholder", "Relu", "Neg"]
    assert open_model(path).encoding == encoding  # type: ignore[attr-defined]
    again = path.read_bytes()
    assert lint_file(str(path), settings, RULES).fixes == ()
    assert path.read_bytes() == again


def test_a_dry_run_shows_the_changes_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.pb"
    save(sample(), path)
    before = path.read_bytes()
    settings = LintSettings(fix="safe", is_dry_run=True, outputs=("y",))
    report = lint_file(str(path), settings, RULES)
    assert path.read_bytes() == before
    assert report.changes is not None
    assert sorted(n.name for n in report.changes.nodes.removed) == ["a", "c"]


def test_what_is_no_graph_file_cannot_be_fixed(tmp_path: Path) -> None:
    source = FIXTURES / "saved_model/v2"
    copy = tmp_path / "model"
    shutil.copytree(source, copy)
    before = (copy / "saved_model.pb").read_bytes()
    report = lint_file(str(copy), SAFE, table("sort_by_execution_order", "Placeholder"))
    assert "SavedModel cannot be fixed in its place" in report.problems[0].message
    assert (copy / "saved_model.pb").read_bytes() == before


def test_a_target_that_cannot_be_written_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.pb"
    save(sample(), path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    report = lint_file(str(path), LintSettings(fix="safe", outputs=("y",)), RULES)
    assert "cannot be written" in report.problems[0].message
    assert path.read_bytes() == before


def test_real_rules_leave_a_clean_graph_alone() -> None:
    made = load(FIXTURES / "classifier/frozen.pb")
    subject = Subject(made)
    done = cure_graph(subject, SAFE)
    left = lint_graph(done.graph, inputs=subject.inputs, outputs=subject.outputs)
    assert not [f for f in left.findings if f.cure and f.is_safe_cure]


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ["frozen_fused_batch_norm_v1.pb", "frozen_unfused_batch_norm.pb"])
@pytest.mark.usefixtures("tf")
def test_a_fixed_graph_computes_the_same_in_tensorflow(name: str) -> None:
    from graphtools.verify.verify_rewrite import verify

    subject = Subject(load(FIXTURES / "classifier" / name))
    done = cure_graph(subject, SAFE)
    assert done.report.fixes
    assert not [f for f in done.report.findings if f.cure and f.is_safe_cure]
    assert verify(subject.graph, done.graph, subject.inputs, subject.outputs).equal
