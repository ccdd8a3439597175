from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.convert.calibration.calibration import read_calibration
from graphtools.errors import FileProblem, GraphtoolsError, InvalidValue
from tests.arrays import save
from tests.convert.feeding import SAMPLES, arrays, feed
from tests.support import damaged

pytestmark = pytest.mark.usefixtures("command_line")


@pytest.mark.parametrize("key", ["x", "x:0", "in|x:0"])
def test_an_npz_file_has_an_array_for_each_input(tmp_path: Path, key: str) -> None:
    path = tmp_path / "data.npz"
    save(path, {key: SAMPLES, "other": SAMPLES})
    with read_calibration(path, [feed()]) as calibration:
        assert calibration.count == 10
        assert np.array_equal(np.concatenate(arrays(calibration)), SAMPLES)
        assert np.array_equal(np.concatenate(arrays(calibration)), SAMPLES)  # again
        assert calibration.names == ("x:0",)
        assert calibration.source == f"10 samples of {path}"
        assert calibration.notes == (
            f"{path} also holds 'other', which no input takes",
            "100 samples would be used, there are 10",
        )
        (item,) = calibration.summary.inputs
        assert (item.name, item.dtype, item.shape) == ("x:0", "float32", (1, 4, 3))
        assert (item.minimum, item.maximum) == (SAMPLES.min(), SAMPLES.max())
    assert not any(os.path.exists(file) for file in calibration.files)


@pytest.mark.parametrize(
    ("shape", "given_shape", "count"),
    [
        ((None, 4, 3), (10, 4, 3), 10),
        ((1, 4, 3), (10, 4, 3), 10),
        ((5, 4, 3), (10, 4, 3), 2),
        ((None, 4, 3), (4, 3), 1),
        ((None, 4, 3), (6, 1, 4, 3), 6),
        ((2, 4, 3), (6, 2, 4, 3), 6),
        ((None, None, 3), (10, 7, 3), 10),
        ((), (10,), 10),
        ((), (), 1),
        ((64,), (64,), 1),
        ((64,), (128,), 2),
        ((64,), (3, 64), 3),
        ((None,), (10,), 10),
    ],
)
def test_the_first_dimension_counts_the_samples(
    tmp_path: Path, shape: Any, given_shape: tuple[int, ...], count: int
) -> None:
    values = np.random.default_rng(1).standard_normal(given_shape).astype(np.float32)
    np.save(tmp_path / "data.npy", values)
    calibration = read_calibration(tmp_path / "data.npy", [feed(shape=shape)])
    found = arrays(calibration)
    assert len(found) == count
    assert np.array_equal(np.concatenate([f.ravel() for f in found]), values.ravel())
    wanted = tuple(d for d in shape[1:])
    assert all(len(f.shape) == len(shape) for f in found)
    assert all(d in (None, n) for f in found for d, n in zip(wanted, f.shape[1:], strict=True))


def test_several_inputs_have_the_same_samples(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    save(path, {"scope|a:0": SAMPLES, "b": np.arange(10), "training": np.array(False)})
    inputs = [feed("scope/a"), feed("b", (None,), "int32"), feed("training", (), "bool")]
    samples = list(read_calibration(path, inputs).samples())
    assert [s["b:0"].tolist() for s in samples] == [[n] for n in range(10)]
    assert samples[3]["b:0"].dtype == np.int32
    assert np.array_equal(samples[3]["scope/a:0"], SAMPLES[3:4])
    assert samples[3]["training:0"] == np.array(False)
    np.savez(path, a=SAMPLES, b=np.arange(9))
    with pytest.raises(InvalidValue, match="different numbers of samples: 'a' has 10, 'b' has 9"):
        read_calibration(path, [feed("a"), feed("b", (None,), "int32")])


def test_samples_are_taken_evenly_and_no_more_than_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(1000, dtype=np.float32))
    calibration = read_calibration(tmp_path / "x.npy", [feed(shape=(None,))], steps=4)
    assert [a[0] for a in arrays(calibration)] == [0, 250, 500, 750]
    assert calibration.source == f"4 of 1000 samples of {tmp_path / 'x.npy'}"
    assert calibration.notes == ()
    with pytest.raises(InvalidValue, match="0 calibration steps"):
        read_calibration(tmp_path / "x.npy", [feed(shape=(None,))], steps=0)


