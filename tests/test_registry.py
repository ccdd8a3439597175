from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtools import registry
from graphtools.cli import COMMANDS
from graphtools.registry import Registry

Function = Callable[[], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package whose modules offer functions, by a decorator and under a name."""
    folder = tmp_path / "offers_functions"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "family.py").write_text("import sys\nsys.offers_table('A', 'B')(lambda: 'ab')\n")
    (folder / "two_words.py").write_text("THING = 'thing'\n")
    (folder / "_helper.py").write_text("raise AssertionError('a helper is not imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("", ".family", ".two_words"):
        monkeypatch.delitem(sys.modules, folder.name + module, raising=False)
    registry.modules.cache_clear()
    return folder.name


def test_modules_are_imported_when_a_function_is_asked_for(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table: Registry[Function] = Registry(package)
    monkeypatch.setattr(sys, "offers_table", table, raising=False)
    assert f"{package}.family" not in sys.modules
    found = table.get("A")
    assert found is not None
    assert found() == "ab"
    assert table.get("B") is found
    assert table.get("C") is None
    assert list(table.all()) == ["A", "B"]


def test_the_module_of_a_name_is_enough(package: str) -> None:
    table: Registry[str] = Registry(package, "THING")
    assert table.get("two-words") == "thing"
    assert f"{package}.family" not in sys.modules
    sys.offers_table = lambda *_: lambda _: None  # type: ignore[attr-defined]
    assert table.all() == {"two-words": "thing"}
    del sys.offers_table  # type: ignore[attr-defined]


@pytest.fixture
def families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of families, a folder and a single module, that offer functions."""
    folder = tmp_path / "families_of_ops"
    (folder / "sums").mkdir(parents=True)
    for module in ("", "sums"):
        (folder / module / "__init__.py").touch()
    (folder / "sums" / "shapes.py").write_text('import sys\nsys.table("Sum", "Prod")(len)\n')
    (folder / "sums" / "values.py").write_text('raise AssertionError("Sum")\n')
    (folder / "tables.py").write_text('import sys\nsys.table("Table")(max)\n')
    monkeypatch.syspath_prepend(tmp_path)
    for inner in ("", ".sums", ".sums.shapes", ".tables"):
        monkeypatch.delitem(sys.modules, folder.name + inner, raising=False)
    registry.modules.cache_clear()
    registry.texts.cache_clear()
    return folder.name


def test_a_family_is_imported_when_one_of_its_names_is_asked_for(
    families: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table: Registry[Callable[..., object]] = Registry(families, file="shapes")
    monkeypatch.setattr(sys, "table", table, raising=False)
    assert table.get("Unheard") is None
    assert table.get("Table") is max
    assert f"{families}.sums.shapes" not in sys.modules
    assert table.get("Sum") is len
    assert list(table.all()) == ["Prod", "Sum", "Table"]


def test_a_thing_may_have_a_name_of_its_own(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "offers_table", lambda *_: lambda _: None, raising=False)
    table: Registry[str] = Registry(package, "THING", str.upper)
    assert table.get("THING") == "thing"


def test_two_things_of_one_name_are_a_clash() -> None:
    table: Registry[Function] = Registry("")
    table("A", "B")(lambda: "")
    with pytest.raises(RuntimeError, match="two things are called 'B'"):
        table("C", "B")(lambda: "")


def test_a_function_stays_what_it_is() -> None:
    def function() -> str:
        return "x"

    table: Registry[Function] = Registry("")
    assert table("A")(function) is function


def test_commands_are_found_by_name() -> None:
    assert {"shapes", "size", "op", "export-ssd"} <= set(COMMANDS.all())
    assert COMMANDS.get("_shared") is None


def test_helpers_are_no_modules_of_a_folder() -> None:
    assert "_shared" not in registry.modules("graphtools.commands")
    assert "shapes" in registry.modules("graphtools.commands")
