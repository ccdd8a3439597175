"""Any damage to any file either goes by without harm or is one of our errors, soon."""

from __future__ import annotations

import json
import random
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.errors import ChecksumMismatch, Damaged, FileProblem, GraphtoolsError
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.source import open_source
from graphtools.formats.sstable import SSTable
from graphtools.graph import Graph, Tensor
from graphtools.graph.order import find_cycle
from tests.formats.table_writer import table
from tests.support import (
    CHECKPOINTS,
    FIXTURES,
    GRAPHS,
    META_GRAPHS,
    SAVED_MODELS,
    copy_checkpoint,
    shared_models,
)

pytestmark = pytest.mark.filterwarnings("ignore:invalid escape:DeprecationWarning")
#: The memory that a process may have more of than before, and the seconds for one file.
MEMORY, SECONDS = 1 << 30, 5.0


@contextmanager
def bounded() -> Iterator[None]:
    """Limit the address space, and with it what an array of a claimed size may take."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    start = time.monotonic()
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert time.monotonic() - start < SECONDS


def use_graph(graph: Graph) -> None:
    """Decode all there is in a graph, and write it."""
    for nodes in [graph.nodes, *(f.nodes for f in graph.functions.values())]:
        for node in nodes:
            for value in node.attrs.values():
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, Tensor):
                        attempt(each.array)
    find_cycle(graph)
    for node in graph.nodes[:3]:
        graph.set_device(node, "/cpu:0")
    b"".join(graph.pieces())


def attempt(action: Any) -> None:
    try:
        action()
    except GraphtoolsError as error:
        assert "\n" not in error.message


def use(path: Path) -> None:
    """Open a file and read all of it; nothing but our own errors may come of it."""
    try:
        model: Any = graphtools.open_model(path)
    except GraphtoolsError as error:
        assert "\n" not in error.message
        return
    if isinstance(model, Checkpoint):
        for stored in model.values():
            attempt(stored.array)
            attempt(lambda stored=stored: list(stored.chunks()))
    elif isinstance(model, GraphFile | MetaGraph):
        use_graph(model.graph)
    elif isinstance(model, SavedModel):
        for meta in model.meta_graphs:
            use_graph(meta.graph)


def damages(raw: bytes, count: int, seed: str) -> Iterator[bytes]:
    """Truncated and altered copies of some bytes: the same ones in each run."""
    chance = random.Random(seed)
    places = range(len(raw))
    # half of the damage falls into the first bytes, where the structure is
    spots = [chance.choice(places[:400] if n % 2 else places) for n in range(2 * count)]
    for spot in spots[:count]:
        yield raw[:spot]
    for number, spot in enumerate(spots[count:]):
        out = bytearray(raw)
        for place in [spot, *chance.sample(places, number % 3)]:
            if number % 2:
                out[place] ^= 1 << chance.randrange(8)
            else:
                out[place] = chance.choice([0, 1, 8, 0x12, 127, 128, 255])
        yield bytes(out)
    # a value that is much larger than it was: a byte of a varint goes on
    for _ in range(count // 2):
        spot = chance.choice(places)
        yield raw[:spot] + b"\xff\xff\xff\x7f" + raw[spot + 1 :]


def count_for(raw: bytes) -> int:
    return 30 if len(raw) < 30_000 else 8


@pytest.mark.parametrize("name", [*GRAPHS, *META_GRAPHS, *SAVED_MODELS])
@pytest.mark.slow
def test_damaged_graphs(tmp_path: Path, name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    for number, altered in enumerate(damages(raw, count_for(raw), name)):
        path = tmp_path / str(number)
        path.write_bytes(altered)
        with bounded():
            use(path)


@pytest.mark.parametrize("name", [n for n in CHECKPOINTS if "?" not in n])
@pytest.mark.slow
def test_damaged_checkpoints(tmp_path: Path, name: str) -> None:
    prefix = copy_checkpoint(name, tmp_path)
    for path in sorted(tmp_path.iterdir()):
        if path.suffix == ".meta":
            continue
        raw = path.read_bytes()
        for altered in damages(raw, 25, path.name) if raw else [b"x"]:
            path.write_bytes(altered)
            with bounded():
                use(prefix)
                use(path)
        path.write_bytes(raw)


@pytest.mark.parametrize("name", [n for n in CHECKPOINTS if "?" not in n])
@pytest.mark.slow
def test_damage_that_the_checksums_cover(tmp_path: Path, name: str) -> None:
    """As a faulty writer makes it: each entry altered in turn, in a table that is sound."""
    prefix = copy_checkpoint(name, tmp_path)
    path = Path(f"{prefix}.index")
    if not path.exists():
        path = prefix
    entries = list(SSTable(open_source(path)))
    chance = random.Random(name)
    for _ in range(30):
        number = chance.randrange(len(entries))
        key, value = entries[number]
        for altered in damages(value, 1, str(chance.random())) if value else [b"x"]:
            changed = (key, altered)
            path.write_bytes(table([*entries[:number], changed, *entries[number + 1 :]]))
            with bounded():
                use(prefix)


@pytest.mark.parametrize("name", ["v1/model.ckpt", "v1_compressed/model.ckpt"])
def test_no_flipped_bit_of_a_v1_checkpoint_goes_unseen(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    raw = (FIXTURES / "checkpoints" / name).read_bytes()
    chance = random.Random(name)
    good = {
        n: t.array().tolist() for n, t in find_checkpoint(FIXTURES / "checkpoints" / name).items()
    }
    for _ in range(60):
        altered = bytearray(raw)
        altered[chance.randrange(len(raw) - 48)] ^= 1 << chance.randrange(8)
        path.write_bytes(altered)
        try:
            found = {n: t.array().tolist() for n, t in find_checkpoint(path).items()}
        except Damaged:
            continue
        assert repr(found) == repr(good)  # the metaindex, which nobody reads


@pytest.mark.slow
def test_no_flipped_bit_of_an_index_goes_unseen(tmp_path: Path) -> None:
    prefix = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    index = prefix.with_suffix(".ckpt.index")
    raw = index.read_bytes()
    good = repr(list(find_checkpoint(prefix).values()))
    for place in range(len(raw)):
        index.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        try:
            found = find_checkpoint(prefix)
        except Damaged:
            continue
        assert repr(list(found.values())) == good


@pytest.mark.parametrize("name", ["classifier/frozen.pb", "saved_model/v2/saved_model.pb"])
@pytest.mark.slow
def test_a_truncated_graph_is_said_to_be_damaged(tmp_path: Path, name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    path = tmp_path / "x"
    for size in range(1000, len(raw), len(raw) // 50):
        path.write_bytes(raw[:size])
        try:
            graph = graphtools.load(path)
        except FileProblem as error:
            assert str(path) in error.message
        else:  # cut between two nodes
            assert 0 < len(graph) < len(graphtools.load(FIXTURES / name))


# What TensorFlow 1.15 does with damaged files


def corrupt() -> tuple[Path, dict[str, str]]:
    """The folder of corrupt files, and by name what TensorFlow 1.15 said of them."""
    folder = shared_models() / "misc" / "corrupt"
    return folder, json.loads((folder / "TF115_BEHAVIOUR.json").read_text())["tf115"]


def altered_copy(folder: Path, name: str, into: Path) -> Path:
    """The files of a corrupt checkpoint, as kept or made anew from the list of alterations."""
    flips = json.loads((folder / "TF115_BEHAVIOUR.json").read_text())["flips"]
    for suffix in (".index", ".data-00000-of-00001"):
        if (folder / f"{name}{suffix}").exists():
            shutil.copy(folder / f"{name}{suffix}", into)
            continue
        change = flips.get(name.removesuffix(".ckpt"))
        if change is None:
            continue
        raw = bytearray((folder / f"good.ckpt{suffix}").read_bytes())
        if name.startswith("index_") == (suffix == ".index"):
            if isinstance(change, list):
                raw[change[0]] ^= 1 << change[1]
            else:
                del raw[change:]
        (into / f"{name}{suffix}").write_bytes(raw)
    return into / name


def test_what_tensorflow_refuses_is_refused(tmp_path: Path) -> None:
    folder, known = corrupt()
    seen = set()
    for name, behaviour in known.items():
        if not name.endswith(".ckpt"):
            continue
        prefix = altered_copy(folder, name, tmp_path)
        if not Path(f"{prefix}.index").exists():
            continue
        if behaviour.startswith("list OK"):
            seen.add("read")
            checkpoint = find_checkpoint(prefix)
            assert set(checkpoint) == {"b", "w"}, name
            with pytest.raises(FileProblem):
                [stored.array() for stored in checkpoint.values()]
            if "Checksum" in behaviour:
                with pytest.raises(ChecksumMismatch, match=r"tensor '(w|b)'"):
                    [stored.array() for stored in checkpoint.values()]
        elif behaviour.startswith("OK"):
            seen.add("ok")
            assert len([stored.array() for stored in find_checkpoint(prefix).values()]) == 2, name
        else:
            seen.add("list")
            with pytest.raises(Damaged):
                find_checkpoint(prefix)
    assert seen == {"read", "ok", "list"}


@pytest.mark.parametrize("name", ["pb_garbage.pb", "pb_trunc.pb", "pb_empty.pb"])
def test_damaged_graphs_are_refused(name: str) -> None:
    with pytest.raises(FileProblem):
        graphtools.load(shared_models() / "misc" / "corrupt" / name)
