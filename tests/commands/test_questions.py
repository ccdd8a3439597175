"""What people ask most, in one command each: the right answer, or a refusal that says what does it.

First guesses of names are in `test_guessing.py`; what runs TensorFlow is tested with its command.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphtools
from graphtools.graph.graph import Graph
from tests.commands.running import Outcome, fixture, refusal, run, run_json
from tests.convert.pictures import noise, photos
from tests.formats.record_writer import framed
from tests.support import shared, shared_models

PREDICTIONS = "MobilenetV1/Predictions/Reshape_1"


@pytest.fixture
def mobilenet() -> Path:
    return shared_models() / "slim/mobilenet_v1_0.25_128"


@pytest.fixture
def ssd() -> Path:
    return shared_models() / "od/ssd_mobilenet_v1_small"


def done(*args: object) -> Outcome:
    outcome = run(*args)
    assert outcome.code == 0, outcome.err
    return outcome


def likely(file: object) -> tuple[set[str], set[str]]:
    found = run_json("io", file)
    inputs, outputs = (
        {one["name"] for one in found[side] if one["score"] >= 0.5}
        for side in ("inputs", "outputs")
    )
    return inputs, outputs


def elements(file: Path) -> tuple[int, int]:
    with np.load(file) as arrays:
        return len(arrays.files), sum(arrays[name].size for name in arrays.files)


def nodes(file: Path) -> Graph:
    return graphtools.load(file)


def test_names_of_inputs_and_outputs(mobilenet: Path, ssd: Path) -> None:
    assert likely(mobilenet / "frozen.pb") == ({"input"}, {PREDICTIONS})
    assert likely(ssd / "frozen_inference_graph.pb") == (
        {"image_tensor"},
        {"detection_boxes", "detection_scores", "detection_classes", "num_detections"},
    )


def test_binary_to_text_and_back(mobilenet: Path, tmp_path: Path) -> None:
    done("convert", mobilenet / "frozen.pb", "-o", tmp_path / "x.pbtxt")
    done("convert", tmp_path / "x.pbtxt", "-o", tmp_path / "x.pb")
    assert len(nodes(tmp_path / "x.pbtxt")) == 366
    assert run("diff", mobilenet / "frozen.pb", tmp_path / "x.pb").code == 0


@pytest.mark.parametrize(
    ("ending", "remedy"),
    [("h5", "graphtools variables"), ("mlmodel", "coremltools")],
)
def test_a_format_that_is_not_written_is_refused_with_what_does_it(
    ending: str, remedy: str, tmp_path: Path
) -> None:
    target = tmp_path / f"x.{ending}"
    assert remedy in refusal(run("convert", fixture("classifier/frozen.pb"), "-o", target))
    assert not target.exists()


def test_a_checkpoint_s_prefix_is_frozen_with_the_meta_file_beside_it(
    mobilenet: Path, tmp_path: Path
) -> None:
    done("freeze", mobilenet / "model.ckpt", "-o", tmp_path / "f.pb")
    assert len(nodes(tmp_path / "f.pb")) == 366


def test_only_a_meta_file(mobilenet: Path, tmp_path: Path) -> None:
    done("strip", mobilenet / "model.ckpt.meta", "-o", tmp_path / "g.pb")
    assert (len(nodes(mobilenet / "model.ckpt.meta")), len(nodes(tmp_path / "g.pb"))) == (1049, 366)
    assert re.search(r"TensorFlow +1\.15\.5", done("summary", mobilenet / "model.ckpt.meta").out)


def test_a_saved_model_becomes_a_flat_graph(tmp_path: Path) -> None:
    done("freeze", fixture("saved_model/v2"), "-o", tmp_path / "flat.pb")
    flat = nodes(tmp_path / "flat.pb")
    assert not [node for node in flat if "PartitionedCall" in node.op]
    assert not flat.functions


@pytest.mark.parametrize("name", ["m.h5", "m.keras"])
def test_keras_files_are_answered_by_the_line_that_exports_them(name: str, tmp_path: Path) -> None:
    import zipfile

    file = tmp_path / name
    if name == "m.h5":
        file.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(1000))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.0.0"}')
            archive.writestr("config.json", "{}")
    message = refusal(run("convert", file, "-o", tmp_path / "m.tflite"))
    assert f"keras.models.load_model('{file}').export(" in message


def test_a_tflite_model_becomes_no_graph(tmp_path: Path) -> None:
    model = fixture("quant/model.tflite")
    message = refusal(run("convert", model, "-o", tmp_path / "x.pb"))
    assert "without loss" in message
    assert "graphtools variables FILE -o weights.npz" in message


@pytest.mark.parametrize(
    ("text", "entry", "command"),
    [
        ("const_layers.insert(name).second", "opencv-constants-twice", "graphtools optimize"),
        ("tflite to pb", "tflite-to-pb", "graphtools variables"),
        ("nothing is detected", "nothing-is-detected", "graphtools check-config"),
        ("NodeDef mentions attr 'x' not in Op<name=Conv2D>", "attribute-unknown", "graphtools"),
    ],
)
def test_what_is_explained(text: str, entry: str, command: str) -> None:
    outcome = done("explain", text)
    assert outcome.lines[0] == entry
    assert f"  {command}" in outcome.out


def test_records_and_event_files_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1.host").write_bytes(framed(b"\x1a\x0dbrain.Event:2"))
    done("tensorboard", fixture("classifier/frozen.pb"), tmp_path / "logs")
    for file in [*(tmp_path / "logs").iterdir(), tmp_path / "events.out.tfevents.1.host"]:
        told = run("summary", file)
        assert "damaged" not in told.out + told.err
        assert "TensorBoard" in told.out + told.err


def test_all_weights_in_one_file(mobilenet: Path, tmp_path: Path) -> None:
    done("variables", mobilenet / "model.ckpt", "-o", tmp_path / "c.npz")
    assert elements(tmp_path / "c.npz") == (138, 475_802)
    done("variables", mobilenet / "frozen.pb", "-o", tmp_path / "f.npz")
    assert elements(tmp_path / "f.npz") == (137, 475_801)
    with np.load(tmp_path / "c.npz") as there, np.load(tmp_path / "f.npz") as here:
        assert all(np.array_equal(there[name], here[name]) for name in here.files)


def test_weights_of_a_tflite_model(tmp_path: Path) -> None:
    model = fixture("quant/model.tflite")
    done("variables", model, "-o", tmp_path / "stored.npz")
    done("variables", model, "-o", tmp_path / "real.npz", "--dequantize")
    assert elements(tmp_path / "real.npz") == (8, 412)
    with np.load(tmp_path / "stored.npz") as stored:
        assert sum(name.endswith((":scale", ":zero_point")) for name in stored.files) == 16
    with np.load(tmp_path / "real.npz") as real:
        assert {real[name].dtype for name in real.files} == {np.dtype("float32")}


def test_what_a_model_costs(mobilenet: Path) -> None:
    told = json.dumps(run_json("size", mobilenet / "frozen.pb"))
    for number in (475_801, 13_570_304, 27_150_710):
        assert str(number) in told


def test_a_layer_is_where_a_graph_can_be_cut(mobilenet: Path, tmp_path: Path) -> None:
    layer = "MobilenetV1/Logits/AvgPool_1a/AvgPool"
    done("strip", mobilenet / "frozen.pb", "-o", tmp_path / "cut.pb", "--outputs", layer)
    assert len(nodes(tmp_path / "cut.pb")) == 353
    (output,) = [o for o in run_json("io", tmp_path / "cut.pb")["outputs"] if o["name"] == layer]
    assert output["shape"] == [None, 1, 1, 256]


def test_the_batch_is_fixed_and_a_size_that_cannot_be_is_refused_with_its_node(
    mobilenet: Path, tmp_path: Path
) -> None:
    frozen, target = mobilenet / "frozen.pb", tmp_path / "fixed.pb"
    done("strip", frozen, "-o", target, "--input-shape", "input=1,128,128,3")
    (one,) = [i for i in run_json("io", target)["inputs"] if i["name"] == "input"]
    assert one["shape"] == [1, 128, 128, 3]
    refused = run("strip", frozen, "-o", tmp_path / "x.pb", "--input-shape", "input=4,224,224,3")
    assert "SpatialSqueeze" in refused.err
    assert (refused.code, (tmp_path / "x.pb").exists()) == (2, False)


def test_a_node_is_renamed(mobilenet: Path, tmp_path: Path) -> None:
    step = "rename_node(old_node_name=input, new_node_name=image)"
    done("transform", mobilenet / "frozen.pb", "-o", tmp_path / "r.pb", "--transforms", step)
    assert likely(tmp_path / "r.pb") == ({"image"}, {PREDICTIONS})


def test_a_training_graph_becomes_one_for_inference(tmp_path: Path) -> None:
    checkpoint = ("--checkpoint", fixture("classifier/train/model.ckpt-2000"))
    outputs = ("--outputs", PREDICTIONS)
    train, plain = fixture("classifier/train.pb"), fixture("classifier/graph.pb")
    done("freeze", train, *checkpoint, *outputs, "--inference", "-o", tmp_path / "a.pb")
    done("freeze", plain, *checkpoint, *outputs, "-o", tmp_path / "b.pb")
    made, meant = nodes(tmp_path / "a.pb"), nodes(tmp_path / "b.pb")
    values = [
        {n.name: n.tensor.array().tolist() for n in g if n.tensor is not None}
        for g in (made, meant)
    ]
    assert values[1].items() <= values[0].items()
    norms = [n for n in made if n.op == "FusedBatchNormV3"]
    assert [n.attr("is_training") for n in norms] == [False] * 3
    assert not [n for n in made if n.op.startswith("Random")]


def test_moving_averages_while_freezing(tmp_path: Path) -> None:
    meta = shared_models() / "misc/ema_adam_training/model.ckpt.meta"
    done("freeze", meta, "-o", tmp_path / "plain.pb")
    done("freeze", meta, "-o", tmp_path / "ema.pb", "--ema")
    told = run("diff", tmp_path / "plain.pb", tmp_path / "ema.pb")
    assert "Nodes: 1 with another constant, 3 equal" in told.out


def test_a_label_map_alone(tmp_path: Path) -> None:
    labels = tmp_path / "label_map.pbtxt"
    for first, rule in ((0, "GTC203"), (1, "GTC205")):
        labels.write_text(f"item {{ id: {first} name: 'cat' }} item {{ id: 3 name: 'dog' }}")
        told = run("check-config", labels)
        assert told.code == 1
        assert rule in told.out


def test_whether_an_unknown_model_is_safe() -> None:
    cases = shared("cases")
    for name in ("writes_files.pb", "init_op_writes_file"):
        told = run("lint", cases / name, "--target", "untrusted")
        assert told.code == 1
        assert "GT801" in told.out
    assert "does more" in done("summary", cases / "writes_files.pb").out


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_an_unknown_model_that_writes_is_not_run() -> None:
    file = shared("cases") / "writes_files.pb"
    assert "--trust" in refusal(run("verify", file, file))


def test_every_question_in_words_finds_its_command() -> None:
    asked: dict[str, Any] = {
        "names of inputs and outputs": "io",
        "pb to pbtxt": "convert",
        "cut at a layer": "strip",
        "rename a node": "transform",
        "moving averages": "freeze",
        "save all weights": "variables",
        "parameters and flops": "size",
        "fix the batch": "strip",
        "training graph for inference": "freeze",
        "label map": "check-config",
        "is it safe to load": "lint",
        "what was restored": "restore-plan",
        "which ops are unsupported": "compat",
        "latency": "bench",
    }
    for words, command in asked.items():
        assert done("help", *words.split()).lines[0].split()[:2] == ["graphtools", command], words


def test_a_training_switch_is_named_and_set(tmp_path: Path) -> None:
    graph = shared("cases") / "switch_keras_learning_phase.pb"
    assert "it has training switches" in done("summary", graph).out
    done("freeze", graph, "--inference", "-o", tmp_path / "f.pb")
    assert [n.name for n in nodes(tmp_path / "f.pb") if n.op.startswith("Placeholder")] == ["x"]


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_a_picture_is_classified_and_a_layer_is_seen(mobilenet: Path, tmp_path: Path) -> None:
    photo, layer = noise(tmp_path / "a.png"), "MobilenetV1/Logits/AvgPool_1a/AvgPool"
    how = ("--feed", photo, "--mean", 127.5, "--std", 127.5, "--batch", 1)
    told = done("run", mobilenet / "frozen.pb", *how, "--top", 5)
    assert "Classes by" in told.out
    line = ("run", mobilenet / "frozen.pb", *how, "--outputs", layer, "-o", tmp_path / "l.npz")
    done(*line)
    assert elements(tmp_path / "l.npz") == (1, 256)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_the_accuracy_of_two_models_on_labelled_pictures(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for label in "0123456789":
        photos(tmp_path / "data" / label, 1)
    model = fixture("classifier/frozen.pb")
    line = ("verify", model, model, "--labels", tmp_path / "data", "--mean", 127.5, "--std", 127.5)
    assert re.search(r"same answer +100.00 %", done(*line).out)


def test_a_frozen_graph_becomes_a_saved_model_and_a_checkpoint(
    mobilenet: Path, tmp_path: Path
) -> None:
    done("saved-model", mobilenet / "frozen.pb", "-o", tmp_path / "model")
    assert "serving_default" in done("signatures", tmp_path / "model").out
    done("edit-checkpoint", "--from-graph", mobilenet / "frozen.pb", "-o", tmp_path / "m.ckpt")
    done("variables", tmp_path / "m.ckpt", "-o", tmp_path / "weights.npz")
    assert elements(tmp_path / "weights.npz") == (137, 475_801)


def test_what_is_for_training_leaves_a_checkpoint(tmp_path: Path) -> None:
    trained = shared_models() / "editing/checkpoint/train-3"
    done("edit-checkpoint", trained, "-o", tmp_path / "bare", "--drop-training")
    before, after = (
        {v["name"] for v in run_json("variables", file)["variables"]}
        for file in (trained, tmp_path / "bare")
    )
    gone = before - after
    assert len(before) == 25
    assert sum("ExponentialMovingAverage" in name for name in gone) == 2
    assert not [name for name in after if "Adam" in name or "_power" in name]


def test_preprocessing_in_front_of_a_graph(mobilenet: Path, tmp_path: Path) -> None:
    steps = "uint8,scale=1/127.5,shift=-1"
    done("join", mobilenet / "frozen.pb", "-o", tmp_path / "whole.pb", "--preprocess", steps)
    found = run_json("io", tmp_path / "whole.pb")["inputs"][0]
    assert found["dtype"] == "uint8"


def test_batch_and_labels_of_a_tflite_model(tmp_path: Path) -> None:
    model, labels = fixture("quant/model.tflite"), tmp_path / "labels.txt"
    labels.write_text("cat\ndog\nowl\nfox\n")
    line = ("edit-tflite", model, "-o", tmp_path / "m.tflite", "--batch", 4, "--labels", labels)
    done(*line)
    assert run_json("io", tmp_path / "m.tflite")["inputs"][0]["shape"][0] == 4
    assert "labels.txt" in done("summary", tmp_path / "m.tflite").out
