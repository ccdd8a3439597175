"""Command lines of toco, in the words of today."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.errors import InvalidValue
from graphtools.legacy.flags import FLAGS
from graphtools.legacy.recipe import Recipe, read_recipe

LEAST = {"input_file": "model.pb", "output_file": "model.tflite"}
QUANTIZED = {"inference_type": "QUANTIZED_UINT8", "input_arrays": "a,b"}


def recipe(**flags: Any) -> Recipe:
    return read_recipe({**LEAST, **flags})


def test_no_spelling_is_that_of_two_flags() -> None:
    names = [name for flag in FLAGS for name in flag.names]
    assert len(set(names)) == len(names)
    assert len({flag.key for flag in FLAGS}) == len(FLAGS)


def test_a_float_model_is_the_default() -> None:
    found = recipe()
    assert (found.file, found.target, found.output_format) == ("model.pb", "model.tflite", "TFLITE")
    assert found.options.quantize == "none"
    assert found.inputs is None
    assert found.outputs is None
    assert found.default_ranges is None
    assert not found.notes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b:1", ("a", "b:1")),
        ("'a','b:0'", ("a", "b")),
        ("\"a, 'b' ,\"", ("a", "b")),
        ("\u2018a\u2019", ("a",)),
        (" ", None),
    ],
)
def test_names_come_with_quotes_blanks_and_output_numbers(
    text: str, names: tuple[str, ...] | None
) -> None:
    found = recipe(input_arrays=text, output_arrays=text)
    assert found.inputs == found.outputs == names


@pytest.mark.parametrize(
    ("flags", "shapes"),
    [
        ({"input_arrays": "a", "input_shapes": "1,300,300,3"}, ("a=1,300,300,3",)),
        ({"input_arrays": "a,b", "input_shapes": "'1,2':'3'"}, ("a=1,2", "b=3")),
        ({"input_arrays": "a:1", "input_shapes": "[-1, 2]"}, ("a:1=?,2",)),
        ({"input_shapes": "None,2"}, ("?,2",)),
        ({"input_shapes": "7,2", "variable_batch": True}, ("?,2",)),
    ],
)
def test_shapes_are_those_of_the_inputs(flags: dict[str, Any], shapes: tuple[str, ...]) -> None:
    assert recipe(**flags).input_shapes == shapes


def test_a_quantized_model() -> None:
    found = recipe(
        **QUANTIZED,
        mean_values="128,0",
        std_values="127.5, 255",
        default_ranges_min=0,
        default_ranges_max=6,
        reorder_across_fake_quant=True,
        change_concat_input_ranges=True,
        allow_custom_ops=True,
    )
    assert found.is_quantized
    assert (found.options.quantize, found.options.quantized_type) == ("qat", "uint8")
    assert found.options.input_stats == {"a": (128, 127.5), "b": (0, 255)}
    assert found.default_ranges == (0, 6)
    assert found.reorders
    assert found.joins_ranges
    assert found.options.allow_custom_ops
    assert not found.notes


@pytest.mark.parametrize(
    ("flags", "mode"),
    [
        ({"post_training_quantize": True}, "dynamic"),
        ({"post_training_quantize": True, "quantize_to_float16": True}, "float16"),
        ({"quantize_to_float16": True}, "float16"),
        ({"post_training_quantize": False}, "none"),
    ],
)
def test_how_weights_are_stored(flags: dict[str, Any], mode: str) -> None:
    assert recipe(**flags).options.quantize == mode


@pytest.mark.parametrize(
    ("flags", "select"),
    [
        ({"target_ops": "TFLITE_BUILTINS"}, False),
        ({"target_ops": "TFLITE_BUILTINS,SELECT_TF_OPS"}, True),
        ({"enable_select_tf_ops": True}, True),
    ],
)
def test_which_kernels_may_be_used(flags: dict[str, Any], select: bool) -> None:
    assert recipe(**flags).options.select_tf_ops is select


def test_definitions_of_custom_ops_are_told_apart() -> None:
    found = recipe(custom_opdefs="name: 'A' attr: {name: 'x', type: 'int'}, name:'B'").options
    assert found.op_definitions == ("name: 'A' attr: {name: 'x', type: 'int'}", "name:'B'")
    assert found.allow_custom_ops


def test_the_types_of_inputs_and_outputs() -> None:
    found = recipe(
        inference_type="int8", inference_input_type="FLOAT", inference_output_type="QUANTIZED_UINT8"
    ).options
    assert (found.quantized_type, found.input_type, found.output_type) == (
        "int8",
        "float32",
        "uint8",
    )


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"mean_values": "1", "std_values": "2", "input_arrays": "a"}, "the inputs are floats"),
        ({"default_ranges_min": 0, "default_ranges_max": 6}, "a float model has no ranges"),
        ({"change_concat_input_ranges": True}, "a float model has no ranges"),
        ({"drop_fake_quant": True, **QUANTIZED}, "the ranges of FakeQuant nodes count"),
        ({"batch_size": 2, "input_shapes": "1,2"}, "--input_shapes tells the sizes"),
    ],
)
def test_what_has_no_effect_here_is_told(flags: dict[str, Any], says: str) -> None:
    (found,) = recipe(**flags).notes
    assert says in found


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"input_file": None}, "no model was given"),
        ({"output_file": "''"}, "no output was given"),
        ({"saved_model_dir": "folder"}, "a graph and a SavedModel"),
        ({"keras_model_file": "m.h5"}, "is not read here"),
        ({"input_format": "TFLITE"}, "is not converted again"),
        ({"input_format": "CAFFE"}, "CAFFE is none"),
        ({"output_format": "PNG"}, "PNG is none"),
        ({"inference_type": "QUANTIZED_INT16"}, "16 bits"),
        ({"inference_type": "COMPLEX64"}, "no type that a model has"),
        ({"inference_input_type": "QUANTIZED_UINT8"}, "does not go with a float model"),
        ({"target_ops": "TFLITE_BUILTINS_INT8"}, "needs data"),
        ({"target_ops": "GPU"}, "GPU is none"),
        ({**QUANTIZED, "mean_values": "1,2", "std_values": "1"}, "has 2 values"),
        ({**QUANTIZED, "mean_values": "1", "std_values": "1"}, "there are 2 inputs"),
        ({**QUANTIZED, "mean_values": "one", "std_values": "1"}, "are no numbers"),
        ({"inference_type": "INT8", "mean_values": "1", "std_values": "1"}, "of which inputs"),
        ({"default_ranges_min": 0}, "belong together"),
        ({"input_arrays": "a,b", "input_shapes": "1,2"}, "there are 2 inputs"),
        ({"input_shapes": "1,2:3"}, "no input is named"),
        ({"input_shapes": "1,x"}, "'1,x'"),
        ({"batch_size": 0}, "is no size"),
        ({"batch_size": 2, "variable_batch": True}, "do not go together"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(flags: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        recipe(**flags)
    assert says in caught.value.message
    assert caught.value.remedy
