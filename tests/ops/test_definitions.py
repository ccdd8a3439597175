from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.node import Node
from graphtools.ops import definitions
from graphtools.ops.definitions import (
    argument_starts,
    default_value,
    input_dtypes,
    newest_version,
    op_definition,
    op_names,
    output_dtypes,
)
from graphtools.schema import Message, message_class
from tests.builders import op_definitions

INT32, INT64, BOOL = dtype("int32"), dtype("int64"), dtype("bool")


def names(kinds: Any) -> Any:
    return kinds if kinds is None else [k.name if k else None for k in kinds]


def test_an_op_of_current_tensorflow() -> None:
    found = op_definition("Conv2D")
    assert found is not None
    assert (found.last_seen, found.is_gone) == (newest_version(), False)
    assert [a.name for a in found.inputs] == ["input", "filter"]
    assert [(a.name, a.type_attr, a.is_list) for a in found.outputs] == [("output", "T", False)]
    padding = found.attribute("padding")
    assert padding is not None
    assert (padding.has_default, padding.allowed) == (False, (b"SAME", b"VALID", b"EXPLICIT"))
    dilations = found.attribute("dilations")
    assert dilations is not None
    assert (dilations.type, dilations.default) == ("list(int)", [1, 1, 1, 1])
    assert found.attribute("nothing") is None
    assert not found.is_stateful


def test_an_op_that_is_gone_since_1_15() -> None:
    found = op_definition("Resampler")
    assert found is not None
    assert (found.last_seen, found.is_gone) == ("1.15", True)
    assert [a.name for a in found.inputs] == ["data", "warp"]


@pytest.mark.parametrize(
    ("op", "field", "value"),
    [
        ("RandomUniform", "is_stateful", True),
        ("AddV2", "is_commutative", True),
        ("AddN", "is_aggregate", True),
        ("BatchNormWithGlobalNormalization", "deprecated_since", 9),
        ("Identity", "deprecated_since", 0),
    ],
)
def test_properties(op: str, field: str, value: object) -> None:
    assert getattr(op_definition(op), field) == value


def test_what_a_deprecated_op_is_replaced_by() -> None:
    found = op_definition("BatchNormWithGlobalNormalization")
    assert found is not None
    assert "tf.nn.batch_normalization" in found.deprecation


def test_minimum_of_numbers_and_lists() -> None:
    add_n, case = op_definition("AddN"), op_definition("Case")
    assert add_n is not None
    assert case is not None
    number, branches = add_n.attribute("N"), case.attribute("branches")
    assert number is not None
    assert branches is not None
    assert (number.minimum, branches.minimum) == (1, 1)
    transpose = op_definition("MatMul")
    assert transpose is not None
    flag = transpose.attribute("transpose_a")
    assert flag is not None
    assert flag.minimum is None


def test_references_and_fixed_dtypes() -> None:
    shape = op_definition("Shape")
    assign = op_definition("Assign")
    assert shape is not None
    assert assign is not None
    assert assign.inputs[0].is_ref
    assert not assign.inputs[1].is_ref
    top = op_definition("InTopK")
    assert top is not None
    assert [a.dtype.name if a.dtype else "" for a in top.outputs] == ["bool"]


@pytest.mark.parametrize("op", ["", "Nothing", "conv2d", "Conv2D 0", "Conv2D\nConv3D", "2.21"])
def test_what_is_no_op_has_no_definition(op: str) -> None:
    assert op_definition(op) is None


def test_every_op_has_a_definition_under_its_name() -> None:
    listed = list(op_names())
    assert listed == sorted(set(listed))
    assert len(listed) > 1400
    for name in listed:
        found = op_definition(name)
        assert found is not None
        assert found.name == name
        assert found.is_gone == (found.last_seen != newest_version())


DTYPES: list[tuple[str, dict[str, Any], list[str | None] | None]] = [
    ("Relu", {"T": FLOAT32}, ["float32"]),
    ("ImageSummary", {}, ["string"]),
    ("LookupTableSize", {}, ["int64"]),
    ("DataFormatDimMap", {}, ["int32"]),  # the default
    ("Identity", {}, [None]),
    ("MatMul", {"T": b"float"}, [None]),
    ("Shape", {"T": FLOAT32}, ["int32"]),
    ("Shape", {"T": FLOAT32, "out_type": INT64}, ["int64"]),
    ("Split", {"T": FLOAT32, "num_split": 3}, ["float32"] * 3),
    ("Split", {"T": FLOAT32}, None),
    ("Split", {"T": FLOAT32, "num_split": -1}, None),
    ("Split", {"T": FLOAT32, "num_split": 10**9}, None),
    ("Split", {"T": FLOAT32, "num_split": 0}, []),
    ("IdentityN", {"T": [FLOAT32, BOOL]}, ["float32", "bool"]),
    ("IdentityN", {}, None),
    ("VariableV2", {"dtype": FLOAT32}, ["float32_ref"]),
    ("NoOp", {}, []),
    ("FusedBatchNormV3", {"T": dtype("float16"), "U": FLOAT32}, ["float16", *["float32"] * 5]),
    ("Nothing", {"T": FLOAT32}, None),
]


