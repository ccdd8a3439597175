from __future__ import annotations

import pytest

from graphtools import load
from graphtools.convert.conversion.converter_input import converter_input
from graphtools.convert.conversion.custom_ops import POSTPROCESS, custom_op_definitions
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.conversion.options import ConversionOptions
from tests.support import FIXTURES
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

ALLOWED = ConversionOptions(allow_custom_ops=True)
TEXT = """
x = Placeholder dtype=float shape=[1,4]
t = Placeholder dtype=int32 shape=[2]
c = Mine(x, t) threshold=0.5 T=float count=3 mode="fast" flag=true sizes={1, 2} _hidden=1
r = Relu(c:2) T=float
i = AddV2(c, t) T=int32
"""


def test_a_definition_fits_the_node() -> None:
    asked = converter_input(graph(TEXT), ["x", "t"], ["r", "i"])
    (text,) = custom_op_definitions(asked, ALLOWED)
    assert text == (
        'name: "Mine" input_arg { name: "input0" type: DT_FLOAT } '
        'input_arg { name: "input1" type: DT_INT32 } '
        'output_arg { name: "output0" type: DT_INT32 } '
        'output_arg { name: "output1" type: DT_FLOAT } '
        'output_arg { name: "output2" type: DT_FLOAT } '
        'attr { name: "T" type: "type" } attr { name: "count" type: "int" } '
        'attr { name: "flag" type: "bool" } attr { name: "mode" type: "string" } '
        'attr { name: "sizes" type: "list(int)" } attr { name: "threshold" type: "float" }'
    )


def test_stated_output_types_count() -> None:
    text = TEXT.replace("_hidden=1", "_output_types={int32, half, float}")
    asked = converter_input(graph(text), ["x", "t"], ["r", "i"])
    (found,) = custom_op_definitions(asked, ALLOWED)
    assert 'output1" type: DT_HALF' in found


def test_a_given_definition_comes_first() -> None:
    asked = converter_input(graph(TEXT), ["x", "t"], ["r", "i"])
    options = ConversionOptions(allow_custom_ops=True, op_definitions=("name: 'Mine'", " "))
    assert custom_op_definitions(asked, options) == ("name: 'Mine'",)


def test_custom_ops_are_refused_unless_allowed() -> None:
    asked = converter_input(graph(TEXT), ["x", "t"], ["r", "i"])
    with pytest.raises(ConversionBlocked) as raised:
        custom_op_definitions(asked, ConversionOptions())
    assert [(b.node, b.op, b.remedy) for b in raised.value.blockers] == [
        ("c", "Mine", "--allow-custom-ops, and register it in the app")
    ]


def test_the_op_that_the_converter_knows_needs_no_definition() -> None:
    ssd = load(FIXTURES / "ssd/tflite_graph.pb")
    asked = converter_input(ssd, ["normalized_input_image_tensor"], [POSTPROCESS])
    assert custom_op_definitions(asked, ALLOWED) == ()


def test_ops_that_tensorflow_knows_are_none() -> None:
    frozen = load(FIXTURES / "classifier/frozen.pb")
    asked = converter_input(frozen, ["input"], ["MobilenetV1/Predictions/Reshape_1"])
    assert custom_op_definitions(asked, ConversionOptions()) == ()
