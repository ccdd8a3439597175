"""What commands show on terminals: lines that fit, colours, and no page without being asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest

from graphtools.report.text import columns_of
from tests.commands.running import FROZEN, V2, fixture, run
from tests.support import ROOT

TRAIN = fixture("classifier/train.pb")
posix = pytest.mark.skipif(os.name != "posix", reason="needs a terminal of POSIX")
#: Commands that print tables, facts and texts.
SHOWN = (
    ("bench", "--help"),
    ("check-config", fixture("ssd/pipeline.config")),
    ("compat", TRAIN),
    ("compat", "--op", "Conv2D"),
    ("diff", FROZEN, TRAIN),
    ("explain", "--list"),
    ("explain", "No variables to save"),
    ("help", "change", "input", "shape"),
    ("io", TRAIN, "--all"),
    ("lint", TRAIN),
    ("lint", TRAIN, "--statistics"),
    ("lint", TRAIN, "--show-settings"),
    ("node", FROZEN, "MobilenetV1/Predictions/Reshape_1"),
    ("nodes", FROZEN, "--long"),
    ("op", "Conv2D"),
    ("ops", FROZEN),
    ("optimize", FROZEN, "--dry-run", "--skips"),
    ("path", FROZEN, "input", "MobilenetV1/Predictions/Reshape_1"),
    ("restore-plan", V2, "--model", TRAIN),
    ("rule", "--all"),
    ("rule", "GT101"),
    ("shapes", FROZEN),
    ("signatures", fixture("saved_model/v1")),
    ("size", FROZEN),
    ("summary", TRAIN),
    ("transforms",),
    ("transforms", "fold_batch_norms"),
    ("variables", V2, "--stats"),
    ("variables", V2, "--tree"),
)


class Seen(NamedTuple):
    """What a terminal got, and the exit code."""

    code: int
    text: str


def seen(
    args: Sequence[str], columns: int = 80, variables: Mapping[str, str] | None = None
) -> Seen:
    """Run a command in a terminal of its own."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    left = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "graphtools", *args],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
        env={**left, "TERM": "xterm", **(variables or {})},
    ) as process:  # fmt: skip
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            parts.append(part)
        code = process.wait()
    os.close(ours)
    text = b"".join(parts).decode().replace("\r\n", "\n")
    return Seen(code, re.sub(r"\r\x1b\[K([^\r\n]*\(\d+ s\))?", "", text))  # without progress


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("args", SHOWN, ids=" ".join)
def test_what_is_shown_fits(
    args: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = run(*args)
    assert done.out
    for line in done.lines:
        assert columns_of(line) <= width, line


def test_what_is_piped_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    piped = run("nodes", FROZEN, "--long").out
    assert "..." not in piped
    monkeypatch.setenv("COLUMNS", "60")
    assert run("nodes", FROZEN, "--long").out != piped
    assert run("nodes", FROZEN, "--long", "--wide").out == piped
    assert run("--wide", "nodes", FROZEN, "--long").out == piped


@posix
def test_a_terminal_gets_lines_that_fit_and_colours() -> None:
    text = seen(("lint", TRAIN)).text
    assert "\x1b[31merror\x1b[0m" in text
    plain = seen(("lint", TRAIN), variables={"NO_COLOR": "1"}).text
    assert "\x1b" not in plain
    assert 70 < max(map(len, plain.splitlines())) <= 80
    assert max(map(len, seen(("lint", TRAIN, "--wide")).text.splitlines())) > 120
    assert "\x1b[31merror:\x1b[0m nowhere.pb" in seen(("nodes", "nowhere.pb")).text


@posix
def test_a_page_goes_to_a_terminal_only_where_that_is_asked_for() -> None:
    refused = seen(("report", FROZEN))
    assert refused.code == 2
    assert "-o report.html" in refused.text
    assert len(refused.text) < 300
    assert "<html" in seen(("report", FROZEN, "-o", "-")).text
    assert "<html" in run("report", FROZEN).out
