"""Command lines that findings name, typed on the graph that has the finding, take it away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graphtools import load, save
from tests.commands.running import run
from tests.commands.test_remedies import lines_in
from tests.formats.bundle_writer import write_bundle
from tests.lint.graphs import Case, all_cases
from tests.support import FIXTURES

#: Commands that write a graph, which is to be without the finding.
_WRITING = ("transform", "freeze", "strip", "optimize", "export-ssd")


def advised() -> Iterator[tuple[Case, str, tuple[str, ...]]]:
    """The cases whose finding advises a command that writes a graph, and the command."""
    for case in all_cases():
        for found in case.findings(case.bad_graph())[:1]:
            for name, typed in lines_in(found.remedy):
                if name in _WRITING and "NAME" not in typed:  # where to cut is for people to say
                    yield case, name, tuple(typed)


ADVISED = [pytest.param(*a, id=f"{a[0]}-{a[1]}-{a[2][-1]}") for a in advised()]


@pytest.mark.parametrize(("case", "name", "typed"), ADVISED)
def test_what_a_finding_advises_takes_it_away(
    case: Case, name: str, typed: tuple[str, ...], tmp_path: Path
) -> None:
    source, target = tmp_path / "in.pb", tmp_path / "out.pb"
    save(case.bad_graph(), source)
    values = write_bundle(tmp_path / "model.ckpt", {"v": np.ones((1, 4), np.float32)})
    paths = {"FILE": source, "GRAPH": source, "OUT": target, "PREFIX": values}
    subject = case.subject(case.bad_graph())
    ends = ["--inputs", ",".join(subject.inputs), "--outputs", ",".join(subject.outputs)]
    done = run(name, *(str(paths.get(word, word)) for word in typed), *ends)
    assert done.code == 0, done.err
    left = case.findings(load(target))
    assert not left, left


def test_a_training_graph_is_without_its_findings_when_it_is_frozen_as_they_say(
    tmp_path: Path,
) -> None:
    source, target = FIXTURES / "classifier/train.pb", tmp_path / "out.pb"
    values = FIXTURES / "classifier/train/model.ckpt-2000"
    paths = {"GRAPH": source, "OUT": target, "PREFIX": values}
    before = json.loads(run("lint", source, "--select", "GT203", "--json").out)
    (found,) = before["files"][0]["findings"]
    ((name, typed),) = lines_in(found["remedy"])
    done = run(name, *(str(paths.get(word, word)) for word in typed))
    assert done.code == 0, done.err
    assert run("lint", target, "--select", "GT201,GT203,GT204,GT212").code == 0
