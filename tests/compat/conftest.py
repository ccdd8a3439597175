from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphtools.compat.table import versions
from graphtools.run.probed_converter import ProbedConverter


@pytest.fixture(scope="package")
def converter(tf: Any) -> Iterator[ProbedConverter]:
    """The installed TensorFlow's converter in a child process, if it is the newest one known."""
    if not tf.__version__.startswith(versions()[-1] + "."):
        pytest.skip(f"the cases are those of TensorFlow {versions()[-1]}")
    with ProbedConverter() as converter:
        yield converter
