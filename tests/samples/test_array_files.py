from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import Damaged, FileProblem, NothingFound
from graphtools.graph import Ref
from graphtools.samples import array_files
from graphtools.samples.array_files import ArrayFile, key_of, kind_of
from tests.support import flip

#: An array that is worth mapping, once that begins at fewer bytes.
LARGE = np.arange(50_000, dtype=np.float32).reshape(50, 1_000)


@pytest.fixture(autouse=True)
def from_fewer_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_files, "_LARGE", LARGE.nbytes)
    monkeypatch.setattr(array_files, "_PIECE", 1 << 12)


def test_arrays_have_their_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=[1, 2], y=[3.5])
    with ArrayFile(tmp_path / "a.npz") as file:
        assert (file.single, file.keys) == (False, ("x", "y"))
        assert file["x"].tolist() == [1, 2]
        assert file["y"].tolist() == [3.5]
    np.save(tmp_path / "a.npy", [1, 2])
    with ArrayFile(tmp_path / "a.npy") as file:
        assert (file.single, file.keys) == (True, ("",))
        assert file[""].tolist() == [1, 2]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_array_is_mapped_where_it_is_not_compressed(
    tmp_path: Path, save: Any, order: Any
) -> None:
    path = tmp_path / "large.npz"
    save(path, small=[1], large=np.asarray(LARGE, order=order))
    with ArrayFile(path) as file:
        assert isinstance(file["large"], np.memmap) is (save is np.savez)
        assert np.array_equal(file["large"], LARGE)
        assert not isinstance(file["small"], np.memmap)


def test_a_damaged_large_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.npz"
    np.savez(path, large=LARGE)
    flip(path, LARGE.nbytes // 2)
    with ArrayFile(path) as file, pytest.raises(Damaged, match="Bad CRC-32"):
        file["large"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        ArrayFile(tmp_path / "absent.npz")
    with pytest.raises(FileProblem, match="folder"):
        ArrayFile(tmp_path)
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.npy", b"x" * 1000)
    with pytest.raises(Damaged, match="compressed as numpy compresses no file"):
        ArrayFile(path)


def test_files_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=1)
    np.save(tmp_path / "x.npy", 1)
    heads = [(tmp_path / name).read_bytes()[:8] for name in ("x.npz", "x.npy")]
    assert [*map(kind_of, heads), kind_of(b""), kind_of(b"\x89PNG")] == ["npz", "npy", "", ""]


@pytest.mark.parametrize(
    ("ref", "keys", "found"),
    [
        (Ref("a/b"), ["a/b"], "a/b"),
        (Ref("a/b"), ["in|a/b:0", "a"], "in|a/b:0"),
        (Ref("a/b"), ["a|b"], "a|b"),
        (Ref("a", 1), ["a", "a:1"], "a:1"),
        (Ref("a", 1), ["a"], None),
        (Ref("a"), [], None),
    ],
)
def test_the_name_of_a_tensor_is_found_as_people_write_it(
    ref: Ref, keys: list[str], found: str | None
) -> None:
    assert key_of(ref, keys) == found


def test_what_a_signature_calls_a_tensor_counts_after_its_own_names() -> None:
    assert key_of(Ref("a/b"), ["image", "a|b"], "image") == "a|b"
    assert key_of(Ref("a/b"), ["image"], "image") == "image"
    assert key_of(Ref("a/b"), ["image:0"], "image") == "image:0"
    assert key_of(Ref("a/b"), ["", "image"]) is None


def test_an_array_that_inflates_beyond_all_bounds_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"")
        archive.infolist()[0].file_size = 1 << 34
    with pytest.raises(FileProblem, match=r"x\.npy inflates from 2 to 17,179,869,184 bytes"):
        ArrayFile(path)
