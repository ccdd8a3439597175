"""Checkpoints V1 and V2: their values, the paths by which they are found, and what is missing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import (
    ChecksumMismatch,
    Damaged,
    FileProblem,
    InvalidValue,
    NothingFound,
    UnknownName,
)
from graphtools.formats import checkpoint as checkpoint_module
from graphtools.formats import open_model, places, tensor_bundle
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.slice_keys import FULL, extents, placed, slice_key
from graphtools.formats.source import open_source
from graphtools.formats.sstable import SSTable
from graphtools.formats.tensor_bundle import BundleTensor
from graphtools.graph.dtypes import dtype
from graphtools.graph.shape import Shape
from graphtools.schema import message_class
from tests.formats.table_writer import table
from tests.support import (
    CHECKPOINTS,
    FIXTURES,
    copy_checkpoint,
    flip,
    same_values,
    shared_models,
    values_of,
)

HOME = FIXTURES / "checkpoints"
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
NOT_HELD = {"float4_e2m1fn"}


# Values


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_names_dtypes_and_shapes_are_those_of_the_manifest(name: str) -> None:
    checkpoint = find_checkpoint(FIXTURES / name)
    found = [
        {"name": t.name, "dtype": t.dtype.name, "shape": t.shape.to_json()}
        for t in checkpoint.values()
    ]
    assert found == CHECKPOINTS[name]["variables"]
    assert list(checkpoint) == sorted(checkpoint)
    assert checkpoint.version == ("V1" if CHECKPOINTS[name]["format"] == "v1" else "V2")
    assert (checkpoint.missing, checkpoint.problems) == ((), ())


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_values_are_those_of_tensorflow(name: str) -> None:
    checkpoint = find_checkpoint(FIXTURES / name)
    values = values_of(CHECKPOINTS[name]["values"])
    assert set(values) - {OBJECT_GRAPH} == set(checkpoint) - {OBJECT_GRAPH}
    for key, expected in values.items():
        stored = checkpoint[key]
        if stored.dtype.name in NOT_HELD:
            with pytest.raises(InvalidValue, match="cannot be shown"):
                stored.array()
            continue
        array = stored.array()
        assert array.dtype == stored.dtype.numpy()
        assert same_values(array, expected), key
        if stored.dtype.size:
            assert stored.nbytes == array.size * stored.dtype.size


@pytest.mark.parametrize("chunk", [1, 24, 1 << 22])
@pytest.mark.parametrize("name", CHECKPOINTS)
@pytest.mark.slow
def test_chunks_are_the_array(monkeypatch: pytest.MonkeyPatch, name: str, chunk: int) -> None:
    monkeypatch.setattr(tensor_bundle, "CHUNK", max(chunk, 16))
    monkeypatch.setattr(checkpoint_module, "CHUNK", chunk)
    for stored in find_checkpoint(FIXTURES / name).values():
        if stored.dtype.name in NOT_HELD:
            continue
        pieces = list(stored.chunks())
        assert all(p.ndim == 1 and p.nbytes <= max(chunk, 32) for p in pieces)
        flat = np.concatenate([*pieces, np.empty(0, stored.dtype.numpy())])
        assert same_values(flat, stored.array().reshape(-1))


@pytest.mark.parametrize(
    ("name", "shards"), [("v2/model.ckpt", 1), ("v2_sharded/model.ckpt", 3), ("v1/model.ckpt", 1)]
)
def test_shards_are_counted(name: str, shards: int) -> None:
    assert find_checkpoint(HOME / name).shards == shards


def test_variables_of_an_object_based_checkpoint() -> None:
    checkpoint = find_checkpoint(HOME / "object_based")
    keys = {v.key for v in checkpoint.objects}
    assert keys == set(checkpoint) - {OBJECT_GRAPH}
    by_path = {v.path: v for v in checkpoint.objects}
    assert by_path["net/layers/0/kernel"].key == "net/layers/0/kernel/.ATTRIBUTES/VARIABLE_VALUE"


def test_only_object_based_checkpoints_have_objects() -> None:
    assert find_checkpoint(HOME / "v2").objects == ()


@pytest.mark.parametrize("text", ["layer1/weights", "layer1/weights:0", " 'layer1/weights'"])
def test_tensors_are_found_as_people_name_them(text: str) -> None:
    assert find_checkpoint(HOME / "v2").find(text).name == "layer1/weights"


def test_an_unknown_tensor_gets_a_suggestion() -> None:
    checkpoint = find_checkpoint(HOME / "v2")
    with pytest.raises(UnknownName) as caught:
        checkpoint.find("layer1/weight")
    assert "did you mean 'layer1/weights'" in caught.value.remedy
    with pytest.raises(KeyError):
        checkpoint["layer1/weight"]


# Against TensorFlow


def compare(tf: Any, prefix: str, checkpoint: Checkpoint) -> None:
    theirs = tf.train.load_checkpoint(prefix)
    shapes = theirs.get_variable_to_shape_map()
    types = theirs.get_variable_to_dtype_map()
    assert set(checkpoint) == set(shapes)
    for name, stored in checkpoint.items():
        assert stored.shape.to_json() == shapes[name]
        assert stored.dtype.name == types[name].name
        if stored.dtype.name in NOT_HELD:
            continue
        try:
            expected = np.asarray(theirs.get_tensor(name))
        except (NotImplementedError, tf.errors.UnimplementedError):
            continue  # of a V1 checkpoint, types that TensorFlow lists and does not read
        if stored.dtype.numpy().kind != "O":
            expected = expected.astype(stored.dtype.numpy())
        assert same_values(stored.array(), expected), name


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_values_are_what_tensorflow_loads(tf: Any, name: str) -> None:
    compare(tf, str(FIXTURES / name), find_checkpoint(FIXTURES / name))


def shared_prefixes() -> Iterator[Path]:
    for index in sorted(shared_models().rglob("*.index")):
        prefix = index.with_suffix("")
        if not {"corrupt", "bundle_deviations"} & {*index.parts} and list(
            prefix.parent.glob(f"{prefix.name}.data-*")
        ):
            yield prefix


@pytest.mark.tensorflow
def test_values_of_the_shared_models_are_what_tensorflow_loads(tf: Any) -> None:
    for prefix in shared_prefixes():
        compare(tf, str(prefix), find_checkpoint(prefix))


@pytest.mark.slow
def test_shared_models_are_read() -> None:
    for prefix in shared_prefixes():
        checkpoint = find_checkpoint(prefix)
        assert (checkpoint.missing, checkpoint.problems) == ((), ())
        for stored in checkpoint.values():
            assert stored.array().shape == stored.shape.dims


#: Without its header TensorFlow takes the first variable for it, and so loses that one.
HEADLESS = "header_missing"


def test_unusual_shared_checkpoints_are_read_where_tensorflow_reads_them() -> None:
    folder = shared_models() / "editing" / "bundle_deviations"
    for name, verdicts in json.loads((folder / "verdicts.json").read_text()).items():
        if verdicts["tf2.21"].startswith("reads") and name != HEADLESS:
            checkpoint = find_checkpoint(folder / name)
            assert f"reads {len(checkpoint)} tensors" == verdicts["tf2.21"], name
            for stored in checkpoint.values():
                assert stored.array().shape == stored.shape.dims


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [
        ("checkpoint_dtypes", "dtypes.ckpt-8589934597"),
        ("checkpoint_sharded", "sharded.ckpt"),
        ("checkpoint_sharded", "sharded_v1.ckpt"),
        ("checkpoint_v1", "v1.ckpt-777"),
        ("checkpoint_v1", "v2_same.ckpt-777"),
    ],
)
def test_values_that_tensorflow_1_15_wrote(folder: str, prefix: str) -> None:
    home = shared_models() / "misc" / folder
    checkpoint = find_checkpoint(home / prefix)
    with np.load(home / "values.npz", allow_pickle=True) as values:
        for key in values.files:
            stored = checkpoint.get(key.replace("|", "/"))
            if stored is not None and values[key].dtype.kind != "V":
                assert same_values(stored.array(), values[key]), key


# Paths

V2_FORMS = [
    "v2/model.ckpt",
    "v2/model",  # without .ckpt
    "v2/model.ckpt.index",
    "v2/model.ckpt.meta",
    "v2/model.ckpt.data-00000-of-00001",
    "v2/model.ckpt.data-?????-of-00001",
    "v2",
    "v2/",
    "v2/checkpoint",
    "v2/../v2/model.ckpt",
]
FORMS = {
    **dict.fromkeys(V2_FORMS, "v2/model.ckpt"),
    "v2_sharded/model.ckpt.data-00001-of-00003": "v2_sharded/model.ckpt",
    "v2_sharded/model.ckpt.data-?????-of-00003": "v2_sharded/model.ckpt",
    "v1/model.ckpt": "v1/model.ckpt",
    "v1/model": "v1/model.ckpt",
    "v1": "v1/model.ckpt",
    "v1/checkpoint": "v1/model.ckpt",
    "v1_sharded/model.ckpt": "v1_sharded/model.ckpt",
    "v1_sharded/model": "v1_sharded/model.ckpt",
    "v1_sharded/model.ckpt-00002-of-00003": "v1_sharded/model.ckpt",
    "v1_sharded/model.ckpt-?????-of-00003": "v1_sharded/model.ckpt",
    "v1_sharded": "v1_sharded/model.ckpt",
    "v1_sharded/checkpoint": "v1_sharded/model.ckpt",
    "moved": "moved/model.ckpt-100",
    "moved/checkpoint": "moved/model.ckpt-100",
    "moved_windows": "moved_windows/model.ckpt-100",
    "moved_windows/checkpoint": "moved_windows/model.ckpt-100",
    "steps": "steps/model.ckpt-200",
    "steps/model.ckpt": "steps/model.ckpt-200",  # the newest step
    "steps/model.ckpt-100": "steps/model.ckpt-100",
    "dtypes_rare": "dtypes_rare/model.ckpt",  # without a state file
    "object_based": "object_based/ckpt-1",
}


@pytest.mark.parametrize("given", FORMS)
def test_every_form_of_a_path_finds_the_checkpoint(given: str) -> None:
    for read in (find_checkpoint, open_model):
        if read is open_model and given.endswith(".meta"):
            continue  # a meta graph
        found: Any = read(os.path.join(HOME, given))
        assert os.path.normpath(found.path) == str(HOME / FORMS[given])
        assert len(found) > 0
        assert all(stored.shape.dims is not None for stored in found.values())


def test_a_saved_models_folder_means_its_variables() -> None:
    folder = FIXTURES / "saved_model/v1"
    assert find_checkpoint(folder).path == str(folder / "variables" / "variables")


def test_paths_relative_to_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOME / "v2")
    for given in (".", "model.ckpt", "model", "checkpoint", Path("model.ckpt.index")):
        assert os.path.normpath(find_checkpoint(given).path) == "model.ckpt"


@pytest.mark.parametrize("given", ["v1/model.ckpt", "v2/model.ckpt", "v2/model.ckpt.index", "v2"])
def test_a_literal_path_needs_no_note(given: str) -> None:
    assert find_checkpoint(HOME / given).note == ""


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ("v2/model", r"v2/model is read as .*v2/model\.ckpt$"),
        ("steps/model.ckpt", r"is no checkpoint; reading .*model\.ckpt-200, the newest step"),
        ("moved", r"names /home/alice/train/model\.ckpt-100; reading .*moved/model\.ckpt-100"),
        ("moved_windows", r"names C:\\train\\model\.ckpt-100; reading .*windows/model\.ckpt-100"),
    ],
)
def test_a_note_says_how_the_path_led_there(given: str, note: str) -> None:
    import re

    found = find_checkpoint(HOME / given).note
    assert re.search(note, found), found


def test_the_newest_of_a_folder_is_chosen_by_number(tmp_path: Path) -> None:
    for step in ("9", "10"):
        for file in (HOME / "steps").glob("model.ckpt-100.*"):
            shutil.copy(file, tmp_path / file.name.replace("-100", f"-{step}", 1))
    found = find_checkpoint(tmp_path)
    assert found.path.endswith("model.ckpt-10")
    assert "holds 2 checkpoints; reading model.ckpt-10" in found.note


def test_a_state_file_is_known_by_its_content(tmp_path: Path) -> None:
    shutil.copytree(HOME / "v2", tmp_path / "v2")
    shutil.copy(HOME / "v2/checkpoint", tmp_path / "v2/state.txt")
    assert find_checkpoint(tmp_path / "v2/state.txt").path == str(tmp_path / "v2/model.ckpt")
    assert open_model(tmp_path / "v2/state.txt").kind == "checkpoint"


def test_a_file_of_another_kind_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("what I did today")
    with pytest.raises(FileProblem, match="is no checkpoint: it has neither a table's end"):
        find_checkpoint(tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("given", "files", "message", "remedy"),
    [
        (
            "model.ckpt",
            [],
            r"model\.ckpt does not exist; looked for the checkpoints .*model\.ckpt\.index",
            "empty",
        ),
        (
            "model.ckpt",
            ["model.ckpt.data-00000-of-00001"],
            r"model\.ckpt has no index: .*model\.ckpt\.data-00000-of-00001 is there",
            "copy the .index file",
        ),
        ("model.ckpt", ["model.ckpy.index"], "looked for", r"there are: model\.ckpy\.index"),
        ("no/model.ckpt", [], "looked for", "folder .*no does not exist either"),
        (".", [], "no checkpoint in the folder .*neither a state file", "empty"),
        (".", ["graph.pb"], "neither a state file", r"there are: graph\.pb"),
        (".", ["v1:checkpoint"], "names the checkpoint model.ckpt, which is neither", ""),
        (".", ["v1:checkpoint", "a-1.index"], "which is neither", "there are the checkpoints a-1"),
    ],
)
def test_what_is_missing_is_said_with_what_lies_there(
    tmp_path: Path, given: str, files: list[str], message: str, remedy: str
) -> None:
    import re

    for file in files:
        source, _, name = file.rpartition(":")
        (tmp_path / name).write_bytes((HOME / source / name).read_bytes() if source else b"x")
    with pytest.raises(NothingFound, match=message) as caught:
        find_checkpoint(tmp_path / given)
    assert re.search(remedy, caught.value.remedy)


def test_a_path_that_does_not_exist_may_be_a_file_or_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match="does not exist; looked for the checkpoints"):
        open_model(tmp_path / "nothing")
    with pytest.raises(NothingFound, match=r"neither a SavedModel .* nor a checkpoint"):
        open_model(tmp_path)


@pytest.mark.parametrize(
    ("state", "error"),
    [(b"", "is empty"), (b"model_checkpoint_path: ''", "names no checkpoint")],
)
def test_state_files_that_name_nothing(tmp_path: Path, state: bytes, error: str) -> None:
    (tmp_path / "checkpoint").write_bytes(state)
    with pytest.raises(Damaged, match=error):
        find_checkpoint(tmp_path)


# Missing and damaged files


def test_without_its_data_only_the_index_is_read(tmp_path: Path) -> None:
    prefix = copy_checkpoint("checkpoints/v2_sharded/model.ckpt", tmp_path)
    lost = tmp_path / "model.ckpt.data-00001-of-00003"
    lost.unlink()
    checkpoint = find_checkpoint(prefix)
    assert checkpoint.missing == (str(lost),)
    assert len(checkpoint) == 5
    outcomes = set()
    for stored in checkpoint.values():
        try:
            stored.array()
            outcomes.add("read")
        except NothingFound as error:
            outcomes.add("missing")
            assert str(lost) in error.message
    assert outcomes == {"read", "missing"}


def test_without_a_shard_of_v1_the_others_are_read(tmp_path: Path) -> None:
    prefix = copy_checkpoint("checkpoints/v1_sharded/model.ckpt", tmp_path)
    lost = tmp_path / "model.ckpt-00000-of-00003"
    lost.unlink()
    checkpoint = find_checkpoint(prefix)
    assert checkpoint.missing == (str(lost),)
    assert 0 < len(checkpoint) < 5
    assert all(t.array().shape == t.shape.dims for t in checkpoint.values())


@pytest.mark.parametrize("size", [0, 1, 50])
def test_truncated_data_is_a_problem_known_at_once(tmp_path: Path, size: int) -> None:
    prefix = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    data = tmp_path / "model.ckpt.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:size])
    checkpoint = find_checkpoint(prefix)
    assert len(checkpoint.problems) == 1
    assert f"is truncated: it has {size} bytes" in checkpoint.problems[0]
    with pytest.raises(Damaged, match="it is truncated"):
        checkpoint["layer2/weights"].array()


@pytest.mark.parametrize("name", ["v2/model.ckpt", "partitioned/model.ckpt", "dtypes/model.ckpt"])
@pytest.mark.slow
def test_a_flipped_bit_of_the_data_is_a_mismatch_that_names_the_tensor(
    tmp_path: Path, name: str
) -> None:
    entries = _entries(HOME / f"{name}.index")
    for number, (key, entry) in enumerate(entries.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        prefix = copy_checkpoint(f"checkpoints/{name}", folder)
        flip(folder / "model.ckpt.data-00000-of-00001", entry.offset + entry.size // 2, number % 8)
        stored = find_checkpoint(prefix)[key]
        for use in (stored.array, lambda stored=stored: list(stored.chunks())):
            with pytest.raises(Damaged, match=f"tensor '{key}'") as caught:
                use()
            if stored.dtype.size:
                assert isinstance(caught.value, ChecksumMismatch)


def _entries(index: Path) -> dict[str, Any]:
    """By tensor, an entry with values in the data file; of a partitioned one, that of a slice."""
    found = {}
    items = dict(SSTable(open_source(index)))
    for key, encoded in items.items():
        if key[:1] in (b"", b"\0"):
            continue
        entry = message_class("BundleEntryProto").FromString(encoded)
        if entry.slices:
            name = key.decode()
            part = extents(entry.slices[-1])
            entry = message_class("BundleEntryProto").FromString(items[slice_key(name, part)])
        if entry.size:
            found[key.decode()] = entry
    return found


def bundle(
    folder: Path, data: bytes, header: dict[str, Any] | None = None, **entry: Any
) -> Checkpoint:
    """A checkpoint of one tensor `t`, with an index that may lie."""
    header = {"num_shards": 1, "version": {"producer": 1}} | (header or {})
    slices = entry.pop("parts", {})
    entries = [(b"", message_class("BundleHeaderProto")(**header).SerializeToString())]
    for part, values in slices.items():
        encoded = message_class("BundleEntryProto")(**values).SerializeToString()
        entries.append((slice_key("t", part), encoded))
    entries.append((b"t", message_class("BundleEntryProto")(**entry).SerializeToString()))
    prefix = folder / "lying.ckpt"
    Path(f"{prefix}.index").write_bytes(table(entries))
    Path(f"{prefix}.data-00000-of-00001").write_bytes(data)
    return find_checkpoint(prefix)


def dims(*sizes: int) -> dict[str, Any]:
    return {"dim": [{"size": s} for s in sizes]}


def extent(*pairs: tuple[int, int]) -> dict[str, Any]:
    return {"extent": [{"start": a, "length": b} if b >= 0 else {"start": a} for a, b in pairs]}


HUGE = 1 << 40


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": 1, "shape": dims(HUGE), "size": 8}, "cannot have 8 bytes"),
        ({"dtype": 1, "shape": dims(2), "size": 8, "offset": -4}, "lies at bytes -4 to 4"),
        ({"dtype": 1, "shape": dims(2), "size": 8, "offset": 1}, "it is truncated"),
        ({"dtype": 1, "shape": dims(-1), "size": 8}, "cannot have 8 bytes"),
        ({"dtype": 1, "shape": dims(2), "size": 8, "shard_id": 1}, "data file 1, which cannot be"),
        ({"dtype": 1, "shape": dims(2), "size": 8, "shard_id": -1}, "cannot be"),
        ({"dtype": 1, "shape": dims(2), "size": 8}, "checksum of tensor 't'"),
        ({"dtype": 1, "shape": dims(0, 1 << 62, 1 << 62)}, "checksum|no array can have"),
        ({"dtype": 7, "shape": dims(HUGE), "size": 8}, "too few bytes"),
        ({"dtype": 7, "shape": dims(2), "size": 8}, "checksum of the string lengths"),
        ({"dtype": 99, "shape": dims(2), "size": 8}, "unknown_99"),
        ({"dtype": 20, "shape": dims(), "size": 8}, "resource"),
        (
            {"dtype": 1, "shape": dims(HUGE), "slices": [extent((0, HUGE))]},
            "slice .* is not in the index",
        ),
        (
            {"dtype": 1, "shape": dims(2, HUGE), "slices": [extent((0, 1))]},
            "has no slice",
        ),
        (
            {"dtype": 1, "shape": dims(2), "slices": [extent((-1, 2))], "parts": {((-1, 2),): {}}},
            "has no slice",
        ),
        (
            {"dtype": 1, "shape": dims(2), "slices": [extent((1, 5))], "parts": {((1, 5),): {}}},
            "has no slice",
        ),
        (
            {"dtype": 1, "shape": dims(2), "slices": [extent((0, 1))], "parts": {((0, 1),): {}}},
            r"has the shape \[\]",
        ),
        (
            {
                "dtype": 1,
                "shape": dims(4),
                "slices": [extent((0, 2))],
                "parts": {((0, 2),): {"dtype": 1, "shape": dims(2), "size": 8}},
            },
            "its slices have 2 elements, its shape .* has 4",
        ),
        (
            {
                "dtype": 1,
                "shape": dims(HUGE),
                "slices": [extent((0, -1))],
                "parts": {((0, -1),): {"dtype": 1, "shape": dims(HUGE), "size": 4 * HUGE}},
            },
            "it is truncated",
        ),
    ],
    ids=range(19),
)
def test_an_index_that_lies_is_damage(tmp_path: Path, entry: dict[str, Any], message: str) -> None:
    stored = bundle(tmp_path, b"12345678", **entry)["t"]
    with pytest.raises((Damaged, InvalidValue), match=message):
        stored.array()


@pytest.mark.parametrize(
    ("header", "error", "message"),
    [
        ({"num_shards": 0}, Damaged, "0 data files cannot be"),
        ({"num_shards": -1}, Damaged, "-1 data files cannot be"),
        ({"num_shards": 1 << 30}, Damaged, "data files cannot be"),
        ({"version": {"min_consumer": 9}}, InvalidValue, "written by a newer TensorFlow"),
    ],
)
def test_headers_that_cannot_be(
    tmp_path: Path, header: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        bundle(tmp_path, b"", header)


def test_values_of_a_big_endian_machine(tmp_path: Path) -> None:
    from graphtools.formats.crc32c import masked_crc32c

    data = np.array([1, 2, 300], ">i4").tobytes()
    checkpoint = bundle(
        tmp_path,
        data,
        {"endianness": 1},
        dtype=3,
        shape=dims(3),
        size=12,
        crc32c=masked_crc32c(data),
    )
    assert checkpoint["t"].array().tolist() == [1, 2, 300]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "no checkpoint's: it has no header"),
        ([(b"a", b"b")], "no checkpoint's: it has no header"),
        ([(b"", b"\xff\xff")], "header does not decode"),
        ([(b"", b"\x08\x01"), (b"t", b"\xff\xff")], "entry of tensor 't' does not decode"),
    ],
)
def test_other_tables_are_no_checkpoints(
    tmp_path: Path, entries: list[tuple[bytes, bytes]], message: str
) -> None:
    (tmp_path / "x.index").write_bytes(table(entries))
    for given in ("x", "x.index"):
        with pytest.raises(Damaged, match=message):
            open_model(tmp_path / given)


@pytest.mark.parametrize(
    "graph",
    [
        {"nodes": [{"children": [{"node_id": -7, "local_name": "a"}]}]},
        {"nodes": [{"children": [{"node_id": 99, "local_name": "a"}]}]},
        {"nodes": [{"children": [{"node_id": 0, "local_name": "self"}]}]},
        {"nodes": []},
    ],
)
def test_a_graph_of_objects_may_point_anywhere(graph: dict[str, Any]) -> None:
    class Stored:
        name = OBJECT_GRAPH

        def array(self) -> Any:
            encoded = message_class("TrackableObjectGraph")(**graph).SerializeToString()
            return np.array(encoded, object)

    stored: Any = Stored()
    assert tensor_bundle._objects(stored)[0] == ()  # noqa: SLF001 - no file can be that large here


# V1


def v1(folder: Path, tensor: dict[str, Any], values: dict[Any, dict[str, Any]]) -> Checkpoint:
    """A V1 checkpoint of one tensor `t`."""
    make = message_class("SavedTensorSlices")
    meta = make(meta={"tensor": [{"name": "t"} | tensor]}).SerializeToString()
    entries = [(b"", meta)]
    for part, data in values.items():
        encoded = make(data={"name": "t", "data": data}).SerializeToString()
        entries.append((slice_key("t", part), encoded))
    path = folder / "v1.ckpt"
    path.write_bytes(table(entries))
    return find_checkpoint(path)


def test_slices_of_v1_are_put_together(tmp_path: Path) -> None:
    checkpoint = v1(
        tmp_path,
        {"type": 3, "shape": dims(3, 2), "slice": [extent((0, 1), FULL), extent((1, 2), FULL)]},
        {((0, 1), FULL): {"int_val": [1, 2]}, ((1, 2), FULL): {"int_val": [3, 4, 5, 6]}},
    )
    assert checkpoint["t"].array().tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize(
    ("tensor", "values", "message"),
    [
        ({"slice": [extent(FULL)], "shape": dims(2)}, {}, "has no values"),
        ({"slice": [extent((0, 1))], "shape": dims(2)}, {}, "its slices have 1 elements"),
        ({"slice": [], "shape": dims(2)}, {}, "its slices have 0 elements"),
        ({"slice": [extent(FULL)], "shape": dims(2, 2)}, {}, "has no slice"),
        ({"slice": [extent((-1, 3))], "shape": dims(2)}, {}, "has no slice"),
        ({"slice": [extent((0, HUGE))], "shape": dims(HUGE)}, {}, "has no values"),
        (
            {"slice": [extent(FULL)], "shape": dims(2)},
            {(FULL,): {"tensor_content": b"1234"}},
            "2 elements .* the values of 1",
        ),
    ],
    ids=range(7),
)
def test_a_list_of_tensors_that_lies_is_damage(
    tmp_path: Path, tensor: dict[str, Any], values: dict[Any, Any], message: str
) -> None:
    stored = v1(tmp_path, {"type": 1} | tensor, values)["t"]
    with pytest.raises(Damaged, match=message):
        stored.array()


def test_shards_of_different_checkpoints_are_seen(tmp_path: Path) -> None:
    make = message_class("SavedTensorSlices")
    for number in (0, 1):
        tensor = {"name": "t", "type": 1, "shape": dims(number)}
        raw = table([(b"", make(meta={"tensor": [tensor]}).SerializeToString())])
        (tmp_path / f"x-{number:05d}-of-00002").write_bytes(raw)
    with pytest.raises(Damaged, match="not of one checkpoint"):
        find_checkpoint(tmp_path / "x")


# Keys of slices


def test_keys_of_slices_are_those_that_tensorflow_wrote() -> None:
    keys = {k for k, _ in SSTable(open_source(HOME / "partitioned/model.ckpt.index"))}
    written = {k for k in keys if k[:1] == b"\0"}
    made = set()
    for stored in find_checkpoint(HOME / "partitioned").values():
        assert isinstance(stored, BundleTensor)
        made |= {slice_key(stored.name, part) for part in stored._slices}  # noqa: SLF001
    assert len(made) > 4
    assert made == written


@pytest.mark.parametrize(
    ("name", "slices", "key"),
    [
        # as in saved_tensor_slice_util and ordered_code of TensorFlow
        ("foo", [], b"\x00foo\x00\x01\x00"),
        ("foo", [FULL], b"\x00foo\x00\x01\x01\x01\x80\x7f"),
        ("foo", [(64, 63)], b"\x00foo\x00\x01\x01\x01\xc0\x40\xbf"),
        ("f\x00", [(8192, -65)], b"\x00f\x00\xff\x00\x01\x01\x01\xe0\x20\x00\x3f\xbf"),
    ],
)
def test_keys_of_slices(name: str, slices: list[tuple[int, int]], key: bytes) -> None:
    assert slice_key(name, slices) == key


@pytest.mark.parametrize("count", [1 << n for n in range(0, 63, 7)])
def test_keys_sort_as_their_numbers(count: int) -> None:
    around = range(max(0, count - 2), count + 3)
    keys = [slice_key("t", [(start, 1)]) for start in around]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_places_of_slices() -> None:
    assert placed("t", (4, 3), (FULL, (1, 2))) == (slice(0, 4), slice(1, 3))
    assert placed("t", (), ()) == ()


def test_reprs() -> None:
    stored = BundleTensor.__new__(BundleTensor)
    stored.name, stored.dtype, stored.shape = "t", dtype("int8"), Shape((1,))
    assert repr(stored) == "BundleTensor('t', int8, [1])"
    assert "V2, 5 tensors" in repr(find_checkpoint(HOME / "v2"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/model.ckpt", "simplecache::http://h/model.ckpt"]
)
def test_a_url_in_a_state_file_is_looked_for_beside_it_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def fetch(asked: str) -> None:
        raise AssertionError(asked)

    monkeypatch.setattr(places, "_system", fetch)
    monkeypatch.chdir(tmp_path)
    Path("checkpoint").write_text(f'model_checkpoint_path: "{url}"\n')
    with pytest.raises(NothingFound, match="neither there nor beside it"):
        find_checkpoint("checkpoint")
    copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    assert find_checkpoint("checkpoint").path == "model.ckpt"
