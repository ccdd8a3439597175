"""Each rule for configurations: what it finds, and what it lets pass."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.analysis.record_summary import CLASS_ID, CLASS_TEXT, IMAGE, SIDES
from graphtools.errors import GraphtoolsError
from graphtools.findings.finding import Finding
from graphtools.formats.checkpoint import Checkpoint, StoredTensor, TrackedVariable
from graphtools.formats.label_map import LabelMap, read_label_map
from graphtools.formats.pipeline_config import pipeline_of
from graphtools.formats.text_tree import parse_tree
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from graphtools.lint.configuration import Configuration
from graphtools.lint.engine import check_config
from graphtools.lint.tables import CONFIG_RULES
from tests.formats.record_writer import example, framed
from tests.support import FIXTURES, damaged, shared_models

CONFIG = FIXTURES / "ssd/pipeline.config"
CHECKPOINT = FIXTURES / "ssd/model.ckpt"

#: A sound configuration; the tests put other words in the place of some.
TEMPLATE = """
model {
  ssd {
    num_classes: 3
    image_resizer { fixed_shape_resizer { height: 320 width: 320 } }
    feature_extractor { type: "ssd_mobilenet_v1" }
    box_predictor { convolutional_box_predictor { kernel_size: 1 } }
  }
}
train_config {
  batch_size: 8
  num_steps: 1000
  optimizer {
    momentum_optimizer {
      learning_rate {
        cosine_decay_learning_rate { total_steps: 1000 warmup_steps: 100 }
      }
    }
  }
  fine_tune_checkpoint: "gs://bucket/model.ckpt"
  fine_tune_checkpoint_type: "detection"
}
train_input_reader { label_map_path: "gs://bucket/map" }
"""


class FakeTensor(StoredTensor):
    """A tensor without values."""

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        return 0

    def array(self) -> Any:
        raise AssertionError


def checkpoint(*objects: TrackedVariable, **shapes: list[int]) -> Checkpoint:
    """A checkpoint with some tensors; in the names, `__` stands for `/`."""
    tensors = {n.replace("__", "/"): s for n, s in shapes.items()}
    return Checkpoint(
        "model.ckpt",
        "V2",
        1,
        {name: FakeTensor(name, FLOAT32, Shape(shape)) for name, shape in tensors.items()},
        objects=objects,
    )


def detector(classes: int = 3, ranges: bool = False) -> Checkpoint:
    """A checkpoint of an SSD with three boxes per location."""
    return checkpoint(
        FeatureExtractor__MobilenetV1__Conv2d_0__weights=[3, 3, 3, 8],
        BoxPredictor_0__BoxEncodingPredictor__biases=[12],
        BoxPredictor_0__ClassPredictor__biases=[3 * (classes + 1)],
        **(RANGES if ranges else {}),
    )


def findings(*changes: tuple[str, str], **subject: Any) -> list[Finding]:
    """What is found in the template with some words changed."""
    text = TEMPLATE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    pipeline = pipeline_of(parse_tree(text, "pipeline.config"), "pipeline.config")
    about = Configuration(pipeline, **subject)
    return [
        found
        for c in CONFIG_RULES.rules().values()
        for found in c.run(about)
        if found.code != "GTC103"
    ]


def codes(*changes: tuple[str, str], **subject: Any) -> list[str]:
    return [f.code for f in findings(*changes, **subject)]


def one(code: str, *changes: tuple[str, str], **subject: Any) -> Finding:
    """The one finding of a check; no other check finds anything."""
    found = findings(*changes, **subject)
    assert [f.code for f in found] == [code], found
    assert found[0].message
    assert found[0].remedy
    return found[0]


def label_map(tmp_path: Path, text: str) -> LabelMap:
    file = tmp_path / "map.pbtxt"
    file.write_text(text)
    return read_label_map(str(file))


def numbered(*ids: int) -> str:
    return "\n".join(f"item {{ id: {n} name: 'c{k}' }}" for k, n in enumerate(ids))


def test_the_template_is_sound(tmp_path: Path) -> None:
    assert findings() == []
    for is_fine_tuned in (False, True):
        held = {"checkpoint": detector(), "label_map": label_map(tmp_path, numbered(1, 2, 3))}
        assert findings(**held, is_fine_tuned=is_fine_tuned) == []


def test_codes_and_names_are_unique_and_each_check_has_a_manual() -> None:
    checks = CONFIG_RULES.rules().values()
    assert len({c.code for c in checks}) == len({c.name for c in checks}) == len(checks) > 30
    for c in checks:
        assert c.code.startswith("GTC")
        assert c.name == c.name.lower().replace("_", "-")
        assert c.severity in ("error", "warning", "info")
        summary, blank, *rest = c.text.splitlines()
        assert summary.endswith(".")
        assert not blank
        assert rest


@pytest.mark.parametrize(("code", "name"), [("GTC101", "new-name"), ("GTC999", "missing-file")])
def test_a_clash_of_codes_or_names_is_loud(code: str, name: str) -> None:
    CONFIG_RULES.rules()
    with pytest.raises(RuntimeError, match=r"two (things|rules) are called"):
        CONFIG_RULES.rule(code, name, "error")(lambda _subject: [])


# Fields


def test_unknown_fields_are_reported_with_what_may_be_meant() -> None:
    found = one("GTC001", ("num_steps: 1000", "num_steps: 1000 batchsize: 3"))
    assert found.message == "TrainConfig has no field 'batchsize'"
    assert found.remedy == "did you mean 'batch_size'?"
    assert (found.node, found.line, found.severity) == ("train_config.batchsize", 12, "warning")
    found = one("GTC001", ("num_steps: 1000", "num_steps: 1000 min_level: 3"))
    assert "has such a field" in found.remedy
    assert one("GTC001", ("batch_size: 8", "batch_size: 8 qqq { a: 1 }")).remedy.startswith("drop")
    assert codes(("batch_size: 8", "batch_size: 8 [my.ext] { a: 1 }")) == []


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("num_classes: 3", "num_classes: 3 add_background_class: 'yes'", "true or false"),
        ("kernel_size: 1", "kernel_size: 1.5", "a whole number"),
        ("kernel_size: 1", "kernel_size { }", "a whole number"),
        ("kernel_size: 1", "dropout_keep_probability: 'x'", "a number"),
        ("kernel_size: 1", "conv_hyperparams { activation: RELU6 }", "one of NONE, RELU, RELU_6"),
        ("kernel_size: 1", "conv_hyperparams: 3", "a message: conv_hyperparams { ... }"),
        ("warmup_steps: 100", "warmup_steps: 100 hold_base_rate_steps: -1", "whole number from 0"),
        ('"gs://bucket/map"', "gs", "a text in quotes"),
    ],
)
def test_values_of_the_wrong_type(old: str, new: str, wanted: str) -> None:
    found = one("GTC002", (old, new))
    assert wanted in found.message
    assert wanted in found.remedy


def test_values_of_the_right_type() -> None:
    right = "kernel_size: 1 use_dropout: 1 dropout_keep_probability: 1 conv_hyperparams { op: 1 }"
    assert codes(("kernel_size: 1", right)) == []


def test_fields_that_are_given_twice() -> None:
    found = one("GTC003", ("batch_size: 8", "batch_size: 8 batch_size: 4"))
    assert "line 11 already; the last one counts" in found.message
    adam = "adam_optimizer { learning_rate { constant_learning_rate { } } } momentum_optimizer {"
    found = one("GTC003", ("momentum_optimizer {", adam))
    assert "momentum_optimizer takes the place of adam_optimizer in line 14" in found.message
    readers = "eval_input_reader { } eval_input_reader { } train_input_reader {"
    assert codes(("train_input_reader {", readers)) == []


def test_fields_that_were_removed() -> None:
    new = ('type: "ssd_mobilenet_v1"', 'type: "ssd_mobilenet_v1" batch_norm_trainable: true')
    assert "SsdFeatureExtractor" in one("GTC004", new).message


# Files


def test_placeholders() -> None:
    found = one("GTC101", ("gs://bucket/map", "PATH_TO_BE_CONFIGURED/map.pbtxt"))
    assert found.node == "train_input_reader.label_map_path"
    assert (found.line, found.severity) == (23, "error")


def test_files_that_do_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "there.pbtxt"
    there.write_text(numbered(1, 2, 3))
    reader = ("gs://bucket/map", str(there))
    assert codes(reader) == []
    found = one("GTC102", ("gs://bucket/map", str(there) + "x"))
    assert "there.pbtxtx" in found.message
    assert "there.pbtxt" in found.remedy
    found = one("GTC102", ("gs://bucket/map", "there.pbtxt"), folder=str(tmp_path))
    assert found.severity == "warning"
    assert "as seen from the configuration's folder" in found.message
    monkeypatch.chdir(tmp_path)
    assert codes(("gs://bucket/map", "there.pbtxt")) == []
    assert "there is no checkpoint" in one("GTC102", ("gs://bucket/model.ckpt", "no/where")).message


def test_remote_files_are_said_not_to_be_looked_for() -> None:
    pipeline = pipeline_of(parse_tree(TEMPLATE, "x"), "x")
    found = [f for c in CONFIG_RULES.rules().values() for f in c.run(Configuration(pipeline))]
    assert [(f.code, f.severity) for f in found] == [("GTC103", "info")] * 2


def test_shards(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"t.record-{number:05}-of-00004").touch()
    new = 'train_input_reader { tf_record_input_reader { input_path: "%s" }'
    reader = ("train_input_reader {", new % f"{tmp_path}/t.record-?????-of-00004")
    assert "3 of 4 files" in one("GTC104", reader).message
    (tmp_path / "t.record-00003-of-00004").touch()
    assert codes(reader) == []
    assert codes(("train_input_reader {", new % f"{tmp_path}/*.record*")) == []
    none = new % f"{tmp_path}/v.record-?????-of-00004"
    assert "no file matches" in one("GTC102", ("train_input_reader {", none)).message


def test_backslashes_in_a_path() -> None:
    found = one("GTC105", ("gs://bucket/map", r"C:\train\new.pbtxt"))
    assert "write / instead" in found.remedy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a checkpoint of step 10."""
    for file in CHECKPOINT.parent.glob("model.ckpt*"):
        shutil.copy(file, tmp_path / file.name.replace("model.ckpt", "model.ckpt-10"))
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-10"\n')
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "model.ckpt-10.index",
        "model.ckpt-10.meta",
        "model.ckpt-10.data-00000-of-00001",
        "",
        "model.ckpt",
        "checkpoint",
    ],
)
def test_forms_that_tensorflow_does_not_open(folder: Path, name: str) -> None:
    given = f"{folder}/{name}".rstrip("/")
    found = one("GTC106", ("gs://bucket/model.ckpt", given))
    assert found.remedy == f'write fine_tune_checkpoint: "{folder}/model.ckpt-10"'


