"""What is told of what converts."""

from __future__ import annotations

import dataclasses

import pytest

from graphtools.compat.op_rules import OpRules, TypeSet
from graphtools.compat.verdict import Blocker, NodeVerdict, Verdict
from graphtools.report.compatibility import op_rules_document, verdict_document
from graphtools.report.document import Facts, Heading, Items, Table, Text

BLOCKER = Blocker("e", "Foo", "no kernel", "custom", "drop it")
FOUND = Verdict(
    tf_version="2.21",
    builtins=False,
    select=False,
    blockers=(BLOCKER,),
    allocates=False,
    warnings=("too many ranks",),
    unknown=(),
    nodes=(
        NodeVerdict("a", "Add", "builtin"),
        NodeVerdict("b", "Relu", "builtin"),
        NodeVerdict("c", "Relu", "builtin"),
        NodeVerdict("d", "Rank", "folded"),
        NodeVerdict("e", "Foo", "custom", "no kernel"),
        NodeVerdict("f", "Bar", "crash", "float64"),
    ),
    inputs=("x",),
    outputs=("y",),
)
RULES = OpRules("Foo", "2.21", True, True, (), {}, (), {}, "")


def test_what_is_in_the_way_comes_first() -> None:
    document = verdict_document(FOUND)
    table, blockers = (b for b in document if isinstance(b, Table))
    assert [(row[0], row[1]) for row in table.rows] == [
        ("Bar", "1"),
        ("Foo", "1"),
        ("Relu", "2"),
        ("Add", "1"),
        ("Rank", "1"),
    ]
    assert table.rows[0][2:] == ("crashes the converter", "float64")
    assert Heading("1 blocker") in document
    assert [*blockers.rows] == [("e", "Foo", "custom", "no kernel", "drop it")]
    assert document[-1] == Items(("too many ranks",))


@pytest.mark.parametrize(
    ("builtins", "select", "told"),
    [
        (True, True, "builtin operators only"),
        (False, True, "are allowed"),
        (False, False, "not even"),
    ],
)
def test_the_conclusion(builtins: bool, select: bool, told: str) -> None:
    found = dataclasses.replace(
        FOUND, builtins=builtins, select=select, blockers=(), warnings=(), nodes=()
    )
    (line,) = verdict_document(found)
    assert told in str(line)


def test_rules_of_an_op() -> None:
    types = (
        TypeSet({"T": ["float32", "int8"], "S": ["int32"]}, "builtin"),
        TypeSet({}, "builtin"),
        TypeSet({"T": ["float64"]}, "crash"),
    )
    document = op_rules_document(
        dataclasses.replace(
            RULES,
            types=types,
            ranks={0: 5},
            constant=("axis",),
            lost={"mode": ["A", "B"]},
            rule="needs\n  a  batch",
        )
    )
    (block,) = (b for b in document if isinstance(b, Facts))
    assert dict(block.items) == {
        "op": "Foo",
        "TensorFlow": "2.21",
        "Select TF ops": "can run it",
        "builtin": "T: float32 int8, S: int32; or always",
        "crash of the converter": "T: float64",
        "rank of input 0": "up to 5",
        "must be constant": "axis",
        "not builtin with mode": "A, B",
    }
    assert document[-1] == Text("needs a batch", wrapped=True)


def test_rules_of_an_op_that_is_not_there() -> None:
    unknown = dataclasses.replace(RULES, is_known=False)
    assert op_rules_document(unknown) == [Text("TensorFlow 2.21 has no op Foo.")]
    custom = op_rules_document(dataclasses.replace(RULES, flex=False))
    assert "a custom operator would be needed" in str(custom)
    assert "never by types alone" in str(custom)
