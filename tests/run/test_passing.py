from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from graphtools.run import answers, litert_answers, requests
from graphtools.run.answers import Allowed, Complaint, Converted, NotConverted
from graphtools.run.litert_answers import LiteRTModel, LiteRTTiming
from graphtools.run.litert_tensors import LiteRTTensor
from graphtools.run.passing import Message, decode, encode
from graphtools.run.requests import ConvertGraph, InspectModel, ModelInLiteRT, RunGraph

MODULES = (answers, litert_answers, requests)
SHAPES = {"x": (1, None, 3), "kind of message?": (), "name": ()}
TENSOR = LiteRTTensor(0, "x", "int8", (1, 2), (None, 2), (0.5,), (3,), 0)


@pytest.mark.parametrize(
    "message",
    [
        RunGraph("g.pb", (), ("x:0",), "a.npz", ("y:0", "z:1"), "v.npz"),
        ConvertGraph("g", "m", ("x",), ("y",), SHAPES, "qat", "uint8", "", "", False, True, False,
                     {"x": (127.5, 0.1)}, (), ("name: \"ä\"\n",), True),
        InspectModel(ModelInLiteRT("m.tflite", 2, "AUTO", True)),
        NotConverted("ValueError", "a\nb", (Complaint("", "tf.Erf", "", ("a", "b"), "no"),)),
        Allowed(None),
        Allowed((True, False)),
        Converted(""),
        LiteRTTiming(LiteRTModel((TENSOR,), ()), 0.25, float("inf"), (1e-9,), None),
    ],
    ids=lambda message: type(message).__name__,
)  # fmt: skip
def test_what_arrives_is_what_was_sent(message: Message) -> None:
    line = encode(message)
    assert "\n" not in line
    assert decode(line) == message


def test_every_message_is_a_frozen_dataclass_of_a_name_of_its_own() -> None:
    found: list[Any] = [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
    ]
    assert len({kind.__name__ for kind in found}) == len(set(found)) > 10
    for kind in found:
        assert "__setattr__" in vars(kind), f"{kind} is not frozen"
        dataclasses.fields(kind)


def test_an_unknown_kind_and_fields_that_are_missing_are_no_message() -> None:
    known = json.loads(encode(Converted("")))
    for wrong in (dict.fromkeys(known, "Unknown"), {**known, "more": 1}):
        with pytest.raises((KeyError, TypeError)):
            decode(json.dumps(wrong))
