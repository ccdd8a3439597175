"""What ops on diagonals say."""

from __future__ import annotations

from graphtools.ops.call import Call, known
from graphtools.ops.dims import Contradiction, with_rank_at_most


def band(call: Call, position: int) -> tuple[int, int] | None:
    """First and last diagonal of a band, None where they are not known.

    Raises:
        Contradiction: They are not one or two, or in the wrong order.
    """
    with_rank_at_most(call.input(position), 1)
    found = call.integers(position)
    values = known(found.items) if found is not None else None
    if values is None:
        return None
    if len(values) not in (1, 2):
        raise Contradiction(f"a band has one or two ends, not {len(values)}")
    if values[0] > values[-1]:
        raise Contradiction(f"a band cannot go from {values[0]} to {values[-1]}")
    return values[0], values[-1]
