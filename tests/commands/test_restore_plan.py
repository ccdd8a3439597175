from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphtools.formats import save
from tests.commands.running import FROZEN, fixture, refusal, run
from tests.transforms.graphs import graph

SSD = fixture("ssd/model.ckpt")
GRAPH = fixture("ssd/graph.pb")
CONFIG = fixture("ssd/pipeline.config")
CLASSIFIER = fixture("classifier/model.ckpt")


@pytest.fixture
def detection(tmp_path: Path) -> Path:
    """A configuration that restores from a detection checkpoint."""
    text = Path(CONFIG).read_text()
    file = tmp_path / "pipeline.config"
    file.write_text(text.replace('type: "classification"', 'type: "detection"'))
    return file


def plan(*args: object, code: int) -> dict[str, Any]:
    done = run("restore-plan", *args, "--json")
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    assert found["schema_version"] == 1
    return found


def test_all_that_is_asked_for_is_restored(detection: Path) -> None:
    done = run("restore-plan", SSD, "--pipeline", detection, "--model", GRAPH)
    assert (done.code, done.err) == (0, "")
    assert "25 of the 25 variables asked for are restored; 8 not asked for" in done.lines
    assert "The 'appropriate scopes' of ssd_mobilenet_v1 are the variables" in done.out
    assert "Stays at its initial, mostly random values (8)" in done.lines
    assert "In the checkpoint, asked for by nobody (9)" in done.lines
    assert "8 more variables asked for, all restored" in done.out


def test_json_has_a_line_for_each_variable(detection: Path) -> None:
    found = plan(SSD, "--pipeline", detection, "--model", GRAPH, code=0)
    variables = {v["name"]: v for v in found["variables"]}
    assert len(variables) == 34
    first = variables["FeatureExtractor/MobilenetV1/Conv2d_0/weights"]
    assert first["status"] == "restored"
    assert first["shape"] == first["checkpoint_shape"] == [3, 3, 3, 8]
    assert first["checkpoint_key"] == first["name"]
    assert first["reason"] == "the name begins with FeatureExtractor"
    assert variables["global_step"]["status"] == "not_asked"
    assert variables["global_step"]["checkpoint_key"] is None


def test_a_frozen_model_is_as_good(detection: Path) -> None:
    frozen = fixture("ssd/frozen_inference_graph.pb")
    done = run("restore-plan", SSD, "--pipeline", detection, "--model", frozen)
    assert done.code == 0
    assert f"{frozen} is frozen: its variables are taken from the constants" in done.out
    found = plan(SSD, "--pipeline", detection, "--model", frozen, code=0)
    assert found["counts"]["restored"] == 25


def test_a_checkpoint_given_as_the_model_has_its_graph_beside_it(detection: Path) -> None:
    found = plan(SSD, "--pipeline", detection, "--model", SSD, code=0)
    assert found["model"].endswith("model.ckpt.meta")


def test_what_is_not_restored_is_exit_code_1() -> None:
    done = run("restore-plan", CLASSIFIER, "--pipeline", CONFIG, "--model", GRAPH)
    assert done.code == 1
    assert "15 of the 25 variables asked for are restored; 10 not in the checkpoint" in done.out
    assert "first key" in done.out
    assert "MobilenetV1/Conv2d_1_pointwise_1_Conv2d_2_1x1_8/BatchNorm/beta" in done.out


def test_an_empty_map_is_told(detection: Path) -> None:
    done = run("restore-plan", CLASSIFIER, "--pipeline", detection, "--model", GRAPH)
    assert done.code == 1
    assert "the old trainer stops with 'No variables to save'" in done.out


def test_without_a_model_the_plan_says_so(detection: Path) -> None:
    done = run("restore-plan", SSD, "--pipeline", detection)
    assert done.code == 0
    assert "model          presumed from the checkpoint and the configuration" in done.out
    assert "the class predictors fit num_classes: 2" in done.out


def test_what_cannot_be_decided_is_exit_code_2() -> None:
    done = run("restore-plan", CLASSIFIER, "--pipeline", CONFIG)
    assert done.code == 2
    assert "Restored (15)" in done.lines
    assert done.err.startswith("error: it cannot be decided: 15 of the 15 variables")
    assert "give the model's graph with --model" in done.err


def test_slim_restores_a_model_from_its_checkpoint() -> None:
    done = run("restore-plan", CLASSIFIER, "--model", FROZEN)
    assert done.code == 0
    assert "17 of the 17 variables asked for are restored" in done.lines


