"""The process that commands which convert share: TensorFlow takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphtools.convert.conversion.converter import Converter
from tests.convert.converting import share


@pytest.fixture(scope="package")
def shared_converter(tf: Any, litert: Any) -> Iterator[Converter]:  # noqa: ARG001 - skips where it is not installed
    """A converter that stays."""
    with Converter() as converter:
        yield converter


@pytest.fixture
def one_child(shared_converter: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets commands convert with it."""
    share(shared_converter, monkeypatch)