def test_progress_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", SAMPLES)
    told: list[tuple[int, int]] = []
    read_calibration(tmp_path / "x.npy", [feed()], steps=3, progress=lambda *n: told.append(n))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_values_that_are_all_the_same_are_remarked(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 4, 3)))
    notes = read_calibration(tmp_path / "x.npy", [feed()], steps=3).notes
    assert notes == (
        "all values of 'x:0' in the calibration data are 0: that tells nothing about its range",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SAMPLES[:0], r"is empty: its shape is \[0,4,3\]"),
        (np.where(SAMPLES > 2, np.nan, SAMPLES), r"sample \d holds \d of 12 values that are NaN"),
        (np.full((2, 4, 3), np.inf), "sample 0 holds 12 of 12 values that are NaN or infinite"),
        (np.full((2, 4, 3), 1e300), "infinite as float32"),
        (SAMPLES[:, :, :2], r"has the shape \[10,4,2\], which does not fit the input 'x' \(float"),
        (SAMPLES.ravel(), r"has the shape \[120\]"),
        (np.array([["a"] * 12]).reshape(1, 4, 3), "holds str32, the input 'x' takes float32"),
        (SAMPLES.astype(np.complex64), "holds complex64"),
    ],
    ids=["empty", "nan", "inf", "overflow", "shape", "rank", "strings", "complex"],
)
def test_bad_values_are_refused_with_their_place(tmp_path: Path, values: Any, message: str) -> None:
    np.save(tmp_path / "bad.npy", values)
    with pytest.raises(InvalidValue, match=rf"bad\.npy.*{message}"):
        read_calibration(tmp_path / "bad.npy", [feed()])


def test_values_must_have_the_type_of_their_input(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(24).reshape(2, 4, 3))
    assert arrays(read_calibration(path, [feed(kind="uint8")]))[0].dtype == np.uint8
    np.save(path, 100 * np.arange(24).reshape(2, 4, 3))
    with pytest.raises(InvalidValue, match=r"sample 0 holds int64, the input 'x' takes uint8"):
        read_calibration(path, [feed(kind="uint8")])
    np.save(path, SAMPLES)
    with pytest.raises(InvalidValue, match="holds float32, the input 'x' takes int32"):
        read_calibration(path, [feed(kind="int32")])


def test_a_missing_array_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", y=SAMPLES, z=SAMPLES)
    with pytest.raises(InvalidValue, match="holds no values for the input 'x'") as caught:
        read_calibration(tmp_path / "x.npz", [feed()])
    assert caught.value.remedy == (
        "its keys are 'y', 'z'; wanted is 'x' or 'x:0', or say which is meant: --key x=KEY"
    )
    np.save(tmp_path / "x.npy", SAMPLES)
    with pytest.raises(InvalidValue, match="is a single array, the graph has 2 inputs"):
        read_calibration(tmp_path / "x.npy", [feed("x"), feed("y")])


def test_an_archive_of_other_files_and_pickles_are_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x", b"text")
    with pytest.raises(FileProblem, match="'x' is no array"):
        read_calibration(tmp_path / "x.npz", [feed()])
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(FileProblem, match="pickled"):
        read_calibration(tmp_path / "x.npy", [feed()])


@given(data=st.data(), kind=st.sampled_from(["npz", "npy", "compressed"]))
def test_damaged_arrays_are_refused_or_harmless(
    tmp_path: Path, data: st.DataObject, kind: str
) -> None:
    path = tmp_path / f"x.{'npy' if kind == 'npy' else 'npz'}"
    if kind == "npy":
        np.save(path, SAMPLES)
    else:
        (np.savez if kind == "npz" else np.savez_compressed)(path, x=SAMPLES)
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    try:
        read_calibration(path, [feed()])
    except GraphtoolsError as error:
        assert "\n" not in error.message
