from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import InvalidValue
from graphtools.run.litert_tensors import (
    LiteRTTensor,
    dequantize,
    fitted,
    quantize,
    random_values,
    tensor_of,
)


def tensor(
    dtype: str, shape: tuple[int | None, ...] = (2,), scale: float = 0.0, zero: int = 0
) -> LiteRTTensor:
    dims = tuple(d or 1 for d in shape)
    scales, zeros = ((scale,), (zero,)) if scale else ((), ())
    return LiteRTTensor(0, "x", dtype, dims, shape, scales, zeros, 0)


@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=8),
    st.floats(1e-4, 10),
    st.integers(0, 255),
)
def test_integers_come_back_from_what_they_stand_for(
    values: list[int], scale: float, zero: int
) -> None:
    kind = tensor("uint8", (None,), scale, zero)
    array = np.array(values, np.uint8)
    np.testing.assert_array_equal(quantize(dequantize(array, kind), kind), array)


def test_what_is_out_of_range_is_clipped() -> None:
    kind = tensor("int8", (3,), 0.5, 0)
    found = quantize(np.array([-1e9, 0.3, 1e9]), kind)
    assert found.dtype == np.int8
    assert found.tolist() == [-128, 1, 127]


def test_what_is_not_quantized_is_itself() -> None:
    array = np.array([1.5, 2.5], np.float32)
    assert dequantize(array, tensor("float32")) is array
    assert dequantize(array, tensor("float32", scale=0.5)) is array  # a range that nobody uses


@pytest.mark.parametrize(
    ("dtype", "array", "wanted"),
    [
        ("float32", np.array([1.0, 2.0]), np.float32),
        ("int32", np.array([1, 2], np.int64), np.int32),
        ("string", np.array([b"a", b"b"]), np.object_),
        ("bool", np.array([True, False]), np.bool_),
    ],
)
def test_values_get_the_type_of_the_input(dtype: str, array: np.ndarray, wanted: type) -> None:
    found = fitted(array, tensor(dtype))
    assert found.dtype == wanted
    assert found.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("dtype", "array", "message"),
    [
        ("float32", np.zeros(3), r"has the shape \[2\], its values have \[3\]"),
        ("float32", np.zeros((1, 2)), r"its values have \[1,2\]"),
        ("float32", np.array([b"a", b"b"]), "is float32"),
        ("string", np.zeros(2), "is string"),
        ("int32", np.zeros(2, np.float32), "is int32, its values are float32"),
        ("int8", np.array([0, 128]), "is int8, its values are int64"),
    ],
)
def test_values_that_do_not_fit_are_refused(dtype: str, array: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        fitted(array, tensor(dtype))


@pytest.mark.parametrize(
    "dtype", ["float32", "float16", "int8", "uint8", "int16", "int64", "bool", "complex64"]
)
def test_random_values_fit(dtype: str) -> None:
    kind = tensor(dtype, (None, 5))
    array = random_values(kind, 3)
    assert (array.shape, array.dtype.name) == ((1, 5), dtype)
    np.testing.assert_array_equal(array, random_values(kind, 3))
    assert fitted(array, kind) is array


def test_integers_that_are_no_bytes_are_small() -> None:
    assert set(random_values(tensor("int32", (1000,))).tolist()) == set(range(5))
    assert random_values(tensor("string", (2,))).tolist() == [b"", b""]


def test_a_type_that_numpy_lacks_cannot_be_fed() -> None:
    with pytest.raises(InvalidValue, match="its type is resource"):
        random_values(tensor("resource"))


def test_old_models_have_no_signature() -> None:
    found = tensor_of(
        {
            "index": 3,
            "name": "x",
            "dtype": np.uint8,
            "shape": [1, 2],
            "shape_signature": [],
            "quantization_parameters": {
                "scales": [0.5],
                "zero_points": [128],
                "quantized_dimension": 0,
            },
        }
    )
    assert found.signature == (1, 2)
    assert found.is_quantized
