from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import Damaged
from graphtools.formats.example import feature_names, parse_example
from graphtools.schema.wire import encode_field
from tests.arrays import f32
from tests.formats.record_writer import example
from tests.support import damaged

FEATURES: dict[str, Any] = {
    "image/encoded": b"\x89PNG",
    "image/class/text": [b"cat", b"", b"dog"],
    "box": [0.5, -1.25, 3e38],
    "label": [1, -1, 0, 2**63 - 1, -(2**63), 300],
}
RAW = example(FEATURES)
INTEGERS = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1)
FLOATS = st.lists(st.floats(width=32, allow_nan=False), min_size=1)
STRINGS = st.lists(st.binary(max_size=20), min_size=1)


@pytest.mark.parametrize("packed", [True, False])
def test_features_have_their_kind_and_values(packed: bool) -> None:
    found = parse_example(example(FEATURES, packed=packed))
    assert {name: f.kind for name, f in found.items()} == {
        "image/encoded": "bytes",
        "image/class/text": "bytes",
        "box": "float",
        "label": "int64",
    }
    assert found["image/encoded"].strings == (b"\x89PNG",)
    assert found["image/class/text"].strings == (b"cat", b"", b"dog")
    assert found["box"].numbers.dtype == np.float32
    assert found["box"].numbers.tolist() == f32([0.5, -1.25, 3e38]).tolist()
    assert found["label"].numbers.dtype == np.int64
    assert found["label"].numbers.tolist() == FEATURES["label"]


def test_only_what_is_wanted_is_decoded() -> None:
    assert list(parse_example(RAW, ["label", "absent"])) == ["label"]
    assert feature_names(RAW) == tuple(FEATURES)


def test_features_without_values_have_no_kind() -> None:
    raw = encode_field(1, encode_field(1, encode_field(1, b"x") + encode_field(2, b"")))
    assert parse_example(raw)["x"].kind == ""
    assert parse_example(encode_field(1, encode_field(1, encode_field(1, b"x"))))["x"].kind == ""
    assert parse_example(b"") == {}
    assert feature_names(b"") == ()


def test_the_last_of_two_values_counts() -> None:
    assert parse_example(example({"x": [1]}) + example({"x": [2.0]}))["x"].kind == "float"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (RAW[:-1], "truncated"),
        (b"\x08\x01", "a message is due"),
        (encode_field(1, encode_field(1, encode_field(1, b"\xff"))), "UTF-8"),
        (example({"x": [1.0]}).replace(b"\x04\0\0\x80\x3f", b"\x04\0\0\x80"), "truncated|left"),
        (
            encode_field(
                1,
                encode_field(1, encode_field(2, encode_field(2, encode_field(1, b"abc")))),
            ),
            "whole number",
        ),
        (
            encode_field(
                1, encode_field(1, encode_field(2, encode_field(3, encode_field(1, b"\xff"))))
            ),
            "whole number",
        ),
        (
            encode_field(
                1,
                encode_field(
                    1, encode_field(2, encode_field(3, encode_field(1, b"\xff" * 10 + b"\1")))
                ),
            ),
            "longer than ten bytes",
        ),
    ],
    ids=["truncated", "no-message", "name", "float", "floats", "integer", "long-integer"],
)
def test_what_is_no_example_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=message):
        parse_example(raw)


@given(features=st.dictionaries(st.text(max_size=5), INTEGERS | FLOATS | STRINGS, max_size=4))
@pytest.mark.slow
def test_any_features_come_back(features: dict[str, Any]) -> None:
    found = parse_example(example(features))
    assert list(found) == list(features)
    for name, values in features.items():
        have = found[name].strings or found[name].numbers.tolist()
        assert list(have) == list(values)


@given(raw=st.data())
def test_damage_is_refused_or_harmless(raw: st.DataObject) -> None:
    data = raw.draw(damaged(RAW))
    try:
        parse_example(data)
    except Damaged as error:
        assert error.message


@pytest.mark.tensorflow
@given(data=st.data())
def test_what_tensorflow_reads_is_read_alike(tf: Any, data: st.DataObject) -> None:
    raw = data.draw(damaged(RAW) | st.just(RAW) | st.just(example(FEATURES, packed=False)))
    theirs = tf.train.Example()
    try:
        theirs.ParseFromString(raw)
    except Exception:  # what protobuf raises differs by its release
        return
    try:
        ours = parse_example(raw)
    except Damaged as error:
        # groups and reserved types, which protobuf skips and no writer writes
        assert "wire type" in error.message or "a message is due" in error.message
        return
    features = theirs.features.feature
    # protobuf puts an entry aside that has a third field
    assert set(features) <= set(ours)
    for name in features:
        found = ours[name]
        kind = features[name].WhichOneof("kind") or ""
        assert found.kind == kind.removesuffix("_list")
        if kind == "bytes_list":
            assert found.strings == tuple(features[name].bytes_list.value)
        elif kind:
            values = getattr(features[name], kind).value
            assert np.array_equal(found.numbers, np.array(values, found.numbers.dtype), True)
