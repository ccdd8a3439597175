from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtools import commands, registry
from graphtools.registry import FunctionTable

Function = Callable[[], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with one module that counts how often it is imported."""
    folder = tmp_path / "offers_functions"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "family.py").write_text("import sys\nsys.offers_table('A', 'B')(lambda: 'ab')\n")
    (folder / "_helper.py").write_text("raise AssertionError('a helper is not imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    name = folder.name
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delitem(sys.modules, f"{name}.family", raising=False)
    return name


def test_modules_are_imported_when_a_function_is_asked_for(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table: FunctionTable[Function] = FunctionTable(package)
    monkeypatch.setattr(sys, "offers_table", table, raising=False)
    assert f"{package}.family" not in sys.modules
    found = table.get("A")
    assert found is not None
    assert found() == "ab"
    assert table.get("B") is found
    assert table.get("C") is None
    assert table.names() == ["A", "B"]


def test_names_alone_load_the_modules_too(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table: FunctionTable[Function] = FunctionTable(package)
    monkeypatch.setattr(sys, "offers_table", table, raising=False)
    assert table.names() == ["A", "B"]


def test_two_functions_for_one_name_are_a_clash() -> None:
    table: FunctionTable[Function] = FunctionTable("graphtools.ops.costs")
    table("A", "B")(lambda: "")
    with pytest.raises(RuntimeError, match="two functions are for 'B'"):
        table("C", "B")(lambda: "")


def test_a_function_stays_what_it_is() -> None:
    table: FunctionTable[Function] = FunctionTable("graphtools.ops.costs")

    def function() -> str:
        return "x"

    assert table("A")(function) is function


def test_things_are_collected_by_name_and_a_clash_is_an_error() -> None:
    found = registry.collect(commands, "COMMAND", lambda c: str(c.name))
    assert {"shapes", "size", "op"} <= set(found)
    with pytest.raises(RuntimeError, match="two modules offer 'same'"):
        registry.collect(commands, "COMMAND", lambda _: "same")


def test_helpers_are_no_modules_of_a_folder() -> None:
    assert "_shared" not in registry.modules(commands)
    assert "shapes" in registry.modules(commands)