@pytest.mark.usefixtures("tmp_path")
def test_slim_options_have_their_old_names_too() -> None:
    spelled = [
        ("--checkpoint-exclude-scopes=MobilenetV1/Logits", "--ignore-missing-vars"),
        ("--checkpoint_exclude_scopes=MobilenetV1/Logits", "--ignore_missing_vars=True"),
    ]
    found = [plan(CLASSIFIER, "--model", FROZEN, *options, code=0) for options in spelled]
    assert found[0] == found[1]
    assert found[0]["settings"]["ignore_missing_vars"] is True
    assert found[0]["counts"]["not_asked"] == 2
    assert run("restore-plan", "--ignore-missing-vars", CLASSIFIER, "--model", FROZEN).code == 0
    renamed = plan(
        CLASSIFIER, "--model", FROZEN, "--checkpoint_model_scope=Other", "--model_name=MobilenetV1",
        "--trainable_scopes=MobilenetV1/Logits", code=1,
    )  # fmt: skip
    assert renamed["counts"]["missing"] == 17


def test_what_would_fail_is_said_with_the_list_that_helps() -> None:
    done = run("restore-plan", CLASSIFIER, "--model", GRAPH)
    assert done.code == 1
    assert "the restore fails: Key BoxPredictor_0/BoxEncodingPredictor/biases not found" in done.out
    scopes = run(
        "restore-plan", fixture("classifier/train"), "--model", FROZEN,
        "--checkpoint-exclude-scopes", "MobilenetV1/Logit, MobilenetV1/conv2d_0",
    )  # fmt: skip
    assert scopes.code == 0
    assert "  - 'MobilenetV1/conv2d_0' excludes nothing; did you mean 'MobilenetV1/Conv2d_0'" in (
        scopes.out
    )


@pytest.mark.usefixtures("tmp_path")
def test_the_shortest_list_is_printed_ready_to_paste() -> None:
    done = run("restore-plan", fixture("checkpoints/v2"), "--model", GRAPH)
    assert done.code == 1
    assert "--checkpoint-exclude-scopes" not in done.out  # nothing would be left
    found = plan(fixture("checkpoints/partitioned"), "--model",
                 fixture("checkpoints/partitioned/graph.pb"), code=0)  # fmt: skip
    assert found["counts"]["restored"] == 3


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((SSD,), "a plan needs --pipeline (Object Detection API) or --model"),
        ((CONFIG, "--pipeline", SSD), "is a pipeline configuration, given as the checkpoint"),
        ((CONFIG, "--model", GRAPH), "is a pipeline configuration, given as the checkpoint"),
        ((SSD, "--pipeline", SSD), "is a checkpoint, given as the pipeline configuration"),
        ((SSD, "--pipeline", f"{SSD}.index"), "given as the pipeline configuration"),
        ((SSD, "--pipeline", GRAPH), "not a pipeline configuration"),
        ((SSD, "--pipeline", CONFIG, "--model", CONFIG), "given as the model"),
        ((GRAPH, "--pipeline", CONFIG), "is no checkpoint"),
        ((SSD, "--pipeline", "none.config"), "none.config does not exist"),
        (("none.ckpt", "--pipeline", CONFIG), "none.ckpt does not exist"),
        ((SSD, "--model", "none.pb"), "none.pb does not exist"),
        ((SSD, "--model", fixture("misc/attributes/graph.pb")), "has no variables, and no const"),
        ((SSD, "--model", fixture("quant/model.tflite")), "holds no TensorFlow graph"),
        (
            (SSD, "--pipeline", CONFIG, "--trainable-scopes", "x"),
            "--pipeline is for the Object Detection API",
        ),
    ],
)
def test_mixed_up_arguments_are_refused(args: tuple[str, ...], says: str) -> None:
    assert says in refusal(run("restore-plan", *args))


def test_a_type_that_the_api_refuses_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.config"
    file.write_text(Path(CONFIG).read_text().replace('"classification"', '"Detection"'))
    message = refusal(run("restore-plan", SSD, "--pipeline", file, "--model", GRAPH))
    assert "Not supported fine_tune_checkpoint_type: Detection" in message


def test_a_saver_that_reads_other_names_is_followed(tmp_path: Path) -> None:
    # a GraphDef with the Saver of an evaluation, which reads the moving averages
    save(
        graph(
            """
            w = VariableV2 dtype=float shape=[2,2]
            file = Const value=string:"model"
            names = Const value=string:["w/ExponentialMovingAverage"]
            parts = Const value=string:[""]
            restore = RestoreV2(file, names, parts) dtypes={float}
            assign = Assign(w, restore) T=float
            """
        ),
        tmp_path / "eval.pb",
    )
    done = run("restore-plan", CLASSIFIER, "--model", tmp_path / "eval.pb")
    assert done.code == 1
    assert "the restore fails: Key w/ExponentialMovingAverage not found in checkpoint" in done.out
    slim = run("restore-plan", CLASSIFIER, "--model", tmp_path / "eval.pb", "--ignore-missing-vars")
    assert "reads 1 of its variables under other names, as 'w/ExponentialMovingAverage'" in slim.err
    own = run("restore-plan", CLASSIFIER, "--model", f"{CLASSIFIER}.meta")
    assert "under other names" not in own.err + own.out
