"""The shipped tables and what is told of single ops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtools.compat.op_rules import rules_of
from graphtools.compat.site import rule
from graphtools.compat.table import FOLDER, SCHEMA, table, versions
from graphtools.errors import FileProblem, InvalidValue, UnknownName
from graphtools.graph.dtypes import dtype
from graphtools.ops.definitions import op_definition


@pytest.mark.parametrize("version", versions())
def test_a_table_is_small_has_an_op_a_line_and_names_types_and_inputs_that_there_are(
    version: str,
) -> None:
    text = (FOLDER / f"{version}.json").read_text(encoding="utf-8")
    assert len(text) < 300_000
    content = json.loads(text)
    assert content["schema"] == SCHEMA
    assert len(content["ops"]) + 2 <= len(text.splitlines()) <= len(content["ops"]) + 4
    for name, entry in table(version).ops.items():
        definition = op_definition(name)
        if definition is None:  # an op of TensorFlow's own, which graphs do not hold
            assert not entry.builtin, name
            continue
        attributes = {a.name for a in definition.attributes}
        for types in [*entry.builtin, *(types for types, _ in entry.fails)]:
            assert set(types) <= attributes, name
            assert all(dtype(kind) for kinds in types.values() for kind in kinds)
        assert set(entry.lost) <= attributes
        assert set(entry.constant) <= {a.name for a in definition.inputs}
        assert all(kind in ("error", "crash") for _, kind in entry.fails)


def test_the_newest_version_is_the_default() -> None:
    assert table().version == versions()[-1]
    assert table("2.21.3").version == "2.21"
    with pytest.raises(InvalidValue, match="no table"):
        table("0.1")


def test_a_table_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    ops = {"Relu": {"flex": True, "builtin": [{"T": "half"}]}}
    file.write_text(json.dumps({"schema": SCHEMA, "tensorflow": "2.18.1", "ops": ops}))
    found = table(str(file))
    assert (found.version, found.number, list(found.ops)) == ("2.18", (2, 18), ["Relu"])
    assert rules_of("Relu", str(file)).types[0].types == {"T": ["half"]}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[1]", b'{"schema": 1}', b'{"schema": 1, "tensorflow": 2, "ops": {}}',
     b'{"schema": 99, "tensorflow": "2.18", "ops": {}}',
     b'{"schema": 1, "tensorflow": "2.18", "ops": {"Relu": {"builtin": 3}}}'],
)  # fmt: skip
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(FileProblem, match=r"other\.json is no table"):
        table(str(file))
    with pytest.raises(FileProblem, match="cannot be read: No such file"):
        table(str(tmp_path / "gone.json"))


def test_every_rule_is_for_an_op_that_there_is_and_says_what_it_rules() -> None:
    for name in sorted(rule.all()):
        assert name == "_Retval" or op_definition(name) is not None, name
        function = rule.get(name)
        assert function is not None
        assert (function.__doc__ or "").strip().endswith("."), name


def test_the_rules_of_an_op() -> None:
    found = rules_of("ConcatV2")
    assert found.is_known
    assert found.flex
    assert found.types[0].outcome == "builtin"
    assert "float32" in found.types[0].types["T"]
    assert "The axis must be constant" in found.rule
    with pytest.raises(UnknownName, match="GatherV2"):
        rules_of("Gather2")
