"""Fixtures of all tests, and the settings of hypothesis."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from graphtools.front_end import CommandLine, speaking

settings.register_profile(
    "graphtools",
    deadline=5000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("graphtools")
#: What a terminal says of itself: xdist tells it its workers, and what is printed would follow it.
for _name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(_name, None)


#: The marks of the tests that `pytest -m fast` leaves out.
_NOT_FAST = {"slow", "tensorflow", "litert", "onnx", "ncnn", "browser"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `pytest -m fast` is to run."""
    for item in items:
        if not any(mark.name in _NOT_FAST for mark in item.iter_markers()):
            item.add_marker("fast")


@pytest.fixture(scope="session")
def tf() -> Any:
    """TensorFlow; the test is skipped where it is not installed. Mark it `tensorflow`."""
    return pytest.importorskip("tensorflow", reason="needs TensorFlow")


@pytest.fixture(scope="session")
def litert() -> Any:
    """LiteRT; the test is skipped where it is not installed. Mark it `litert`."""
    return pytest.importorskip("ai_edge_litert.interpreter", reason="needs LiteRT")


@pytest.fixture(scope="session")
def onnx() -> Any:
    """The package onnx, with tf2onnx and ONNX Runtime; skipped without. Mark it `onnx`."""
    for name in ("tensorflow", "tf2onnx", "onnxruntime"):
        pytest.importorskip(name, reason=f"needs {name}")
    return pytest.importorskip("onnx", reason="needs onnx")


@pytest.fixture(scope="session")
def ncnn(onnx: Any) -> Any:  # noqa: ARG001 - skips without
    """The package ncnn, with pnnx; the test is skipped without. Mark it `ncnn`."""
    from graphtools.run.pnnx import find_pnnx

    if not find_pnnx():
        pytest.skip("needs pnnx")
    return pytest.importorskip("ncnn", reason="needs ncnn")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium; the test is skipped where there is none. Mark it `browser`."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def command_line() -> Iterator[None]:
    """Messages name options and command lines, as where a command is what is run."""
    with speaking(CommandLine()):
        yield
