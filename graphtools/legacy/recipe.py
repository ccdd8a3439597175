"""What a command line of toco or tflite_convert asks for, in the words of today."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from graphtools.convert.conversion.options import ConversionOptions
from graphtools.errors import InvalidValue
from graphtools.legacy.values import FLOAT, GivenFlags

TFLITE, GRAPHVIZ, GRAPH_DEF = "TFLITE", "GRAPHVIZ_DOT", "TENSORFLOW_GRAPHDEF"


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What is asked for.

    Attributes:
        file: The model.
        target: Where the result goes.
        output_format: `TFLITE`, `GRAPHVIZ_DOT` or `TENSORFLOW_GRAPHDEF`.
        inputs: Names of the inputs; None for the likely ones.
        outputs: Names of the outputs; None likewise.
        input_shapes: Their shapes as texts: `input=1,300,300,3`, or a shape alone.
        tags: Tags of the SavedModel's graph; None for those there are.
        signature: Its signature; empty for the only one.
        options: What the converter is asked for.
        default_ranges: Range of what has none; None for no such.
        drops_fake_quants: Whether FakeQuants are taken out, for a float model.
        reorders: Whether FakeQuants inside of fused operators are.
        joins_ranges: Whether all that is joined gets one range.
        batch_size: First dimension of inputs where it is open; None to leave it.
        variable_batch: Whether the first dimension of inputs is to be open.
        allows_absent: Whether inputs and outputs that are not there are left out.
        dot_folder: Where pictures of the graph go; empty for nowhere.
        notes: Flags without effect, and other remarks.
    """

    file: str
    target: str
    output_format: str
    inputs: tuple[str, ...] | None
    outputs: tuple[str, ...] | None
    input_shapes: tuple[str, ...]
    tags: tuple[str, ...] | None
    signature: str
    options: ConversionOptions
    default_ranges: tuple[float, float] | None
    drops_fake_quants: bool
    reorders: bool
    joins_ranges: bool
    batch_size: int | None
    variable_batch: bool
    allows_absent: bool
    dot_folder: str
    notes: tuple[str, ...]

    @property
    def is_quantized(self) -> bool:
        """Whether the model computes with integers."""
        return self.options.quantize == "qat"


def read_recipe(flags: Mapping[str, Any]) -> Recipe:
    """What flags ask for.

    Args:
        flags: Values by the keys of `FLAGS`; None, or left out, where a flag was not given.

    Raises:
        InvalidValue: A flag is missing or wrong, or asks for what there is not any more.
    """
    given = GivenFlags(flags)
    notes: list[str] = []
    file = _source(given)
    target = given.text("output_file")
    if not target:
        raise InvalidValue("no output was given", "say where the model goes: --output_file=FILE")
    output_format = given.one_of("output_format", (TFLITE, GRAPHVIZ, GRAPH_DEF))
    _check_input_format(given)
    inputs = given.names("input_arrays")
    options, quantized = _options(given, inputs, notes)
    drops = given.is_set("drop_fake_quant")
    if drops and quantized:
        notes.append(
            "--drop_fake_quant: in a quantized model the ranges of FakeQuant nodes count all the "
            "same, as in toco; those inside of fused operators go"
        )
    notes += [
        f"--{key} has no effect: a float model has no ranges"
        for key in ("reorder_across_fake_quant", "change_concat_input_ranges")
        if given.get(key) and not quantized
    ]
    return Recipe(
        file=file,
        target=target,
        output_format=output_format,
        inputs=inputs,
        outputs=given.names("output_arrays"),
        input_shapes=_shapes(given, inputs),
        tags=tuple(given.parts("saved_model_tag_set")) if "saved_model_tag_set" in given else None,
        signature=given.text("saved_model_signature_key"),
        options=options,
        default_ranges=_default_ranges(given, quantized, notes),
        drops_fake_quants=drops and not quantized,
        reorders=quantized and (drops or given.is_set("reorder_across_fake_quant")),
        joins_ranges=quantized and given.is_set("change_concat_input_ranges"),
        batch_size=_batch_size(given, notes),
        variable_batch=given.is_set("variable_batch"),
        allows_absent=given.is_set("allow_nonexistent_arrays"),
        dot_folder=given.text("dump_graphviz_dir"),
        notes=tuple(notes),
    )


def _source(given: GivenFlags) -> str:
    """The model.

    Raises:
        InvalidValue: None was given, or several, or one that is not read here.
    """
    keras = given.text("keras_model_file")
    if keras:
        raise InvalidValue(
            f"--keras_model_file={keras} is not read here",
            "export it in Python: tf.keras.models.load_model(FILE).export(FOLDER), and give "
            "--saved_model_dir=FOLDER",
        )
    found = [text for key in ("input_file", "saved_model_dir") if (text := given.text(key))]
    if len(found) == 1:
        return found[0]
    what = "a graph and a SavedModel were given" if found else "no model was given"
    raise InvalidValue(what, "give --input_file=FILE, or --saved_model_dir=FOLDER")


def _check_input_format(given: GivenFlags) -> None:
    """Check that the input is said to be a graph.

    Raises:
        InvalidValue: It is something else.
    """
    found = given.text("input_format").upper() or GRAPH_DEF
    if found == TFLITE:
        raise InvalidValue(
            "--input_format=TFLITE: a TFLite model is not converted again",
            "look into it: graphtools summary FILE",
        )
    if found != GRAPH_DEF:
        raise InvalidValue(f"--input_format={found} is none", f"leave it out, or say {GRAPH_DEF}")


