"""Processes that the tests of this folder share: TensorFlow takes seconds to start."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from graphtools.convert.litert import LiteRT
from graphtools.convert.verify_models import ModelVerification, verify_models
from graphtools.convert.worker import Worker


@pytest.fixture(scope="package")
def verify() -> Iterator[Callable[..., ModelVerification]]:
    """`verify_models` with processes that stay."""
    with Worker(120) as worker, LiteRT(120) as litert:
        yield functools.partial(verify_models, worker=worker, litert=litert)
