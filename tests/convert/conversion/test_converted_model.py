from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from graphtools import load
from graphtools.convert.conversion.converted_model import CheckedModel, check_model
from graphtools.convert.conversion.converter_input import ConverterInput, converter_input
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.formats import open_model
from graphtools.formats.tflite.model import Subgraph, TFLiteModel, TFLiteTensor
from graphtools.graph.shape import Shape
from tests.support import FIXTURES

pytestmark = pytest.mark.usefixtures("command_line")

QAT = ConversionOptions("qat")


@pytest.fixture(scope="module")
def asked() -> ConverterInput:
    """What the quantized fixture was made of."""
    return converter_input(load(FIXTURES / "quant/frozen.pb"), ["input"], ["logits"])


@pytest.fixture
def model() -> TFLiteModel:
    """The quantized fixture."""
    found = open_model(FIXTURES / "quant/model.tflite")
    assert isinstance(found, TFLiteModel)
    return found


def altered(model: TFLiteModel, change: Callable[[TFLiteTensor], TFLiteTensor]) -> TFLiteModel:
    """The model with other tensors."""
    main = model.subgraphs[0]
    tensors = tuple(map(change, main.tensors))
    return dataclasses.replace(
        model, bytes_of_file=b"", subgraphs=(dataclasses.replace(main, tensors=tensors),)
    )


def scaled(model: TFLiteModel, factor: float) -> TFLiteModel:
    def change(tensor: TFLiteTensor) -> TFLiteTensor:
        quantization = tensor.quantization
        if quantization is None:
            return tensor
        scale = tuple(factor * s for s in quantization.scale)
        return dataclasses.replace(
            tensor, quantization=dataclasses.replace(quantization, scale=scale)
        )

    return altered(model, change)


def findings(checked: CheckedModel) -> str:
    return "\n".join(checked.findings)


def test_a_sound_model_has_no_findings(model: TFLiteModel, asked: ConverterInput) -> None:
    checked = check_model(model, asked, QAT)
    assert not checked.findings
    assert [(p.name, p.dtype) for p in checked.inputs] == [("input", "uint8")]
    assert [(p.name, p.dtype) for p in checked.outputs] == [("logits", "uint8")]
    assert not checked.custom_ops
    assert not checked.flex_ops


@pytest.mark.parametrize("factor", [0.0, float("nan"), float("inf"), -1.0, 1e-38])
def test_scales_that_are_none_are_found(
    model: TFLiteModel, asked: ConverterInput, factor: float
) -> None:
    assert "with which nothing can be computed" in findings(
        check_model(scaled(model, factor), asked, QAT)
    )


def test_other_types_than_asked_for_are_found(model: TFLiteModel, asked: ConverterInput) -> None:
    shown = findings(check_model(model, asked, ConversionOptions("qat", input_type="float32")))
    assert "the input 'input' is uint8, not float32" in shown
    assert "the output 'logits' is uint8, not float32" in shown
    shown = findings(check_model(model, asked, ConversionOptions("qat", output_type="int8")))
    assert "ignores --output-type" in shown


def test_a_float_model_in_place_of_a_quantized_one_is_found(asked: ConverterInput) -> None:
    model = open_model(FIXTURES / "quant/float.tflite")
    assert isinstance(model, TFLiteModel)
    assert not check_model(model, asked, ConversionOptions()).findings
    for mode in ("int8", "int16x8", "qat", "dummy"):
        shown = findings(check_model(model, asked, ConversionOptions(mode)))
        assert "not quantized at all" in shown
    assert "no weights were quantized" in findings(
        check_model(model, asked, ConversionOptions("dynamic"))
    )
    assert "no constant became float16" in findings(
        check_model(model, asked, ConversionOptions("float16"))
    )


def test_an_empty_model_is_found(model: TFLiteModel, asked: ConverterInput) -> None:
    main = dataclasses.replace(model.subgraphs[0], operators=())
    shown = findings(
        check_model(dataclasses.replace(model, bytes_of_file=b"", subgraphs=(main,)), asked, QAT)
    )
    assert "has no operators" in shown
    nothing = dataclasses.replace(
        model, bytes_of_file=b"", subgraphs=(Subgraph("", (), (), (), ()),)
    )
    assert "0 inputs" in findings(check_model(nothing, asked, QAT))
    assert "has no operators" in findings(
        check_model(dataclasses.replace(model, bytes_of_file=b"", subgraphs=()), asked, QAT)
    )


def test_what_stays_float_is_found(model: TFLiteModel, asked: ConverterInput) -> None:
    last = model.subgraphs[0].operators[-1].outputs[0]

    def change(tensor: TFLiteTensor) -> TFLiteTensor:
        return dataclasses.replace(tensor, dtype="float32") if tensor.index == last else tensor

    shown = findings(check_model(altered(model, change), asked, QAT))
    assert "1 of 5 operators stay float" in shown
    assert "--default-ranges" in shown
    assert "no range, so it stays float" in shown
    given = dataclasses.replace(QAT, default_ranges=(0, 6))
    followed = findings(check_model(altered(model, change), asked, given))
    assert "TFLite has no integer kernels for them" in followed
    assert "--default-ranges" not in followed
    mixed = check_model(
        altered(model, change), asked, ConversionOptions("int8", input_type="uint8")
    )
    assert "stay float" in findings(mixed)


def test_open_dimensions_and_kernels_are_told(model: TFLiteModel, asked: ConverterInput) -> None:
    main = model.subgraphs[0]

    def change(tensor: TFLiteTensor) -> TFLiteTensor:
        open_shape = Shape([None, None, None, 3])
        return (
            dataclasses.replace(tensor, shape_signature=open_shape)
            if tensor.index == main.inputs[0]
            else tensor
        )

    changed = altered(model, change)
    operators = tuple(
        dataclasses.replace(o, op=name, is_custom=True, is_flex=name.startswith("Flex"))
        for o, name in zip(main.operators, ("FlexErf", "Mine", "Mine", "Mine", "Mine"), strict=True)
    )
    changed = dataclasses.replace(
        changed,
        bytes_of_file=b"",
        subgraphs=(dataclasses.replace(changed.subgraphs[0], operators=operators),),
    )
    checked = check_model(changed, asked, QAT)
    assert checked.flex_ops == ("FlexErf",)
    assert checked.custom_ops == ("Mine",)
    notes = "\n".join(checked.notes)
    assert "open dimensions" in notes
    assert "neither LiteRT nor tf.lite" in notes
    assert "Mine: the app has to register" in notes
