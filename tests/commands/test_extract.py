"""`graphtools extract`: a part of a graph as a graph."""

from __future__ import annotations

from pathlib import Path

from graphtools.formats import load
from graphtools.graph import Shape
from tests.commands.running import FROZEN, run, run_json

START, END = "MobilenetV1/MobilenetV1/Conv2d_0/Relu6", "MobilenetV1/Predictions/Reshape_1"


def test_a_part_begins_with_placeholders_of_known_shapes(tmp_path: Path) -> None:
    out = tmp_path / "part.pb"
    run_json("extract", FROZEN, "-o", out, "--from", START, "--to", END)
    part = load(str(out))
    assert part[START].op == "Placeholder"
    assert part[START].attr("shape") == Shape([None, 16, 16, 8])
    assert "input" not in part
    assert END in part


def test_what_is_not_there_or_not_named_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "part.pb"
    assert run("extract", FROZEN, "-o", out, "--from", START).code == 2
    done = run("extract", FROZEN, "-o", out, "--from", START + "x", "--to", END)
    assert (done.code, "did you mean" in done.err) == (2, True)
    assert run("extract", FROZEN, "--from", START, "--to", END).code == 2
    assert not out.exists()
