from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from graphtools.errors import Damaged, InvalidValue, UnknownName
from graphtools.formats import save
from graphtools.model.options import ModelOptions
from graphtools.run.messages import TensorFlowProblem
from graphtools.samples.options import SampleOptions
from graphtools.verify.class_names import class_scores, rank_classes, read_class_names
from graphtools.verify.model_run import ModelRun, run_model
from tests.commands.running import run
from tests.convert.pictures import noise, photos
from tests.support import FIXTURES, shared_models, values_of
from tests.transforms.graphs import graph

CLASSIFIER = FIXTURES / "classifier" / "frozen.pb"
QUANT = FIXTURES / "quant" / "model.tflite"
FLOAT = FIXTURES / "quant" / "float.tflite"
SSD = FIXTURES / "ssd"
TO_ONE = SampleOptions(mean=(127.5,), std=(127.5,))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_outputs_and_tensors_within_are_those_of_tensorflow(tmp_path: Path) -> None:
    values = values_of("classifier/io.npz")
    wanted = [key.removeprefix("out/") for key in values if key.startswith("out/")]
    found = run_model(
        CLASSIFIER, FIXTURES / "classifier" / "io.npz", options=ModelOptions(outputs=wanted)
    )
    for name in wanted:
        np.testing.assert_allclose(
            found.arrays[name.removesuffix(":0")], values[f"out/{name}"], atol=1e-6
        )
    assert [t.dtype for t in found.tensors] == ["float32"] * len(wanted)
    found.save(str(tmp_path / "out.npz"))
    with np.load(tmp_path / "out.npz") as saved:
        assert set(saved) == set(found.arrays)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_a_saved_model_s_outputs_have_their_keys() -> None:
    found = run_model(FIXTURES / "saved_model" / "v2", FIXTURES / "saved_model" / "v2_io.npz")
    assert all(t.name != t.tensor for t in found.tensors)
    key = found.tensors[0].name
    by_key = run_model(
        FIXTURES / "saved_model" / "v2",
        FIXTURES / "saved_model" / "v2_io.npz",
        options=ModelOptions(outputs=[key]),
    )
    assert list(by_key.arrays) == [key]
    assert np.array_equal(by_key.arrays[key], found.arrays[key])


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_a_graph_that_writes_runs_only_when_it_is_trusted_and_then_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = graph(
        """
        x = Placeholder dtype=float shape=[1]
        text = Const value=string:"planted.txt"
        write = WriteFile(text, text)
        y = Identity(x, ^write) T=float
        """
    )
    path = str(tmp_path / "g.pb")
    save(writing, path)
    monkeypatch.chdir(tmp_path)
    feed = {"x": np.ones(1, np.float32)}
    options = ModelOptions(outputs=["y"])
    with pytest.raises(TensorFlowProblem, match=r"planted\.txt"):
        run_model("g.pb", feed, options=options)
    assert run_model("g.pb", feed, options=options, trust=True).arrays["y"] == [1]
    assert [p.name for p in tmp_path.iterdir()] == ["g.pb"]


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_tflite_gives_what_its_interpreter_gives() -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    model = Interpreter(
        str(QUANT),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    model.allocate_tensors()
    numbers = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), np.uint8)
    model.set_tensor(model.get_input_details()[0]["index"], numbers)
    model.invoke()
    details = [d for d in model.get_tensor_details() if d["name"]]
    names = [d["name"] for d in details]
    found = run_model(QUANT, {"input": numbers}, options=ModelOptions(outputs=names))
    assert len(found.arrays) == len(details) > 5
    for detail, (name, array) in zip(details, found.arrays.items(), strict=True):
        assert np.array_equal(array, model.get_tensor(detail["index"])), name
    (real,) = run_model(QUANT, {"input": numbers}, dequantize=True).arrays.values()
    output = model.get_output_details()[0]
    scale, zero = output["quantization"]
    stored = model.get_tensor(output["index"]).astype(np.float64)
    np.testing.assert_allclose(real, (stored - zero) * scale, atol=1e-6)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_images_are_fed_one_by_one_and_classes_ranked(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", 3)
    labels = tmp_path / "labels.txt"
    labels.write_text("".join(f"class {n}\n" for n in range(10)))
    found = run_model(FLOAT, folder, samples=TO_ONE, labels=labels, top=2)
    (output,) = found.arrays.values()
    assert output.shape == (3, 10)
    assert [Path(r.sample).name for r in found.rankings] == ["000.jpg", "001.jpg", "002.jpg"]
    for row, ranking in zip(output, found.rankings, strict=True):
        assert [c.index for c in ranking.classes] == np.argsort(-row)[:2].tolist()
        assert ranking.classes[0].label == f"class {row.argmax()}"
    with pytest.raises(InvalidValue, match="normalised"):
        run_model(FLOAT, folder)
    labels.write_text("a\nb\nc\n")
    with pytest.raises(InvalidValue, match="names 3 classes"):
        run_model(FLOAT, folder, samples=TO_ONE, labels=labels)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_quantized_input_takes_pixels_as_they_are_or_normalised(tmp_path: Path) -> None:
    image = np.asarray(Image.open(noise(tmp_path / "a.png", 16)))
    plain = run_model(QUANT, tmp_path / "a.png")
    fed = run_model(QUANT, {"input": image[None]})
    normal = run_model(QUANT, tmp_path / "a.png", samples=TO_ONE)
    assert plain.tensors == fed.tensors
    # 1 / 127.5 and 128 are the model's own scale and zero point, half a step apart
    np.testing.assert_allclose(
        normal.arrays["logits"].astype(int), plain.arrays["logits"].astype(int), atol=2
    )


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_what_a_detector_finds_is_told_and_drawn(tmp_path: Path) -> None:
    from graphtools.report.detection_picture import draw_objects

    picture = noise(tmp_path / "a.png")
    labels = tmp_path / "map.pbtxt"
    labels.write_text("".join(f"item {{ id: {n} name: 'thing {n}' }}\n" for n in range(1, 4)))
    found = run_model(SSD / "detect.tflite", picture, samples=TO_ONE, labels=labels, top=9)
    assert found.is_detector
    assert len(found.objects) == 9
    boxes, classes, scores = (found.arrays[t.name] for t in found.tensors[:3])
    best = int(scores[0].argmax())
    assert found.objects[0].score == pytest.approx(float(scores[0, best]))
    assert found.objects[0].box == pytest.approx(boxes[0, best].tolist())
    assert found.objects[0].label == f"thing {int(classes[0, best]) + 1}"
    assert draw_objects(found, str(tmp_path / "b.png"), min_score=0.0) == 9
    before, after = np.asarray(Image.open(picture)), np.asarray(Image.open(tmp_path / "b.png"))
    assert before.shape == after.shape
    assert (before != after).any()
    with pytest.raises(InvalidValue, match="crop"):
        draw_objects(found, str(tmp_path / "c.png"), resize="crop")


def test_unknown_tensors_and_signatures_are_told(litert: Any) -> None:  # noqa: ARG001
    with pytest.raises(UnknownName, match="nonsense"):
        run_model(QUANT, options=ModelOptions(outputs=["nonsense"]))
    with pytest.raises(UnknownName, match="serve"):
        run_model(QUANT, options=ModelOptions(signature="serve"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat\ndog\n", {1: "cat", 2: "dog"}),
        ("background\ncat\ndog", {0: "background", 1: "cat", 2: "dog"}),
        ("???\ncat", {0: "???", 1: "cat"}),
        ("0 cat\n1 big dog\n", {1: "cat", 2: "big dog"}),
        ("1: cat\n17: dog\n", {1: "cat", 17: "dog"}),
        ("item { id: 3 name: 'n' display_name: 'cat' }", {3: "cat"}),
    ],
)
def test_names_of_classes_have_ids(tmp_path: Path, text: str, names: dict[int, str]) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    assert read_class_names(path).names == names


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("\n\n")
    with pytest.raises(Damaged, match="names of classes"):
        read_class_names(tmp_path / "labels")


def test_the_background_of_a_model_has_no_name_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("cat\ndog\n")
    names = read_class_names(tmp_path / "labels")
    (with_it,) = rank_classes(np.array([[0.0, 0.2, 0.8]]), ["a"], names, 1)
    (without,) = rank_classes(np.array([[0.2, 0.8]]), ["a"], names, 1)
    assert [r.classes[0].label for r in (with_it, without)] == ["dog", "dog"]
    assert [r.classes[0].index for r in (with_it, without)] == [2, 1]


def test_of_several_outputs_the_probabilities_are_ranked() -> None:
    logits, shares = np.array([[5.0, -3.0]]), np.array([[0.7, 0.3]])
    features = np.zeros((1, 4, 4, 8))
    assert class_scores({"f": features, "l": logits, "p": shares})[0] == "p"
    pooled = np.zeros((1, 1, 1, 8))
    assert class_scores({"f": features, "d": pooled, "l": logits})[0] == "l"
    assert class_scores({"f": features, "d": pooled})[0] == "d"
    with pytest.raises(InvalidValue, match="no output has classes"):
        class_scores({"f": features})


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_any_layer_of_a_shared_model_is_tensorflow_s(tf: Any) -> None:
    folder = shared_models() / "slim" / "mobilenet_v1_0.25_128"
    layers = [
        "MobilenetV1/MobilenetV1/Conv2d_0/Relu6",
        "MobilenetV1/MobilenetV1/Conv2d_5_pointwise/Relu6",
        "MobilenetV1/Logits/AvgPool_1a/AvgPool",
    ]
    found: ModelRun = run_model(
        folder / "frozen.pb", folder / "io.npz", options=ModelOptions(outputs=layers)
    )
    definition = tf.compat.v1.GraphDef.FromString((folder / "frozen.pb").read_bytes())
    with np.load(folder / "io.npz") as arrays, tf.Graph().as_default() as made:
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=made) as session:
            feeds = {"input:0": arrays["in|input:0"]}
            for name in layers:
                wanted = session.run(f"{name}:0", feeds)
                np.testing.assert_allclose(found.arrays[name], wanted, atol=1e-5)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_a_saved_model_may_read_its_own_assets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES / "saved_model" / "v1", tmp_path / "v1")
    monkeypatch.chdir(tmp_path)
    options = ModelOptions(signature="embed_words")
    key = next(iter(run_model("v1", options=options).inputs)).name
    words = (tmp_path / "v1" / "assets" / "vocabulary.txt").read_bytes().split()
    found = run_model("v1", {key: np.array(words[:2], object)}, options=options)
    (rows,) = found.arrays.values()
    assert (rows[0] != rows[1]).any()


