"""What the tests share: where the models are, how to read their manifest, how to damage a file."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
MANIFEST: dict[str, Any] = json.loads((FIXTURES / "MANIFEST.json").read_text())

GRAPHS: list[str] = [entry["graph"] for entry in MANIFEST["graphs"]]
BINARY_GRAPHS = [name for name in GRAPHS if name.endswith(".pb")]
TEXT_GRAPHS = [name for name in GRAPHS if name.endswith(".pbtxt")]
META_GRAPHS = sorted(str(p.relative_to(FIXTURES)) for p in FIXTURES.rglob("*.meta"))
SAVED_MODELS = sorted(str(p.relative_to(FIXTURES)) for p in FIXTURES.rglob("saved_model.pb*"))
CHECKPOINTS: dict[str, dict[str, Any]] = {e["checkpoint"]: e for e in MANIFEST["checkpoints"]}


def shared_or_none(name: str) -> Path | None:
    """A folder of files beside the project, None where it is absent."""
    folder = ROOT.parent / "shared" / name
    return folder if folder.is_dir() else None


def shared(name: str) -> Path:
    """A folder of files beside the project; the test is skipped where it is absent."""
    folder = shared_or_none(name)
    if folder is None:
        pytest.skip(f"needs the shared {name}")
    return folder


def shared_models_or_none() -> Path | None:
    """The folder of larger models beside the project, None where it is absent."""
    return shared_or_none("models")


def shared_models() -> Path:
    """The folder of larger models beside the project; the test is skipped where it is absent."""
    return shared("models")


def _unpacked(archive: Path) -> Path:
    """The files of an archive, in a folder that stays until the process ends."""
    target = Path(tempfile.mkdtemp(prefix="graphtools-shared-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")
    return target


@functools.cache
def public_files(folder: Path) -> Path:
    """The public model files in the folder of `shared("corpus")`, unpacked."""
    return _unpacked(folder / "files.tar.xz")


@functools.cache
def edge_tpu_models(folder: Path) -> Path:
    """The models with an Edge TPU compiler's verdict in the folder of `shared("corpus")`."""
    return _unpacked(folder / "edgetpu.tar.xz")


@functools.cache
def _lint_graphs(folder: Path) -> Path:
    """The graphs of the lint truth, unpacked into a folder that stays until the process ends."""
    target = Path(tempfile.mkdtemp(prefix="graphtools-lint-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    with tarfile.open(folder / "graphs.tar.gz") as archive:
        for member in archive:
            if member.isfile():
                source = archive.extractfile(member)
                assert source is not None
                (target / Path(member.name).name).write_bytes(source.read())
    return target


def shared_lint_truth() -> tuple[Path, Path]:
    """The folder of the graphs with known conversion, and the file with what the converter did.

    The test is skipped where they are absent.
    """
    folder = shared("lint_truth")
    return _lint_graphs(folder), folder / "truth.jsonl.gz"


def values_of(name: str) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of one of the fixtures' .npz files, by tensor name."""
    with np.load(FIXTURES / name) as arrays:
        return {key.replace("|", "/"): arrays[key] for key in arrays.files}


def copy_checkpoint(name: str, folder: Path) -> Path:
    """Copy the files of a fixture's V2 or V1 checkpoint; returns the prefix of the copy."""
    source = FIXTURES / name
    for file in source.parent.glob(f"{source.name}*"):
        shutil.copy(file, folder)
    return folder / source.name


def flip(path: Path, position: int, bit: int = 0) -> None:
    """Flip one bit of a file."""
    raw = bytearray(path.read_bytes())
    raw[position] ^= 1 << bit
    path.write_bytes(raw)


@st.composite
def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """Some bytes truncated, or with a few bits flipped or bytes replaced."""
    if draw(st.booleans()):
        return raw[: draw(st.integers(0, len(raw) - 1))]
    out = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(raw) - 1))
        if draw(st.booleans()):
            out[place] ^= 1 << draw(st.integers(0, 7))
        else:
            out[place] = draw(st.sampled_from([0, 1, 4, 127, 128, 255]))
    return bytes(out)


def same_values(left: Any, right: Any) -> bool:
    """Whether arrays agree in shape and values, NaN being equal to itself; -0.0 is not 0.0."""
    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape:
        return False
    if left.dtype.kind in "OSU" or right.dtype.kind in "OSU":
        # fixed-length byte strings, as in .npz files, lose the zeros at their ends
        return [bytes(v).rstrip(b"\0") for v in left.ravel().tolist()] == [
            bytes(v).rstrip(b"\0") for v in right.ravel().tolist()
        ]
    if left.dtype.kind in "fc":
        equal = np.array_equal(left, right, equal_nan=True)
        signs = np.signbit(left.real) == np.signbit(right.real)
        return bool(equal and np.all(signs | np.isnan(left)))
    return bool(np.array_equal(left, right))
