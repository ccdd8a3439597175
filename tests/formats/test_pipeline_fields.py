"""The known fields of configurations: the data, and how they are read from .proto files."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import pipeline_fields
from graphtools.formats.pipeline_fields import (
    ROOT,
    SCALARS,
    KnownField,
    default_of,
    known_fields,
)
from graphtools.formats.text_tree import Tree, parse_tree
from tests.builders import pipeline_fields as builder
from tests.builders.pipeline_fields import fields_of_protos, merged
from tests.support import FIXTURES, shared_models


def test_each_type_is_known() -> None:
    messages = known_fields()
    for fields in messages.values():
        for field in fields.values():
            assert field.values or field.type in SCALARS or field.type in messages


def test_every_message_belongs_to_a_configuration_or_a_label_map() -> None:
    reached = {ROOT, "StringIntLabelMap"}
    queue = list(reached)
    for message in queue:  # grows while it is walked
        inner = {f.type for f in known_fields()[message].values()} & set(known_fields())
        queue += inner - reached
        reached |= inner
    assert set(known_fields()) <= reached


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("train_config.batch_size", "32"),
        ("train_config.fine_tune_checkpoint_version", "V1"),
        ("graph_rewriter.quantization.delay", "500000"),
        ("model.ssd.feature_extractor.pad_to_multiple", "1"),
        ("model.faster_rcnn.feature_extractor.pad_to_multiple", "32"),
        ("model.ssd.image_resizer.fixed_shape_resizer.height", "300"),
        ("model.ssd.num_classes", ""),
    ],
)
def test_defaults(path: str, default: str) -> None:
    assert default_of(path) == default


def unknown(tree: Tree, message: str) -> list[str]:
    known = known_fields()[message]
    found = [f.name for f in tree.fields if f.name not in known]
    for field in tree.fields:
        if field.name in known and isinstance(field.value, Tree):
            found += unknown(field.value, known[field.name].type)
    return found


def test_real_configurations_have_known_fields_only() -> None:
    assert unknown(parse_tree((FIXTURES / "ssd/pipeline.config").read_text(), ""), ROOT) == []
    for config in shared_models().glob("od/*/pipeline.config"):
        assert unknown(parse_tree(config.read_text(), ""), ROOT) == []


OLD = """
syntax = "proto2";
package object_detection.protos;
import "object_detection/protos/b.proto";  // a comment; message X { }
/* message Y { } */
message A {
  reserved 3;
  optional uint32 n = 1 [default = 7, deprecated = true];
  repeated Inner parts = 2;
  message Inner { optional Kind kind = 1 [default=ONE]; optional string s = 2 [default = 'x']; }
  enum Kind { ONE = 1; TWO = 2; }
  oneof choice { A.Inner left = 4; object_detection.protos.A right = 5; }
  map<string, float> weights = 6;
  optional bool gone = 7;
  extensions 1000 to max;
}
"""
NEW = "message A { reserved 'gone'; optional uint32 n = 1 [default = 8]; }"


def test_proto_files_are_read() -> None:
    found = fields_of_protos([OLD])
    assert set(found) == {"A", "A.Inner", "A.weights.Entry"}
    assert found["A"]["n"] == KnownField("uint32", default="7")
    assert found["A"]["parts"] == KnownField("A.Inner", repeated=True)
    assert found["A"]["left"] == KnownField("A.Inner", group="choice")
    assert found["A"]["weights"] == KnownField("A.weights.Entry", repeated=True)
    assert found["A.Inner"]["kind"] == KnownField("ONE|TWO", default="ONE")
    assert found["A.Inner"]["kind"].values == ("ONE", "TWO")
    assert found["A.Inner"]["s"].default == "x"
    assert found["A.weights.Entry"]["value"] == KnownField("float")


def test_what_a_later_version_says_counts() -> None:
    union = merged([fields_of_protos([OLD]), fields_of_protos([NEW])])
    assert union["A"]["n"].default == "8"
    assert union["A"]["gone"] == KnownField("bool", removed=True)
    assert "parts" in union["A"]


def test_the_file_is_written_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.proto").write_text(text)
    for module in (pipeline_fields, builder):
        monkeypatch.setattr(module, "FILE", tmp_path / "fields.txt")
    builder.main([str(tmp_path / "old"), str(tmp_path / "new")])
    assert known_fields.__wrapped__() == merged([fields_of_protos([OLD]), fields_of_protos([NEW])])
