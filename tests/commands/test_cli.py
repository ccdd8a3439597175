"""The command line itself: suggestions, errors, streams, encodings."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphtools
from graphtools.cli import _PACKAGE, COMMANDS
from graphtools.commands import _listing
from graphtools.commands._shared import GROUPS, OLD
from graphtools.graph import Graph, Node
from tests.analysis.graphs import graph
from tests.commands.running import FROZEN, refusal, run, run_json, run_process
from tests.support import ROOT, copy_checkpoint


def test_the_version_is_that_of_the_distribution() -> None:
    assert importlib.metadata.version("tf-graphtools") in run("--version").out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("sumary", "summary"), ("verfy", "verify"), ("qqq", None)],
)
def test_an_unknown_command_is_answered_with_the_one_that_may_be_meant(
    typed: str, meant: str | None
) -> None:
    done = run(typed)
    assert done.code == 2
    if meant:
        assert f"no such command '{typed}'. Did you mean `graphtools {meant}`?" in done.err
    else:
        assert "Did you mean" not in done.err
        assert f"`graphtools help {typed}`" in done.err


@pytest.mark.parametrize(
    "args", [("nodes",), ("nodes", FROZEN, "--nonsense"), ("nodes", FROZEN, "--depth", "0")]
)
def test_wrong_usage_exits_with_2_and_points_at_the_help(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.code == 2
    assert "graphtools nodes --help" in done.err
    assert not done.out


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--nonsense",),
        ("nodes",),
        ("nodes", FROZEN, "--depth", "x"),
        ("freeze", FROZEN),
        ("compat", FROZEN, "--op", "Relu"),
        ("toco", "--inptu_file=1"),
        ("qqq",),
    ],
    ids=" ".join,
)
def test_usage_errors_have_the_form_of_all_others(args: tuple[str, ...]) -> None:
    if not args:
        assert run().out == run("--help").out
        return
    assert refusal(run(*args))[0].islower()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("node", "softmax", FROZEN), f"graphtools node {FROZEN} softmax"),
        (("path", "input", "probs", FROZEN), f"graphtools path {FROZEN} input probs"),
        ((FROZEN, "nodes", "--long"), f"`graphtools nodes {FROZEN} --long`"),
        (("freeze", FROZEN, "out.pb"), "did you mean -o out.pb?"),
        (("freeze", FROZEN, "m.ckpt-10", "-o", "x.pb"), "did you mean --checkpoint m.ckpt-10?"),
        (("nodes", FROZEN.replace("frozen", "forzen")), f"did you mean {FROZEN}?"),
        (("nodes", FROZEN, "frozen.pb"), "usage: graphtools nodes"),
    ],
)
def test_arguments_in_the_wrong_place_are_told(args: tuple[str, ...], told: str) -> None:
    done = run(*args)
    assert done.code == 2
    assert told in done.err


def test_options_of_the_program_may_stand_anywhere() -> None:
    assert run("-V").out == run("nodes", "-V").out == run("nodes", FROZEN, "--version").out
    assert run("nodes", "nowhere.pb", "--debug").err.startswith("Traceback")
    assert "Traceback" not in run("nodes", "--", "--debug").err


def test_help_lists_commands_by_what_people_do_with_them() -> None:
    titles = [line[:-1] for line in run("--help").lines if re.fullmatch(r"\w.*:", line)]
    assert titles == ["Options", *GROUPS.values(), OLD]


def test_a_command_of_a_plug_in_is_listed_under_its_own_group() -> None:
    listed = [_listing.Listed("acme", "", "Acme"), _listing.Listed("toco", "", OLD)]
    assert list(_listing.by_group(listed)) == ["Acme", OLD]


def test_an_error_is_a_line_with_a_remedy_and_no_traceback() -> None:
    done = run("nodes", FROZEN + "x")
    message, remedy = refusal(done).splitlines()
    assert "does not exist" in message
    assert "frozen.pb" in remedy
    assert not done.out


def test_debug_shows_the_traceback_too() -> None:
    done = run("--debug", "nodes", "nowhere.pb")
    assert done.code == 2
    assert done.err.startswith("Traceback (most recent call last):")
    assert "error: nowhere.pb does not exist" in done.err


def test_running_out_of_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graphtools.formats.open_model", fail)
    assert refusal(run("nodes", FROZEN)) == "there is not enough memory for this\n"


def test_ctrl_c_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graphtools.formats.open_model", interrupted)
    done = run("nodes", FROZEN)
    assert (done.code, done.err) == (130, "error: interrupted\n")


def test_standard_input_is_read() -> None:
    raw = Path(FROZEN).read_bytes()
    assert run("nodes", "-", stdin=raw).out == run("nodes", FROZEN).out
    assert refusal(run("nodes", "-", stdin=b"")).startswith("standard input is empty")


def test_a_summary_of_standard_input_names_no_command_that_cannot_work() -> None:
    done = run("summary", "-", stdin=Path(FROZEN).read_bytes())
    assert done.lines[0].startswith("standard input: GraphDef (binary)")
    assert "Next" not in done.out


def test_python_m_graphtools_is_the_command() -> None:
    done = run_process("ops", FROZEN, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["ops"]["Conv2D"] == 3
    assert not done.stderr
    assert run_process("nodes", "nowhere.pb").returncode == 2


@pytest.mark.skipif(not shutil.which("head"), reason="needs a shell with head")
def test_a_reader_that_goes_away_is_no_error() -> None:
    import subprocess
    import sys

    line = f"'{sys.executable}' -m graphtools nodes '{FROZEN}' | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout == "input ===> Placeholder\n"
    assert "Traceback" not in done.stderr


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A graph with a name that holds control characters and letters beyond ASCII."""
    file = tmp_path / "odd.pb"
    nodes = graph("x Placeholder").nodes
    graphtools.save(Graph([*nodes, Node("größe\x1b[31m\x9b\u202e", "Relu", ("x",))]), file)
    return file


