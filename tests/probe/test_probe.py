from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graphtools.compat.table import FOLDER, versions
from graphtools.errors import Damaged, FileProblem, GraphtoolsError, UnknownName
from graphtools.graph import Graph
from graphtools.ops.definitions import op_definition
from graphtools.probe import probe as module
from graphtools.probe.cases import type_cases
from graphtools.probe.graphs import Case
from graphtools.probe.probe import ProbedTable, probe, settle
from graphtools.run.answers import Complaint
from graphtools.run.probed_converter import Outcome, ProbedConverter
from graphtools.schema import message_class

FLEX = "ERROR_NEEDS_FLEX_OPS"


class FakeConverter:
    """A converter that finds fault with ops and types as it is told."""

    flex: frozenset[str] = frozenset({"Erf", "Tan"})
    version = "2.99.0"

    def __init__(self, *_: Any) -> None:
        self.graphs: list[int] = []

    def __enter__(self) -> FakeConverter:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def registered_ops(self) -> bytes:
        ops = message_class("OpList")()
        for name in ("Abs", "Erf", "Svd", "Tan", "Transpose"):
            found = op_definition(name)
            assert found is not None
            op = ops.op.add(name=name)
            for one in found.inputs:
                op.input_arg.add(
                    name=one.name,
                    type_attr=one.type_attr,
                    type=0 if one.dtype is None else one.dtype.number,
                )
            for one in found.outputs:
                op.output_arg.add(name=one.name, type_attr=one.type_attr)
            for attribute in found.attributes:
                made = op.attr.add(name=attribute.name, type=attribute.type)
                if attribute.type == "type":
                    made.allowed_values.list.type.extend([1, 2])  # float32 and float64
                if attribute.has_default:
                    made.default_value.SetInParent()
        encoded: bytes = ops.SerializeToString()
        return encoded

    def allowed_in_select(self, ops: Sequence[str]) -> list[bool] | None:
        return [op in self.flex for op in ops]

    def convert(
        self, graph: Graph, _inputs: object, _outputs: object, *, select: bool = False
    ) -> Outcome:
        nodes = [n for n in graph if n.name.endswith("/op")]
        self.graphs.append(len(nodes))
        bad = []
        for node in nodes:
            kind = str(node.attr("T"))
            if node.op == "Svd":
                return Outcome("crash", "signal 11")
            if node.op == "Transpose" and kind == "float64":
                return Outcome("error", "ConverterError", f'loc("{node.name}"): no')
            if node.op in ("Erf", "Tan") and not select:
                bad.append(Complaint(FLEX, "tf", "", (node.name,), ""))
        return Outcome("error", "ConverterError", "", tuple(bad)) if bad else Outcome("ok")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ProbedConverter", FakeConverter)


def cases_of(*ops: str) -> tuple[list[Case], dict[str, Any]]:
    definitions = {op: op_definition(op) for op in ops}
    found = [c for d in definitions.values() if d for c in type_cases(d)]
    return [c for c in found if dict(c.types)["T"] in ("float32", "float64")], definitions


def test_all_ops_that_need_select_are_learnt_at_once() -> None:
    cases, definitions = cases_of("Abs", "Erf", "Tan")
    converter: Any = FakeConverter()
    found = settle(converter, cases, definitions)
    assert {c.op: found[c.key] for c in cases} == {"Abs": "builtin", "Erf": "flex", "Tan": "flex"}
    assert converter.graphs == [6, 2]  # the second time without what it had named


def test_a_node_that_is_named_in_a_message_only_is_left_out() -> None:
    cases, definitions = cases_of("Abs", "Transpose")
    converter: Any = FakeConverter()
    found = settle(converter, cases, definitions)
    failed = {c.op for c in cases if found[c.key] == "error"}
    assert failed == {"Transpose"}
    assert sum(verdict == "builtin" for verdict in found.values()) == 4


def test_a_crash_is_cornered() -> None:
    cases, definitions = cases_of("Abs", "Svd", "Transpose")
    converter: Any = FakeConverter()
    found = settle(converter, cases, definitions)
    assert {c.op for c in cases if found[c.key] == "crash"} == {"Svd"}
    assert {found[c.key] for c in cases if c.op == "Abs"} == {"builtin"}


def test_nothing_to_settle() -> None:
    converter: Any = FakeConverter()
    assert settle(converter, [], {}) == {}


def test_a_graph_that_tensorflow_refuses_is_not_held_against_the_converter() -> None:
    class Refusing(FakeConverter):
        def convert(self, *_: Any, **_options: Any) -> Outcome:
            return Outcome("error", "ValueError", "no such thing")

    cases, definitions = cases_of("Abs")
    converter: Any = Refusing()
    assert set(settle(converter, cases, definitions).values()) == {"invalid"}