def test_the_form_that_tensorflow_opens(folder: Path) -> None:
    assert codes(("gs://bucket/model.ckpt", f"{folder}/model.ckpt-10")) == []
    v1 = FIXTURES / "checkpoints/v1/model.ckpt"
    assert codes(("gs://bucket/model.ckpt", str(v1))) == []
    graph = one("GTC106", ("gs://bucket/model.ckpt", str(CHECKPOINT.parent / "graph.pb")))
    assert "graph.pb is a graph" in graph.message


# Classes


def test_num_classes_is_needed() -> None:
    assert "as it is not given" in one("GTC201", ("num_classes: 3", "")).message
    assert one("GTC201", ("num_classes: 3", "num_classes: 0")).line == 4


@pytest.mark.parametrize(
    ("ids", "severity", "message"),
    [
        ((1, 2, 3, 4), "error", "4 classes with ids up to 4: 1 of them cannot be learned"),
        (
            (1, 2),
            "warning",
            "2 classes with ids up to 2: the detector has classes without a name, 1 of them",
        ),
        ((0, 1, 2, 3), "", ""),
    ],
)
def test_num_classes_and_the_label_map(
    tmp_path: Path, ids: tuple[int, ...], severity: str, message: str
) -> None:
    text = numbered(*ids).replace("id: 0 name: 'c0'", "id: 0 name: 'background'")
    held = label_map(tmp_path, text)
    if not severity:
        assert codes(label_map=held) == []
    else:
        found = one("GTC202", label_map=held)
        assert found.severity == severity
        assert message in found.message


