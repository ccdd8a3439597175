"""Element types: the table against TensorFlow's, and names as people type them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import _TABLE, dtype

NUMBERS = [row[0] for row in _TABLE]


@pytest.mark.tensorflow
def test_table_is_tensorflows(tf: Any) -> None:
    from tensorflow.core.framework import types_pb2

    theirs = dict(types_pb2.DataType.items())
    ours = {f"DT_{row[1]}": row[0] for row in _TABLE}
    ours |= {f"{name}_REF": number + 100 for name, number in ours.items()}
    assert ours == {name: number for name, number in theirs.items() if number}
    for number in filter(None, theirs.values()):
        assert dtype(number).name == tf.dtypes.as_dtype(number).name
        assert dtype(number).is_ref == (number > 100)


@pytest.mark.tensorflow
@pytest.mark.parametrize("number", [n for n in NUMBERS if n not in (7, 20, 21)])
def test_sizes_are_tensorflows(tf: Any, number: int) -> None:
    assert dtype(number).size == tf.dtypes.as_dtype(number).size


@pytest.mark.parametrize("number", NUMBERS)
def test_each_type_is_found_by_all_its_names_and_is_one_instance(number: int) -> None:
    kind = dtype(number)
    reference = dtype(number + 100)
    assert dtype(kind.name) is dtype(kind.proto_name) is dtype(kind) is kind is kind.base
    assert dtype(reference.name) is dtype(reference.proto_name) is reference
    assert reference.base is kind
    assert reference.is_ref
    assert not kind.is_ref
    assert reference.size == kind.size
    assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("float", "float32"),
        ("double", "float64"),
        ("int", "int32"),
        ("half", "float16"),
        ("str", "string"),
        ("DT_FLOAT_REF", "float32_ref"),
    ],
)
def test_other_spellings(typed: str, name: str) -> None:
    assert dtype(typed).name == name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'floot' is no element type"):
        dtype("floot")


@pytest.mark.parametrize("number", [0, 77, 200, -1])
def test_an_unknown_number_is_a_type_without_values(number: int) -> None:
    kind = dtype(number)
    assert kind.name == f"unknown_{number}"
    assert kind is dtype(number)
    with pytest.raises(InvalidValue, match="cannot be shown"):
        kind.numpy()


def test_numpy_sizes() -> None:
    for number in NUMBERS:
        kind = dtype(number)
        narrow = kind.name == "bfloat16" or kind.name.startswith("float8")
        if kind.array_name and kind.size and not narrow:
            assert kind.numpy() == np.dtype(kind.array_name)
            assert kind.numpy().itemsize == kind.size


def test_floating_types() -> None:
    names = {dtype(n).name for n in NUMBERS if dtype(n).is_floating}
    assert {"float32", "float16", "bfloat16", "float64", "float8_e5m2"} <= names
    assert not names & {"int32", "complex64", "string", "qint8", "bool"}
