"""Checkpoints are written as TensorFlow's Saver writes them, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import ChecksumMismatch, FileProblem, InvalidValue
from graphtools.formats.checkpoint import Checkpoint, StoredPart, StoredTensor
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.tensor_bundle_writing import NewTensor, write_bundle
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from tests.support import CHECKPOINTS, FIXTURES


def _files(prefix: Path) -> tuple[bytes, bytes]:
    index = Path(f"{prefix}.index").read_bytes()
    return index, Path(f"{prefix}.data-00000-of-00001").read_bytes()


def _rewritten(tmp_path: Path, found: Checkpoint) -> Path:
    write_bundle(tmp_path / "new", map(NewTensor.of_stored, found.values()))
    return tmp_path / "new"


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_is_written_as_it_was_read(name: str, tmp_path: Path) -> None:
    found = find_checkpoint(prefix := FIXTURES / name)
    written = find_checkpoint(_rewritten(tmp_path, found))
    by_name = not found.objects and "dtypes_rare" not in name  # the order of their values
    if found.version == "V2" and found.shards == 1 and by_name:
        assert _files(tmp_path / "new") == _files(prefix)
    assert list(written) == list(found)
    for key, tensor in found.items():
        assert len(written[key].parts()) == len(tensor.parts())
        if tensor.dtype.array_name:
            np.testing.assert_array_equal(written[key].array(), tensor.array())


def test_index_of_several_blocks_holds_every_key(tmp_path: Path) -> None:
    names = [f"block_{n:05d}/{'x' * (n % 90)}" for n in range(9000)]
    write_bundle(tmp_path / "m", [NewTensor.of_array(n, np.float32(0)) for n in names])
    assert list(find_checkpoint(tmp_path / "m")) == sorted(names)
    assert Path(f"{tmp_path / 'm'}.index").stat().st_size > 1 << 18


def test_strings_and_narrow_types_come_back(tmp_path: Path) -> None:
    texts = np.array([b"", b"a" * 300], object)
    halves = np.array([1.5, -2], "float32")
    tensors = [
        NewTensor.of_array("texts", texts),
        NewTensor.of_array("narrow", halves, "bfloat16"),
        NewTensor.of_array("none", np.zeros((0, 3), "int64")),
    ]
    write_bundle(tmp_path / "m", tensors)
    found = find_checkpoint(tmp_path / "m")
    assert found["texts"].array().tolist() == texts.tolist()
    assert found["narrow"].dtype.name == "bfloat16"
    assert found["narrow"].array().tolist() == [1.5, -2]
    assert found["none"].shape.dims == (0, 3)


def test_nothing_is_written_where_a_value_is_damaged(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m", [NewTensor.of_array("w", np.arange(4.0))])
    data = Path(f"{tmp_path / 'm'}.data-00000-of-00001")
    data.write_bytes(b"\1" + data.read_bytes()[1:])
    with pytest.raises(ChecksumMismatch):
        _rewritten(tmp_path, find_checkpoint(tmp_path / "m"))
    assert not list(tmp_path.glob("*new*"))


def test_a_checkpoint_can_be_written_over_itself(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m", [NewTensor.of_array("w", np.arange(4.0))])
    found: dict[str, StoredTensor] = dict(find_checkpoint(tmp_path / "m"))
    write_bundle(tmp_path / "m", [NewTensor.of_stored(found["w"], "v")])
    assert find_checkpoint(tmp_path / "m")["v"].array().tolist() == [0, 1, 2, 3]


def _too_few() -> list[Any]:
    return [np.zeros(2, "float32").tobytes()]


@pytest.mark.parametrize(
    "tensors",
    [
        [NewTensor.of_array("a", np.zeros(2))] * 2,
        [NewTensor.of_array("", np.zeros(2))],
        [NewTensor("a", FLOAT32, Shape([3]), [StoredPart(Shape([3]), _too_few)])],
    ],
    ids=["twice", "nameless", "too few values"],
)
def test_refuses_what_tensorflow_would_not_read(tensors: list[NewTensor], tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        write_bundle(tmp_path / "m", tensors)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_is_no_stream() -> None:
    with pytest.raises(FileProblem):
        write_bundle("-", [])


@pytest.mark.tensorflow
def test_bytes_are_those_of_tensorflow(tf: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {f"net/layer_{n}/weights": rng.normal(size=n % 5) for n in range(6000)}
    arrays |= {"text": np.array([b"x" * 200, b""], object), "flag": np.array(True)}
    names = sorted(arrays)
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "tf"),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[arrays[n].tolist() if n == "text" else arrays[n] for n in names],
    )
    write_bundle(tmp_path / "new", [NewTensor.of_array(n, a) for n, a in arrays.items()])
    assert _files(tmp_path / "new") == _files(tmp_path / "tf")
