"""Edits of checkpoints: what they change, what goes along, and what they refuse."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import ChecksumMismatch, Damaged, FileProblem, InvalidValue, UnknownName
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.restore.checkpoint_editor import CheckpointEdit, CheckpointEditor, edit_checkpoint
from graphtools.restore.edit_list import TypedEdit, run_edits
from tests.formats.bundle_writer import write_bundle
from tests.support import FIXTURES, flip, shared_models

TRAIN = FIXTURES / "classifier/train"
PARTITIONED = FIXTURES / "checkpoints/partitioned"
OBJECTS = FIXTURES / "checkpoints/object_based"
SUFFIXES = ("", "/Adam", "/Adam_1", "/ExponentialMovingAverage")


def _edited(path: Path, *edits: TypedEdit, to: Path, **how: Any) -> CheckpointEdit:
    return run_edits(edit_checkpoint(path), str(to), edits, **how)


def _values(path: Path) -> dict[str, Any]:
    return {name: tensor.array() for name, tensor in find_checkpoint(path).items()}


# Names


def test_a_renamed_variable_takes_its_slots_and_average_along(tmp_path: Path) -> None:
    old, new = "MobilenetV1/Conv2d_0/weights", "MobilenetV1/Conv2d_0/kernel"
    _edited(TRAIN, TypedEdit("rename", (f"{old}={new}",)), to=tmp_path / "m")
    before, after = _values(TRAIN), _values(tmp_path / "m")
    for suffix in SUFFIXES:
        assert old + suffix not in after
        np.testing.assert_array_equal(after[new + suffix], before[old + suffix])
    assert len(after) == len(before)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [("rows/*", "new/rows/*"), ("^rows/", "new/rows/"), (r"rows/(\w+)", r"new/rows/\1"),
     ("rows/weights", "new/rows/weights")],
)  # fmt: skip
def test_slices_are_found_by_their_new_name(pattern: str, replacement: str, tmp_path: Path) -> None:
    _edited(PARTITIONED, TypedEdit("rename", (f"{pattern}={replacement}",)), to=tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert list(found) == ["columns/weights", "new/rows/weights", "whole/biases"]
    assert len(found["new/rows/weights"].parts()) == 3
    np.testing.assert_array_equal(
        found["new/rows/weights"].array(), _values(PARTITIONED)["rows/weights"]
    )


def test_a_scope_ends_at_a_slash_and_counters_stay_at_the_root() -> None:
    editor = edit_checkpoint(TRAIN)
    with pytest.raises(UnknownName):
        editor.move_scope("Mobilenet", "x")
    editor.move_scope("", "tower")
    roots = {name.partition("/")[0] for name in editor}
    assert roots == {"tower", "beta1_power", "beta2_power", "global_step"}


@pytest.mark.parametrize(
    ("edit", "error", "words"),
    [
        (TypedEdit("rename", ("rows/weights=whole/biases",)), InvalidValue, "both"),
        (TypedEdit("rename", ("rows/*=one",)), None, ""),
        (TypedEdit("rename", ("*/weights=w",)), InvalidValue, "both"),
        (TypedEdit("rename", ("row/weights=w",)), UnknownName, "rows/weights"),
        (TypedEdit("rename", ("(=w",)), InvalidValue, "("),
        (TypedEdit("rename", ("*/*=*",)), InvalidValue, "stars"),
        (TypedEdit("rename", ("rows/weights=",)), InvalidValue, "no variable can have"),
        (TypedEdit("rename", ("rows/weights",)), InvalidValue, "="),
        (TypedEdit("drop", ("rows/bias*",)), UnknownName, "rows"),
        (TypedEdit("ema"), UnknownName, "averages"),
        (TypedEdit("cast", ("int32",)), InvalidValue, "float16"),
        (TypedEdit("average", (str(TRAIN),)), InvalidValue, "columns/weights"),
        (TypedEdit("average", (str(PARTITIONED),)), InvalidValue, "alone"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    edit: TypedEdit, error: type[Exception] | None, words: str, tmp_path: Path
) -> None:
    if error is None:
        _edited(PARTITIONED, edit, to=tmp_path / "m")
        return
    with pytest.raises(error) as raised:
        _edited(PARTITIONED, edit, to=tmp_path / "m")
    assert words in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_edits_are_done_in_order_and_equal_ones_in_a_row_are_one(tmp_path: Path) -> None:
    keep = [TypedEdit("keep", ("*/weights",)), TypedEdit("keep", ("global_step",))]
    done = _edited(TRAIN, *keep, TypedEdit("rename", ("global_step=step",)), to=tmp_path / "m")
    assert len(done.steps) == 2
    assert "step" in _values(tmp_path / "m")
    with pytest.raises(UnknownName):
        _edited(TRAIN, TypedEdit("drop_training"), TypedEdit("ema"), to=tmp_path / "n")


def test_training_state_leaves(tmp_path: Path) -> None:
    _edited(TRAIN, TypedEdit("drop_training"), to=tmp_path / "m")
    assert sorted(_values(tmp_path / "m")) == sorted(_values(FIXTURES / "classifier"))[:-1]


# Values


def test_averages_take_the_place_of_their_variables(tmp_path: Path) -> None:
    _edited(TRAIN, TypedEdit("ema"), TypedEdit("drop_training"), to=tmp_path / "m")
    before, after = _values(TRAIN), _values(tmp_path / "m")
    for name, value in after.items():
        source = before.get(f"{name}/ExponentialMovingAverage", before[name])
        np.testing.assert_array_equal(value, source)


def test_a_mean_is_rounded_once_and_the_newest_gives_the_rest(tmp_path: Path) -> None:
    many = []
    for step, value in ((5, 1.0), (7, 1.0), (6, 1 + 2**-23)):
        arrays = {
            "w": np.array([value, -1e38], "float32"),
            "w/Adam": np.array([step, 0], "float32"),
        }
        arrays |= {
            "global_step": np.int64(step),
            "n": np.int32(step),
            "h": np.array([value], "float16"),
        }
        many.append(write_bundle(tmp_path / f"m-{100 - step}", arrays))
    _edited(many[0], TypedEdit("average", tuple(map(str, many))), to=tmp_path / "mean")
    found = _values(tmp_path / "mean")
    assert found["w"].tolist() == [np.float32((3 + 2**-23) / 3), np.float32(-1e38)]
    assert (found["global_step"], found["n"], found["w/Adam"][0]) == (7, 7, 7)
    assert found["h"].dtype == np.float16


def test_casts_round_to_even_merge_for_half_and_refuse_what_is_beyond(tmp_path: Path) -> None:
    _edited(PARTITIONED, TypedEdit("cast", ("float16=*/weights",)), to=tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert [t.dtype.name for t in found.values()] == ["float16", "float16", "float32"]
    assert len(found["rows/weights"].parts()) == 1
    source = write_bundle(
        tmp_path / "s", {"big": np.array([1, 65519, 65520, np.nan, np.inf], "float32")}
    )
    with pytest.raises(InvalidValue, match="1 value of 'big'"):
        _edited(source, TypedEdit("cast", ("float16",)), to=tmp_path / "n")
    done = _edited(source, TypedEdit("cast", ("bfloat16",)), to=tmp_path / "n")
    assert any("NaN" in note for note in done.notes)


def test_merged_slices_hold_what_the_slices_held(tmp_path: Path) -> None:
    _edited(PARTITIONED, TypedEdit("merge_slices"), to=tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert all(len(t.parts()) == 1 for t in found.values())
    for name, value in _values(PARTITIONED).items():
        np.testing.assert_array_equal(found[name].array(), value)


def test_values_are_set_in_the_dtype_and_slices_of_the_variable(tmp_path: Path) -> None:
    value = np.arange(60.0).reshape(10, 6)
    np.save(tmp_path / "v.npy", value)
    text = f"rows/weights={tmp_path / 'v.npy'}"
    _edited(PARTITIONED, TypedEdit("set", (text,)), to=tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")["rows/weights"]
    assert (found.dtype.name, len(found.parts())) == ("float32", 3)
    np.testing.assert_array_equal(found.array(), value)
    editor = edit_checkpoint(PARTITIONED)
    with pytest.raises(InvalidValue, match=r"\[10,6\]"):
        editor.put("rows/weights", value[:3])
    step = CheckpointEditor()
    step["n"] = np.int32(3)
    with pytest.raises(InvalidValue, match="int32"):
        step.put("n", np.array(2.5))
    with pytest.raises(InvalidValue, match="int32"):
        step.put("n", np.array(1 << 40))


def test_an_editor_is_a_dict_of_lazy_tensors(tmp_path: Path) -> None:
    editor = edit_checkpoint(PARTITIONED)
    other = edit_checkpoint(TRAIN)
    editor["moved"] = editor.pop("rows/weights")
    editor["step"] = other["global_step"]
    editor["one"] = 1.5
    del editor["whole/biases"]
    editor.save(tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert list(found) == ["columns/weights", "moved", "one", "step"]
    assert len(found["moved"].parts()) == 3
    assert int(found["step"].array()) == 2000


# Files


def test_shards_are_kept_joined_and_made(tmp_path: Path) -> None:
    source = FIXTURES / "checkpoints/v2_sharded"
    for shards, count in ((None, 3), (1, 1), (5, 5)):
        _edited(source, to=tmp_path / "m", shards=shards)
        found = find_checkpoint(tmp_path / "m")
        assert (found.shards, found.missing) == (count, ())
        for name, value in _values(source).items():
            np.testing.assert_array_equal(found[name].array(), value)
    done = _edited(source, to=tmp_path / "m", shards=2)
    assert len(done.stale) == 9
    assert "older checkpoint" in done.notes[0]


def test_a_checkpoint_may_take_the_place_of_its_source(tmp_path: Path) -> None:
    source = shutil.copytree(PARTITIONED, tmp_path / "c") / "model.ckpt"
    before = _values(source)
    _edited(source, TypedEdit("rename", ("rows/*=lines/*",)), to=source)
    np.testing.assert_array_equal(_values(source)["lines/weights"], before["rows/weights"])
    assert len(list(source.parent.glob("model.ckpt.data*"))) == 1


@pytest.mark.parametrize("failing", range(1, 9))
def test_the_old_or_the_new_is_whole_whatever_step_of_taking_its_place_is_the_last(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_bundle(tmp_path / "m", {"w": np.arange(4.0)})
    steps = 0

    def until(real: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any, **how: Any) -> None:
            nonlocal steps
            steps += 1
            if steps >= failing:
                raise KeyboardInterrupt
            real(*args, **how)

        return call

    for name in ("replace", "link", "unlink"):
        monkeypatch.setattr(os, name, until(getattr(os, name)))
    editor = edit_checkpoint(source)
    editor["w"] = np.arange(4.0) + 1
    try:
        editor.save(source)
    except KeyboardInterrupt:
        monkeypatch.undo()
    found = find_checkpoint(source)
    assert not found.missing
    assert not found.problems
    assert found["w"].array().tolist() in ([0, 1, 2, 3], [1, 2, 3, 4])


def test_no_fresh_checksum_is_put_on_damaged_bytes(tmp_path: Path) -> None:
    source = shutil.copytree(PARTITIONED, tmp_path / "c") / "model.ckpt"
    flip(Path(f"{source}.data-00000-of-00001"), 3)
    with pytest.raises(ChecksumMismatch, match="columns/weights"):
        _edited(source, TypedEdit("rename", ("columns/*=c/*",)), to=tmp_path / "m")
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileProblem, match="space"):
        _edited(PARTITIONED, to=tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_a_dry_run_writes_nothing_and_needs_no_target(tmp_path: Path) -> None:
    editor = edit_checkpoint(TRAIN)
    done = run_edits(editor, "", [TypedEdit("drop_training")], dry_run=True)
    assert not done.written
    assert len(done.steps[0].variables) > 20
    for target in ("m.index", "m.data-00000-of-00001", str(tmp_path)):
        with pytest.raises(InvalidValue):
            run_edits(edit_checkpoint(TRAIN), target, [])


def test_a_state_file_is_written_when_asked_with_a_relative_path(tmp_path: Path) -> None:
    _edited(PARTITIONED, to=tmp_path / "m")
    assert not (tmp_path / "checkpoint").exists()
    _edited(PARTITIONED, to=tmp_path / 'a "b', state_file=True)
    assert find_checkpoint(tmp_path).path == str(tmp_path / 'a "b')
    assert str(tmp_path) not in (tmp_path / "checkpoint").read_text()


def test_a_meta_with_the_old_names_is_told(tmp_path: Path) -> None:
    source = FIXTURES / "classifier"
    told = _edited(source, TypedEdit("drop_training"), to=tmp_path / "m").notes
    assert "model.ckpt.meta still has the old names" in told[0]
    assert not _edited(source, TypedEdit("merge_slices"), to=tmp_path / "m").notes


# Held against what TensorFlow wrote


@pytest.mark.parametrize(
    ("source", "name", "edits"),
    [
        ("train-3", "same", []),
        ("sharded", "same", []),
        ("train-3", "rename", [TypedEdit("move_scope", ("net/=model/net/",))]),
        ("train-3", "drop_training", [TypedEdit("drop_training")]),
        ("train-3", "ema", [TypedEdit("ema"), TypedEdit("drop_training")]),
        (
            "train-1",
            "average",
            [TypedEdit("average", ("train-2", "train-3")), TypedEdit("drop_training")],
        ),
        ("train-3", "whole", [TypedEdit("merge_slices")]),
        ("train-3", "half", [TypedEdit("drop_training"), TypedEdit("cast", ("float16",))]),
        ("train-3", "bfloat16", [TypedEdit("drop_training"), TypedEdit("cast", ("bfloat16",))]),
        ("v1", "v1_to_v2", []),
    ],
)
def test_bytes_are_those_of_the_saver(
    source: str, name: str, edits: list[TypedEdit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shared_models() / "editing/checkpoint"
    monkeypatch.chdir(home)
    _edited(home / source, *edits, to=tmp_path / "m", shards=1)
    for end in (".index", ".data-00000-of-00001"):
        assert (
            Path(f"{tmp_path / 'm'}{end}").read_bytes()
            == (home / f"expected/{name}{end}").read_bytes()
        )


def test_damage_that_the_index_tells_is_refused() -> None:
    for name in ("dtype_0", "keys_unsorted", "size_wrong", "crc_missing"):
        with pytest.raises(Damaged):
            edit_checkpoint(shared_models() / "editing/bundle_deviations" / name)
