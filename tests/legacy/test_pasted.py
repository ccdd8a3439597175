"""Lines of old pages behind `graphtools`."""

from __future__ import annotations

import shlex

import pytest

from graphtools.errors import InvalidValue
from graphtools.legacy.pasted import called


@pytest.mark.parametrize(
    "line",
    [
        "tool --a=1",
        "bazel-bin/some/where/tool --a=1",
        "./bazel-bin/some/where/tool --a=1",
        "$ ../../bazel-bin/where/tool --a=1",
        "C:\\\\work\\\\bin\\\\tool.exe --a=1",
        "python -m package.tools.tool --a=1",
        "python3.6 -u -W ignore -m package.tool --a=1",
        "/usr/bin/python3 /usr/lib/python3/site-packages/package/tool.py --a=1",
        "!python tool.py --a=1",
        "sudo CUDA_VISIBLE_DEVICES= python tool.py --a=1",
        "bazel run //some/where:tool -- --a=1",
        "bazel run --config=opt -c opt some/where/tool:tool -- --a=1",
        "bazel --bazelrc=/dev/null run tool -- --a=1",
        "bazel run //some/tool --a=1",
    ],
)
def test_the_program_is_found(line: str) -> None:
    assert called(shlex.split(line.replace("!", "'!' "))) == ["tool", "--a=1"]


def test_what_follows_is_left_as_it_is() -> None:
    line = ["bazel", "run", "//x:tool", "--", "--a", "--", "python", "\\"]
    assert called(line) == ["tool", "--a", "--", "python", "\\"]


def test_what_calls_nothing() -> None:
    assert called([]) == called(["python"]) == called(["bazel", "run"]) == called(["$"]) == []


def test_nothing_is_built() -> None:
    with pytest.raises(InvalidValue, match="nothing has to be built"):
        called(["bazel", "build", "-c", "opt", "//x:tool"])
