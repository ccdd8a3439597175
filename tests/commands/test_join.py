"""`graphtools join`."""

from __future__ import annotations

from pathlib import Path

from graphtools.formats import load, save
from tests.commands.running import FROZEN, fixture, run, run_json
from tests.transforms.graphs import graph

PRE = """
    image = Placeholder dtype=uint8 shape=[?,32,32,3]
    float = Cast(image) SrcT=uint8 DstT=float
"""


def test_two_files_become_one(tmp_path: Path) -> None:
    pre, out = tmp_path / "pre.pb", tmp_path / "out.pb"
    save(graph(PRE), str(pre))
    document = run_json("join", pre, FROZEN, "-o", out)  # the only output, and the only input
    assert document["connected"] == [["float", "input"]]
    assert document["inputs"] == ["image"]
    assert "input" not in load(str(out))
    done = run("join", FROZEN, FROZEN, "-o", out, "--connect", "input=input", "--prefixes", "a/")
    assert (done.code, "begin with 'a/'" in done.err) == (0, True)
    assert {"a/input", "MobilenetV1/Predictions/Reshape_1"} <= {n.name for n in load(str(out))}


def test_variables_become_constants(tmp_path: Path) -> None:
    pre, out = tmp_path / "pre.pb", tmp_path / "out.pb"
    save(graph("a = Placeholder dtype=float shape=[?,4]\nb = Relu(a) T=float"), str(pre))
    assert run("join", pre, fixture("saved_model/v2"), "-o", out).code == 0
    assert not [n for n in load(str(out)) if n.op == "VarHandleOp"]


def test_what_is_wrong_is_said_in_a_line(tmp_path: Path) -> None:
    out = tmp_path / "out.pb"
    for args in (
        (FROZEN, "-o", out),
        (FROZEN, FROZEN),
        (FROZEN, FROZEN, "-o", out, "--connect", "a"),
        (FROZEN, FROZEN, "-o", out, "--prefixes", "a,b,c"),
        (FROZEN, FROZEN, "-o", out, "--connect", "MobilenetV1/Predictions/Reshape_1=input"),
        (FROZEN, FROZEN, "-o", out, "--preprocess", "scale=2"),
        (FROZEN, "-o", out, "--preprocess", "scale=x"),
        (FROZEN, FROZEN, "-o", tmp_path / "x.meta", "--connect", "input=input"),
    ):
        done = run("join", *args)
        assert (done.code, done.err.count("error: ")) == (2, 1), args
    assert not out.exists()
