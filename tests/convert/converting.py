"""One child process for all conversions of a test module, as TensorFlow takes seconds to start."""

from __future__ import annotations

import pytest

from graphtools.convert import conversion


def share(converter: conversion.Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands convert with a converter that stays open."""

    class Borrowed:
        def __init__(self, time_limit: float) -> None:
            pass

        def __enter__(self) -> conversion.Converter:
            return converter

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr(conversion, "Converter", Borrowed)
