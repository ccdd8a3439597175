from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import InvalidValue
from graphtools.formats import graph_of, open_model, save
from graphtools.graph import Graph, Shape
from graphtools.graph.dtypes import FLOAT32
from graphtools.samples.inputs import SampledInput
from graphtools.samples.preprocessing import choose_normalization
from graphtools.transforms.export_ssd import export_ssd
from tests.support import FIXTURES
from tests.transforms.graphs import graph

INPUT = [SampledInput("x", FLOAT32, Shape((None, 8, 8, 3)))]
EXPORTED = [SampledInput("normalized_input_image_tensor", FLOAT32, Shape((1, 96, 96, 3)))]


def network(*lines: str) -> Graph:
    """A convolution behind some nodes, of which the last is `n`."""
    first = "x = Placeholder dtype=float shape=[?,8,8,3]"
    weights = "w = Const value=float:zeros[3,3,3,4]"
    last = 'y = Conv2D(n, w) T=float strides={1, 1, 1, 1} padding="SAME"'
    return graph("\n".join([first, *lines, weights, last]))


@pytest.mark.parametrize(
    "lines",
    [
        ("c = Const value=float:0.00784314", "m = Mul(x, c)", "o = Const value=float:1.0",
         "n = Sub(m, o)"),
        ("c = Const value=float:127.5", "s = Sub(x, c)", "n = RealDiv(s, c)"),
        ("c = Const value=float:255", "n = RealDiv(x, c)"),
        ("c = Const value=float:[123.68,116.78,103.94]", "n = Sub(x, c)"),
        ("c = Const value=float:[-103.94,-116.78,-123.68]", "n = BiasAdd(x, c)"),
        ("c = Const value=float:[58.4,57.1,57.4]", "m = Const value=float:[123.7,116.3,103.5]",
         "i = Identity(x)", "s = Sub(i, m)", "n = RealDiv(s, c)"),
    ],
    ids=["scale-shift", "mean-std", "to-one", "vgg", "vgg-bias", "imagenet"],
)  # fmt: skip
def test_a_graph_that_normalises_pixels_takes_them_as_they_are(lines: tuple[str, ...]) -> None:
    found = choose_normalization(network(*lines), INPUT)
    assert found is not None
    assert (found.scale, found.offset) == ((1.0,), (0.0,))
    assert found.source == "the graph normalises itself, up to 'n'"


@pytest.mark.parametrize(
    "lines",
    [
        ("c = Const value=float:2", "m = Mul(x, c)", "o = Const value=float:1", "n = Sub(m, o)"),
        ("c = Const value=float:0.5", "s = Sub(x, c)", "d = Const value=float:2",
         "n = Mul(s, d)"),
        ("m = Const value=float:[0.485,0.456,0.406]", "c = Const value=float:[0.229,0.224,0.225]",
         "s = Sub(x, m)", "n = RealDiv(s, c)"),
    ],
    ids=["hub", "slim", "imagenet"],
)  # fmt: skip
def test_a_graph_that_normalises_values_up_to_one_takes_those(lines: tuple[str, ...]) -> None:
    found = choose_normalization(network(*lines), INPUT)
    assert found is not None
    assert (found.scale, found.offset) == ((1 / 255,), (0.0,))


@pytest.mark.parametrize(
    "lines",
    [
        ("n = Identity(x)",),
        ("c = Const value=float:1", "n = Mul(x, c)"),  # a bare factor tells nothing
        ("c = Const value=float:0.1", "n = Add(x, c)"),
        ("c = Const value=float:0", "n = RealDiv(x, c)"),
        ("c = Placeholder dtype=float shape=[]", "n = Mul(x, c)"),
        ("c = Const value=float:127.5", "n = Sub(x, c)", "z = Relu(x)"),  # x goes elsewhere, too
    ],
)
def test_nothing_is_guessed(lines: tuple[str, ...]) -> None:
    assert choose_normalization(network(*lines), INPUT) is None


def test_what_is_given_counts_before_what_is_found() -> None:
    found = network("c = Const value=float:255", "n = RealDiv(x, c)")
    given = choose_normalization(found, INPUT, mean=[1], std=[2], stats=(3, 4))
    assert given is not None
    assert (given.scale, given.offset) == ((0.5,), (-0.5,))
    stats = choose_normalization(found, INPUT, stats=(3, 4))
    assert stats is not None
    assert (stats.scale, stats.offset, stats.source) == (
        (0.25,),
        (-0.75,),
        "from the input's statistics",
    )
    only_std = choose_normalization(found, INPUT, std=[255])
    assert only_std is not None
    assert only_std.scale == (1 / 255,)
    assert only_std.offset == (0,)
    with pytest.raises(InvalidValue, match="std above 0"):
        choose_normalization(found, INPUT, mean=[1], std=[0])
    assert choose_normalization(found, [*INPUT, *EXPORTED]) is None


def test_an_exported_detector_is_normalised_as_the_one_beside_it(tmp_path: Path) -> None:
    detector = FIXTURES / "ssd" / "frozen_inference_graph.pb"
    original = graph_of(open_model(detector))
    exported, report = export_ssd(original)
    model = tmp_path / "tflite_graph.pb"
    assert choose_normalization(exported, EXPORTED, model=model) is None
    (tmp_path / "frozen_inference_graph.pb").write_bytes(b"\0damaged")
    assert choose_normalization(exported, EXPORTED, model=model) is None
    save(original, tmp_path / "frozen_inference_graph.pb")
    found = choose_normalization(exported, EXPORTED, model=model)
    assert found is not None
    assert (found.scale, found.offset) == (report.scale, report.offset)
    assert "frozen_inference_graph.pb" in found.source