@pytest.mark.usefixtures("fake")
def test_the_table(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    target = tmp_path / "2.99.json"
    found = probe(target, progress=lambda done, total: steps.append((done, total)))
    content = json.loads(target.read_text())
    assert content["tensorflow"] == found.tensorflow == "2.99.0"
    assert content["ops"]["Abs"] == {"flex": False, "builtin": [{}]}
    assert content["ops"]["Tan"] == {"flex": True}
    assert content["ops"]["Transpose"]["builtin"] == [{"T": "float32"}]
    assert content["ops"]["Transpose"]["fails"] == [{"T": "float64", "kind": "error"}]
    assert content["ops"]["Svd"]["fails"] == [{"kind": "crash"}]
    assert found.ops == content["ops"]
    assert (found.builtin, found.flex) == (2, 2)
    assert len(found.crashes) == 2
    assert found.text == target.read_text()
    assert steps[-1][0] == steps[-1][1] == found.cases
    assert [p.name for p in tmp_path.iterdir()] == ["2.99.json"]


@pytest.mark.usefixtures("fake")
def test_an_interrupted_probe_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = probe(tmp_path / "whole.json")
    monkeypatch.setattr(module, "TOGETHER", 2)
    calls: list[str] = []
    convert = FakeConverter.convert

    def interrupted(self: FakeConverter, graph: Graph, *args: Any, **options: Any) -> Outcome:
        if any(n.op == "Tan" for n in graph):
            raise KeyboardInterrupt
        return convert(self, graph, *args, **options)

    monkeypatch.setattr(FakeConverter, "convert", interrupted)
    target = tmp_path / "cut.json"
    with pytest.raises(KeyboardInterrupt):
        probe(target)
    journal = tmp_path / "cut.json.part"
    assert not target.exists()
    known = len(journal.read_text().splitlines()) - 1
    assert known > 0
    with journal.open("a") as file:
        file.write('["cut sho')  # a line that was not written to its end

    def counted(self: FakeConverter, graph: Graph, *args: Any, **options: Any) -> Outcome:
        calls.extend(n.op for n in graph if n.name.endswith("/op"))
        return convert(self, graph, *args, **options)

    monkeypatch.setattr(FakeConverter, "convert", counted)
    again = probe(target)
    assert again.earlier == known
    assert again.text == whole.text
    assert len(set(calls)) < len(whole.ops)
    assert not journal.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"tensorflow": "2.1.0"}\n', "is of TensorFlow 2.1.0, not of 2.99.0"),
        ("nonsense\n", "is not what an interrupted probe leaves"),
        ("[]\n", "is not what an interrupted probe leaves"),
        ('{"tensorflow": "2.99.0"}\n[1]\n', "is not what an interrupted probe leaves"),
    ],
)
@pytest.mark.usefixtures("fake")
def test_what_another_probe_left_is_not_used(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "t.json.part").write_text(content)
    with pytest.raises(Damaged, match=message):
        probe(tmp_path / "t.json")


@pytest.mark.usefixtures("fake")
def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="cannot be written"):
        probe(tmp_path / "missing/t.json")


@pytest.mark.usefixtures("fake")
def test_an_op_that_fails_with_all_types_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Outcome("error", "ConverterError", "no")
    monkeypatch.setattr(FakeConverter, "convert", lambda *_, **__: refused)
    assert probe(ops=["Abs"]).ops["Abs"] == {"flex": False}


@pytest.mark.usefixtures("fake")
def test_an_unknown_op_is_named() -> None:
    with pytest.raises(UnknownName, match=r"no op 'Transposed' in TensorFlow 2.99.0"):
        probe(ops=["Transposed"])


@pytest.mark.usefixtures("fake")
def test_a_tensorflow_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeConverter, "allowed_in_select", lambda *_: None)
    with pytest.raises(GraphtoolsError, match="does not tell which ops"):
        probe()


def test_an_interpreter_that_is_not_there() -> None:
    with pytest.raises(GraphtoolsError, match="cannot be started: No such file"):
        probe(interpreter="/nowhere/python")


def test_an_interpreter_without_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n')
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(GraphtoolsError, match="needs a package that is not installed"):
        probe(interpreter=str(tmp_path / "python"))


# With the real converter


#: Ops whose entries in the shipped table are compared with a fresh probe.
SHIPPED = (
    "Abs",
    "AddV2",
    "BatchMatMulV2",
    "FakeQuantWithMinMaxVars",
    "Lgamma",
    "Softmax",
    "Transpose",
)


@pytest.fixture(scope="module")
def fresh(tf: Any) -> ProbedTable:  # noqa: ARG001 - skips where it is not installed
    return probe(ops=["Erf", "ResizeArea", *SHIPPED])


@pytest.mark.tensorflow
def test_three_ops_of_the_installed_tensorflow(tf: Any, fresh: ProbedTable) -> None:
    assert fresh.tensorflow == tf.__version__
    # what fails besides, as bfloat16 does in 2.16, is another matter
    verdicts = {op: (entry["flex"], entry.get("builtin")) for op, entry in fresh.ops.items()}
    assert verdicts["Abs"] == (True, [{"T": "float32 int16 int32"}])
    assert verdicts["Erf"] == (True, None)
    assert verdicts["ResizeArea"] == (False, None)


@pytest.mark.tensorflow
@pytest.mark.parametrize("op", SHIPPED)
def test_the_shipped_table_is_what_a_probe_finds(fresh: ProbedTable, op: str) -> None:
    version = ".".join(fresh.tensorflow.split(".")[:2])
    if version not in versions():
        pytest.skip(f"no table of TensorFlow {version} is shipped")
    shipped = json.loads((FOLDER / f"{version}.json").read_text())["ops"]
    assert fresh.ops[op] == shipped[op]


@pytest.mark.tensorflow
def test_a_crash_ends_the_child_only(probed: ProbedConverter) -> None:
    cases, definitions = cases_of("SigmoidGrad", "Abs")
    found = settle(probed, cases, definitions)
    by_type = {(c.op, dict(c.types)["T"]): found[c.key] for c in cases}
    assert by_type == {
        ("SigmoidGrad", "float32"): "builtin",
        ("SigmoidGrad", "float64"): "crash",
        ("Abs", "float32"): "builtin",
        ("Abs", "float64"): "flex",
    }
