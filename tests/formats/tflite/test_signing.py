"""Signatures put before a model: they are there, and nothing else has changed."""

import dataclasses
from pathlib import Path

import pytest

from graphtools.formats.source import Source
from graphtools.formats.tflite.flatbuffer_writer import Scalar, write
from graphtools.formats.tflite.model import BufferInfo, TFLiteSignature
from graphtools.formats.tflite.reader import read
from graphtools.formats.tflite.signing import head_with_signatures
from tests.formats.tflite.test_tflite import FILES

SIGNATURES = (
    TFLiteSignature("serving_default", {"image": 0}, {"größe": 1, "scores": 0}, 0),
    TFLiteSignature("empty", {}, {"y": 1}, 0),
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_model_gets_signatures_and_keeps_all_else(path: Path) -> None:
    content = path.read_bytes()
    before = read(Source("file", content))
    head = head_with_signatures(content, SIGNATURES)
    found = read(Source("file", head + content))
    assert not len(head) % 16  # buffers stay aligned
    assert found.signatures == SIGNATURES
    moved = tuple(BufferInfo(b.start + len(head), b.size) if b.size else b for b in before.buffers)
    wanted = dataclasses.replace(
        before, signatures=SIGNATURES, buffers=moved, bytes_of_file=content
    )
    assert found == wanted
    indices = range(len(before.buffers))
    assert all(found.buffer_data(i) == before.buffer_data(i) for i in indices)


def test_other_signatures_take_the_place_of_those_that_are_there() -> None:
    content = write({0: Scalar("I", 3), 2: [{0: [{}, {}]}], 4: [{}]})
    once = head_with_signatures(content, SIGNATURES[:1]) + content
    twice = head_with_signatures(once, SIGNATURES[1:]) + once
    assert read(Source("file", twice)).signatures == SIGNATURES[1:]