def test_label_ids(tmp_path: Path) -> None:
    def found(text: str) -> list[tuple[str, str]]:
        return [(f.code, f.severity) for f in findings(label_map=label_map(tmp_path, text))]

    assert found(numbered(0, 1, 2, 3)) == [("GTC203", "error")]
    assert found(numbered(1, 2, 3) + " item { name: 'x' }") == [("GTC203", "error")]
    assert found(numbered(-1, 1, 2, 3)) == [("GTC203", "error")]
    assert found(numbered(2, 3)) == [("GTC203", "warning")]
    assert found(numbered(1, 2, 2, 3)) == [("GTC204", "warning")]
    assert found("item { id: 1 name: 'a' } item { id: 2 name: 'a' } item { id: 3 name: 'b' }") == [
        ("GTC204", "warning")
    ]
    assert found(numbered(1, 3)) == [("GTC205", "warning")]
    assert found(numbered(1, 2) + "item { id: 3 }") == [("GTC206", "warning")]


def test_the_holes_of_coco_are_known(tmp_path: Path) -> None:
    ids = [n for n in range(1, 91) if n not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)]
    held = label_map(tmp_path, numbered(*ids))
    found = one("GTC205", ("num_classes: 3", "num_classes: 90"), label_map=held)
    assert found.severity == "info"
    assert "12, 26, 29 to 30, 45, 66 and others: 80 classes have ids up to 90" in found.message


