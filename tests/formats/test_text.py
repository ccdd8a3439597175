"""The quick way through printed text agrees with protobuf's own, or leaves the text to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import Damaged
from graphtools.formats.printed_text import encode_printed
from graphtools.formats.source import Source
from graphtools.formats.text import encode_text
from graphtools.schema import PublicNames, message_class
from tests.support import FIXTURES

TEXTS = sorted(FIXTURES.rglob("*.pbtxt"))
GraphDef = message_class("GraphDef")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_both_ways_read_the_same(path: Path) -> None:
    name = "SavedModel" if "saved_model" in path.name else "GraphDef"
    text = path.read_text("utf-8")
    pool: Any = PublicNames()
    expected = text_format.Parse(text, message_class(name)(), descriptor_pool=pool)
    encoded = encode_text(Source(str(path), path.read_bytes()), name)
    assert message_class(name).FromString(encoded) == expected
    if "v1_text" not in path.parts:  # which has an expanded Any
        assert encode_printed(text, name) is not None


@given(
    st.text(),
    st.binary(),
    st.floats(),
    st.floats(width=32),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.booleans(),
)
def test_every_printed_value_is_read_back(
    text: str, raw: bytes, double: float, single: float, integer: int, truth: bool
) -> None:
    graph = GraphDef()
    node = graph.node.add(name=text.encode("utf-8", "replace").decode(), op="Const")
    node.attr["s"].s = raw
    node.attr["f"].f = single
    node.attr["i"].i = integer
    node.attr["b"].b = truth
    node.attr["type"].type = 1
    tensor = node.attr["value"].tensor
    tensor.double_val.extend([double, -double])
    tensor.int64_val.append(integer)
    tensor.uint64_val.append(abs(integer))
    tensor.tensor_shape.SetInParent()
    printed = text_format.MessageToString(graph)
    encoded = encode_printed(printed, "GraphDef")
    assert encoded is not None
    expected = text_format.Parse(printed, GraphDef()).SerializeToString(deterministic=True)
    assert GraphDef.FromString(encoded).SerializeToString(deterministic=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        'node { name: "a" op: "NoOp" }',
        'node {\n  name: "a"  # a comment\n}',
        "node <\n  name: 'a'\n>",
        'node {\n  name: "a" "b"\n}',
        "versions {\n  bad_consumers: [1, 0x10]\n}",
        "versions: { producer: 3 }",
    ],
)
def test_text_that_protobuf_does_not_print_is_left_to_it(text: str) -> None:
    assert encode_printed(text, "GraphDef") is None
    encoded = encode_text(Source("x", text.encode()), "GraphDef")
    assert GraphDef.FromString(encoded) == text_format.Parse(text, GraphDef())


@pytest.mark.parametrize(
    "text",
    [
        'node {\n  name: "a"\n',
        'node {\n  name: "a"\n}\n}',
        'node {\n  name: "a"\n  name: "b"\n}',
        "node {\n  nome: 3\n}",
        'node {\n  attr {\n    key: "x"\n    value {\n      i: 1\n      f: 2\n    }\n  }\n}',
        "versions {\n  producer: 99999999999\n}",
        "node {\n  name: 3\n}",
    ],
)
def test_what_is_wrong_is_said_with_line_and_column(text: str) -> None:
    assert encode_printed(text, "GraphDef") is None
    with pytest.raises(Damaged, match=r"not a sound GraphDef in text format: \d+:\d+"):
        encode_text(Source("x", text.encode()), "GraphDef")


def test_a_text_that_is_no_unicode_is_told_with_its_line(tmp_path: Path) -> None:
    state = 'model_checkpoint_path: "a"\nall_model_checkpoint_paths: "\\377\\376"\n'
    assert encode_printed(state, "CheckpointState") is None
    with pytest.raises(Damaged, match="CheckpointState"):
        encode_text(Source(str(tmp_path / "checkpoint"), state.encode()), "CheckpointState")
