"""The Object Detection API's rules, against what the API did and case by case."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from graphtools.errors import InvalidValue
from graphtools.formats import open_model
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.pipeline_config import read_pipeline
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.restore.detection_plan import detection_plan
from graphtools.restore.detection_rules import (
    DetectionSettings,
    detection_settings,
    key_of,
    restore_map,
)
from graphtools.restore.model_variables import (
    ModelVariable,
    ModelVariables,
    Tensors,
    kind_of,
    model_variables,
    tensors_of,
)
from graphtools.restore.plan import RestorePlan
from graphtools.restore.predictor_fit import predictor_fit
from tests.support import FIXTURES, shared_models, shared_models_or_none

pytestmark = pytest.mark.usefixtures("command_line")

SSD = DetectionSettings("ssd", "ssd_mobilenet_v1", 3, "detection", class_slots=4)
FRCNN = DetectionSettings("faster_rcnn", "faster_rcnn_resnet101", 3, "detection", class_slots=4)
SHARED_CHECKPOINTS = {
    "ssd_mobilenet_v1_small": "od/ssd_mobilenet_v1_small",
    "slim_mobilenet_v1_0.25_128": "slim/mobilenet_v1_0.25_128",
}


def settings(base: DetectionSettings, kind: str, **changes: Any) -> DetectionSettings:
    return dataclasses.replace(base, checkpoint_type=kind, **changes)


def checkpoint(shapes: dict[str, list[int]]) -> Tensors:
    return {name: (FLOAT32, Shape(shape)) for name, shape in shapes.items()}


def model(shapes: dict[str, list[int]]) -> ModelVariables:
    found = [ModelVariable(n, FLOAT32, Shape(s), kind_of(n), True) for n, s in shapes.items()]
    return ModelVariables("model.pb", "graph", tuple(found))


def statuses(plan: RestorePlan) -> dict[str, str]:
    return {v.name: v.status for v in plan.variables}


def pairs(plan: RestorePlan, *wanted: str) -> list[list[str | None]]:
    return sorted([v.name, v.checkpoint_key] for v in plan.variables if v.status in wanted)


def truths() -> list[dict[str, Any]]:
    folder = shared_models_or_none()
    if folder is None:
        return []
    found: list[dict[str, Any]] = json.loads((folder / "od/RESTORE_TRUTH.json").read_text())
    return found


@pytest.mark.skipif(not truths(), reason="needs the shared models")
@pytest.mark.parametrize(
    "graph", ["graph.pb", "model.ckpt.meta", "frozen_inference_graph.pb", "tflite_graph.pb"]
)
@pytest.mark.parametrize("number", range(len(truths())))
def test_the_plan_is_what_the_api_restored(number: int, graph: str) -> None:
    truth = truths()[number]
    folder = shared_models() / "od" / truth["model"]
    opened = find_checkpoint(shared_models() / SHARED_CHECKPOINTS[truth["checkpoint"]])
    configured = settings(
        detection_settings(read_pipeline(str(folder / "pipeline.config"))),
        truth["type"],
        load_all=truth["load_all"],
    )
    variables = model_variables(open_model(folder / graph))
    plan = detection_plan(tensors_of(opened), configured, variables)
    assert pairs(plan, "restored") == sorted(truth["restored"])
    assert pairs(plan, "missing", "shape_differs") == sorted(truth["asked_not_restored"])
    assert sum(plan.counts.values()) == truth["model_variables"]
    assert plan.complete == (len(truth["restored"]) == truth["asked"])


def fixture_plan(kind: str, folder: str, load_all: bool = False) -> RestorePlan:
    configured = detection_settings(read_pipeline(str(FIXTURES / "ssd/pipeline.config")))
    return detection_plan(
        tensors_of(find_checkpoint(FIXTURES / folder)),
        settings(configured, kind, load_all=load_all),
        model_variables(open_model(FIXTURES / "ssd/graph.pb")),
    )


def test_a_detector_is_restored_from_itself() -> None:
    plan = fixture_plan("detection", "ssd")
    assert plan.complete
    assert plan.counts == {"restored": 25, "shape_differs": 0, "missing": 0, "not_asked": 8}
    assert set(plan.randomly_initialised) == {
        n for n, s in statuses(plan).items() if s == "not_asked" and n != "global_step"
    }
    assert {u.name for u in plan.unused} == {*plan.randomly_initialised, "global_step"}
    assert fixture_plan("detection", "ssd", load_all=True).counts["restored"] == 33


def test_a_detector_is_restored_from_a_classifier() -> None:
    plan = fixture_plan("classification", "classifier")
    restored = pairs(plan, "restored")
    assert restored
    assert all(name == f"FeatureExtractor/{key}" for name, key in restored)
    assert plan.counts["missing"] == 10  # the layers that the detector adds
    assert not plan.complete
    assert [u.name for u in plan.unused] == [
        "MobilenetV1/Logits/Conv2d_1c_1x1/biases",
        "MobilenetV1/Logits/Conv2d_1c_1x1/weights",
        "global_step",
    ]


@pytest.mark.parametrize(
    ("kind", "folder", "says"),
    [
        ("detection", "classifier", 'set fine_tune_checkpoint_type: "classification"'),
        ("classification", "ssd", 'set fine_tune_checkpoint_type: "detection"'),
    ],
)
def test_the_wrong_type_restores_nothing_and_that_is_said(
    kind: str, folder: str, says: str
) -> None:
    plan = fixture_plan(kind, folder)
    assert plan.counts["restored"] == 0
    assert plan.counts["missing"] == 25
    assert "No variables to save" in plan.warnings[0]
    assert any(says in w for w in plan.warnings)


@pytest.mark.parametrize(
    ("base", "kind", "name", "key"),
    [
        (SSD, "detection", "FeatureExtractor/Mobile/w", "FeatureExtractor/Mobile/w"),
        (SSD, "detection", "FeatureExtractor_1/w", "FeatureExtractor_1/w"),
        (SSD, "detection", "a/FeatureExtractor/w", None),
        (SSD, "detection", "BoxPredictor_0/w", None),
        (SSD, "classification", "FeatureExtractor/Mobile/w", "Mobile/w"),
        (SSD, "classification", "FeatureExtractor/a/FeatureExtractor/w", "a/w"),
        (SSD, "classification", "FeatureExtractor_1/w", None),
        (FRCNN, "detection", "FirstStageFeatureExtractor/r/w", "FirstStageFeatureExtractor/r/w"),
        (FRCNN, "detection", "x/SecondStageFeatureExtractor/w", "x/SecondStageFeatureExtractor/w"),
        (FRCNN, "detection", "FirstStageFeatureExtractor_2/w", "FirstStageFeatureExtractor_2/w"),
        (FRCNN, "detection", "FirstStageBoxPredictor/w", None),
        (FRCNN, "detection", "Conv/weights", None),
        (FRCNN, "classification", "FirstStageFeatureExtractor/r/w", "r/w"),
        (FRCNN, "classification", "SecondStageFeatureExtractor/r/block4/w", "r/block4/w"),
        (FRCNN, "classification", "FirstStageFeatureExtractor_2", "FirstStageFeatureExtractor_2"),
        (FRCNN, "classification", "x/SecondStageFeatureExtractor/w", None),
        (FRCNN, "classification", "SecondStageBoxPredictor/w", None),
    ],
)  # fmt: skip
def test_the_key_of_a_variable(
    base: DetectionSettings, kind: str, name: str, key: str | None
) -> None:
    assert key_of(name, settings(base, kind)) == key


@pytest.mark.parametrize(
    ("extractor", "name", "key"),
    [
        (
            "faster_rcnn_inception_resnet_v2",
            "SecondStageFeatureExtractor/InceptionResnetV2/Repeat/block8_1/w",
            "InceptionResnetV2/Repeat_2/block8_1/w",
        ),
        (
            "faster_rcnn_inception_resnet_v2",
            "FirstStageFeatureExtractor/InceptionResnetV2/Repeat/block35_1/w",
            "InceptionResnetV2/Repeat/block35_1/w",
        ),
        (
            "faster_rcnn_inception_resnet_v2",
            "SecondStageFeatureExtractor/InceptionResnetV2/Block8/w",
            "InceptionResnetV2/Block8/w",
        ),
        (
            "faster_rcnn_resnet101",
            "SecondStageFeatureExtractor/InceptionResnetV2/Repeat/w",
            "InceptionResnetV2/Repeat/w",
        ),
        (
            "faster_rcnn_nas",
            "FirstStageFeatureExtractor/cell_1/w",
            "cell_1/w/ExponentialMovingAverage",
        ),
        (
            "faster_rcnn_pnas",
            "SecondStageFeatureExtractor/cell_9/w",
            "cell_9/w/ExponentialMovingAverage",
        ),
    ],
)
def test_the_special_mappings_of_faster_rcnn(extractor: str, name: str, key: str) -> None:
    assert key_of(name, settings(FRCNN, "classification", feature_extractor=extractor)) == key
    # a detection checkpoint has the detector's own names
    assert key_of(name, settings(FRCNN, "detection", feature_extractor=extractor)) == name


def test_pnasnet_in_ssd_is_read_by_its_moving_averages() -> None:
    pnas = settings(SSD, "classification", feature_extractor="ssd_pnasnet")
    assert key_of("FeatureExtractor/cell_0/w", pnas) == "cell_0/w/ExponentialMovingAverage"
    assert key_of("FeatureExtractor_1/w", pnas) == "FeatureExtractor_1/w/ExponentialMovingAverage"
    assert key_of("BoxPredictor_0/w", pnas) is None


def test_load_all_asks_for_everything_but_has_no_effect_on_classification() -> None:
    assert key_of("BoxPredictor_0/w", settings(SSD, "detection", load_all=True))
    assert key_of("Conv/weights", settings(FRCNN, "detection", load_all=True))
    assert key_of("BoxPredictor_0/w", settings(SSD, "classification", load_all=True)) is None


def test_of_two_variables_with_one_key_the_last_is_restored() -> None:
    names = ["FirstStageFeatureExtractor/r/w", "SecondStageFeatureExtractor/r/w"]
    classification = settings(FRCNN, "classification")
    assert restore_map(names, classification) == {"r/w": names[1]}
    plan = detection_plan(checkpoint({"r/w": [2]}), classification, model({n: [2] for n in names}))
    assert statuses(plan) == {names[0]: "not_asked", names[1]: "restored"}
    assert names[1] in plan.variables[0].reason


def test_shapes_have_to_be_equal_dimension_by_dimension() -> None:
    tensors = checkpoint({"FeatureExtractor/a": [1, 4], "FeatureExtractor/b": [4]})
    plan = detection_plan(tensors, SSD, model({"FeatureExtractor/a": [4], "FeatureExtractor/b": [4],
                                               "FeatureExtractor/c": [4]}))  # fmt: skip
    assert statuses(plan) == {
        "FeatureExtractor/a": "shape_differs",
        "FeatureExtractor/b": "restored",
        "FeatureExtractor/c": "missing",
    }
    first, _, last = plan.variables
    assert (first.shape, first.checkpoint_shape) == ([4], [1, 4])
    assert "the model's shape is [4], the checkpoint's is [1,4]" in first.reason
    assert (last.checkpoint_key, last.checkpoint_shape) == ("FeatureExtractor/c", None)


def test_a_shape_that_the_graph_does_not_tell_is_equal_to_none() -> None:
    unknown = ModelVariable("FeatureExtractor/a", FLOAT32, Shape(None), "model", True)
    plan = detection_plan(
        checkpoint({"FeatureExtractor/a": [1]}), SSD, ModelVariables("", "graph", (unknown,))
    )
    assert statuses(plan) == {"FeatureExtractor/a": "shape_differs"}
    assert "does not tell its whole shape" in plan.variables[0].reason


def test_dtypes_are_not_compared_but_a_difference_is_said() -> None:
    tensors = {"FeatureExtractor/a": (dtype("float64"), Shape([1]))}
    plan = detection_plan(tensors, SSD, model({"FeatureExtractor/a": [1]}))
    assert statuses(plan) == {"FeatureExtractor/a": "restored"}
    assert any("FeatureExtractor/a is float32" in w and "float64" in w for w in plan.warnings)


def test_what_training_adds_does_not_count() -> None:
    names = [
        "FeatureExtractor/w",
        "FeatureExtractor/w/Momentum",
        "FeatureExtractor/w/ExponentialMovingAverage",
        "global_step",
    ]
    plan = detection_plan(
        checkpoint({"FeatureExtractor/w": [1], "global_step": []}),
        settings(SSD, "detection", load_all=True),
        model({**{n: [1] for n in names[:3]}, "global_step": []}),
    )
    assert plan.complete
    assert plan.counts == {"restored": 1, "shape_differs": 0, "missing": 0, "not_asked": 0}
    assert {n: s for n, s in statuses(plan).items() if s != "restored"} == dict.fromkeys(
        names[1:], "not_asked"
    )
    assert any("these warnings are harmless" in w for w in plan.warnings)


def test_the_outcomes_of_other_settings_are_compared() -> None:
    names = {"FeatureExtractor/w": [1], "BoxPredictor_0/ClassPredictor/biases": [4],
             "BoxPredictor_0/BoxEncodingPredictor/biases": [4]}  # fmt: skip
    tensors = checkpoint({**names, "BoxPredictor_0/ClassPredictor/biases": [91]})
    plan = detection_plan(tensors, SSD, model(names))
    assert [(o.asked, o.restored, o.shape_differs, o.missing) for o in plan.outcomes] == [
        (1, 1, 0, 0),
        (3, 2, 1, 0),
        (1, 0, 0, 1),
    ]
    assert [o.current for o in plan.outcomes] == [True, False, False]
    assert plan.outcomes[1].words == (
        "2 more variables asked for, 1 of them with clashing shapes; 1 more variable restored"
    )
    assert plan.outcomes[2].words == "1 variable no longer restored"


def test_frozen_variables_match_from_the_start_of_the_name() -> None:
    names = {"FeatureExtractor/a": [1], "FeatureExtractor/b": [1], "BoxPredictor_0/w": [1]}
    frozen = settings(SSD, "detection", freeze_variables=("FeatureExtractor/a", "b$", "Nothing"))
    plan = detection_plan(checkpoint(names), frozen, model(names))
    assert {v.name for v in plan.variables if not v.trained} == {"FeatureExtractor/a"}
    said = "\n".join(plan.warnings)
    assert "'b$' matches no variable from its start, but 1 inside" in said
    assert "'Nothing' matches no variable" in said
    random = settings(SSD, "detection", freeze_variables=("BoxPredictor",))
    plan = detection_plan(checkpoint(names), random, model(names))
    assert any("frozen at random values" in w for w in plan.warnings)


def test_only_the_variables_that_are_to_be_updated_are_trained() -> None:
    names = {"FeatureExtractor/a": [1], "BoxPredictor_0/w": [1]}
    updated = settings(SSD, "detection", update_trainable_variables=("Predictor",))
    plan = detection_plan(checkpoint(names), updated, model(names))
    assert {v.name: v.trained for v in plan.variables} == {
        "FeatureExtractor/a": False,
        "BoxPredictor_0/w": True,
    }


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("", "classification"),
        ("from_detection_checkpoint: true", "detection"),
        ('fine_tune_checkpoint_type: "detection"', "detection"),
        ('fine_tune_checkpoint_type: "classification" from_detection_checkpoint: true',
         "classification"),
        ('fine_tune_checkpoint_type: "" from_detection_checkpoint: true', "detection"),
    ],
)  # fmt: skip
def test_the_type_of_checkpoint(extra: str, kind: str, tmp_path: Path) -> None:
    assert configured(tmp_path, extra).checkpoint_type == kind


@pytest.mark.parametrize("kind", ["Detection", "full", "fine_tune"])
def test_any_other_type_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=f"Not supported fine_tune_checkpoint_type: {kind}"):
        configured(tmp_path, f'fine_tune_checkpoint_type: "{kind}"')


def test_a_pattern_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"line 2: freeze_variables: '\(' is no regular"):
        configured(tmp_path, 'freeze_variables: "("')


def test_another_meta_architecture_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.config"
    file.write_text("model { center_net { num_classes: 2 } }\ntrain_config { }\n")
    with pytest.raises(InvalidValue, match="configures center_net"):
        detection_settings(read_pipeline(str(file)))


def configured(folder: Path, train: str, model_text: str = "num_classes: 3") -> DetectionSettings:
    file = folder / "pipeline.config"
    file.write_text(f"model {{ ssd {{ {model_text} }} }}\ntrain_config {{ {train} }}\n")
    return detection_settings(read_pipeline(str(file)))


def test_what_the_configuration_says_of_predictors_is_read(tmp_path: Path) -> None:
    found = configured(
        tmp_path,
        'freeze_variables: "a" freeze_variables: ["b", ""]',
        "num_classes: 3 add_background_class: false "
        "box_predictor { convolutional_box_predictor { box_code_size: 7 } }",
    )
    assert (found.class_slots, found.box_code_size) == (3, 7)
    assert found.freeze_variables == ("a", "b")
    assert configured(tmp_path, "").class_slots == 4
    odd = configured(
        tmp_path,
        "",
        "num_classes: nan box_predictor { mask_rcnn_box_predictor { box_code_size: 0 } }",
    )
    assert (odd.num_classes, odd.class_slots, odd.box_code_size) == (None, None, 4)


PREDICTORS = {
    "FeatureExtractor/MobilenetV1/w": [1],
    "BoxPredictor_0/ClassPredictor/weights": [1, 1, 8, 273],  # 3 anchors, 90 classes
    "BoxPredictor_0/ClassPredictor/biases": [273],
    "BoxPredictor_0/BoxEncodingPredictor/weights": [1, 1, 8, 12],
    "BoxPredictor_0/BoxEncodingPredictor/biases": [12],
}


def test_class_predictors_tell_the_number_of_classes() -> None:
    fit = predictor_fit(checkpoint(PREDICTORS), SSD)
    assert fit is not None
    assert (fit.configured, fit.stored, fit.fits) == (3, 90, False)
    fits = predictor_fit(checkpoint(PREDICTORS), settings(SSD, "detection", num_classes=90,
                                                          class_slots=91))  # fmt: skip
    assert fits is not None
    assert fits.fits
    assert predictor_fit(checkpoint({"w": [1]}), SSD) is None


@pytest.mark.parametrize(
    ("name", "base", "outputs", "classes"),
    [
        ("WeightSharedConvolutionalBoxPredictor/ClassPredictor/biases", SSD, 546, 90),
        ("SecondStageBoxPredictor/ClassPredictor/biases", FRCNN, 91, 90),
        ("BoxPredictor_0/ClassPredictor/bias", SSD, 8, None),
    ],
)
def test_predictors_of_other_kinds(
    name: str, base: DetectionSettings, outputs: int, classes: int | None
) -> None:
    tensors = checkpoint(
        {name: [outputs], "WeightSharedConvolutionalBoxPredictor/BoxPredictor/biases": [24]}
    )
    fit = predictor_fit(tensors, base)
    assert fit is not None
    assert (fit.stored, fit.fits) == (classes, None if classes is None else False)


def test_without_a_model_the_predictors_still_clash() -> None:
    plan = detection_plan(checkpoint(PREDICTORS), settings(SSD, "detection", load_all=True))
    assert plan.model_source == "checkpoint"
    clashing = {v.name: v.shape for v in plan.variables if v.status == "shape_differs"}
    assert clashing == {
        "BoxPredictor_0/ClassPredictor/weights": [1, 1, 8, 12],
        "BoxPredictor_0/ClassPredictor/biases": [12],
    }
    assert not plan.complete
    assert "for 90 classes, num_classes is 3" in "\n".join(plan.warnings)
    assert "without --model" in plan.notes[0]
    plan = detection_plan(checkpoint(PREDICTORS), SSD)
    assert plan.complete
    assert plan.decided
    assert plan.outcomes[1].words.startswith(
        "4 more variables asked for, 2 of them with clashing shapes"
    )


def test_without_a_model_a_classifier_leaves_it_open_what_the_detector_adds() -> None:
    tensors = checkpoint({"MobilenetV1/Conv2d_0/weights": [1], "MobilenetV1/Logits/biases": [1]})
    plan = detection_plan(tensors, settings(SSD, "classification"))
    assert pairs(plan, "restored") == [
        ["FeatureExtractor/MobilenetV1/Conv2d_0/weights", "MobilenetV1/Conv2d_0/weights"]
    ]
    assert not plan.decided
    wrong = detection_plan(tensors, SSD)
    assert wrong.decided
    assert statuses(wrong) == {"FeatureExtractor/MobilenetV1/Conv2d_0/weights": "missing"}


def test_without_a_model_faster_rcnn_has_two_stages() -> None:
    tensors = checkpoint({"resnet_v1_101/block1/w": [1], "resnet_v1_101/block4/w": [1],
                          "resnet_v1_101/logits/weights": [1]})  # fmt: skip
    plan = detection_plan(tensors, settings(FRCNN, "classification"))
    assert pairs(plan, "restored") == [
        ["FirstStageFeatureExtractor/resnet_v1_101/block1/w", "resnet_v1_101/block1/w"],
        ["SecondStageFeatureExtractor/resnet_v1_101/block4/w", "resnet_v1_101/block4/w"],
    ]


def test_without_a_model_moving_averages_of_pnasnet_stand_for_their_variables() -> None:
    pnas = settings(FRCNN, "classification", feature_extractor="faster_rcnn_pnas")
    tensors = checkpoint({"cell_0/w": [1], "cell_0/w/ExponentialMovingAverage": [1]})
    assert pairs(detection_plan(tensors, pnas), "restored") == [
        ["FirstStageFeatureExtractor/cell_0/w", "cell_0/w/ExponentialMovingAverage"]
    ]


def test_a_checkpoint_of_another_feature_extractor_is_told() -> None:
    plan = detection_plan(checkpoint({"FeatureExtractor/InceptionV2/w": [1]}), SSD)
    assert not plan.complete
    assert plan.decided
    assert any("the checkpoint has no variable of MobilenetV1" in w for w in plan.warnings)


def test_the_checkpoint_that_the_configuration_names_is_looked_at() -> None:
    def said(named: str) -> str:
        changed = settings(SSD, "detection", fine_tune_checkpoint=named)
        return "\n".join(detection_plan(checkpoint(PREDICTORS), changed, None, "a.ckpt").warnings)

    assert "sets no fine_tune_checkpoint: as it stands nothing at all is restored" in said("")
    assert 'is still "PATH_TO_BE_CONFIGURED/m.ckpt"' in said("PATH_TO_BE_CONFIGURED/m.ckpt")
    assert "fine_tune_checkpoint" not in said("a.ckpt")
    other = settings(SSD, "detection", fine_tune_checkpoint="b.ckpt")
    notes = detection_plan(checkpoint(PREDICTORS), other, None, "a.ckpt").notes
    assert notes[0] == "the configuration names b.ckpt; this is the plan for a.ckpt"


def test_an_object_based_checkpoint_is_explained() -> None:
    opened = find_checkpoint(FIXTURES / "checkpoints/object_based")
    plan = detection_plan(tensors_of(opened), SSD, model({"FeatureExtractor/w": [1]}))
    assert any("object-based" in w for w in plan.warnings)
    assert not any(u.name.startswith("_CHECKPOINTABLE") for u in plan.unused)
