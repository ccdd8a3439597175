"""Checkpoints of objects: keys and graph change together, and TensorFlow restores them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.restore.checkpoint_editor import edit_checkpoint
from tests.support import FIXTURES

OBJECTS = FIXTURES / "checkpoints/object_based"
END = "/.ATTRIBUTES/VARIABLE_VALUE"


def test_a_renamed_edge_changes_keys_slots_and_paths(tmp_path: Path) -> None:
    editor = edit_checkpoint(OBJECTS)
    editor.rename("net/layers/0/kernel", "net/layers/0/weights")
    editor.move_scope("optimizer", "adam")
    editor.save(tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert f"net/layers/0/weights/.OPTIMIZER_SLOT/adam/m{END}" in found
    assert f"adam/beta1_power{END}" in found
    assert not [k for k in found if "optimizer/" in k or "0/kernel" in k]
    assert all(o.key in found for o in found.objects)
    assert "net/layers/0/weights" in {o.path for o in found.objects}


def test_a_scope_that_a_pattern_means_in_part_cannot_be_renamed() -> None:
    editor = edit_checkpoint(OBJECTS)
    with pytest.raises(InvalidValue, match="as well"):
        editor.rename("net/layers/0/kernel", "model/layers/0/kernel")
    with pytest.raises(InvalidValue, match="stay where they are"):
        editor.rename("net/layers/0/kernel", "kernel")
    with pytest.raises(InvalidValue, match="two children"):
        editor.rename("net/layers/0/kernel", "net/layers/0/bias")
    with pytest.raises(UnknownName):
        editor.rename("nets/*", "n/*")
    with pytest.raises(InvalidValue, match="no variable of the objects"):
        editor["new"] = np.zeros(2)


def test_dropped_variables_take_their_slots_along(tmp_path: Path) -> None:
    editor = edit_checkpoint(OBJECTS)
    editor.drop("net/layers/0/*")
    editor.save(tmp_path / "m")
    found = find_checkpoint(tmp_path / "m")
    assert not [k for k in found if k.startswith("net/layers/0/")]
    assert all(o.key in found for o in found.objects)


def test_training_leaves_by_the_graph_of_objects(tmp_path: Path) -> None:
    editor = edit_checkpoint(OBJECTS)
    editor.drop_training()
    kept = {name.removesuffix(END) for name in editor}
    assert kept == {
        "net/layers/0/bias", "net/layers/0/kernel", "net/layers/1/bias", "net/layers/1/kernel",
        "net/scales/input", "net/scales/output", "save_counter", "step",
    }  # fmt: skip
    editor.save(tmp_path / "m")
    assert {o.path for o in find_checkpoint(tmp_path / "m").objects} == kept


@pytest.mark.tensorflow
def test_tensorflow_restores_what_was_renamed_and_what_is_left(tf: Any, tmp_path: Path) -> None:
    """Keras 3 lists its model's weights below the optimizer, where their only keys may be."""
    model = tf.keras.Sequential([tf.keras.Input([3]), tf.keras.layers.Dense(2, name="d")])
    model.compile("adam", "mse")
    model.fit(np.ones([4, 3]), np.ones([4, 2]), verbose=0)
    path = tf.train.Checkpoint(opt=model.optimizer, model=model).save(str(tmp_path / "k"))
    weights = [w.numpy() for w in model.weights]
    editor = edit_checkpoint(path)
    editor.drop_training()
    editor.rename("model/*", "net/*")
    editor.save(tmp_path / "edited")
    again = tf.keras.Sequential([tf.keras.Input([3]), tf.keras.layers.Dense(2, name="d")])
    status = tf.train.Checkpoint(net=again).restore(str(tmp_path / "edited"))
    status.assert_existing_objects_matched()
    for restored, value in zip(again.weights, weights, strict=True):
        np.testing.assert_array_equal(restored.numpy(), value)


@pytest.mark.tensorflow
def test_variants_are_copied_with_their_checksums_verified(tf: Any, tmp_path: Path) -> None:
    numbers = tf.data.Dataset.range(100).shuffle(10, seed=1)
    iterator = iter(numbers)
    for _ in range(5):
        next(iterator)
    path = tf.train.Checkpoint(it=iterator, v=tf.Variable([1.0])).save(str(tmp_path / "k"))
    editor = edit_checkpoint(path)
    editor.drop("v")
    editor.save(tmp_path / "edited")
    again = iter(numbers)
    tf.train.Checkpoint(it=again).restore(str(tmp_path / "edited")).expect_partial()
    assert [int(next(again)) for _ in range(9)] == [int(next(iterator)) for _ in range(9)]