@pytest.mark.parametrize(("op", "attrs", "expected"), DTYPES)
def test_output_dtypes(op: str, attrs: dict[str, Any], expected: list[str | None] | None) -> None:
    assert names(output_dtypes(Node("n", op, (), attrs))) == expected


def test_input_dtypes() -> None:
    concat = Node("c", "ConcatV2", (), {"N": 2, "T": FLOAT32})
    assert names(input_dtypes(concat)) == ["float32", "float32", "int32"]
    assert names(input_dtypes(Node("a", "Assign", (), {"T": INT32}))) == ["int32_ref", "int32"]
    assert input_dtypes(Node("a", "Nothing")) is None


def test_where_each_argument_starts() -> None:
    node = Node("u", "FusedBatchNormV3", (), {"T": FLOAT32, "U": FLOAT32})
    definition = op_definition(node.op)
    assert definition is not None
    starts = argument_starts(node, definition.outputs)
    assert starts is not None
    assert (starts["y"], starts["batch_variance"]) == (0, 2)
    concat = op_definition("ConcatV2")
    assert concat is not None
    known = argument_starts(Node("c", "ConcatV2", (), {"N": 3, "T": FLOAT32}), concat.inputs)
    assert known == {"values": 0, "axis": 3}
    assert argument_starts(Node("c", "ConcatV2", (), {"T": FLOAT32}), concat.inputs) is None


def test_defaults_stand_in_for_what_a_node_leaves_out() -> None:
    node = Node("c", "Conv2D", (), {"data_format": b"NCHW"})
    assert definitions.attribute_value(node, "data_format") == b"NCHW"
    assert definitions.attribute_value(node, "use_cudnn_on_gpu") is True
    assert definitions.attribute_value(node, "strides") is None
    assert default_value("Nothing", "T") is None


# Collecting


def op_list(**ops: list[str]) -> Message:
    """An OpList of ops that have the named attributes."""
    found = message_class("OpList")()
    for name, attributes in ops.items():
        op = found.op.add(name=name, summary="a summary", description="a description")
        op.input_arg.add(name="x", type_attr="T", description="an input")
        op.output_arg.add(name="y", type=1)
        for attribute in attributes:
            op.attr.add(name=attribute, type="type", description="an attribute")
    return found


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes lists of ops as the file that is read then."""
    file = tmp_path / "definitions.bin"
    monkeypatch.setattr(definitions, "FILE", file)

    def write(*lists: tuple[str, Message]) -> None:
        file.write_bytes(op_definitions.encoded(lists))
        definitions._data.cache_clear()  # noqa: SLF001 - there is one file but here
        definitions.op_definition.cache_clear()

    yield write
    monkeypatch.undo()
    definitions._data.cache_clear()  # noqa: SLF001
    definitions.op_definition.cache_clear()


def test_what_is_collected_is_read(collected: Any) -> None:
    collected(("9.9", op_list(B=["T", "U"], A=[])), ("1.0", op_list(B=["T"], Old=["T"])))
    assert newest_version() == "9.9"
    assert list(op_names()) == ["A", "B", "Old"]
    b, old = op_definition("B"), op_definition("Old")
    assert b is not None
    assert old is not None
    assert [a.name for a in b.attributes] == ["T", "U"], "the newest definition counts"
    assert (b.last_seen, b.is_gone) == ("9.9", False)
    assert (old.last_seen, old.is_gone) == ("1.0", True)
    assert op_definition("Conv2D") is None


def test_descriptions_are_left_out(collected: Any) -> None:
    collected(("9.9", op_list(B=["T"])))
    content = Path(definitions.FILE).read_bytes()
    assert b"a summary" not in content
    assert b"an input" not in content
    assert b"an attribute" not in content


@pytest.mark.tensorflow
def test_the_file_is_not_stale(tf: Any) -> None:
    if ".".join(tf.__version__.split(".")[:2]) != newest_version():
        pytest.skip("another TensorFlow than the definitions are of")
    # in a process of its own: other tests tell TensorFlow of custom operators
    ops = op_definitions.dumped(sys.executable)[1]
    theirs = {op.name: op_definitions.without_descriptions(op) for op in ops.op}
    index, encoded = definitions._data()  # noqa: SLF001 - everything at once
    ours = {}
    for line in index.splitlines()[1:]:
        name, start, end, version = line.split(" ")
        if version == newest_version():
            ours[name] = message_class("OpDef").FromString(encoded[int(start) : int(end)])
    assert ours == theirs
