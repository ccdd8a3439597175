from __future__ import annotations

import pytest

from graphtools.analysis.op_manual import ArgumentManual, AttributeManual, describe_op
from graphtools.errors import UnknownName
from graphtools.ops.definitions import newest_version, op_names
from graphtools.report.op_manual import op_document
from graphtools.report.text import render_text


def test_an_op() -> None:
    found = describe_op("ConcatV2")
    assert found.inputs == (
        ArgumentManual("values", "N * T", False),
        ArgumentManual("axis", "Tidx", False),
    )
    assert found.attributes[0] == AttributeManual("N", "int", True, None, 2, ())
    index = found.attributes[2]
    assert (index.default, index.allowed) == ("int32", ("int32", "int64"))
    assert (found.shape_inference, found.evaluated, found.stateful) == (True, True, False)
    assert (found.last_seen, found.gone) == (newest_version(), False)


def test_lists_and_references() -> None:
    assert describe_op("IdentityN").outputs == (ArgumentManual("output", "list(T)", False),)
    assert describe_op("Assign").inputs[0] == ArgumentManual("ref", "T", True)
    assert describe_op("Shape").outputs[0].type == "out_type"


@pytest.mark.parametrize("name", ["Conv2D", "conv2d", " CONV2D ", "Conv2d"])
def test_case_and_blanks_do_not_matter(name: str) -> None:
    assert describe_op(name).name == "Conv2D"


def test_no_two_ops_differ_in_case_only() -> None:
    names = list(op_names())
    folded = [n.lower() for n in names]
    twice = {n for n in names if folded.count(n.lower()) > 1}
    for name in twice:
        assert describe_op(name).name == name, "the name as it is written goes before"


def test_a_typo_is_answered_with_what_was_meant() -> None:
    with pytest.raises(UnknownName) as error:
        describe_op("Conv2")
    assert error.value.message == f"no op 'Conv2' in TensorFlow 1.15 or {newest_version()}"
    assert "'Conv2D'" in error.value.remedy


def test_stateful_ops_and_placeholders_are_not_evaluated() -> None:
    assert not describe_op("RandomUniform").evaluated
    assert not describe_op("Placeholder").evaluated
    assert describe_op("Const").shape_inference
    assert describe_op("Merge").shape_inference


def test_every_op_is_described() -> None:
    for name in op_names():
        found = describe_op(name)
        text = render_text(op_document(found))
        assert text.startswith(name)
        assert found.gone == ("newer versions do not have it" in text)
        assert bool(found.deprecated_since) == ("since GraphDef version" in text)
