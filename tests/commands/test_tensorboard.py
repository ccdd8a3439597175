"""`graphtools tensorboard`: the event file is what TensorFlow and TensorBoard read."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, save
from graphtools.formats.crc32c import masked_crc32c
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.schema import message_class
from graphtools.schema.wire import fields
from tests.commands.running import FROZEN, fixture, refusal, run, run_json


def records(path: Path) -> list[bytes]:
    """The records of an event file, each checksum compared."""
    raw, pos, found = path.read_bytes(), 0, []
    while pos < len(raw):
        head = raw[pos : pos + 8]
        (length,) = struct.unpack("<Q", head)
        (head_crc,) = struct.unpack("<I", raw[pos + 8 : pos + 12])
        data = raw[pos + 12 : pos + 12 + length]
        (crc,) = struct.unpack("<I", raw[pos + 12 + length : pos + 16 + length])
        assert (head_crc, crc) == (masked_crc32c(head), masked_crc32c(data))
        found.append(data)
        pos += 16 + length
    return found


@pytest.fixture
def heavy(tmp_path: Path) -> str:
    """A graph with a large constant, and a small one."""
    graph = Graph()
    for name, size in (("weights", 1000), ("bias", 4)):
        node = graph.add(Node(name, "Const"))
        graph.set_attr(node, "value", Tensor.from_array(np.arange(size, dtype=np.float32)))
        graph.set_attr(node, "dtype", Tensor.from_array(np.float32(0)).dtype)
    save(graph, tmp_path / "heavy.pb")
    return str(tmp_path / "heavy.pb")


def test_the_second_event_holds_the_graph_with_shapes(tmp_path: Path) -> None:
    done = run_json("tensorboard", FROZEN, tmp_path / "logs")
    version, event = records(Path(done["path"]))
    assert b"brain.Event:2" in version
    (encoded,) = [event[f.start : f.end] for f in fields(event, 0, len(event)) if f.number == 4]
    graph = message_class("GraphDef").FromString(encoded)
    original = load(FROZEN)
    assert [n.name for n in graph.node] == [n.name for n in original]
    assert done["nodes"] == len(original)
    shapes = {n.name: n.attr["_output_shapes"].list.shape for n in graph.node}
    assert [d.size for d in shapes["input"][0].dim][1:] == [32, 32, 3]


def test_weights_are_left_out_unless_they_are_asked_for(tmp_path: Path, heavy: str) -> None:
    done = run_json("tensorboard", heavy, tmp_path / "a")
    assert (done["emptied"], done["bytes_left_out"]) == (1, 4000)
    event = records(Path(done["path"]))[1]
    (encoded,) = [event[f.start : f.end] for f in fields(event, 0, len(event)) if f.number == 4]
    weights, bias = message_class("GraphDef").FromString(encoded).node
    assert [d.size for d in weights.attr["value"].tensor.tensor_shape.dim] == [1000]
    assert not weights.attr["value"].tensor.tensor_content
    assert len(bias.attr["value"].tensor.tensor_content) == 16
    done = run_json("tensorboard", heavy, tmp_path / "b", "--weights")
    assert done["emptied"] == done["bytes_left_out"] == 0
    assert Path(done["path"]).stat().st_size > 4000


def test_what_it_prints_tells_how_to_look_at_it(tmp_path: Path) -> None:
    logs = tmp_path / "my logs"
    done = run("tensorboard", FROZEN, logs)
    assert done.code == 0
    assert f"tensorboard --logdir '{logs}'" in done.out
    assert "other event file" not in done.out
    (tmp_path / "events.out.tfevents.1.host").write_bytes(b"")
    again = run("tensorboard", FROZEN, tmp_path)
    assert "1 other event file: TensorBoard shows the latest" in again.out


def test_what_cannot_be_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be made" in refusal(run("tensorboard", FROZEN, tmp_path / "file"))
    checkpoint = fixture("checkpoints/v2_sharded/model.ckpt")
    assert "holds no TensorFlow graph" in refusal(run("tensorboard", checkpoint, tmp_path))
    assert json.loads(run("tensorboard", FROZEN, tmp_path, "--json").out)["schema_version"] == 1


@pytest.mark.tensorflow
def test_tensorflow_reads_the_event(tf: Any, tmp_path: Path) -> None:
    path = run_json("tensorboard", FROZEN, tmp_path)["path"]
    events = list(tf.compat.v1.train.summary_iterator(path))
    assert events[0].file_version == "brain.Event:2"
    definition = tf.compat.v1.GraphDef.FromString(events[1].graph_def)
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(definition, name="")
    assert len(graph.get_operations()) == len(load(FROZEN))
