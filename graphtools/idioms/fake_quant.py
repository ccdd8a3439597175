"""FakeQuant, which rounds a tensor to the grid of a range: training for quantization puts it in."""

from __future__ import annotations

#: The range is two tensors, two attributes, or two vectors with a number for each channel.
FAKE_QUANT = "FakeQuantWithMinMaxVars"
FAKE_QUANT_ARGS = "FakeQuantWithMinMaxArgs"
FAKE_QUANT_PER_CHANNEL = "FakeQuantWithMinMaxVarsPerChannel"
FAKE_QUANTS = frozenset({FAKE_QUANT, FAKE_QUANT_ARGS, FAKE_QUANT_PER_CHANNEL})
