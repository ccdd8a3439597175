"""A package of somebody's own adds a rule, a transform, an op, an error, a format and a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import FIXTURES, ROOT

PLUGIN = '''
import click

from graphtools import Node
from graphtools.commands._shared import command
from graphtools.explain.known_errors._entry import KnownError
from graphtools.findings.finding import WARNING
from graphtools.findings.rule import Found
from graphtools.formats.format import Format
from graphtools.formats.graphdef import GraphFile
from graphtools.graph import Graph
from graphtools.lint.tables import rule
from graphtools.ops.call import shape_function
from graphtools.rewrite.transform import Transform


@rule("ACME101", "too-few-nodes", WARNING)
def too_few_nodes(subject):
    """A graph has fewer than four nodes.

    Remedy:
        Add some.
    """
    if len(subject.graph) < 4:
        yield Found(None, "the graph is small")


@shape_function("AcmeHalve")
def halve(call):
    dims = call.input(0)
    return [None if dims is None else (*dims[:-1], dims[-1] // 2)]


def _rename(graph, job):
    for node in list(graph):
        if node.op == "Relu":
            graph.set_op(node, "Elu")


TRANSFORM = Transform("acme_elu", _rename, "Take Elu in place of Relu.", "acme_elu")


def _read(source):
    return GraphFile(source.path, "acme", Graph([Node("one", "NoOp")]))


FORMAT = Format("Acme graph", lambda source: source.head.startswith(b"ACME"), _read)

ERRORS = (
    KnownError(
        "acme-is-tired",
        ("Acme is tired",),
        "Acme is tired of this graph",
        cause="Acme needs a rest.",
        cure="wait",
    ),
)


@command("acme-greet", example="graphtools acme-greet", also={"FILE": "hello salute"})
def COMMAND():
    """Greet."""
    click.echo("hello from acme")
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as packages are installed into, with such a package."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "acme_graphs.py").write_text(PLUGIN)
    info = folder / "acme_graphs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-graphs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[graphtools.plugins]\nacme = acme_graphs\n")
    return folder


def run(site: Path, *args: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(site), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "graphtools", *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def text_graph(folder: Path, op: str) -> str:
    path = folder / f"{op}.pbtxt"
    path.write_text(
        'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }'
        ' attr { key: "shape" value { shape { dim { size: 2 } dim { size: 8 } } } } }'
        f'node {{ name: "y" op: "{op}" input: "x" attr {{ key: "T" value {{ type: DT_FLOAT }} }} }}'
    )
    return str(path)


def test_a_rule(site: Path, tmp_path: Path) -> None:
    done = run(site, "lint", text_graph(tmp_path, "Relu"))
    assert "[ACME101 too-few-nodes]" in done.stdout
    assert "Add some." in run(site, "rule", "ACME101").stdout


def test_a_transform(site: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "out.pb")
    done = run(
        site, "transform", text_graph(tmp_path, "Relu"), "-o", target, "--transforms", "acme_elu"
    )
    assert done.returncode == 0, done.stderr
    assert "Elu" in run(site, "ops", target).stdout
    assert "acme_elu" in run(site, "transforms").stdout


def test_a_shape_function(site: Path, tmp_path: Path) -> None:
    assert "[2,4]" in run(site, "shapes", text_graph(tmp_path, "AcmeHalve")).stdout


def test_a_format(site: Path, tmp_path: Path) -> None:
    (tmp_path / "graph.acme").write_bytes(b"ACME1")
    done = run(site, "nodes", str(tmp_path / "graph.acme"))
    assert (done.returncode, "one" in done.stdout) == (0, True), done.stderr


def test_a_known_error(site: Path) -> None:
    assert "Acme needs a rest." in run(site, "explain", "Error: Acme is tired of this graph").stdout


def test_a_command(site: Path) -> None:
    assert run(site, "acme-greet").stdout == "hello from acme\n"
    assert "acme-greet" in run(site, "--help").stdout
    assert "salute is `graphtools acme-greet m.pb`" in run(site, "salute", "m.pb").stderr
    assert "graphtools acme-greet FILE" in run(site, "help", "salute").stdout


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("1 / 0\n", "ZeroDivisionError"),
        (
            "from graphtools.ops.call import shape_function\n"
            "shape_function('Relu')(lambda call: None)\n",
            "RuntimeError: graphtools.ops.families: two things are called 'Relu'",
        ),
    ],
    ids=["error", "clash"],
)
def test_a_plugin_that_is_broken_is_named(
    site: Path, tmp_path: Path, code: str, problem: str
) -> None:
    (tmp_path / "acme_graphs.py").write_text(code)
    info = tmp_path / "acme_graphs-1.0.dist-info"
    info.mkdir()
    for file in (site / info.name).iterdir():
        (info / file.name).write_text(file.read_text())
    done = run(tmp_path, "lint", str(FIXTURES / "classifier" / "frozen.pb"))
    assert done.returncode == 2
    assert f"the plug-in 'acme' (acme_graphs) cannot be loaded: {problem}" in done.stderr
    assert "Traceback" not in done.stderr
