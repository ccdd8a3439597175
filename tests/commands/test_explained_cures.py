"""The commands that `explain` names mend what the message is about."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from graphtools.commands._checking import with_files
from graphtools.explain.explain import explain_text
from graphtools.formats import load, save
from graphtools.graph.graph import Graph
from tests.commands.running import fixture, run
from tests.transforms.graphs import graph


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def commands(message: str, **files: str) -> list[list[str]]:
    """The commands that are named for a message, with the files filled in."""
    found = explain_text(message).found[0]
    return [shlex.split(line)[1:] for line in with_files(found, files).commands]


def mended(message: str, before: Graph) -> Graph:
    """What the first command that writes makes of a graph."""
    save(before, "before.pb")
    for args in commands(message, graph="before.pb"):
        if "-o" in args:
            done = run(*args)
            assert done.code == 0, done.err
            return load(args[args.index("-o") + 1])
    raise AssertionError("no command writes")


def test_an_attribute_of_a_newer_release_is_removed() -> None:
    before = graph(
        """
        x = Placeholder dtype=float shape=[1,4,4,3]
        size = Const value=int32:[8,8]
        y = ResizeBilinear(x, size) T=float half_pixel_centers=false
        """
    )
    message = "NodeDef mentions attr 'half_pixel_centers' not in Op<name=ResizeBilinear; ...>"
    assert not mended(message, before)["y"].has_attr("half_pixel_centers")


def test_a_graph_for_gpus_is_turned_round() -> None:
    before = graph(
        """
        x = Placeholder dtype=float shape=[1,3,8,8]
        y = MaxPool(x) T=float ksize=[1,1,2,2] strides=[1,1,2,2] padding="VALID" data_format="NCHW"
        """
    )
    after = mended("InvalidArgumentError: Default MaxPoolingOp only supports NHWC", before)
    pools = [node for node in after if node.op == "MaxPool"]
    assert [node.attr("data_format") for node in pools] == [b"NHWC"]


def test_attributes_of_an_older_release_are_added() -> None:
    before = graph("d = Const value=int32:[2]\n v = Const value=float:1\n y = Fill(d, v) T=float")
    message = "NotFoundError: No attr named 'index_type' in NodeDef:\n [[Node: y = Fill(d, v)]]"
    assert mended(message, before)["y"].has_attr("index_type")


def test_a_device_that_is_not_there_is_cleared() -> None:
    before = graph("x = Placeholder dtype=float shape=[1]\n y = Relu(x) T=float")
    before.set_device("y", "/device:GPU:0")
    message = (
        "Cannot assign a device for operation 'y': Operation was explicitly assigned to "
        "/device:GPU:0 but available devices are [ /cpu:0 ]"
    )
    assert mended(message, before)["y"].device == ""


@pytest.mark.parametrize(
    ("message", "files", "words"),
    [
        ("No checkpoint: Can't load save_path when it is None", "checkpoint", "Conv2d_0"),
        ("TypeError: names_to_saveables must be a dict mapping string names to Tensors/Variables. "
         'Not a variable: Tensor("w:0")', "graph", "GraphDef"),
        ("AssertionError: output is not in graph", "graph", "input"),
        ("Unsuccessful TensorSliceReader constructor: Failed to find any matching files for x", "",
         ""),
    ],
)  # fmt: skip
def test_commands_that_show_are_answered(message: str, files: str, words: str) -> None:
    at_hand = {
        "checkpoint": fixture("classifier/model.ckpt"),
        "graph": fixture("classifier/frozen.pb"),
    }
    named = commands(message, **({files: str(at_hand[files])} if files else {}))
    done = run(*named[0])
    if files:
        assert done.code == 0, done.err
        assert words in done.out
    else:
        assert done.code == 2
        assert "x" in done.err
