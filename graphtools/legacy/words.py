"""Messages in the words of the old programs: their flags, by the parameters of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.front_end import CommandLine

_QUANTIZED = "--inference_type=QUANTIZED_UINT8"
#: Values of today that a flag of toco's stands for.
_ASKED = {
    ("quantize", "qat"): _QUANTIZED,
    ("input_type", "uint8"): _QUANTIZED,
    ("quantize", "dummy"): "",
}
#: Parameters of two numbers, which toco takes one by one.
_PAIRS = {
    "input_stats": ("--mean_values", "--std_values"),
    "default_ranges": ("--default_ranges_min", "--default_ranges_max"),
}
_TOCO = {
    "allow_custom_ops": "--allow_custom_ops",
    "input_shapes": "--input_shapes",
    "inputs": "--input_arrays",
    "op_definitions": "--custom_opdefs",
    "outputs": "--output_arrays",
    "select_tf_ops": "--enable_select_tf_ops",
    "signature": "--saved_model_signature_key",
    "tags": "--saved_model_tag_set",
}


class Toco(CommandLine):
    """Names flags of toco; of what it has none for, a command line of today."""

    def parameters(self, given: Mapping[str, object]) -> str:
        """Flags, and a command line behind them for what has none."""
        flags, others = [], {}
        for name, value in given.items():
            if name in _PAIRS:
                flags.append(_pair(_PAIRS[name], value))
            elif isinstance(value, str) and (name, value) in _ASKED:
                flags.append(_ASKED[name, value])
            elif name in _TOCO:
                flags.append(_flag(_TOCO[name], value))
            else:
                others[name] = value
        if others:
            command = "freeze" if "checkpoint" in others else "convert"
            flags.append(self.step(command, ["FILE"], {"output": "OUT", **others}))
        return " ".join(filter(None, flags))


def _pair(flags: tuple[str, str], value: Any) -> str:
    if value is None:
        return " and ".join(flags)
    pair = next(iter(value.values())) if isinstance(value, Mapping) else value
    return " ".join(_flag(flag, number) for flag, number in zip(flags, pair, strict=True))


def _flag(flag: str, value: object) -> str:
    if value is None or value is True:
        return flag
    if isinstance(value, Mapping):  # of inputs, whose order tells toco which is meant
        return f"{flag}={':'.join(map(_word, value.values()))}"
    return f"{flag}={_word(value)}"


def _word(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(_word, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


TOCO = Toco()
FREEZE_GRAPH = CommandLine(
    {
        "checkpoint": "--input_checkpoint",
        "initializers": "--initializer_nodes",
        "keep": "--variable_names_blacklist",
        "outputs": "--output_node_names",
        "tags": "--saved_model_tags",
    }
)
STRIP_UNUSED = CommandLine({"inputs": "--input_node_names", "outputs": "--output_node_names"})
OPTIMIZE_FOR_INFERENCE = CommandLine({"inputs": "--input_names", "outputs": "--output_names"})
