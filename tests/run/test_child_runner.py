from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import FileProblem
from graphtools.run import child_runner
from graphtools.run.arrays import read_arrays
from graphtools.run.child_runner import ChildRunner


def test_the_folder_goes_with_the_runner() -> None:
    with ChildRunner("", 1) as runner:
        path = runner.pass_arrays("a.npz", [np.arange(3)])
        assert Path(path).parent == Path(runner.folder)
        assert read_arrays(path)[0].tolist() == [0, 1, 2]
    assert not Path(runner.folder).exists()


def test_a_full_folder_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: str, _arrays: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(child_runner, "write_arrays", full)
    with ChildRunner("", 1) as runner, pytest.raises(FileProblem, match="No space left") as raised:
        runner.pass_arrays("a.npz", [])
    assert "TMPDIR" in raised.value.remedy
