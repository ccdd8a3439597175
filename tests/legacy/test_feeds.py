"""Values of inputs as saved_model_cli takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import GraphtoolsError, InvalidValue
from graphtools.formats.example import parse_example
from graphtools.legacy.feeds import evaluate, read_feeds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[[1, 2.5], [3, -4]]", [[1, 2.5], [3, -4]]),
        ("['a', b'b']", ["a", b"b"]),
        ("'np.ones(2)'", [1.0, 1.0]),
        ("np.zeros((1, 2), dtype=np.float32) + 1", [[1.0, 1.0]]),
        ("np.arange(6).reshape(2, 3).astype('int64')[0]", None),
        ("numpy.full([2], 3) * 2 / 4 - 1 % 2", [0.5, 0.5]),
        ("[0.5] * 3", [0.5, 0.5, 0.5]),
        ("np.zeros((2), dtype=int).tolist()", [0, 0]),
        ("np.random.rand(2).shape", (2,)),
        ("{'a': [1]}", {"a": [1]}),
    ],
)
def test_what_makes_values_is_evaluated(text: str, value: Any) -> None:
    if value is None:
        with pytest.raises(InvalidValue, match="is not evaluated here"):
            evaluate(text)
        return
    found = evaluate(text)
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "open('x')",
        "np.load('x')",
        "np.fromfile('x')",
        "np.ones(2).tofile('x')",
        "np.ones(2).dump('x')",
        "np.__builtins__",
        "np.f2py.os",
        "np.random.os",
        "np.lib.npyio.loadtxt('x')",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "str.format",
        "x",
        "1 +",
        "np.ones(-1)",
        "",
    ],
)
def test_what_does_something_else_is_not(text: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    if text == "str.format":
        assert evaluate(text) is not None  # of no use without a call that formats
        return
    with pytest.raises(InvalidValue):
        evaluate(text)
    assert not list(tmp_path.iterdir())


def test_files_expressions_and_examples(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", [1, 2])
    np.savez(tmp_path / "b.npz", one=[3])
    np.savez(tmp_path / "c.npz", one=[4], two=[5])
    a, b, c = (tmp_path / name for name in ("a.npy", "b.npz", "c.npz"))
    found = read_feeds(
        f"a={a};b={b};c={c}[two];d={a}[any]", "d=[7]", "e=[{'x': [1.5], 'y': ['z']}]"
    )
    (example,) = found.pop("e")
    assert {k: np.asarray(v).tolist() for k, v in found.items()} == {
        "a": [1, 2], "b": [3], "c": [5], "d": [7],
    }  # fmt: skip
    features = parse_example(example)
    assert features["x"].numbers.tolist() == [1.5]
    assert features["y"].strings == (b"z",)
    whole = parse_example(read_feeds("", "", "e=[{'n': [-1, 300]}]")["e"][0])
    assert whole["n"].numbers.tolist() == [-1, 300]


@pytest.mark.parametrize(
    "given",
    [
        ("a", "", ""),
        ("a=", "", ""),
        ("a=nowhere.npy", "", ""),
        ("a=[x]", "", ""),
        ("", "np.ones(2)", ""),
        ("", "", "a={'x': [1]}"),
        ("", "", "a=[{'x': 1}]"),
        ("", "", "a=[{'x': [[1]]}]"),
    ],
)
def test_what_is_no_value_is_told(given: tuple[str, str, str]) -> None:
    with pytest.raises(GraphtoolsError):
        read_feeds(*given)


def test_an_array_that_is_not_there_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", one=[4], two=[5])
    with pytest.raises(GraphtoolsError, match="several arrays"):
        read_feeds(f"a={tmp_path / 'c.npz'}", "", "")
    with pytest.raises(GraphtoolsError, match="no array 'three'"):
        read_feeds(f"a={tmp_path / 'c.npz'}[three]", "", "")
