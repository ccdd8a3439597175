"""Constants: each dtype, each encoding, compactness, and what does not fit together."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import graphtools
from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.dtypes import _TABLE, dtype
from graphtools.graph.narrow_floats import decode, encode
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import ComputedTensor, Tensor, content_bytes, decode_content, once
from graphtools.schema import message_class
from graphtools.schema.wire import Payload
from tests.support import FIXTURES, same_values, values_of

HELD = [row[2] for row in _TABLE if row[4]]
FLOAT8 = [row[2] for row in _TABLE if row[2].startswith("float8")]
NARROW = ["bfloat16", *FLOAT8]


# Reading: what TensorFlow makes of each encoding


@pytest.fixture(scope="module", params=["graph.pb", "graph.pbtxt"])
def const_dtypes(request: pytest.FixtureRequest) -> graphtools.Graph:
    return graphtools.load(FIXTURES / "const_dtypes" / request.param)


ENCODED = values_of("const_dtypes/values.npz")


@pytest.mark.parametrize("name", ENCODED)
def test_every_encoding_of_every_dtype(const_dtypes: graphtools.Graph, name: str) -> None:
    tensor = const_dtypes[name].tensor
    assert tensor is not None
    array = tensor.array()
    assert tensor.dtype.name == name.split("/")[0]
    assert array.dtype == tensor.dtype.numpy()
    assert same_values(array, ENCODED[name])
    assert tensor.elements == array.size
    if tensor.dtype.size:
        assert tensor.nbytes == array.size * tensor.dtype.size


# Writing


def arrays(name: str) -> st.SearchStrategy[Any]:
    """Arrays whose values the dtype has, among them empty ones, scalars and splats."""
    shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    if name == "string":
        found = hnp.arrays(object, shapes, elements=st.binary(max_size=6), fill=st.binary())
    elif name in NARROW:
        codes = hnp.arrays("u2" if name == "bfloat16" else "u1", shapes)
        found = codes.map(lambda c: decode_content(c.tobytes(), dtype(name)).reshape(c.shape))
    else:
        elements = None
        bits = {"int4": (-8, 7), "uint4": (0, 15), "int2": (-2, 1), "uint2": (0, 3)}.get(name)
        if bits:
            elements = st.integers(*bits)
        found = hnp.arrays(dtype(name).numpy(), shapes, elements=elements)
    return found


@pytest.mark.parametrize("name", HELD)
@given(data=st.data())
@pytest.mark.slow
def test_arrays_are_written_and_read(name: str, data: st.DataObject) -> None:
    array = data.draw(arrays(name))
    tensor = Tensor.from_array(array, name)
    again = Tensor(message_class("TensorProto").FromString(tensor.to_bytes()))
    assert again.dtype is dtype(name)
    assert again.shape.dims == array.shape
    found = again.array()
    assert found.dtype == array.dtype
    if name == "string":
        assert found.tolist() == array.tolist()
    else:
        assert same_values(found, array)


@pytest.mark.parametrize("name", [n for n in HELD if n != "string"])
def test_equal_values_are_written_once(name: str) -> None:
    ones = Tensor.from_array(np.ones((100, 100), dtype(name).numpy()), name)
    limit = 11000 if name.startswith("float8") else 40
    assert len(ones.to_bytes()) < limit
    assert same_values(ones.array(), np.ones((100, 100)))


def test_zero_and_minus_zero_are_not_equal_values() -> None:
    array = np.array([0.0, -0.0], "float32")
    assert np.signbit(Tensor.from_array(array).array()).tolist() == [False, True]


@pytest.mark.parametrize("value", [-0.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["float16", "float32", "float64", "bfloat16"])
def test_splats_of_special_values(name: str, value: float) -> None:
    array = np.full(5, value, dtype(name).numpy())
    assert same_values(Tensor.from_array(array, name).array(), array)


@pytest.mark.parametrize("array", [np.array("größe"), np.array(["a", "größe"]), np.array([b"a"])])
def test_text_becomes_strings(array: Any) -> None:
    tensor = Tensor.from_array(array)
    assert tensor.dtype.name == "string"
    assert tensor.array().shape == array.shape
    encoded = [s if isinstance(s, bytes) else s.encode() for s in array.ravel().tolist()]
    assert tensor.array().ravel().tolist() == encoded


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.zeros(2, "datetime64[s]"), None),
        (np.zeros(2), "resource"),
        (np.zeros(2), "float33"),
        (np.zeros(2, "longdouble"), None),
    ],
)
def test_what_has_no_counterpart_is_refused(array: Any, kind: str | None) -> None:
    with pytest.raises(InvalidValue):
        Tensor.from_array(array, kind)


def test_arrays_of_another_byte_order() -> None:
    array = np.array([1, 2, 3], ">i4")
    assert Tensor.from_array(array).array().tolist() == [1, 2, 3]


# Damage


def proto(**values: Any) -> Tensor:
    shape = values.pop("shape", [3])
    message = message_class("TensorProto")(**values)
    for size in shape:
        message.tensor_shape.dim.add(size=size)
    return Tensor(message)


@pytest.mark.parametrize(
    ("tensor", "error", "message"),
    [
        (proto(dtype=1, tensor_content=b"1234" * 2), Damaged, "3 elements .* the values of 2"),
        (proto(dtype=1, tensor_content=b"1234" * 4), Damaged, "3 elements .* the values of 4"),
        (proto(dtype=1, tensor_content=b"12345"), Damaged, "end within an element"),
        (proto(dtype=7, tensor_content=b"\1\2\3abc"), Damaged, "lengths of 3 strings do not fit"),
        (proto(dtype=7, tensor_content=b"\1"), Damaged, "3 strings has 1 bytes"),
        (proto(dtype=24, tensor_content=b"1"), Damaged, "the values of 1"),
        (proto(dtype=1, shape=[-1]), Damaged, r"shape \[\?\] has no values"),
        (proto(dtype=1, shape=[1] * 100, float_val=[1]), Damaged, "of 100 dimensions"),
        (proto(dtype=1, shape=[1 << 62, 1 << 62], float_val=[1]), Damaged, "no array can have"),
        (proto(dtype=1, shape=[0, 1 << 62, 1 << 62]), Damaged, "no array can have"),
        (proto(dtype=1, shape=[1 << 50], float_val=[1, 2]), InvalidValue, "too large"),
        (proto(dtype=20), InvalidValue, "resource cannot be shown"),
        (proto(dtype=99), InvalidValue, "unknown_99"),
        (proto(dtype=0, tensor_content=b"1234"), InvalidValue, "unknown_0"),
    ],
)
def test_what_does_not_fit_is_said(tensor: Tensor, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tensor.array()


def test_surplus_values_are_left_out_as_by_tensorflow() -> None:
    assert proto(dtype=3, int_val=[1, 2, 3, 4, 5]).array().tolist() == [1, 2, 3]


def test_a_reference_type_is_read_as_its_base() -> None:
    assert proto(dtype=101, float_val=[1]).dtype.name == "float32"


@pytest.mark.parametrize("kind", [1, 7, 8, 14, 24])
def test_a_splat_of_a_huge_claimed_shape_costs_no_memory(kind: int) -> None:
    tensor = proto(dtype=kind, shape=[1 << 20, 1 << 20])
    tracemalloc.start()
    array = tensor.array()
    assert array.shape == (1 << 20, 1 << 20)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("number", range(40))
@pytest.mark.parametrize("field", [4, 5, 6, 9, 12])
def test_a_payload_in_the_field_of_another_dtype_is_not_taken(number: int, field: int) -> None:
    # as a flipped bit in the dtype of a large constant makes it
    message = message_class("TensorProto")(dtype=number)
    message.tensor_shape.dim.add(size=3)
    raw = b"\x01" * 12 if field in (4, 5) else b"\x01" * 24
    tensor = Tensor(message, raw, Payload(field, 0, len(raw)))
    whole = Tensor(message_class("TensorProto").FromString(tensor.to_bytes()))
    try:
        expected = whole.array()
    except (Damaged, InvalidValue) as error:
        with pytest.raises(type(error)):
            tensor.array()
    else:
        assert same_values(tensor.array(), expected)


# Narrow floats


FLOATS = hnp.arrays("float32", 50, elements=st.floats(width=32))


@pytest.mark.parametrize("name", NARROW)
@given(array=FLOATS)
@example(array=np.array([0.0, -0.0, np.nan, np.inf, 1e-45, 1e-10, 448, 464, 57344], "float32"))
def test_the_nearest_value_is_taken(name: str, array: Any) -> None:
    codes = np.arange(1 << 16, dtype="u2") if name == "bfloat16" else np.arange(256, dtype="u1")
    values = decode(codes, name)
    finite = np.unique(values[np.isfinite(values)]).astype("float64")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = decode_content(content_bytes(array, dtype(name)), dtype(name))
    assert np.isnan(found[np.isnan(array)]).all()
    kept = np.isfinite(array) & (np.abs(array) <= finite.max())
    given_, found = array[kept].astype("float64"), found[kept].astype("float64")
    upper = np.clip(np.searchsorted(finite, given_), 1, len(finite) - 1)
    least = np.minimum(np.abs(given_ - finite[upper]), np.abs(given_ - finite[upper - 1]))
    assert (np.abs(given_ - found) == least).all()


@pytest.mark.parametrize("name", FLOAT8)
def test_values_beyond_the_range_become_the_largest(name: str) -> None:
    values = decode(np.arange(256, dtype="u1"), name)
    largest = values[np.isfinite(values)].max()
    codes = encode(np.array([1e30, -1e30], "float32"), name)
    assert decode(codes, name).tolist() == [largest, -largest]


@pytest.mark.parametrize("order", ["<", ">"])
def test_bfloat16_of_either_order_is_read(order: str) -> None:
    raw = np.array([0x3F80, 0xC000], f"{order}u2").tobytes()
    assert decode_content(raw, dtype("bfloat16"), order == ">").tolist() == [1.0, -2.0]


def test_strings_in_tensor_content_have_all_lengths_before_all_bytes() -> None:
    tensor = proto(dtype=7, tensor_content=b"\1\0\3abcd")
    assert tensor.array().tolist() == [b"a", b"", b"bcd"]


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "int8", "complex64", "bool"])
def test_one_value_that_stands_for_many_is_written_as_one(kind: str) -> None:
    array = np.broadcast_to(np.asarray(1, dtype(kind).numpy()), (1 << 29, 1 << 29))
    tensor = Tensor.from_array(array, kind)
    assert tensor.encoded_size < 100
    assert tensor.array().shape == (1 << 29, 1 << 29)
    assert once(tensor.array()).ravel().tolist() == [1]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -1e30])
def test_what_may_grow_beyond_float32_is_not_moderate(value: float) -> None:
    odd = np.array([1, 2, value], "float32")
    assert not Tensor.from_array(odd).is_moderate()
    assert not Tensor.from_array(odd[2:]).is_moderate()
    assert Tensor.from_array(np.array([1, -2, 3e29, 0], "float32")).is_moderate()
    assert Tensor.from_array(np.zeros((), "float32")).is_moderate()
    assert not Tensor.from_array(np.ones(3)).is_moderate()


def test_values_are_computed_once_and_when_asked_for() -> None:
    asked = []

    def compute() -> Tensor:
        asked.append(1)
        return Tensor.from_array(np.array([1, 2], "float32"))

    tensor = ComputedTensor(dtype("float32"), Shape((2,)), compute)
    assert (str(tensor.shape), tensor.nbytes, tensor.encoded_size) == ("[2]", 8, 8)
    assert not asked
    assert [*tensor.array(), *tensor.array()] == [1, 2, 1, 2]
    assert tensor.to_bytes() == compute().to_bytes()
    assert len(asked) == 2