PREDICTORS: list[Callable[[int], Checkpoint]] = [
    detector,
    lambda n: checkpoint(
        FeatureExtractor__x=[1],
        WeightSharedConvolutionalBoxPredictor__BoxPredictor__biases=[24],
        WeightSharedConvolutionalBoxPredictor__ClassPredictor__biases=[6 * (n + 1)],
    ),
    lambda n: checkpoint(
        FeatureExtractor__x=[1],
        BoxPredictor_0__BoxEncodingPredictor_depthwise__depthwise_weights=[3, 3, 8, 1],
        BoxPredictor_0__BoxEncodingPredictor__weights=[1, 1, 8, 12],
        BoxPredictor_0__ClassPredictor_depthwise__depthwise_weights=[3, 3, 8, 1],
        BoxPredictor_0__ClassPredictor__weights=[1, 1, 8, 3 * (n + 1)],
    ),
    lambda n: checkpoint(
        FirstStageFeatureExtractor__x=[1],
        FirstStageBoxPredictor__BoxEncodingPredictor__biases=[48],
        FirstStageBoxPredictor__ClassPredictor__biases=[24],
        SecondStageBoxPredictor__ClassPredictor__biases=[n + 1],
        SecondStageBoxPredictor__ClassPredictor__weights=[64, n + 1],
    ),
    lambda n: checkpoint(
        FeatureExtractor__x=[1],
        BoxPredictor__ConvolutionalBoxHead_0__BoxEncodingPredictor__bias=[12],
        BoxPredictor__ConvolutionalClassHead_0__ClassPredictor__bias=[3 * (n + 1)],
    ),
    lambda n: checkpoint(
        *(
            TrackedVariable(f"model/_box_predictor/_prediction_heads/{path}", key, "")
            for path, key in (
                ("box_encodings/_box_encoder_layers/0/bias", "k1/.ATTRIBUTES/VARIABLE_VALUE"),
                (
                    "class_predictions_with_background/_class_predictor_layers/0/bias",
                    "k2/.ATTRIBUTES/VARIABLE_VALUE",
                ),
            )
        ),
        **{
            "k1/.ATTRIBUTES/VARIABLE_VALUE": [24],
            "k2/.ATTRIBUTES/VARIABLE_VALUE": [6 * (n + 1)],
        },
    ),
]


@pytest.mark.parametrize("build", PREDICTORS)
def test_num_classes_and_the_predictors(build: Callable[[int], Checkpoint]) -> None:
    assert codes(checkpoint=build(3)) == []
    found = one("GTC207", checkpoint=build(5))
    assert "num_classes is 3, the checkpoint model.ckpt has predictors for 5" in found.message
    assert found.severity == "warning"
    assert one("GTC207", checkpoint=build(5), is_fine_tuned=True).severity == "info"


def test_predictors_without_a_background_class() -> None:
    change = ("num_classes: 3", "num_classes: 3 add_background_class: false")
    assert codes(change, checkpoint=detector(2)) == []
    assert codes(change, checkpoint=detector(3)) == ["GTC207"]


# Restoring

UNSET = ('fine_tune_checkpoint_type: "detection"', "")
CLASSIFIER = checkpoint(MobilenetV1__Conv2d_0__weights=[3, 3, 3, 8])


