"""Streams that are closed, full or gone, and signals: a line and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graphtools.cli import COMMANDS as TABLE
from graphtools.formats.source import atomic_file
from tests.commands.running import FROZEN, V2, refusal, run
from tests.support import ROOT

COMMANDS = (
    ("--help",),
    ("--version",),
    ("-V",),
    ("help",),
    ("lint", "--help"),
    ("nodes", FROZEN),
    ("nodes", FROZEN, "--json"),
    ("summary", FROZEN),
    ("lint", FROZEN),
    ("lint", FROZEN, "--format", "sarif"),
    ("explain", "--list"),
    ("rule", "--all", "--json"),
    ("io", FROZEN),
    ("size", FROZEN, "--json"),
    ("transforms",),
    ("variables", V2),
    ("summarize_graph", f"--in_graph={FROZEN}"),
    ("inspect_checkpoint", f"--file_name={V2}"),
    ("draw", FROZEN, "-o", "-"),
    ("strip", FROZEN, "-o", "-"),
    ("report", FROZEN, "-o", "-"),
)
#: All commands, and what of them says the most with the least work.
HELPED = tuple((name, "--help") for name in TABLE.all())
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
full_disk = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")


def shell(args: Sequence[str], redirection: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell that does something to its streams."""
    script = f'set -o pipefail; "$@" {redirection}'
    command = ["bash", "-c", script, "bash", sys.executable, "-m", "graphtools", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def ids(args: Sequence[str]) -> str:
    return " ".join(Path(a).name for a in args)


@posix
@full_disk
@pytest.mark.parametrize("redirection", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("args", COMMANDS, ids=ids)
@pytest.mark.slow
def test_output_that_cannot_be_written_is_told(args: Sequence[str], redirection: str) -> None:
    done = shell(args, redirection)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note:")]
    assert len(lines) == 1
    assert lines[0].startswith("error: the output cannot be written: ")


@posix
@full_disk
@pytest.mark.parametrize("redirection", ["2> /dev/full", "2>&-"])
def test_what_is_done_does_not_depend_on_stderr(redirection: str) -> None:
    assert shell(("strip", FROZEN, "-o", "-"), f"{redirection} | wc -c").returncode == 0
    assert shell(("nodes", "nothing.pb"), redirection).returncode == 2


@posix
@full_disk
@pytest.mark.parametrize("redirection", [">&- 2>&-", "> /dev/full 2> /dev/full"])
@pytest.mark.parametrize("args", COMMANDS, ids=ids)
def test_that_nothing_can_be_written_is_an_exit_code(args: Sequence[str], redirection: str) -> None:
    done = shell(args, redirection)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@posix
@pytest.mark.parametrize("args", COMMANDS, ids=ids)
@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(args: Sequence[str]) -> None:
    done = shell(args, "| true")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr


@posix
@full_disk
@pytest.mark.parametrize("args", HELPED, ids=ids)
def test_the_help_of_each_command_survives_its_streams(args: Sequence[str]) -> None:
    full, read = shell(args, "> /dev/full"), shell(args, "| true")
    assert (full.returncode, read.returncode, read.stderr) == (2, 0, "")
    assert full.stderr == "error: the output cannot be written: No space left on device\n"


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_a_command(name: str) -> None:
    number = getattr(signal, name)
    command = [sys.executable, "-m", "graphtools", "nodes", "-"]
    options: Any = {"cwd": ROOT, "text": True}
    options |= dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    # whoever runs the tests may have them ignored
    options["preexec_fn"] = lambda: signal.signal(number, signal.SIG_DFL)
    with subprocess.Popen(command, **options) as process:
        while not _catches(process.pid, signal.SIGTERM):  # then it waits for the graph
            assert process.poll() is None
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert said.split() == ["error:", "interrupted"]


def _catches(process: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        pytest.skip("needs /proc")
    caught = next(x for x in status.read_text().splitlines() if x.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def test_what_is_half_written_goes_when_a_signal_comes(tmp_path: Path) -> None:
    from graphtools.commands._process import Ended

    with pytest.raises(Ended), atomic_file(tmp_path / "out.pb") as file:  # noqa: PT012 - half of it
        file.write(b"half")
        raise Ended(signal.SIGTERM)
    assert not list(tmp_path.iterdir())


def test_a_file_named_as_an_option_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "-oops.pb").write_bytes(Path(FROZEN).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert "write ./-oops.pb, or --" in run("lint", "-oops.pb").err
    assert run("lint", "--", "-oops.pb").code in (0, 1)
    assert "nothing" in refusal(run("nodes", "nothing"))
