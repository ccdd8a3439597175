from __future__ import annotations

import dataclasses
import json
import math
from typing import NamedTuple

import pytest

from graphtools.graph.dtypes import dtype
from graphtools.graph.shape import Shape
from graphtools.report.json import SCHEMA_VERSION, render_json, to_json


class Pair(NamedTuple):
    left: int
    right: str


@dataclasses.dataclass(frozen=True)
class Thing:
    kind: object
    dims: Shape
    pairs: tuple[Pair, ...]
    by_name: dict[str, float]


def test_results_become_plain_json() -> None:
    thing = Thing(dtype("float32"), Shape([None, 2]), (Pair(1, "a"),), {"x": 0.5})
    assert json.loads(render_json(thing)) == {
        "schema_version": SCHEMA_VERSION,
        "kind": "float32",
        "dims": [None, 2],
        "pairs": [{"left": 1, "right": "a"}],
        "by_name": {"x": 0.5},
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_text(value: float) -> None:
    assert to_json([value]) == [str(value)]
    assert json.loads(render_json({"v": value}), parse_constant=pytest.fail)["v"] == str(value)


def test_json_is_ascii_whatever_stands_in_a_name() -> None:
    name = "größe\x1b\x7f\x9b\u202e\udcff"
    text = render_json({"name": name})
    assert text.isascii()
    assert all(line.isprintable() for line in text.replace("\x7f", "").splitlines())
    assert json.loads(text)["name"] == name


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        to_json({1, 2})