def test_an_unset_type_means_classification() -> None:
    assert one("GTC301", UNSET).severity == "warning"
    assert "nothing is restored" in one("GTC301", UNSET, checkpoint=detector()).message
    assert one("GTC301", UNSET, checkpoint=CLASSIFIER).severity == "info"
    assert codes((UNSET[0], "from_detection_checkpoint: true")) == []
    assert one("GTC306", UNSET, ('fine_tune_checkpoint: "gs://bucket/model.ckpt"', "")).line == 10


def test_unknown_types() -> None:
    found = one("GTC302", ('"detection"', '"detect"'))
    assert found.remedy == 'did you mean "detection"?'
    assert one("GTC302", ('"detection"', '"full"')).severity == "warning"
    v2 = '"full" fine_tune_checkpoint_version: V2'
    assert codes(('"detection"', v2)) == []


def test_a_checkpoint_of_the_other_kind() -> None:
    classification = ('"detection"', '"classification"')
    held = {"checkpoint": detector(), "is_fine_tuned": True}
    assert "a detector's" in one("GTC303", classification, **held).message
    assert codes(classification, checkpoint=detector()) == []
    found = one("GTC303", checkpoint=CLASSIFIER)
    assert "is no detector's" in found.message
    assert found.node == "train_config.fine_tune_checkpoint_type"
    found = one("GTC303", (UNSET[0], "from_detection_checkpoint: true"), checkpoint=CLASSIFIER)
    assert found.node == "train_config.from_detection_checkpoint"
    assert codes(classification, checkpoint=CLASSIFIER) == []


LOAD_ALL = ("num_steps: 1000", "num_steps: 1000 load_all_detection_checkpoint_vars: true")


def test_load_all_with_another_number_of_classes() -> None:
    assert codes(LOAD_ALL, checkpoint=detector(3)) == []
    assert codes(LOAD_ALL, checkpoint=detector(5)) == ["GTC207", "GTC304"]


def test_load_all_without_effect() -> None:
    assert one("GTC305", LOAD_ALL, ('"detection"', '"classification"')).severity == "warning"
    v2 = ("batch_size: 8", "batch_size: 8 fine_tune_checkpoint_version: V2")
    assert one("GTC305", LOAD_ALL, v2).severity == "error"


def test_patterns() -> None:
    found = one("GTC307", ("batch_size: 8", "batch_size: 8 freeze_variables: 'a(b'"))
    assert "is no regular expression" in found.message
    assert codes(("batch_size: 8", "batch_size: 8 freeze_variables: '.*Feature.*'")) == []


# Image size


def fpn(
    resizer: str, extractor: str = "", kind: str = "ssd_resnet50_v1_fpn"
) -> list[tuple[str, str]]:
    return [
        ("fixed_shape_resizer { height: 320 width: 320 }", resizer),
        ('type: "ssd_mobilenet_v1"', f'type: "{kind}" {extractor}'),
    ]


def fixed(height: int, width: int) -> str:
    return f"fixed_shape_resizer {{ height: {height} width: {width} }}"


def test_a_model_needs_an_image_resizer() -> None:
    assert one("GTC401", ("fixed_shape_resizer { height: 320 width: 320 }", "")).severity == "error"
    padded = "keep_aspect_ratio_resizer { pad_to_max_dimension: true }"
    assert one("GTC401", (fixed(320, 320), padded)).severity == "info"
    assert codes((fixed(320, 320), padded), ("mobilenet_v1", "mobilenet_v1_keras")) == []


def test_feature_maps_that_do_not_fit() -> None:
    found = one("GTC402", *fpn(fixed(300, 300)))
    assert found.severity == "error"
    assert (
        "images of 300x300 give feature maps of 38x38, 19x19, 10x10, 5x5, 3x3 with the strides "
        "8, 16, 32, 64, 128; 10 upsampled is 20, and is to be added to 19: "
        '"Dimensions must be equal, but are 20 and 19"' in found.message
    )
    assert "a multiple of 32 (as 288, 320), or write feature_extractor pad_to_multiple: 32" in (
        found.remedy
    )
    # the default size is 300
    assert codes(*fpn("fixed_shape_resizer { }")) == ["GTC402"]
    assert codes(*fpn(fixed(320, 300))) == ["GTC402"]


