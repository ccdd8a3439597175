"""Processes that the tests of a folder share: TensorFlow takes seconds to start.

A folder's conftest.py imports those that its tests ask for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtools.convert.conversion.converter import Converter
from graphtools.run.litert import LiteRT
from graphtools.run.probed_converter import ProbedConverter
from graphtools.run.worker import Worker
from graphtools.verify.verify_models import ModelVerification, verify_models
from tests.convert.small_graphs import Convert


@pytest.fixture(scope="package")
def verify() -> Iterator[Callable[..., ModelVerification]]:
    """`verify_models` with processes that stay."""
    with Worker(120) as worker, LiteRT(120) as litert:
        yield functools.partial(verify_models, worker=worker, litert=litert)


@pytest.fixture(scope="package")
def converter(tf: Any) -> Iterator[Converter]:  # noqa: ARG001 - skips where it is not installed
    """A converter that stays."""
    with Converter(time_limit=60) as found:
        yield found


@pytest.fixture(scope="package")
def probed(tf: Any) -> Iterator[ProbedConverter]:  # noqa: ARG001 - skips where it is not installed
    """A converter of small graphs that stays, and tells what it says."""
    with ProbedConverter() as found:
        yield found


@pytest.fixture
def converted(converter: Converter, tmp_path: Path) -> Convert:
    """Converts graphs that are given as text."""
    return Convert(converter, tmp_path)


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Convert]:
    """Converts nothing: for what is refused before TensorFlow is asked."""
    found = Converter()
    yield Convert(found, tmp_path)
    found.__exit__(None, None, None)
