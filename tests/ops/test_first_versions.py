from __future__ import annotations

import pytest

from graphtools.graph.node import Node
from graphtools.ops.definitions import op_definition
from graphtools.ops.first_versions import FILE, in_order, needed_version
from tests.builders.first_versions import Version, lines, read_functions

#: As the releases' notes and TensorFlow's own op history have them.
KNOWN = {
    "FusedBatchNormV3": "1.14",
    "FusedBatchNormV2": "1.4",
    "LeakyRelu": "1.13",
    "BatchMatMulV3": "2.6",
    "DivNoNan": "1.11",
}


@pytest.mark.parametrize(("op", "version"), KNOWN.items())
def test_the_first_version_of_an_op(op: str, version: str) -> None:
    assert needed_version([Node("a", "Relu"), Node("b", op)]) == (version, [op])


def test_an_attribute_counts_where_it_is_set_also_to_its_default() -> None:
    assert needed_version([Node("a", "Cast")]) == ("", [])
    given = Node("a", "Cast", (), {"Truncate": False})
    conv = Node("b", "Conv2D", (), {"explicit_paddings": []})
    assert needed_version([given]) == ("1.11", ["Cast.Truncate"])
    newer = Node("c", "FusedBatchNormV3")
    assert needed_version([conv, given, newer]) == (
        "1.14",
        ["Conv2D.explicit_paddings", "FusedBatchNormV3"],
    )


def test_nothing_is_claimed_of_what_is_old_or_unknown() -> None:
    assert needed_version([Node("a", "Relu"), Node("b", "Acme"), Node("c", "Placeholder")]) == (
        "",
        [],
    )


def test_the_table_names_ops_and_attributes_that_there_are() -> None:
    with open(FILE, encoding="ascii") as file:
        rows = [line.split() for line in file]
    gone = []
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    for op, first, *attributes in rows:
        known = op_definition(op)
        for text in attributes:
            name, since = text.split("=")
            assert in_order(since) > in_order(first)
            if known and not known.is_gone and not known.attribute(name):
                gone.append(f"{op}.{name}")
    assert gone == ["CrossReplicaSum.group_assignment"]  # of 1.10 alone


OLD = '''
_InitOpDefLibrary.op_list_ascii = """op {
  name: "Cast"
  attr {
    name: "SrcT"
    type: "type"
  }
}
op {
  name: "Neg"
}
"""
'''
NEW = """
def cast(x, DstT, Truncate=False, name=None):
  _, _, _op, _outputs = _op_def_library._apply_op_helper(
        "Cast", x=x, DstT=DstT, Truncate=Truncate, name=name)
  _attrs = ("SrcT", _op._get_attr_type("SrcT"), "Truncate",
            _op._get_attr_bool("Truncate"))
  return _result

def neg(x, name=None):
  _attrs = None
  _result = _execute.execute(b"Neg", 1, inputs=_inputs_flat, attrs=_attrs,
                             ctx=ctx, name=name)
"""


def test_functions_are_read_as_both_generations_write_them() -> None:
    body = OLD.partition('"""')[2]
    commented = "".join(f"# {line}\n" for line in body.splitlines())
    for text in (OLD, commented):
        assert read_functions(text) == {"Cast": {"SrcT"}, "Neg": set()}
    assert read_functions(NEW) == {"Cast": {"SrcT", "Truncate"}, "Neg": set()}
    old, new = (
        Version("1.0", read_functions(OLD), {"Abs"}),
        Version("1.1", read_functions(NEW), {"Add"}),
    )
    assert lines([old, new]) == ["Add 1.1", "Cast 1.0 Truncate=1.1"]