@pytest.mark.parametrize(
    ("resizer", "extractor", "kind"),
    [
        (fixed(320, 320), "", "ssd_resnet50_v1_fpn"),
        (fixed(640, 352), "", "ssd_mobilenet_v2_fpn_keras"),
        (fixed(300, 300), "pad_to_multiple: 32", "ssd_resnet50_v1_fpn"),
        (fixed(300, 300), "use_explicit_padding: true", "ssd_mobilenet_v1_fpn"),
        (fixed(300, 300), "", "ssd_mobilenet_v1"),
        (fixed(300, 300), "", "ssd_resnet50_v1_ppn"),
        (fixed(304, 304), "fpn { min_level: 3 max_level: 4 }", "ssd_resnet50_v1_fpn"),
        (fixed(512, 512), "bifpn { }", "ssd_efficientnet-b0_bifpn_keras"),
    ],
)
def test_feature_maps_that_fit(resizer: str, extractor: str, kind: str) -> None:
    assert codes(*fpn(resizer, extractor, kind)) == []


def test_a_pyramid_that_goes_both_ways_upsamples_all_levels() -> None:
    bifpn = "ssd_efficientnet-b0_bifpn_keras"
    assert codes(*fpn(fixed(544, 544), "bifpn { }", bifpn)) == ["GTC402"]
    assert codes(*fpn(fixed(544, 544), "")) == []


def test_resized_by_aspect_ratio() -> None:
    keep = "keep_aspect_ratio_resizer { min_dimension: 500 max_dimension: 500 %s }"
    padded = keep % "pad_to_max_dimension: true"
    found = {f.code: f for f in findings(*fpn(padded))}
    assert set(found) == {"GTC401", "GTC402"}
    assert "images of 500x500" in found["GTC402"].message
    found = {f.code: f for f in findings(*fpn(keep % ""))}
    assert found["GTC402"].severity == "warning"
    assert "batches of 8 hold images of different sizes" in found["GTC403"].message
    assert codes(*fpn(keep % "", "pad_to_multiple: 64"), ("batch_size: 8", "batch_size: 2")) == [
        "GTC401",
        "GTC403",
    ]


def test_strange_levels_are_no_reason_to_fail() -> None:
    for levels in ("min_level: 1000000000 max_level: 2000000000", "min_level: -5", "max_level: 0"):
        codes(*fpn(fixed(300, 300), f"fpn {{ {levels} }}"))


# Quantization

QUANTIZED = (
    "train_input_reader {",
    "graph_rewriter { quantization { delay: 500 } } train_input_reader {",
)
RANGES: dict[str, list[int]] = {"FeatureExtractor__Conv2d_0__act_quant__min": []}


def test_quantization_and_ranges() -> None:
    assert codes(QUANTIZED) == []
    assert codes(QUANTIZED, checkpoint=detector(ranges=True)) == []
    assert one("GTC501", QUANTIZED, checkpoint=detector()).severity == "warning"
    assert one("GTC501", QUANTIZED, checkpoint=detector(), is_fine_tuned=True).severity == "info"
    assert one("GTC502", checkpoint=detector(ranges=True)).line == 0


def test_the_delay_of_quantization() -> None:
    assert "starts at step 500, but" in one("GTC503", QUANTIZED, ("1000", "400")).message
    assert "(the default)" in one("GTC503", QUANTIZED, ("delay: 500", "")).message
    assert codes(QUANTIZED, ("num_steps: 1000", "")) == []


def test_only_eight_bits() -> None:
    assert one("GTC504", QUANTIZED, ("delay: 500", "delay: 500 weight_bits: 4")).severity == "error"


# Learning rate

RATE = "cosine_decay_learning_rate { total_steps: 1000 warmup_steps: 100 }"


def test_a_learning_rate_is_needed() -> None:
    assert "no learning_rate" in one("GTC601", (RATE, "")).message
    found = findings(("momentum_optimizer", "lars_optimizer"))
    assert [f.code for f in found] == ["GTC001", "GTC601"]
    assert "no optimizer" in found[1].message


