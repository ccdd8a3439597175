"""`graphtools draw`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.running import FROZEN, fixture, refusal, run

SSD = fixture("ssd/frozen_inference_graph.pb")


def test_a_picture_is_written(tmp_path: Path) -> None:
    target = tmp_path / "graph.svg"
    done = run("draw", SSD, "-o", target)
    assert done.code == 0
    assert done.out.startswith(f"{target}: ")
    assert done.out.endswith(" boxes for 672 nodes\n")
    assert "FeatureExtractor" in target.read_text()


def test_json_and_standard_output(tmp_path: Path) -> None:
    target = tmp_path / "graph.dot"
    said = json.loads(run("draw", FROZEN, "-o", target, "--depth", "1", "--json").out)
    assert (said["kind"], said["depth"], said["nodes"]) == ("dot", 1, 53)
    assert run("draw", FROZEN, "-o", "-").out.lstrip().startswith("<")


def test_findings_are_drawn(tmp_path: Path) -> None:
    target = tmp_path / "graph.svg"
    assert run("draw", FROZEN, "-o", target, "--highlight", "lint").code == 0
    assert "nothing found" in target.read_text()


def test_what_cannot_be_done(tmp_path: Path) -> None:
    assert "suffix" in refusal(run("draw", FROZEN, "-o", tmp_path / "graph.jpeg"))
    assert "no node 'nope'" in refusal(
        run("draw", FROZEN, "-o", tmp_path / "a.svg", "--around", "nope")
    )
    assert "a.svg" in refusal(run("draw", FROZEN, "-o", tmp_path / "no" / "a.svg"))
    assert not list(tmp_path.iterdir())
