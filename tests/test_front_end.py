"""The same message in the words of Python, of the command line and of the old programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from graphtools.convert.conversion.converter_input import converter_input
from graphtools.convert.conversion.options import ConversionOptions, check_options
from graphtools.errors import GraphtoolsError
from graphtools.front_end import CommandLine, Python, front_end, param, speaking, step
from graphtools.legacy.words import FREEZE_GRAPH, TOCO
from graphtools.model.endpoints import no_outputs
from graphtools.transforms.freeze import freeze
from tests.commands.running import run
from tests.transforms.graphs import graph

COMMAND_LINE = CommandLine()


def said(words: CommandLine, make: Callable[[], object]) -> list[str]:
    """Message and remedy of what is raised, or given, while a front end is in force."""
    with speaking(words):
        try:
            problem = make()
        except GraphtoolsError as raised:
            problem = raised
    return str(problem).split("\n  ")


@pytest.mark.parametrize(
    ("given", "python", "typed", "toco"),
    [
        ({"outputs": None}, "outputs=", "--outputs", "--output_arrays"),
        (
            {"outputs": ["a", "b"]},
            "outputs=['a', 'b']",
            "--outputs a,b",
            "--output_arrays=a,b",
        ),
        (
            {"select_tf_ops": True},
            "select_tf_ops=True",
            "--select-tf-ops",
            "--enable_select_tf_ops",
        ),
        (
            {"input_shapes": {"x": [1, 224, 224, 3]}},
            "input_shapes={'x': [1, 224, 224, 3]}",
            "--input-shape x=1,224,224,3",
            "--input_shapes=1,224,224,3",
        ),
        ({"input_stats": None}, "input_stats=", "--input-stats", "--mean_values and --std_values"),
        (
            {"input_stats": {"x": (128.0, 127.5)}},
            "input_stats={'x': [128, 127.5]}",
            "--input-stats x=128,127.5",
            "--mean_values=128 --std_values=127.5",
        ),
        (
            {"quantize": "dummy", "default_ranges": [0, 6]},
            "quantize='dummy', default_ranges=[0, 6]",
            "--quantize dummy --default-ranges 0,6",
            "--default_ranges_min=0 --default_ranges_max=6",
        ),
        (
            {"input_type": "uint8"},
            "input_type='uint8'",
            "--input-type uint8",
            "--inference_type=QUANTIZED_UINT8",
        ),
        (
            {"quantize": "int8", "calibration": "DATA"},
            "quantize='int8', calibration=DATA",
            "--quantize int8 --calibrate DATA",
            "graphtools convert FILE -o OUT --quantize int8 --calibrate DATA",
        ),
        (
            {"checkpoint": "model.ckpt"},
            "checkpoint='model.ckpt'",
            "--checkpoint model.ckpt",
            "graphtools freeze FILE -o OUT --checkpoint model.ckpt",
        ),
        ({"values": False}, "values=False", "--no-values", None),
    ],
)
def test_a_parameter_is_named_as_its_reader_gives_it(
    given: dict[str, object], python: str, typed: str, toco: str | None
) -> None:
    assert Python().parameters(given) == python
    assert COMMAND_LINE.parameters(given) == typed
    if toco is not None:
        assert TOCO.parameters(given) == toco


@pytest.mark.parametrize(
    ("call", "python", "typed"),
    [
        (
            lambda: step("freeze", "GRAPH", output="OUT", inference=True),
            "graphtools.freeze(graph, inference=True)",
            "graphtools freeze GRAPH -o OUT --inference",
        ),
        (
            lambda: step("transform", "a b.pb", output="OUT", spec='x(y="z")'),
            "graphtools.transform(graphtools.load('a b.pb'), spec='x(y=\"z\")')",
            "graphtools transform 'a b.pb' -o OUT --transforms 'x(y=\"z\")'",
        ),
        (lambda: step("io"), "graphtools.inputs_and_outputs(...)", "graphtools io"),
        (
            lambda: step("path", "FILE", "node", ancestors=True),
            "graphtools.ancestors(graph, 'node')",
            "graphtools path FILE node --ancestors",
        ),
        # what is a command alone is one in Python, too
        (lambda: step("transforms"), "graphtools transforms", "graphtools transforms"),
    ],
)
def test_a_step_is_a_call_or_a_command(call: Callable[[], str], python: str, typed: str) -> None:
    assert said(Python(), call) == [python]
    assert said(COMMAND_LINE, call) == said(TOCO, call) == [typed]


def no_checkpoint() -> None:
    freeze(graph("v = VariableV2 dtype=float shape=[2]"), None, ["v"])


def no_range() -> None:
    check_options(ConversionOptions(quantize="qat", default_ranges=(1.0, 6.0)))


def unknown_shape() -> None:
    converter_input(graph("x = Placeholder dtype=float\ny = Relu(x) T=float"), ["x"], ["y"])


@pytest.mark.parametrize(
    ("make", "python", "typed", "toco"),
    [
        (
            lambda: no_outputs("a.pb"),
            "name them: outputs=",
            "name them: --outputs",
            "name them: --output_arrays",
        ),
        (
            no_checkpoint,
            "give it with checkpoint=",
            "give it with --checkpoint",
            "give it with graphtools freeze FILE -o OUT --checkpoint",
        ),
        (
            no_range,
            "default_ranges=[1, 6] does not contain 0, which TFLite has to represent",
            "--default-ranges 1,6 does not contain 0, which TFLite has to represent",
            "--default_ranges_min=1 --default_ranges_max=6 does not contain 0, which TFLite has to "
            "represent",
        ),
        (
            unknown_shape,
            "give it, as input_shapes={'x': [1, 224, 224, 3]}, or x=[] for a single number",
            "give it, as --input-shape x=1,224,224,3, or x=[] for a single number",
            "give it, as --input_shapes=1,224,224,3, or x=[] for a single number",
        ),
    ],
)
def test_an_error_reads_as_its_reader_writes(
    make: Callable[[], object], python: str, typed: str, toco: str
) -> None:
    assert python in said(front_end(), make)
    assert typed in said(COMMAND_LINE, make)
    assert toco in said(TOCO, make)


def test_freeze_graph_names_its_own_flags() -> None:
    assert "give it with --input_checkpoint" in said(FREEZE_GRAPH, no_checkpoint)


def test_a_front_end_is_in_force_while_a_command_runs() -> None:
    before = front_end()

    def words() -> Iterator[str]:
        yield param("outputs")
        with speaking(COMMAND_LINE):
            yield param("outputs")
        yield param("outputs")

    assert list(words()) == ["outputs=", "--outputs", "outputs="]
    run("io", "absent.pb")
    assert front_end() is before
