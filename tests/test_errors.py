"""The line that installs what is missing."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from graphtools.errors import MissingExtra, pip_install

EXTRAS = ("tensorflow", "litert", "images", "remote")


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_an_extra_brings_is_named_not_the_extra(extra: str) -> None:
    """An index need not have graphtools, which came from a checkout or a file."""
    line = pip_install(extra)
    assert re.fullmatch(r"pip install '[\w-]+(\[[\w,]+\])?[<>=!~][\w.,<>=!~]+'", line), line
    assert "graphtools" not in line


def test_options_stand_before_what_is_installed() -> None:
    line = pip_install("litert", "--force-reinstall")
    assert line.startswith("pip install --force-reinstall 'ai-edge-litert")
    assert pip_install("litert") in MissingExtra("running it", "litert").remedy


def test_a_folder_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    assert pip_install("litert") == "pip install 'tf-graphtools[litert]'"