def _options(
    given: GivenFlags, inputs: tuple[str, ...] | None, notes: list[str]
) -> tuple[ConversionOptions, bool]:
    """What the converter is asked for, and whether the model is one of integers."""
    kind = given.type("inference_type") or FLOAT
    ends = {key: given.type(f"inference_{key}_type") for key in ("input", "output")}
    quantized = kind != FLOAT
    stats = _statistics(given, inputs)
    if not quantized:
        for key, wanted in ends.items():
            if wanted not in ("", FLOAT):
                raise InvalidValue(
                    f"--inference_{key}_type={given.text(f'inference_{key}_type')} does not go "
                    "with a float model",
                    "say --inference_type=QUANTIZED_UINT8 too, or leave it out",
                )
        if stats:
            notes.append("--mean_values and --std_values have no effect: the inputs are floats")
        stats = {}
    custom = _definitions(given)
    return (
        ConversionOptions(
            quantize="qat" if quantized else _float_mode(given),
            quantized_type=kind if quantized else "",
            input_type=ends["input"],
            output_type=ends["output"],
            input_stats=stats,
            allow_custom_ops=given.is_set("allow_custom_ops") or bool(custom),
            select_tf_ops=_select(given),
            op_definitions=custom,
        ),
        quantized,
    )


def _definitions(given: GivenFlags) -> tuple[str, ...]:
    """OpDefs of custom ops, as texts; each starts with its name."""
    parts = re.split(r",\s*(?=name\s*:)", str(given.get("custom_opdefs") or ""))
    return tuple(text for part in parts if (text := part.strip()))


def _float_mode(given: GivenFlags) -> str:
    """How the weights of a float model are stored."""
    if given.get("quantize_to_float16"):
        return "float16"
    return "dynamic" if given.get("post_training_quantize") else "none"


def _select(given: GivenFlags) -> bool:
    """Whether TensorFlow's kernels are asked for.

    Raises:
        InvalidValue: The ops are none, or need more than these commands take.
    """
    found = given.is_set("enable_select_tf_ops")
    for part in given.parts("target_ops"):
        if part.upper() == "SELECT_TF_OPS":
            found = True
        elif part.upper() == "TFLITE_BUILTINS_INT8":
            raise InvalidValue(
                "--target_ops=TFLITE_BUILTINS_INT8 needs data to measure ranges on",
                "graphtools convert FILE -o OUT --quantize int8 --calibrate DATA",
            )
        elif part.upper() != "TFLITE_BUILTINS":
            raise InvalidValue(
                f"--target_ops={part} is none", "there are TFLITE_BUILTINS and SELECT_TF_OPS"
            )
    return found


def _statistics(
    given: GivenFlags, inputs: tuple[str, ...] | None
) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation by input.

    Raises:
        InvalidValue: Their numbers do not fit.
    """
    means, stds = given.numbers("mean_values"), given.numbers("std_values")
    if not means and not stds:
        return {}
    if len(means) != len(stds):
        raise InvalidValue(
            f"--mean_values has {len(means)} values, and --std_values {len(stds)}",
            "give both for each input",
        )
    if inputs is None:
        raise InvalidValue(
            "--mean_values does not say of which inputs", "name them: --input_arrays=NAME,NAME"
        )
    if len(inputs) != len(means):
        raise InvalidValue(
            f"there are {len(inputs)} inputs, and --mean_values for {len(means)}",
            "give one for each input",
        )
    return dict(zip(inputs, zip(means, stds, strict=True), strict=True))


def _default_ranges(
    given: GivenFlags, quantized: bool, notes: list[str]
) -> tuple[float, float] | None:
    keys = ("default_ranges_min", "default_ranges_max")
    found = [given.get(key) for key in keys]
    if found == [None, None]:
        return None
    low, high = found
    if low is None or high is None:
        raise InvalidValue(f"--{keys[0]} and --{keys[1]} belong together", "give both, or neither")
    if not quantized:
        notes.append(
            "--default_ranges_min and --default_ranges_max have no effect: a float model "
            "has no ranges"
        )
        return None
    return float(low), float(high)


def _shapes(given: GivenFlags, inputs: tuple[str, ...] | None) -> tuple[str, ...]:
    """Shapes by input, as texts.

    Raises:
        InvalidValue: They are none, or their number does not fit.
    """
    shapes = given.shapes("input_shapes", open_batch=given.is_set("variable_batch"))
    if not shapes:
        return ()
    if inputs is None:
        if len(shapes) > 1:
            raise InvalidValue(
                f"--input_shapes has {len(shapes)} shapes, and no input is named",
                "name them: --input_arrays=NAME,NAME",
            )
        return tuple(shapes)
    if len(inputs) != len(shapes):
        raise InvalidValue(
            f"there are {len(inputs)} inputs, and --input_shapes has {len(shapes)} shapes",
            "separate them by colons: --input_shapes=1,300,300,3:2,5",
        )
    return tuple(f"{name}={shape}" for name, shape in zip(inputs, shapes, strict=True))


def _batch_size(given: GivenFlags, notes: list[str]) -> int | None:
    size = given.get("batch_size")
    if size is None:
        return None
    if given.get("variable_batch"):
        raise InvalidValue("--batch_size and --variable_batch do not go together", "give one")
    if int(size) < 1:
        raise InvalidValue(f"--batch_size={size} is no size", "give 1 or more")
    if "input_shapes" in given:
        notes.append("--batch_size has no effect: --input_shapes tells the sizes")
        return None
    return int(size)
