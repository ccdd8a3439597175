"""What a conversion to TFLite is asked for, in the words of today."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.graph.ref import Ref

#: By the way of quantizing, what it does.
MODES: Mapping[str, str] = {
    "none": "weights and values stay float32",
    "dynamic": "weights are int8, values float32; no calibration",
    "float16": "weights are float16, values float32; no calibration",
    "int8": "weights and values are int8, after calibration",
    "int16x8": "weights are int8, values int16, after calibration",
    "qat": "the ranges that were trained (FakeQuant nodes of the graph) become those of uint8 or "
    "int8 tensors",
    "dummy": "uint8 or int8 with ranges that were made up (`default_ranges`): for timing only",
}
#: Modes whose ranges are measured on data.
CALIBRATED = frozenset({"int8", "int16x8"})
#: Modes whose ranges stand in the graph, or are made up; the input's come from `input_stats`.
WITH_STATS = frozenset({"qat", "dummy"})
#: By mode, the types that inputs and outputs may have.
PORT_TYPES: Mapping[str, tuple[str, ...]] = {
    "none": ("float32",),
    "dynamic": ("float32",),
    "float16": ("float32",),
    "int8": ("float32", "int8", "uint8"),
    "int16x8": ("float32", "int16"),
    "qat": ("float32", "uint8", "int8"),
    "dummy": ("float32", "uint8", "int8"),
}
#: A smaller standard deviation makes a scale that TFLite cannot compute with.
LEAST_STD = 1e-30


@dataclasses.dataclass(frozen=True)
class ConversionOptions:
    """What a conversion is asked for.

    Attributes:
        quantize: One of `MODES`.
        quantized_type: `uint8` or `int8`, for the modes `qat` and `dummy`; empty for that of
            `input_type`, or else `uint8`.
        input_type: Element type of the model's inputs that are float in the graph; empty for what
            the mode gives: that of the quantized values for `qat` and `dummy`, else `float32`.
        output_type: Likewise of the outputs.
        input_stats: By input, mean and standard deviation: real = (stored - mean) / std. For `qat`
            and `dummy`. Without a name (an empty one) those of all inputs that have none.
        default_ranges: Smallest and largest value of each tensor whose range is not known, for
            `qat` and `dummy`.
        per_tensor: Whether weights have one scale a tensor instead of one a channel.
        allow_custom_ops: Whether ops that neither TFLite nor Flex has become custom ops.
        select_tf_ops: Whether ops that TFLite lacks are left to TensorFlow's kernels (Flex).
        op_definitions: OpDefs in protobuf's text format, of ops that TensorFlow does not know; by
            default they are made from the nodes.

    Example:
        >>> ConversionOptions(quantize="int8").quantize
        'int8'
    """

    quantize: str = "none"
    quantized_type: str = ""
    input_type: str = ""
    output_type: str = ""
    input_stats: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    default_ranges: tuple[float, float] | None = None
    per_tensor: bool = False
    allow_custom_ops: bool = False
    select_tf_ops: bool = False
    op_definitions: tuple[str, ...] = ()

    @property
    def inner_type(self) -> str:
        """The type of quantized values in `qat` and `dummy`: `uint8` or `int8`."""
        if self.quantized_type:
            return self.quantized_type
        return self.input_type if self.input_type in ("uint8", "int8") else "uint8"

    def stats_of(self, name: str) -> tuple[float, float] | None:
        """Mean and standard deviation of an input, None where there are none."""
        wanted = Ref.from_user(name).tensor
        for given, stats in self.input_stats.items():
            if given and Ref.from_user(given).tensor == wanted:
                return stats
        return self.input_stats.get("")


def check_options(options: ConversionOptions) -> None:
    """Check options as far as they can be without a graph.

    Raises:
        InvalidValue: One is wrong, or two do not go together.
    """
    mode = options.quantize
    if mode not in MODES:
        raise InvalidValue(f"{mode!r} is no way to quantize", f"there are {', '.join(MODES)}")
    for what, value in (("input", options.input_type), ("output", options.output_type)):
        if value and value not in PORT_TYPES[mode]:
            raise InvalidValue(
                f"{param(**{f'{what}_type': value})} does not go with {param(quantize=mode)}",
                f"it takes {' or '.join(PORT_TYPES[mode])}"
                + (
                    f"; for integers: {param(quantize='int8')} or qat"
                    if len(PORT_TYPES[mode]) == 1
                    else ""
                ),
            )
    if options.quantized_type not in ("", "uint8", "int8"):
        raise InvalidValue(
            f"values cannot be quantized to {options.quantized_type!r}", "take uint8 or int8"
        )
    if options.quantized_type and mode not in WITH_STATS:
        raise InvalidValue(
            f"a quantized type does not go with {param(quantize=mode)}",
            f"take {param(quantize='qat')} or dummy",
        )
    for name, (mean, std) in options.input_stats.items():
        _check_stats(name, mean, std)
    if options.default_ranges is not None:
        _check_ranges(*options.default_ranges)


def _check_stats(name: str, mean: float, std: float) -> None:
    """What the converter does not survive (it crashes on a std of 0), or takes without a word."""
    if not (math.isfinite(mean) and math.isfinite(std)) or std < LEAST_STD:
        raise InvalidValue(
            f"{param(input_stats={name: [mean, std]})}: the standard deviation has to be above 0, "
            "and "
            "both have to be finite",
            "real = (stored - mean) / std: for values from -1 to 1 as uint8 take "
            f"{name}=128,128; for 0 to 1 take {name}=0,255",
        )


def _check_ranges(low: float, high: float) -> None:
    """What the converter does not survive."""
    given = param(default_ranges=[low, high])
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InvalidValue(
            f"{given}: both have to be finite, the first the smaller one",
            "as 0,6 for activations that end in relu6",
        )
    if low > 0 or high < 0:
        raise InvalidValue(
            f"{given} does not contain 0, which TFLite has to represent",
            "as 0,6 or -1,1",
        )
    if high - low < LEAST_STD or high - low > 3e38:
        raise InvalidValue(f"{given}: no scale of a float32 fits it", "as 0,6")


def read_input_stats(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The statistics that `--input-stats` gives, as `input=128,128`; without a name for all inputs.

    Raises:
        InvalidValue: One is of another form.
    """
    found = {}
    for text in texts:
        name, _, numbers = text.rpartition("=")
        pair = _pair(numbers)
        if pair is None:
            raise InvalidValue(
                f"{param('input_stats')} {text!r} is not NAME=mean,std",
                f"as {param(input_stats={'image': [128, 128]})}",
            )
        found[name.strip()] = pair
    return found


def read_default_ranges(text: str | None) -> tuple[float, float] | None:
    """The range that `--default-ranges` gives, as `0,6`; None if it is not given.

    Raises:
        InvalidValue: It is of another form.
    """
    if text is None:
        return None
    pair = _pair(text)
    if pair is None:
        raise InvalidValue(
            f"{param('default_ranges')} {text!r} is not min,max",
            f"as {param(default_ranges=[0, 6])}",
        )
    return pair


def _pair(text: str) -> tuple[float, float] | None:
    parts = text.split(",")
    try:
        low, high = (float(p) for p in parts)
    except ValueError:  # no numbers, or not two of them
        return None
    return low, high
