"""Networks with FakeQuants, as text, for the tests of what is done with their ranges."""

from __future__ import annotations

FQ = "num_bits=8 narrow_range=false"
CONV = 'T=float strides={1, 1, 1, 1} padding="SAME" data_format="NHWC"'
WEIGHTS = "w = Const value=float:[[[[1,-1],[0.5,2]]]]\nbias = Const value=float:[0.5,-0.25]"
X = "x = Placeholder dtype=float shape=[1,4,4,2]"


def fake_quant(name: str, source: str, low: float, high: float) -> str:
    """A FakeQuant with a range of its own."""
    return f"""
    {name}/low = Const value=float:{low}
    {name}/high = Const value=float:{high}
    {name} = FakeQuantWithMinMaxVars({source}, {name}/low, {name}/high) {FQ}
    """
