from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from graphtools.errors import FileProblem
from graphtools.formats import open_model
from graphtools.formats.tflite.flatbuffer_writer import Scalar, write
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.tree import read_tree, write_tree
from tests.commands.running import fixture
from tests.support import shared_models

MODELS = [
    fixture(name) for name in ("quant/model.tflite", "quant/float.tflite", "ssd/detect.tflite")
]


def read(path: str | Path) -> TFLiteModel:
    model = open_model(path)
    assert isinstance(model, TFLiteModel)
    return model


def same(a: TFLiteModel, b: TFLiteModel) -> bool:
    """Whether two models say the same, wherever their buffers lie."""
    if [bytes(a.buffer_data(i)) for i in range(len(a.buffers))] != [
        bytes(b.buffer_data(i)) for i in range(len(b.buffers))
    ]:
        return False
    operators = [[o for s in m.subgraphs for o in s.operators] for m in (a, b)]
    if repr([a.options(o) for o in operators[0]]) != repr([b.options(o) for o in operators[1]]):
        return False
    moved = dataclasses.replace(b, path=a.path, buffers=a.buffers, bytes_of_file=b"")
    return moved == dataclasses.replace(a, bytes_of_file=b"")


@pytest.mark.parametrize("path", MODELS)
def test_what_nobody_touches_is_kept(path: str, tmp_path: Path) -> None:
    model = read(path)
    (tmp_path / "m.tflite").write_bytes(write_tree(read_tree(model)))
    written = read(tmp_path / "m.tflite")
    assert same(model, written)
    assert all(b.start % 16 == 0 for b in written.buffers if b.size)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
@pytest.mark.parametrize("path", MODELS)
def test_tensorflow_reads_the_same(path: str) -> None:
    from tensorflow.lite.python import schema_py_generated as generated

    model = read(path)

    def seen(content: bytes) -> str:
        def plain(value: object) -> object:
            if hasattr(value, "__dict__"):
                return {k: plain(v) for k, v in vars(value).items()}
            return [plain(v) for v in value] if isinstance(value, list) else repr(value)

        return repr(plain(generated.ModelT.InitFromPackedBuf(content)))

    assert seen(bytes(model.content)) == seen(write_tree(read_tree(model)))


def test_a_field_of_a_newer_schema_is_not_lost(tmp_path: Path) -> None:
    newer = write({0: Scalar("I", 3), 3: "made by hand", 25: "what this is nobody here knows"})
    (tmp_path / "newer.tflite").write_bytes(newer)
    with pytest.raises(FileProblem, match="a field of Model that the schema known here lacks"):
        read_tree(read(tmp_path / "newer.tflite"))


def test_names_that_are_no_utf8_are_kept() -> None:
    tree = read_tree(read(MODELS[0]))
    tree["description"] = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert b"caf\xe9\0" in write_tree(tree)


def test_public_models_are_kept(tmp_path: Path) -> None:
    for path in sorted((shared_models() / "tflite").rglob("*.tflite")):
        (tmp_path / "m.tflite").write_bytes(write_tree(read_tree(read(path))))
        assert same(read(path), read(tmp_path / "m.tflite")), path
