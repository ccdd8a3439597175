"""The three transforms that handed graphs over to a Hexagon DSP."""

from __future__ import annotations

import pytest

from graphtools.errors import InvalidValue
from tests.transforms.graphs import apply


@pytest.mark.parametrize(
    "spec",
    [
        "fuse_remote_graph",
        'fuse_remote_graph(input_types=float, input_shapes="1,2", fused_nodes=a)',
        "place_remote_graph_arguments",
        "rewrite_quantized_stripped_model_for_hexagon(input_shape0=1, input_type0=float)",
    ],
)
def test_it_is_told_that_the_runtime_is_gone(spec: str) -> None:
    with pytest.raises(InvalidValue, match="gone from TensorFlow"):
        apply("a = NoOp", spec)
