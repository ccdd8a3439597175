from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats.crc32c import masked_crc32c
from tests.commands.running import FROZEN, V2, fixture, refusal, run
from tests.formats.bundle_writer import write_bundle
from tests.support import CHECKPOINTS, copy_checkpoint, flip, shared_models

GRAPH = fixture("classifier/graph.pb")


def differences(*args: object) -> Any:
    done = run("diff", *args, "--json")
    assert done.code == 1, done
    document = json.loads(done.out, parse_constant=pytest.fail)
    assert document["schema_version"] == 1
    assert document["same"] is False
    return document


@pytest.mark.parametrize("path", [V2, FROZEN, GRAPH, fixture("saved_model/v2")])
def test_a_file_is_the_same_as_itself(path: str) -> None:
    done = run("diff", path, path)
    assert (done.code, done.err) == (0, "")
    assert "equal" in done.out
    same = json.loads(run("diff", path, path, "--json").out)
    assert same["same"] is True


def test_two_steps_differ_in_their_values() -> None:
    folder = fixture("checkpoints/steps")
    paths = [f"{folder}/model.ckpt-{step}" for step in (100, 200)]
    done = run("diff", *paths)
    assert done.code == 1
    assert "2 with other values" in done.out
    assert "Other values" in done.out
    assert "Other values" not in run("diff", *paths, "--summary").out
    assert run("diff", *paths, "--no-values").code == 0
    assert run("diff", *paths, "--atol", "1000").code == 0
    by_name = {v["a"]: v for v in differences(*paths)["variables"]["variables"]}
    assert by_name["global_step"]["values"]["max_abs"] == 100


def test_two_hundred_lines_become_few() -> None:
    train = fixture("classifier/train")
    lines = run("diff", fixture("classifier/model.ckpt"), train, "--summary").lines
    assert len(lines) < 22
    assert any(line.split() == ["*/Adam_1", "only", "in", "B", "11"] for line in lines)


def test_the_mapping_of_moves_is_json(tmp_path: Path) -> None:
    values = {f"MobilenetV1/conv_{i}/weights": np.full(4, i, "f4") for i in range(3)}
    a = write_bundle(tmp_path / "a.ckpt", {f"FeatureExtractor/{n}": v for n, v in values.items()})
    (move,) = differences(a, write_bundle(tmp_path / "b.ckpt", values))["moves"]
    assert (move["from"], move["to"]) == ("FeatureExtractor/MobilenetV1", "MobilenetV1")
    assert move["variables"] == [[f"FeatureExtractor/{n}", n] for n in sorted(values)]


def test_a_checkpoint_is_compared_with_the_variables_of_a_graph() -> None:
    checkpoint = fixture("classifier/model.ckpt")
    assert run("diff", checkpoint, GRAPH).code == 0
    assert run("diff", checkpoint, f"{checkpoint}.meta").code == 0
    done = run("diff", checkpoint, fixture("classifier/frozen_unfused_batch_norm.pb"))
    assert "frozen graph" in done.out


def test_graph_against_frozen_graph() -> None:
    lines = run("diff", GRAPH, FROZEN, "--summary").lines
    assert any(line.split() == ["VariableV2", "Const", "17"] for line in lines), lines


def test_a_scope_restricts_the_comparison() -> None:
    folder = fixture("classifier/train"), fixture("classifier/model.ckpt")
    assert "1 with other values" not in run("diff", *folder, "--scope", "MobilenetV1").out
    assert "no scope 'Mobilenet'" in refusal(run("diff", *folder, "--scope", "Mobilenet"))


@pytest.mark.parametrize("options", [(), ("--no-values",), ("--json",)])
def test_other_kinds_cannot_be_compared(options: tuple[str, ...], tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello world\n")
    assert "is a text file" in refusal(run("diff", text, V2, *options))
    assert "is a text file" in refusal(run("diff", GRAPH, text, *options))
    assert "does not exist" in refusal(run("diff", GRAPH, tmp_path / "nothing.pb", *options))


def test_a_tflite_model_cannot_be_compared() -> None:
    model = shared_models() / "tflite" / "atrous_float.tflite"
    for other in (V2, GRAPH):
        for pair in ((model, other), (other, model)):
            assert "is a TFLite model, which cannot be compared" in refusal(run("diff", *pair))


def test_values_that_are_not_there_are_said(tmp_path: Path) -> None:
    copy = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    Path(f"{copy}.data-00000-of-00001").unlink()
    message = refusal(run("diff", V2, copy))
    assert "data-00000-of-00001 is not there" in message
    assert "--no-values" in message
    assert run("diff", V2, copy, "--no-values").code == 0


def test_a_damaged_tensor_is_named_and_the_others_are_compared(tmp_path: Path) -> None:
    copy = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    flip(Path(f"{copy}.data-00000-of-00001"), 30)
    done = run("diff", V2, copy)
    assert "the checksum of tensor 'layer1/" in refusal(done)
    assert "4 equal" in done.out
    assert "1 unreadable" in done.out


def test_a_truncated_data_file_is_said(tmp_path: Path) -> None:
    copy = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    data = Path(f"{copy}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:-8])
    done = run("diff", V2, copy)
    assert done.code == 2
    assert "truncated" in done.err


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_every_checkpoint_can_be_compared_with_every_other(name: str) -> None:
    for path in (V2, fixture("checkpoints/object_based"), fixture("checkpoints/partitioned")):
        done = run("diff", fixture(name), path)
        assert done.code in (0, 1), done


def test_writing_and_reading_agree(tmp_path: Path) -> None:
    prefix = write_bundle(tmp_path / "a.ckpt", {"x": np.arange(5)}, {"x": "int64"})
    assert masked_crc32c(b"") == 0xA282EAD8
    assert run("diff", prefix, prefix).code == 0


def test_classes_of_another_number_change_the_predictors() -> None:
    folder = shared_models() / "ssdtf"
    paths = (folder / "ssd_300_vgg_nc21", folder / "ssd_300_vgg_nc3")
    assert "--no-values" in refusal(run("diff", *paths))
    found = differences(*paths, "--no-values")["variables"]
    assert found["counts"] == {"shape_changed": 12, "not_compared": 60}
    changed = [v["a"] for v in found["variables"] if v["status"] == "shape_changed"]
    assert all("/conv_cls/" in name for name in changed)


def test_the_feature_extractor_of_a_detector_is_a_moved_classifier() -> None:
    models = shared_models()
    slim = models / "slim/mobilenet_v1_0.25_128/model.ckpt"
    (move,) = differences(models / "od/ssd_mobilenet_v1_small/model.ckpt", slim)["moves"]
    assert (move["from"], move["to"]) == ("FeatureExtractor/MobilenetV1", "MobilenetV1")
    assert len(move["variables"]) == 135
    assert all(x == f"FeatureExtractor/{y}" for x, y in move["variables"])


def test_two_tflite_models() -> None:
    model = fixture("quant/model.tflite")
    assert run("diff", model, model).code == 0
    other = run("diff", model, fixture("ssd/detect.tflite"))
    assert other.code == 1
    assert "41 nodes" in other.out
    refused = run("diff", model, fixture("quant/graph.pb"))
    assert refused.code == 2
    assert "graphtools verify" in refused.err
