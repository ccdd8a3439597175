"""Up to which rank TFLite's binary operators broadcast.

Where both inputs have dimensions, the converter broadcasts them itself, up to 8. A single number
that is not constant, or an input of unknown rank, is left to the operator. Source: measured with
TensorFlow 2.21, of each op and rank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.ops.arithmetic import QUOTIENTS, SUMS

if TYPE_CHECKING:
    from graphtools.compat.site import Site

#: The most dimensions that BROADCAST_TO gives.
_MOST = 8
#: By op, the highest rank with which a single number is taken as the first and second input.
_WITH_A_NUMBER = {
    **dict.fromkeys(SUMS | QUOTIENTS | {"Sub", "Mul", "TruncateDiv"}, (6, 6)),
    "SquaredDifference": (6, 6),
    **dict.fromkeys(("Maximum", "Minimum", "SelectV2"), (5, 5)),
    **dict.fromkeys(("DivNoNan", "MulNoNan"), (5, 6)),
    **dict.fromkeys(("Xdivy", "Xlogy", "Xlog1py"), (6, 5)),
    **dict.fromkeys(("FloorDiv", "FloorMod", "Pow", "Less", "LessEqual"), (4, 4)),
    **dict.fromkeys(("Greater", "GreaterEqual", "Equal", "NotEqual"), (4, 4)),
}


def broadcasting_problem(site: Site) -> str:
    """Why TFLite does not broadcast the inputs of a node; empty if it does."""
    ranks = [site.rank(position) for position in range(len(site.inputs))]
    known = [rank for rank in ranks if rank is not None]
    most = max(known, default=0)
    if most <= 4 or (None not in ranks and all(dims == site.inputs[0] for dims in site.inputs)):
        return ""
    limits = _WITH_A_NUMBER.get(site.node.op)
    if limits is not None:
        for position, rank in enumerate(ranks):
            limit = limits[min(position, 1)]
            if not rank and most > limit and not site.is_constant(position):
                what = "an input of unknown rank" if rank is None else "a single number"
                return f"rank {most} and {what}: TFLite broadcasts up to {limit} dimensions here"
    if most > _MOST and limits is not None and not any(map(site.is_constant, range(len(ranks)))):
        return f"rank {most}: TFLite broadcasts up to {_MOST} dimensions"
    return ""