ODD_COMMANDS = [
    ("nodes",),
    ("nodes", "--long"),
    ("nodes", "--json"),
    ("nodes", "--depth", "1"),
    ("nodes", "--depth", "1", "--json"),
    ("io",),
    ("io", "--json"),
    ("summary",),
    ("summary", "--json"),
    ("path", "x", "--descendants"),
    ("node", "x"),
]


@pytest.mark.parametrize("args", ODD_COMMANDS, ids=" ".join)
def test_control_characters_never_reach_the_terminal(args: tuple[str, ...], odd: Path) -> None:
    done = run(args[0], odd, *args[1:])
    assert done.code == 2  # TensorFlow refuses such a name
    assert "TensorFlow refuses" in done.err
    for line in (done.out + done.err).splitlines():
        assert line.isprintable(), repr(line)
    assert "\\u202e" in done.out


def test_an_encoding_that_lacks_a_letter_is_no_reason_to_fail(odd: Path) -> None:
    done = run_process("nodes", odd, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2
    assert "gr\\xf6\\xdfe" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("tmp_path")
def test_colour_is_for_terminals() -> None:
    assert "\x1b" not in run("summary", FROZEN).out
    assert "\x1b" not in run_process("summary", FROZEN).stdout


def test_messages_go_to_stderr_and_data_to_stdout() -> None:
    done = run("nodes", FROZEN, "--op", "Nothing")
    assert (done.code, done.out) == (0, "")
    assert done.err == "note: no node is let through by all filters\n"
    assert run_json("nodes", FROZEN, "--op", "Nothing")["nodes"] == []


@pytest.mark.parametrize("command", ["nodes", "ops", "io", "node", "path", "summarize_graph"])
def test_a_checkpoint_without_its_meta_file_has_no_graph(command: str, tmp_path: Path) -> None:
    prefix = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    Path(f"{prefix}.meta").unlink()
    args = {
        "node": ("node", prefix, "x"),
        "path": ("path", prefix, "x", "y"),
        "summarize_graph": ("summarize_graph", f"--in_graph={prefix}"),
    }.get(command, (command, prefix))
    message = refusal(run(*args))
    assert "is a checkpoint, which holds no TensorFlow graph" in message
    assert "give the .meta file" in message


def test_the_list_of_commands_is_what_their_modules_say() -> None:
    read = _listing.read_listed(_PACKAGE)
    assert read is not None, "a module declares its command in another way than all others"
    imported = [
        _listing.Listed(c.name or "", c.get_short_help_str(100), GROUPS.get(c.group, c.group))
        for c in COMMANDS.all().values()
    ]
    assert sorted(read) == imported


def test_commands_without_their_text_are_listed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object, **_more: object) -> None:
        raise FileNotFoundError

    listed = _listing.list_commands(COMMANDS, _PACKAGE)
    monkeypatch.setattr("builtins.open", gone)
    assert _listing.list_commands(COMMANDS, _PACKAGE) == listed


def test_the_other_project_of_the_name_is_told() -> None:
    assert run_process("op", "Relu").stderr == ""
    program = "from graphtools import cli; cli._STRANGER = 'cli.py'; cli.run()"
    command = [sys.executable, "-c", program, "op", "Relu"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0
    assert "is another project" in done.stderr
