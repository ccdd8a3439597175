"""Collects what the modules of a folder offer, so that a new module needs no edit elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def modules(package: ModuleType) -> list[str]:
    """Names of the modules of a package, sorted, without those that start with an underscore."""
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name[0] != "_")


def collect(package: ModuleType, attribute: str, name_of: Callable[[T], str]) -> dict[str, T]:
    """Import every module of a package and gather one attribute of each, by name.

    Args:
        package: The package whose modules are imported.
        attribute: The attribute that a module offers; a module without it is a helper.
        name_of: The name under which a thing is registered.

    Raises:
        RuntimeError: Two modules offer the same name.
    """
    found: dict[str, T] = {}
    for module_name in modules(package):
        module = importlib.import_module(f"{package.__name__}.{module_name}")
        thing: T | None = getattr(module, attribute, None)
        if thing is None:
            continue
        name = name_of(thing)
        if name in found:
            raise RuntimeError(f"{package.__name__}: two modules offer {name!r}")
        found[name] = thing
    return found


class FunctionTable(Generic[F]):
    """Functions by the names they are for, defined in the modules of one package.

    An instance is the decorator by which a function says what it is for. The modules are imported
    when a function is asked for.
    """

    def __init__(self, package: str) -> None:
        """A table to be filled by a package.

        Args:
            package: Full name of the package.
        """
        self._package = package
        self._functions: dict[str, F] = {}
        self._loaded = False

    def __call__(self, *names: str) -> Callable[[F], F]:
        """Declare what a function is for.

        Raises:
            RuntimeError: Another function is for one of the names.
        """

        def register(function: F) -> F:
            for name in names:
                if name in self._functions:
                    raise RuntimeError(f"{self._package}: two functions are for {name!r}")
                self._functions[name] = function
            return function

        return register

    def get(self, name: str) -> F | None:
        """The function that is for a name, None where there is none."""
        if not self._loaded:
            self._load()
        return self._functions.get(name)

    def names(self) -> list[str]:
        """All names that a function is for, sorted."""
        if not self._loaded:
            self._load()
        return sorted(self._functions)

    def _load(self) -> None:
        for module in modules(importlib.import_module(self._package)):
            importlib.import_module(f"{self._package}.{module}")
        self._loaded = True