@pytest.mark.parametrize(
    ("rate", "code", "severity"),
    [
        (
            "cosine_decay_learning_rate { total_steps: 1000 warmup_steps: 1000 }",
            "GTC602",
            "warning",
        ),
        ("cosine_decay_learning_rate { total_steps: 1000 warmup_steps: 1001 }", "GTC602", "error"),
        ("cosine_decay_learning_rate { total_steps: 1000 }", "GTC602", "error"),
        (
            "cosine_decay_learning_rate { total_steps: 1000 warmup_steps: 9 "
            "warmup_learning_rate: 0.1 learning_rate_base: 0.01 }",
            "GTC602",
            "error",
        ),
        (
            "exponential_decay_learning_rate { decay_steps: 500 burnin_steps: 2000 }",
            "GTC602",
            "warning",
        ),
        ("exponential_decay_learning_rate { decay_steps: 0 }", "GTC603", "error"),
        ("exponential_decay_learning_rate { decay_steps: 5000 }", "GTC603", "info"),
        ("exponential_decay_learning_rate { }", "GTC603", "info"),
        (
            "exponential_decay_learning_rate { decay_steps: 1 decay_factor: 0.9 }",
            "GTC603",
            "warning",
        ),
        ("cosine_decay_learning_rate { total_steps: 800 warmup_steps: 100 }", "GTC604", "warning"),
        ("cosine_decay_learning_rate { total_steps: 1500 warmup_steps: 100 }", "GTC604", "info"),
        ("cosine_decay_learning_rate { warmup_steps: 100 }", "GTC604", "warning"),
        (
            "manual_step_learning_rate { schedule { step: 5 } schedule { step: 5 } }",
            "GTC605",
            "error",
        ),
        (
            "manual_step_learning_rate { schedule { step: 0 } schedule { step: 5 } }",
            "GTC605",
            "warning",
        ),
        (
            "manual_step_learning_rate { schedule { step: 5 } schedule { step: 5000 } }",
            "GTC605",
            "info",
        ),
        ("manual_step_learning_rate { schedule { step: 5000 } }", "GTC605", "warning"),
    ],
)
def test_schedules_that_do_not_fit(rate: str, code: str, severity: str) -> None:
    assert one(code, (RATE, rate)).severity == severity


@pytest.mark.parametrize(
    "rate",
    [
        "constant_learning_rate { }",
        "exponential_decay_learning_rate { decay_steps: 100 }",
        "exponential_decay_learning_rate { decay_steps: 1 decay_factor: 0.9 min_learning_rate: 1 }",
        "exponential_decay_learning_rate { decay_steps: 2000 staircase: false }",
        "manual_step_learning_rate { schedule { step: 5 } schedule { step: 500 } }",
    ],
)
def test_schedules_that_fit(rate: str) -> None:
    assert codes((RATE, rate)) == []


def test_without_num_steps_no_schedule_is_too_long() -> None:
    assert codes(("num_steps: 1000", ""), (RATE, "cosine_decay_learning_rate { }")) == []


def test_batch_sizes() -> None:
    assert one("GTC606", ("batch_size: 8", "batch_size: 0")).severity == "error"
    assert one("GTC606", ("batch_size: 8", "batch_size: 1")).severity == "warning"
    frozen = ("num_classes: 3", "num_classes: 3 freeze_batchnorm: true")
    assert codes(("batch_size: 8", "batch_size: 1"), frozen) == []
    shared = "batch_size: 8 sync_replicas: true replicas_to_aggregate: 16"
    assert one("GTC606", ("batch_size: 8", shared)).severity == "info"


# Whole configurations


def test_the_fixtures_configuration_names_files_that_are_not_there() -> None:
    report = check_config(str(CONFIG), str(CHECKPOINT))
    assert {f.code for f in report.findings} == {"GTC102"}
    assert not report.is_clean
    assert report.checkpoint == str(CHECKPOINT)


def test_the_configurations_of_real_models() -> None:
    for config in sorted(shared_models().glob("od/*/pipeline.config")):
        report = check_config(str(config), str(config.parent))
        quantized = "quantized" in config.parent.name
        expected = {"GTC101", "GTC301"} if quantized else {"GTC101", "GTC603"}
        assert {f.code for f in report.findings} == expected
        info = [f for f in report.findings if f.code == "GTC603"]
        assert all(f.severity == "info" for f in info)


def test_files_that_the_configuration_names_are_looked_at(folder: Path) -> None:
    names = folder / "map.pbtxt"
    names.write_text(numbered(1, 2, 3, 4))
    config = folder / "pipeline.config"
    text = TEMPLATE.replace("gs://bucket/map", str(names))
    config.write_text(text.replace("gs://bucket/model.ckpt", str(folder / "model.ckpt-10")))
    report = check_config(str(config))
    assert {f.code: f.severity for f in report.findings} == {"GTC202": "error", "GTC207": "info"}
    assert report.label_map == str(names)
    names.write_text("item {")
    index = folder / "model.ckpt-10.index"
    index.write_bytes(index.read_bytes()[:20])
    report = check_config(str(config))
    assert {f.code for f in report.findings} == {"GTC107"}
    assert len(report.findings) == 2


