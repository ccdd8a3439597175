"""Models change between binary and text, and nothing else of them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats import graph_of, open_model, with_graph
from graphtools.formats.format_change import change_format
from graphtools.schema import message_class
from graphtools.schema.wire import encode_field
from tests.support import FIXTURES

pytestmark = pytest.mark.usefixtures("command_line")

MODELS = [
    ("classifier/frozen.pb", "GraphDef"),
    ("classifier/model.ckpt.meta", "MetaGraphDef"),
    ("saved_model/v1", "SavedModel"),
    ("saved_model/v2", "SavedModel"),
]


@pytest.mark.parametrize(("path", "kind"), MODELS)
def test_a_model_is_the_same_after_the_round_trip(path: str, kind: str, tmp_path: Path) -> None:
    source = FIXTURES / path
    text = change_format(source, tmp_path / "x.pbtxt")
    assert (text.kind, text.encoding) == (kind, "text")
    binary = change_format(tmp_path / "x.pbtxt", tmp_path / "x.pb")
    assert (binary.kind, binary.encoding) == (kind, "binary")
    file = source / "saved_model.pb" if source.is_dir() else source
    read = message_class(kind).FromString
    assert read((tmp_path / "x.pb").read_bytes()) == read(file.read_bytes())


def test_what_has_the_form_already_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="is binary already, a GraphDef"):
        change_format(FIXTURES / "classifier/frozen.pb", tmp_path / "x.pb")
    with pytest.raises(InvalidValue) as caught:
        change_format(FIXTURES / "saved_model/v2", tmp_path / "x.pb")
    assert "graphtools freeze" in caught.value.remedy
    with pytest.raises(InvalidValue, match="would be a MetaGraphDef"):
        change_format(FIXTURES / "classifier/frozen.pbtxt", tmp_path / "x.meta")
    assert not list(tmp_path.iterdir())


def test_what_is_no_message_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="is a TFLite model"):
        change_format(FIXTURES / "quant/model.tflite", tmp_path / "x.pbtxt")


def test_fields_that_text_would_lose_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pb"
    path.write_bytes((FIXTURES / "classifier/frozen.pb").read_bytes() + encode_field(999, b"new"))
    with pytest.raises(InvalidValue, match="text would lose"):
        change_format(path, tmp_path / "x.pbtxt")


def test_the_prefix_of_a_checkpoint_means_the_graph_beside_it() -> None:
    checkpoint = open_model(FIXTURES / "classifier/model.ckpt")
    assert with_graph(checkpoint).kind == "MetaGraphDef"
    assert len(graph_of(checkpoint)) > 10
