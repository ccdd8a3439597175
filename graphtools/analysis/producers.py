"""When the TensorFlow that wrote a graph was made, by the producer version that graphs record.

Source: TensorFlow's public/version.h. Up to version 29 it was raised by hand; version 30 is of
2019-05-09, and it has been raised by one a day since (1.15 has 134, 2.21 has 2474).
"""

from __future__ import annotations

_FIRST_DATED = 30


def describe_producer(producer: int) -> str:
    """What a version tells, as `TensorFlow of 2019-08-21`; empty where it tells nothing."""
    import datetime

    if producer <= 0:
        return ""
    if producer < _FIRST_DATED:
        return "TensorFlow 1.x before May 2019"
    if producer > 100_000:
        return ""  # no date: damaged, or not TensorFlow's
    made = datetime.date(2019, 5, 9) + datetime.timedelta(days=producer - _FIRST_DATED)
    return f"TensorFlow of {made.isoformat()}"
