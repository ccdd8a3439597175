"""One child process for all tests of a package, as TensorFlow takes seconds to start."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.convert.conversion import converter as conversion


class Borrowed:
    """What has a child process, in the place of its class: the one that stays open is given."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def __call__(self, *_: Any, **__: Any) -> Borrowed:
        return self

    def __enter__(self) -> Any:
        return self._runner

    def __exit__(self, *_: object) -> None:
        pass


def share(converter: conversion.Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands convert with a converter that stays open."""
    monkeypatch.setattr(conversion, "Converter", Borrowed(converter))
