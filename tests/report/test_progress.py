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
    assert ("25%" in text) is shown
    assert text.endswith("\r\x1b[K") is shown  # nothing is left on the screen
    assert "\x1b[31m" not in text


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.Progress("reading"):
        pass
    assert stream.getvalue() == ""
