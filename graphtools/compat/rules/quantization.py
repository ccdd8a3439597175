"""Quantization in training, and what quantizes and dequantizes."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.compat.judgement import BUILTIN, Failure, Judgement
from graphtools.compat.site import Site, rule

#: The last TensorFlow of which it is known that it fails at few bits, and how many these are.
_FAILS_AT_FEW, _FEW_BITS = (2, 16), 4


@rule("FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars")
def fake_quantization(site: Site) -> Judgement:
    """The range must be constant. Old converters fail at up to 4 bits."""
    return _few_bits(site, range(1, len(site.sources)))


@rule("FakeQuantWithMinMaxVarsPerChannel")
def quantization_per_channel(site: Site) -> Judgement:
    """Quantization per channel is taken for constant weights, which are computed, and else not.

    Old converters fail at up to 4 bits.
    """
    if not site.is_constant(0):
        return "its input is not constant: TFLite has it for weights"
    return _few_bits(site, ()) or BUILTIN


def _few_bits(site: Site, ranges: Sequence[int]) -> Failure | None:
    """A quantization by constant ranges to fewer bits than an old converter can write."""
    bits = site.int_attr("num_bits")
    fails = bits <= _FEW_BITS and site.known.number <= _FAILS_AT_FEW
    if fails and all(map(site.is_constant, ranges)):
        reason = f"num_bits={bits}: TensorFlow {site.known.version} fails below 5 bits"
        return Failure("error", reason, "train with num_bits=8")
    return None


@rule("Dequantize")
def dequantize(site: Site) -> Judgement:
    """TFLite's DEQUANTIZE is that of quint8 in the mode MIN_COMBINED."""
    taken = site.type_attr("T") == "quint8" and site.text_attr("mode") == b"MIN_COMBINED"
    return BUILTIN if taken and not site.bool_attr("narrow_range") else None
