"""Collects what the modules of a folder offer, so that a new module needs no edit elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


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
