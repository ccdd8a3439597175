"""Pipeline configurations and label maps: what is read, and what is said of other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import Damaged, FileProblem, GraphtoolsError, NothingFound, UnknownFormat
from graphtools.formats.label_map import read_label_map
from graphtools.formats.pipeline_config import read_pipeline
from tests.support import FIXTURES

CONFIG = FIXTURES / "ssd/pipeline.config"


def test_the_parts_of_a_configuration() -> None:
    pipeline = read_pipeline(str(CONFIG))
    assert pipeline.meta_architecture == "ssd"
    assert pipeline.feature_extractor == "ssd_mobilenet_v1"
    assert pipeline.model.number("num_classes") == 2
    assert pipeline.train_config.number("batch_size") == 8


def test_a_section_in_two_pieces_is_one(tmp_path: Path) -> None:
    file = tmp_path / "x.config"
    file.write_text(
        "model { ssd { num_classes: 1 } } train_config { batch_size: 2 }"
        "model { ssd { feature_extractor { type: 'y' } } } train_config { num_steps: 3 }"
    )
    pipeline = read_pipeline(str(file))
    assert pipeline.model.number("num_classes") == 1
    assert pipeline.feature_extractor == "y"
    assert pipeline.train_config.number("batch_size") == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ssd/frozen_inference_graph.pb", "is a GraphDef, not a pipeline configuration"),
        ("ssd/model.ckpt", "is a checkpoint, not a pipeline configuration"),
        ("ssd/model.ckpt.index", "is a V2 checkpoint, not a pipeline configuration"),
        ("ssd/model.ckpt.meta", "is a MetaGraphDef, not a pipeline configuration"),
        ("ssd/detect.tflite", "is a TFLite model, not a pipeline configuration"),
        ("ssd/checkpoint", "is the state file of checkpoints, not a pipeline configuration"),
        ("classifier/graph.pbtxt", "is a graph in text format, not a pipeline configuration"),
        ("ssd", "is a folder, not a pipeline configuration"),
        ("ssd/io.npz", "is a binary file, not a pipeline configuration"),
    ],
)
def test_another_file_is_told_what_it_is(name: str, message: str) -> None:
    with pytest.raises(FileProblem) as caught:
        read_pipeline(str(FIXTURES / name))
    assert message in caught.value.message


def test_the_configuration_in_a_folder_is_named() -> None:
    with pytest.raises(FileProblem) as caught:
        read_pipeline(str(CONFIG.parent))
    assert caught.value.remedy == f"give a file, as {CONFIG}"


def test_a_text_without_sections_is_no_configuration(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("a: 1")
    with pytest.raises(UnknownFormat, match="none of the sections"):
        read_pipeline(str(file))
    with pytest.raises(NothingFound, match="does not exist"):
        read_pipeline(str(tmp_path / "y"))


def test_label_maps(tmp_path: Path) -> None:
    file = tmp_path / "map.pbtxt"
    file.write_text(
        "# classes\nitem { id: 1 name: 'cat' display_name: \"Cat\" }\n"
        "item < name: 'dog', id: 3 >\nitem: { id: 0 name: 'background' }\nitem { name: 'x' }"
    )
    found = read_label_map(str(file))
    assert [(i.id, i.name, i.label, i.line, i.has_id) for i in found.items] == [
        (1, "cat", "Cat", 2, True),
        (3, "dog", "dog", 3, True),
        (0, "background", "background", 4, True),
        (0, "x", "x", 5, False),
    ]
    assert found.max_id == 3
    assert [i.name for i in found.classes] == ["cat", "dog", "x"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("item { id: 1 name 'cat' }", Damaged, "line 1, column 19: a colon or {"),
        ("item {\n id: 1\n", Damaged, "line 1, column 6: this { is never closed"),
        ("item { id: 1 name: cat }", Damaged, "line 1, column 14: name is a text in quotes"),
        ("item { id: '1' }", Damaged, "line 1, column 8: id is a whole number"),
        ("item: 1", Damaged, "an item is a message"),
        ('{"1": "cat"}', UnknownFormat, "is JSON, not a label map (line 1, column 1"),
        ('["cat", "dog"]', UnknownFormat, "is JSON, not a label map"),
        ("cat\ndog\n", UnknownFormat, "is a text of another kind, not a label map (line 2"),
        ("1,cat\n2,dog\n", UnknownFormat, "is a text of another kind, not a label map"),
        ("items { id: 1 }", UnknownFormat, "it has no item"),
        ("model { }", UnknownFormat, "is a pipeline configuration, not a label map"),
    ],
)
def test_what_is_no_label_map(
    tmp_path: Path, text: str, kind: type[GraphtoolsError], message: str
) -> None:
    file = tmp_path / "map"
    file.write_text(text)
    with pytest.raises(kind) as caught:
        read_label_map(str(file))
    assert message in caught.value.message
    assert "item { id: 1 name: 'cat' }" in caught.value.remedy


def test_a_graph_is_no_label_map() -> None:
    with pytest.raises(UnknownFormat, match="is a GraphDef, not a label map"):
        read_label_map(str(FIXTURES / "ssd/graph.pb"))
