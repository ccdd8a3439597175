from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats import open_model
from graphtools.formats.tflite.metadata import (
    METADATA,
    archive_of,
    associated_files,
    encode_metadata,
    extract_files,
    model_metadata,
)
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.tree import read_tree, write_tree
from tests.commands.running import fixture
from tests.support import shared_models

LABELS = b"cat\ndog\n"
DESCRIBED: dict[str, Any] = {
    "name": "pets",
    "subgraph_metadata": [
        {
            "input_tensor_metadata": [
                {
                    "name": "image",
                    "content": {
                        "content_properties_type": "ImageProperties",
                        "content_properties": {"color_space": "RGB"},
                    },
                    "process_units": [
                        {
                            "options_type": "NormalizationOptions",
                            "options": {"mean": [127.5], "std": [127.5]},
                        }
                    ],
                }
            ],
            "output_tensor_metadata": [
                {
                    "name": "probability",
                    "associated_files": [{"name": "labels.txt", "type": "TENSOR_AXIS_LABELS"}],
                }
            ],
        }
    ],
}


def read(path: str | Path) -> TFLiteModel:
    model = open_model(path)
    assert isinstance(model, TFLiteModel)
    return model


def described(folder: Path, metadata: bytes, files: bytes = b"") -> TFLiteModel:
    tree = read_tree(read(fixture("quant/model.tflite")))
    tree["buffers"].append({"data": metadata})
    tree["metadata"] = [{"name": METADATA, "buffer": len(tree["buffers"]) - 1}]
    (folder / "m.tflite").write_bytes(write_tree(tree) + files)
    return read(folder / "m.tflite")


def test_metadata_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert model_metadata(described(tmp_path, encode_metadata(DESCRIBED))) == DESCRIBED
    assert model_metadata(read(fixture("quant/model.tflite"))) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nmae": "x"}, "did you mean 'name'"),
        ({"subgraph_metadata": {}}, "is no list"),
        ({"associated_files": [{"name": "l", "type": "LABELS"}]}, "there is not"),
        ({"name": 3}, "a value of another type"),
        ({"subgraph_metadata": [3]}, "is no object"),
    ],
)
def test_what_the_schema_lacks_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        encode_metadata({**DESCRIBED, **change})
    assert message in f"{caught.value.message}; {caught.value.remedy}"


def test_files_are_stored_and_their_places_count_from_the_start(tmp_path: Path) -> None:
    plain = described(tmp_path, encode_metadata(DESCRIBED))
    files = archive_of({"labels.txt": LABELS}, len(plain.content))
    assert files == archive_of({"labels.txt": LABELS}, len(plain.content))
    model = described(tmp_path, encode_metadata(DESCRIBED), files)
    assert associated_files(model) == {"labels.txt": LABELS}
    with zipfile.ZipFile(io.BytesIO(bytes(model.content))) as archive:
        assert archive.getinfo("labels.txt").compress_type == zipfile.ZIP_STORED


def test_files_are_written_by_their_own_names_only(tmp_path: Path) -> None:
    size = len(described(tmp_path, encode_metadata(DESCRIBED)).content)
    files = archive_of({"labels.txt": LABELS}, size)
    model = described(tmp_path, encode_metadata(DESCRIBED), files)
    assert extract_files(model, str(tmp_path / "out")) == (str(tmp_path / "out" / "labels.txt"),)
    assert (tmp_path / "out" / "labels.txt").read_bytes() == LABELS
    outside = archive_of({"../labels.txt": LABELS}, size)
    with pytest.raises(InvalidValue, match="which is not written"):
        extract_files(described(tmp_path, encode_metadata(DESCRIBED), outside), str(tmp_path))
    with pytest.raises(InvalidValue, match="no files behind it"):
        extract_files(read(fixture("quant/model.tflite")), str(tmp_path))


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    files = bytearray(archive_of({"labels.txt": LABELS}, 0))
    files[30:34] = b"\xff\xff\xff\xff"
    with pytest.raises(Damaged, match="files behind the model"):
        associated_files(described(tmp_path, encode_metadata(DESCRIBED), bytes(files)))


def test_what_tflite_support_wrote_is_read() -> None:
    folder = shared_models() / "editing" / "tflite"
    for name in ("float_b1_metadata", "q_uint8_metadata"):
        model = read(folder / f"{name}.tflite")
        assert model_metadata(model) == json.loads((folder / f"{name}.json").read_text())
        assert list(associated_files(model)) == ["labels.txt"]
