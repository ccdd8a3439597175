"""Which TFLite op a TensorFlow op becomes."""

from __future__ import annotations

import pytest

from graphtools.compat.edge_tpu import SUPPORTED as ON_EDGE_TPU
from graphtools.compat.gpu_delegate import SUPPORTED as ON_GPU
from graphtools.compat.lowering import _BUILTIN, VANISHES, builtin_op
from graphtools.formats.tflite.names import names
from graphtools.ops.definitions import op_definition


@pytest.mark.parametrize(
    ("op", "builtin"),
    [
        ("Conv2D", "CONV_2D"),
        ("AddV2", "ADD"),
        ("Conv2DBackpropInput", "TRANSPOSE_CONV"),
        ("Identity", ""),
        ("FakeQuantWithMinMaxVars", ""),
        ("Erf", None),
        ("NoSuchOp", None),
    ],
)
def test_some_ops(op: str, builtin: str | None) -> None:
    assert builtin_op(op) == builtin


def test_all_ops_are_those_of_tensorflow_and_tflite() -> None:
    for op, builtin in _BUILTIN.items():
        assert op_definition(op) is not None, op
        assert builtin in names().operators.values(), builtin
    assert all(op_definition(op) for op in VANISHES)


def test_all_ops_of_the_devices_are_those_of_tflite() -> None:
    known = set(names().operators.values())
    assert known >= ON_EDGE_TPU
    assert known >= ON_GPU
