"""How the tests call the command line."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from graphtools.cli import main
from tests.json_documents import check_document
from tests.support import FIXTURES, ROOT

FROZEN = str(FIXTURES / "classifier/frozen.pb")
V2 = str(FIXTURES / "checkpoints/v2/model.ckpt")


class Outcome(NamedTuple):
    """What a command returned and wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of the output."""
        return self.out.splitlines()


def fixture(name: str) -> str:
    """The path of a fixture."""
    return str(FIXTURES / name)


def run(*args: object, stdin: bytes | None = None) -> Outcome:
    """Run a command in this process; no exception may leave it."""
    old = "mix_stderr" in inspect.signature(CliRunner).parameters  # up to click 8.1
    options: dict[str, Any] = {"mix_stderr": False} if old else {}
    runner = CliRunner(**options)
    done = runner.invoke(main, [str(a) for a in args], input=stdin, prog_name="graphtools")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Outcome(done.exit_code, done.stdout, done.stderr)


def run_json(*args: object) -> Any:
    """Run a command that succeeds, with --json, and read what it says."""
    done = run(*args, "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out, parse_constant=pytest.fail)
    check_document(str(args[0]), document)
    return document


def run_process(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "graphtools", *(str(a) for a in args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **options)


def refusal(done: Outcome) -> str:
    """The message of a command that could not do it: exit code 2 and one line, no traceback."""
    assert done.code == 2, done
    first, *rest = done.err.splitlines() or [""]
    assert first.startswith("error: "), done.err
    assert len(rest) <= 1, done.err
    assert all(line.startswith("  ") for line in rest)
    assert "Traceback" not in done.out + done.err
    return done.err.removeprefix("error: ")
