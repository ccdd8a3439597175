from __future__ import annotations

import pytest

from graphtools.analysis.producers import describe_producer


@pytest.mark.parametrize(
    ("producer", "says"),
    [
        (0, ""),
        (-1, ""),
        (24, "TensorFlow 1.x before May 2019"),
        (29, "TensorFlow 1.x before May 2019"),
        (30, "TensorFlow of 2019-05-09"),
        (134, "TensorFlow of 2019-08-21"),  # 1.15
        (1087, "TensorFlow of 2022-03-31"),
        (2474, "TensorFlow of 2026-01-16"),  # 2.21
        (2**31 - 1, ""),
    ],
)
def test_the_producer_version_tells_the_day(producer: int, says: str) -> None:
    assert describe_producer(producer) == says
