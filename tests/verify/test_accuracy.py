from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from graphtools.errors import InvalidValue, NothingFound, UnknownName
from graphtools.samples.options import SampleOptions
from graphtools.verify.accuracy import compare_accuracy
from tests.commands.running import run
from tests.convert.pictures import encoded
from tests.formats.record_writer import example, framed
from tests.support import FIXTURES

QUANT = FIXTURES / "quant" / "model.tflite"
FLOAT = FIXTURES / "quant" / "frozen.pb"
TO_ONE = SampleOptions(mean=(127.5,), std=(127.5,))
NAMES = ("a", "b", "c", "d")


def answers(count: int = 12) -> list[tuple[Any, int]]:
    """Pictures of noise, with what the quantized model says to them."""
    from ai_edge_litert.interpreter import Interpreter

    model = Interpreter(str(QUANT))
    model.allocate_tensors()
    numbers = np.random.default_rng(0)
    found = []
    for _ in range(count):
        coarse = numbers.integers(0, 256, (1, 4, 4, 3), np.uint8)
        image = coarse.repeat(4, 1).repeat(4, 2)
        model.set_tensor(model.get_input_details()[0]["index"], image)
        model.invoke()
        scores = model.get_tensor(model.get_output_details()[0]["index"])
        found.append((image[0], int(scores[0].argmax())))
    return found


@pytest.fixture
def labelled(tmp_path: Path, litert: Any) -> Path:  # noqa: ARG001 - skips without it
    """A folder of pictures by what the model says, but for one that is elsewhere."""
    for name in NAMES:
        (tmp_path / "data" / name).mkdir(parents=True)
    for number, (image, answer) in enumerate(answers()):
        name = NAMES[(answer + (number == 0)) % 4]
        Image.fromarray(image).save(tmp_path / "data" / name / f"{number}.png")
    return tmp_path / "data"


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_is_right_as_often_as_its_labels_say(labelled: Path) -> None:
    found = compare_accuracy(QUANT, QUANT, labelled)
    assert (found.samples, found.agreement, found.lost, found.sound) == (12, 1.0, 0.0, True)
    assert found.top1_a == found.top1_b == pytest.approx(11 / 12)
    assert compare_accuracy(QUANT, QUANT, labelled, samples=SampleOptions(limit=5)).samples == 5


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_names_of_classes_give_their_order(labelled: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("d\nc\nb\na\n")
    found = compare_accuracy(QUANT, QUANT, labelled, class_names=names)
    assert found.top1_a < 0.5
    names.write_text("a\nb\nc\nx\n")
    with pytest.raises(UnknownName, match="'d'"):
        compare_accuracy(QUANT, QUANT, labelled, class_names=names)
    names.write_text("a\nb\nc\nd\ne\nf\n")
    with pytest.raises(InvalidValue, match="names 6 classes"):
        compare_accuracy(QUANT, QUANT, labelled, class_names=names)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_records_have_their_classes(tmp_path: Path) -> None:
    records = [
        example(
            {
                "image/encoded": [encoded(Image.fromarray(image))],
                "image/class/label": [(answer + (number < 3)) % 4],
            }
        )
        for number, (image, answer) in enumerate(answers())
    ]
    (tmp_path / "train.tfrecord").write_bytes(b"".join(map(framed, records)))
    found = compare_accuracy(QUANT, QUANT, tmp_path / "train.tfrecord")
    assert found.top1_a == pytest.approx(9 / 12)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf")
def test_what_b_loses_is_told_and_is_the_exit_code(labelled: Path) -> None:
    how = ("--labels", labelled, "--mean", 127.5, "--std", 127.5)
    done = run("verify", FLOAT, QUANT, *how, "--most-lost", 100)
    assert done.code == 0, done
    assert "top-1" in done.out
    found = compare_accuracy(FLOAT, QUANT, labelled, samples=TO_ONE, most_lost=-100)
    assert not found.sound
    assert found.lost == pytest.approx(100 * (found.top1_a - found.top1_b))
    assert run("verify", FLOAT, QUANT, *how, "--most-lost", -100).code == 1


def test_data_without_labels_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(NothingFound, match="a folder of images for each class"):
        compare_accuracy(QUANT, QUANT, tmp_path)
    with pytest.raises(NothingFound, match="does not exist"):
        compare_accuracy(QUANT, QUANT, tmp_path / "nonsense")
    done = run("verify", QUANT, QUANT, "--mean", 1)
    assert (done.code, "--labels" in done.err) == (2, True)
