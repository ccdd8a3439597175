from __future__ import annotations

import pytest

from graphtools.rewrite.grammar import parse_pipeline
from graphtools.transforms import TRANSFORMS
from graphtools.transforms.pipeline import checked_steps
from tests.commands.running import refusal, run, run_json


def test_all_are_listed_with_a_line_each() -> None:
    done = run("transforms")
    assert done.code == 0
    listed = [line.split()[0] for line in done.lines[2:]]
    assert listed == sorted(TRANSFORMS.all())
    assert all(line.endswith((".", ")")) for line in done.lines[2:])


@pytest.mark.parametrize("name", sorted(TRANSFORMS.all()))
def test_each_has_a_manual(name: str) -> None:
    done = run("transforms", name)
    assert done.code == 0
    assert done.lines[0] == name
    assert "\\n" not in done.out
    assert "keeps the outputs" in done.out
    assert done.lines[-2] == "Example"
    example = done.lines[-1].strip().removeprefix("--transforms '").removesuffix("'")
    # an example is one that can be run
    assert example == TRANSFORMS.all()[name].example
    assert parse_pipeline(example)
    assert name in {found.name for _, found in checked_steps(example)}


def test_an_alias_leads_to_the_manual() -> None:
    assert run("transforms", "obsfucate_names").lines[0] == "obfuscate_names"


def test_what_is_not_there_is_answered() -> None:
    message = refusal(run("transforms", "fold_batchnorms"))
    assert message == (
        "there is no transform 'fold_batchnorms'\n  did you mean 'fold_batch_norms'?\n"
    )


def test_json() -> None:
    said = run_json("transforms")["transforms"]
    assert [t["name"] for t in said] == sorted(TRANSFORMS.all())
    (one,) = run_json("transforms", "remove_nodes")["transforms"]
    by_name = {p["name"]: p for p in one["parameters"]}
    assert not by_name["op"]["required"]
    assert by_name["op"]["repeated"]
    assert by_name["name"]["repeated"]
    assert by_name["max_inputs"]["default"] == "1"
