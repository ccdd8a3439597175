from __future__ import annotations

import io
import time

import pytest

from graphtools.report import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_progress_is_shown_to_people_only(
    stream: io.StringIO, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_FIRST", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    with progress.Progress("reading a\x1b[31m.pb") as display:
        display.update(1, 4)
        time.sleep(0.05)
    text = stream.getvalue()
    assert ("reading a\\x1b[31m.pb 1 of 4 (0 s)" in text) is shown
    assert text.endswith("\r\x1b[K") is shown  # nothing is left on the screen
    assert "\x1b[31m" not in text


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.Progress("reading"):
        pass
    assert stream.getvalue() == ""


def test_a_batch_names_what_is_at_work_and_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_FIRST", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    monkeypatch.setenv("COLUMNS", "60")
    with progress.Progress("reading") as display:
        done = display.over(["a.pb", "b" * 80])
        time.sleep(0.05)
        done(1, 2)
        time.sleep(0.05)
    parts = stream.getvalue().split("\r\x1b[K")
    assert "reading 0 of 2: a.pb (0 s)" in parts
    assert any(part.startswith("reading 1 of 2: bbb") and "..." in part for part in parts)
    assert max(map(len, parts)) < 60


def test_very_many_are_told_by_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_FIRST", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    with progress.Progress("saving") as display:
        display.update(500_000, 1_000_000)
        time.sleep(0.05)
    assert "saving 50%" in stream.getvalue()