@settings(max_examples=150)
@given(data=st.data())
@pytest.mark.slow
def test_no_damage_ends_in_a_traceback(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = data.draw(st.sampled_from([TEMPLATE.encode(), CONFIG.read_bytes()]))
    file = tmp_path_factory.getbasetemp() / "damaged.config"
    file.write_bytes(data.draw(damaged(raw)))
    try:
        check_config(str(file), str(CHECKPOINT))
    except GraphtoolsError as error:
        assert error.message


ODD = ["0", "-1", "1e300", "nan", "inf", "'x'", "{ }", "X", "true", "99999999999999999999999999"]


@settings(max_examples=300)
@given(data=st.data())
def test_odd_values_end_in_findings(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from([TEMPLATE, TEMPLATE.replace("ssd_mobilenet_v1", "x_fpn")]))
    words = words.replace(RATE, data.draw(st.sampled_from([RATE, *RATES])))
    parts = words.split(": ")
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(1, len(parts) - 1))
        old, _, rest = parts[number].partition(" ")
        parts[number] = f"{data.draw(st.sampled_from(ODD))} {rest}" + "\n" * old.count("\n")
    try:
        pipeline = pipeline_of(parse_tree(": ".join(parts), "x"), "x")
    except GraphtoolsError:
        return
    for c in CONFIG_RULES.rules().values():
        list(c.run(Configuration(pipeline, checkpoint=detector())))


RATES = [
    "exponential_decay_learning_rate { decay_steps: 1 decay_factor: 0.9 min_learning_rate: 0 }",
    "manual_step_learning_rate { schedule { step: 5 } schedule { step: 500 } warmup: true }",
]


# Records


def record_file(folder: Path, *samples: dict[str, Any]) -> str:
    path = folder / "train.record"
    path.write_bytes(b"".join(framed(example(s)) for s in samples))
    return str(path)


def object_sample(class_id: int, name: bytes = b"cat") -> dict[str, Any]:
    sides = {side: [0.1 if "min" in side else 0.9] for side in SIDES}
    return {IMAGE: b"\xff\xd8\xff\xff\xd9", CLASS_ID: [class_id], CLASS_TEXT: [name], **sides}


def test_records_are_held_against_label_map_and_classes(tmp_path: Path) -> None:
    config = tmp_path / "pipeline.config"
    config.write_text(TEMPLATE)
    labels = tmp_path / "map.pbtxt"
    labels.write_text('item { id: 1 name: "cat" } item { id: 2 name: "b" } item { id: 3 name: "c"}')
    good = record_file(tmp_path, object_sample(1))
    report = check_config(str(config), label_map=str(labels), records=[good])
    assert not [f for f in report.findings if f.code.startswith("GTC7")]
    bad = record_file(tmp_path, object_sample(1), object_sample(4, b"cow"))
    report = check_config(str(config), label_map=str(labels), records=[bad])
    found = [f.message for f in report.findings if f.code == "GTC703"]
    assert any("class ids above num_classes, 3" in text for text in found)
    assert any("'cow', which the label map does not have, as in record 1" in t for t in found)


def test_records_that_are_damaged_or_lack_keys_are_errors(tmp_path: Path) -> None:
    labels = tmp_path / "map.pbtxt"
    labels.write_text('item { id: 1 name: "cat" }')
    path = Path(record_file(tmp_path, {CLASS_ID: [1]}))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    report = check_config(str(labels), records=[str(path)])
    assert [f.code for f in report.findings] == ["GTC701"]
    report = check_config(str(labels), records=[record_file(tmp_path, {CLASS_ID: [1]})])
    assert {f.code for f in report.findings} == {"GTC702"}
    report = check_config(str(labels), records=[record_file(tmp_path, {"x": [1.5]})])
    (found,) = report.findings
    assert found.message.endswith("samples without objects: 1 feature, none of image/object/...")


def test_a_label_map_is_checked_alone(tmp_path: Path) -> None:
    labels = tmp_path / "map.pbtxt"
    labels.write_text('item { id: 0 name: "cat" } item { id: 3 name: "dog" }')
    report = check_config(str(labels))
    assert report.kind == "label map"
    assert {f.code for f in report.findings} == {"GTC203"}
