from __future__ import annotations

from pathlib import Path

from graphtools.formats.tflite.model import TFLiteSignature
from graphtools.formats.tflite.signing import head_with_signatures
from tests.commands.running import FROZEN, fixture, refusal, run, run_json

V1 = fixture("saved_model/v1")


def test_signatures_are_shown_by_meta_graph() -> None:
    text = run("signatures", V1).out
    assert "Meta graph {serve}\n  embed_words: tensorflow/serving/predict" in text
    assert "Meta graph {serve,train}\n  no signatures" in text
    document = run_json("signatures", V1)
    served, trained = document["meta_graphs"]
    assert served["tags"] == ["serve"]
    assert trained["signatures"] == []
    default = next(s for s in served["signatures"] if s["key"] == "serving_default")
    assert default["inputs"] == [
        {"key": "features", "name": "features:0", "dtype": "float32", "shape": [None, 4]}
    ]


def test_one_signature_is_shown() -> None:
    done = run("signatures", V1, "--tag-set", "serve", "--signature", "embed_words")
    assert done.code == 0
    assert "embed_words" in done.out
    assert "serving_default" not in done.out


def test_internal_signatures_are_shown_on_demand() -> None:
    file = fixture("saved_model/v2")
    assert "__saved_model_init_op" not in run("signatures", file).out
    text = run("signatures", file, "--all").out
    assert "__saved_model_init_op" in text
    assert "unknown" not in text


def test_a_tflite_model_shows_its_own(tmp_path: Path) -> None:
    content = Path(fixture("quant/float.tflite")).read_bytes()
    signature = TFLiteSignature("serving_default", {"image": 0}, {}, 0)
    path = tmp_path / "m.tflite"
    path.write_bytes(head_with_signatures(content, [signature]) + content)
    text = run("signatures", path).out
    assert "serving_default" in text
    assert "image" in text
    assert "float32" in text
    assert "no signature 'x'" in refusal(run("signatures", path, "--signature", "x"))
    assert "has no signatures" in refusal(run("signatures", fixture("quant/float.tflite")))


def test_what_has_none_is_said() -> None:
    assert "is a GraphDef, which has no signatures" in refusal(run("signatures", FROZEN))
    message = refusal(run("signatures", V1, "--signature", "serving_defaul"))
    assert "did you mean 'serving_default'?" in message
