from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from graphtools.formats import load
from tests.commands.running import fixture, refusal, run, run_json
from tests.support import copy_checkpoint

FROZEN = fixture("ssd/frozen_inference_graph.pb")
PIPELINE = fixture("ssd/pipeline.config")
CHECKPOINT = fixture("ssd/model.ckpt")
COMMAND = "export_tflite_ssd_graph"
OP = "TFLite_Detection_PostProcess"


def test_a_checkpoint_with_its_graph_is_frozen_and_exported(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    done = run(
        COMMAND,
        f"--pipeline_config_path={PIPELINE}",
        f"--trained_checkpoint_prefix={CHECKPOINT}",
        f"--output_directory={folder}",
        "--add_postprocessing_op=true",
    )
    assert (done.code, done.err) == (0, "")
    assert {p.name for p in folder.iterdir()} == {"tflite_graph.pb", "tflite_graph.pbtxt"}
    binary, text = load(folder / "tflite_graph.pb"), load(folder / "tflite_graph.pbtxt")
    assert [n.name for n in binary] == [n.name for n in text]
    assert binary[OP].attr("num_classes") == 2
    official = load(fixture("ssd/tflite_graph.pb"))["anchors"].tensor
    anchors = binary["anchors"].tensor
    assert anchors is not None
    assert official is not None
    np.testing.assert_allclose(anchors.array(), official.array(), rtol=0, atol=1e-6)


def test_the_flags_of_the_original_reach_the_op(tmp_path: Path) -> None:
    flags = {
        "frozen_graph": FROZEN,
        "output_directory": str(tmp_path),
        "max_detections": "3",
        "max_classes_per_detection": "2",
        "detections_per_class": "7",
        "use_regular_nms": "True",
    }
    assert run(COMMAND, *(f"--{k}={v}" for k, v in flags.items())).code == 0
    node = load(tmp_path / "tflite_graph.pb")[OP]
    assert node.attr("max_detections") == 3
    assert node.attr("max_classes_per_detection") == 2
    assert node.attr("detections_per_class") == 7
    assert node.attr("use_regular_nms") is True


def test_without_the_op(tmp_path: Path) -> None:
    found = run_json(
        COMMAND,
        f"--frozen_graph={FROZEN}",
        f"--output_directory={tmp_path}",
        "--add_postprocessing_op=false",
    )
    assert found["outputs"] == [
        "raw_outputs/box_encodings",
        "raw_outputs/class_predictions",
        "anchors",
    ]
    assert OP not in load(tmp_path / "tflite_graph.pb")


def test_flags_without_effect_say_so(tmp_path: Path) -> None:
    done = run(
        COMMAND,
        f"--frozen_graph={FROZEN}",
        f"--trained_checkpoint_prefix={CHECKPOINT}",
        f"--output_directory={tmp_path}",
        "--config_override=model{ssd{}}",
    )
    assert done.code == 0
    assert "--config_override has no effect" in done.err
    assert "--trained_checkpoint_prefix has no effect" in done.err


def test_a_checkpoint_without_its_graph(tmp_path: Path) -> None:
    prefix = copy_checkpoint("ssd/model.ckpt", tmp_path)
    Path(f"{prefix}.meta").unlink()
    done = run(
        COMMAND, f"--trained_checkpoint_prefix={prefix}", f"--output_directory={tmp_path / 'out'}"
    )
    message = refusal(done)
    assert "model.ckpt.meta is not there" in message
    assert "--frozen_graph" in message
    assert not (tmp_path / "out").exists()


def test_the_frozen_graph_beside_a_checkpoint_is_taken_where_its_graph_is_of_no_use(
    tmp_path: Path,
) -> None:
    prefix = copy_checkpoint("ssd/model.ckpt", tmp_path)
    shutil.copy(fixture("classifier/model.ckpt.meta"), f"{prefix}.meta")
    call = (COMMAND, f"--trained_checkpoint_prefix={prefix}", f"--output_directory={tmp_path}/out")
    assert "is the graph of a training, without 'detection_boxes'" in refusal(run(*call))
    shutil.copy(FROZEN, tmp_path)
    done = run(*call)
    assert done.code == 0
    assert "frozen_inference_graph.pb is taken instead" in done.err
    assert OP in load(tmp_path / "out" / "tflite_graph.pb")


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        ((), "no model was given"),
        (("--trained_checkpoint_prefix=nowhere",), "nowhere"),
        ((f"--frozen_graph={fixture('classifier/frozen.pb')}",), "no NonMaxSuppression"),
    ],
)
def test_what_cannot_be_exported(tmp_path: Path, flags: tuple[str, ...], word: str) -> None:
    assert word in refusal(run(COMMAND, *flags, f"--output_directory={tmp_path}"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(COMMAND, f"--frozen_graph={FROZEN}", f"--output_directory={tmp_path / 'file' / 'x'}")
    assert "cannot be made" in refusal(done)
