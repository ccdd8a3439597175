from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.tflite.flexbuffer import decode_flexbuffer, encode_flexbuffer

#: {"a": 1, "b": [1.5, "x"]}, as the FlexBuffers library writes it.
MAP = bytes.fromhex("6100620001780000020000000000c03f0b0000000e140217160201020111042a042401")


def some_value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 3 else 6)
    if kind == 6:
        return [some_value(rng, depth + 1) for _ in range(rng.randrange(5))]
    if kind == 7:
        return {f"key{i}": some_value(rng, depth + 1) for i in range(rng.randrange(5))}
    simple = (None, rng.randrange(-(2**40), 2**40), 10 * rng.random(), "é" * rng.randrange(300))
    return (*simple, bytes(rng.randrange(100)), rng.random() < 0.5)[kind]


def test_a_map() -> None:
    assert decode_flexbuffer(MAP) == {"a": 1, "b": [1.5, "x"]}


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_what_the_library_writes_is_read() -> None:
    from flatbuffers import flexbuffers

    rng = random.Random(1)
    for _ in range(300):
        written = some_value(rng)
        assert decode_flexbuffer(bytes(flexbuffers.Dumps(written))) == written


@pytest.mark.parametrize("raw", [b"", b"\1\2", b"\0\0\7", b"\0\xff\1", MAP[:-3] + b"\xff\x24\1"])
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(Damaged, match="FlexBuffer"):
        decode_flexbuffer(raw)


def test_altered_bytes_are_read_or_refused() -> None:
    rng = random.Random(2)
    for _ in range(2_000):
        raw = bytearray(MAP)
        for _ in range(3):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        with contextlib.suppress(Damaged):
            decode_flexbuffer(bytes(raw))


def test_options_are_read_as_they_were_written() -> None:
    for options in ({"a": 1, "b": 2.5, "on": True, "x": "é"}, {}, {"far": 1 << 40, "f": 0.5}):
        assert decode_flexbuffer(encode_flexbuffer(options)) == options
    many = {f"option_{i}": i for i in range(100)}
    assert decode_flexbuffer(encode_flexbuffer(many)) == many
    with pytest.raises(InvalidValue, match="cannot be an operator's option"):
        encode_flexbuffer({"a": [1]})
