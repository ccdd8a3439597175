from __future__ import annotations

import itertools

from tests.commands.running import FROZEN, refusal, run, run_json

OUTPUT = "MobilenetV1/Predictions/Reshape_1"


def test_a_path_goes_in_the_direction_of_the_data() -> None:
    document = run_json("path", FROZEN, "input:0", OUTPUT)
    assert document["found"]
    steps = document["steps"]
    assert (steps[0]["name"], steps[-1]["name"]) == ("input", OUTPUT)
    assert all(b["via"].split(":")[0] == a["name"] for a, b in itertools.pairwise(steps))
    assert run("path", FROZEN, "input", OUTPUT).lines[-1] == f"{len(steps) - 1} edges"


def test_no_path_exits_with_1() -> None:
    done = run("path", FROZEN, OUTPUT, "input")
    assert (done.code, done.out) == (1, "no path\n")
    assert run("path", FROZEN, OUTPUT, "input", "--json").code == 1


def test_ancestors_and_descendants_are_listed_with_their_distance() -> None:
    up = run_json("path", FROZEN, OUTPUT, "--ancestors")
    assert {"name", "op", "distance"} == set(up["nodes"][0])
    assert "input" in [n["name"] for n in up["nodes"]]
    down = run("path", FROZEN, "MobilenetV1/Logits/SpatialSqueeze", "--descendants")
    assert down.lines[-1] == "4 descendants of MobilenetV1/Logits/SpatialSqueeze"
    assert run("path", FROZEN, OUTPUT, "--descendants").lines[-1].startswith("0 descendants")


def test_usage_is_from_and_to_or_one_direction() -> None:
    for args in (["input"], ["input", OUTPUT, "--ancestors"]):
        done = run("path", FROZEN, *args)
        assert done.code == 2
        assert "give FROM and TO, or FROM with --ancestors or --descendants" in done.err


def test_an_unknown_name_is_said() -> None:
    assert "no node 'inptu'" in refusal(run("path", FROZEN, "inptu", OUTPUT))