@pytest.mark.tensorflow
@pytest.mark.parametrize("from_file", [False, True])
def test_the_tables_of_a_saved_model_are_filled_before_it_runs(
    tf: Any, tmp_path: Path, from_file: bool
) -> None:
    """TensorFlow 2 fills them by a function that no output needs."""
    (tmp_path / "words.txt").write_text("ant\nbee\n")
    lookup = tf.lookup
    if from_file:
        filled = lookup.TextFileInitializer(
            str(tmp_path / "words.txt"),
            tf.string,
            lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            lookup.TextFileIndex.LINE_NUMBER,
        )
    else:
        filled = lookup.KeyValueTensorInitializer(["ant", "bee"], tf.constant([0, 1], tf.int64))

    class Net(tf.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.table = lookup.StaticHashTable(filled, 2)
            self.rows = tf.Variable([[1.0], [2.0], [3.0]])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "w")])  # type: ignore[untyped-decorator]
        def __call__(self, w: Any) -> Any:
            return {"y": tf.gather(self.rows, self.table.lookup(w))}

    net = Net()
    tf.saved_model.save(net, str(tmp_path / "sm"), signatures=net.__call__)
    words = np.array(["bee", "ant", "cat"], object)
    found = run_model(tmp_path / "sm", {"w": words})
    np.testing.assert_array_equal(found.arrays["y"], [[2.0], [1.0], [3.0]])
    for command in ("bisect", "transform") if from_file else ():
        line: list[object] = [command, tmp_path / "sm", "--transforms", "sort_by_execution_order"]
        line += ["--dry-run", "--verify"] if command == "transform" else []
        assert run(*line).code == 0
