"""One way to load what the modules of a folder offer, and packages of a user's own.

A new module in the folder needs no edit elsewhere. A package elsewhere names a module of its own in
the entry points `graphtools.plugins`; that module offers things as those of the folders do: by the
same decorators, or under the same names (`TRANSFORM`, `FORMAT`, `ERRORS`, ...)::

    [project.entry-points."graphtools.plugins"]
    mine = "my_package.for_graphtools"
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Generic, TypeVar

from graphtools.errors import GraphtoolsError

T = TypeVar("T")

#: The plug-in that is being imported, if one is.
_being_loaded: list[str] = []
#: The group of entry points that name modules of other packages.
GROUP = "graphtools.plugins"


@functools.cache
def modules(package: str) -> tuple[str, ...]:
    """Names of the modules of a package, sorted, without those that start with an underscore."""
    folder = importlib.import_module(package).__path__[0]
    found = (
        name.removesuffix(".py")
        for name in os.listdir(folder)
        if name.endswith(".py") or os.path.exists(os.path.join(folder, name, "__init__.py"))
    )
    return tuple(sorted(name for name in found if name[0] != "_"))


@functools.cache
def texts(package: str, file: str) -> dict[str, bytes]:
    """The modules of a package of families, and what is written in them; see `Registry`."""
    folder = importlib.import_module(package).__path__[0]
    found = {}
    for name in modules(package):
        for module in (name, f"{name}.{file}"):
            path = os.path.join(folder, *module.split(".")) + ".py"
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as text:
                found[f"{package}.{module}"] = text.read()
    return found


@functools.cache
def plugins() -> tuple[ModuleType, ...]:
    """The modules that other packages offer, by the names of their entry points.

    Raises:
        GraphtoolsError: One of them cannot be imported.
    """
    if not _are_mentioned():
        return ()
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            _being_loaded.append(point.name)
            module = importlib.import_module(point.value)
        except Exception as problem:  # whatever a foreign module does
            raise GraphtoolsError(
                f"the plug-in {point.name!r} ({point.value}) cannot be loaded: "
                f"{type(problem).__name__}: {problem}",
                "mend the package that brings it, or uninstall it",
            ) from None
        finally:
            _being_loaded.pop()
        found.append(module)
    return tuple(found)


def _are_mentioned() -> bool:
    """Whether an installed package has such entry points: importlib.metadata is slow to import."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                        if GROUP.encode() in file.read():
                            return True
                except OSError:
                    continue
    return False


class Registry(Generic[T]):
    """Things by name, offered by the modules of a folder and by plug-ins.

    They are imported when a name is asked for that is not there yet: of the folder first the module
    of that name, then all, and plug-ins last. Of a folder of families only those modules are
    imported that have the name in double quotes. An instance is a decorator, too, by which a
    function says what it is for.

    Example:
        >>> kernel: Registry[Kernel] = Registry("graphtools.ops.families", file="values")
        >>> @kernel("Relu", "Relu6")
        ... def relu(...): ...
    """

    def __init__(
        self,
        package: str,
        attribute: str = "",
        name_of: Callable[[T], str] | None = None,
        file: str = "",
    ) -> None:
        """A registry to be filled by the modules of a package.

        Args:
            package: Full name of the package; empty for one that is filled by hand.
            attribute: Name under which a module offers one thing; empty if modules call `add`.
            name_of: The name of a thing; the module's, with dashes for underscores, by default.
            file: For a package of families, the module in each that is for this registry; a family
                that is a single module is for all.
        """
        self._package = package
        self._attribute = attribute
        self._name_of = name_of
        self._file = file
        self._sought: set[str] = set()
        self._things: dict[str, T] = {}
        self._loaded: set[str] = set()

    def add(self, name: str, thing: T) -> None:
        """Offer a thing.

        Raises:
            RuntimeError: Another thing has the name.
        """
        if self._file and _being_loaded:
            self._seek(name)  # which is not imported yet
        if self._things.setdefault(name, thing) is not thing:
            raise RuntimeError(f"{self._package or 'a registry'}: two things are called {name!r}")

    def __call__(self, *names: str) -> Callable[[T], T]:
        """Declare what a function is for; see `add`."""

        def register(function: T) -> T:
            for name in names:
                self.add(name, function)
            return function

        return register

    def get(self, name: str) -> T | None:
        """The thing of a name, None where there is none."""
        found = self._things.get(name)
        if found is None and self._package and name not in self._sought:
            self._sought.add(name)
            self._seek(name)
            if name not in self._things:
                if not self._file:
                    self._load_own()
                self._load_plugins()
            found = self._things.get(name)
        return found

    def of_module(self, module: str) -> T | None:
        """What one module of the folder offers; the others are not imported for it."""
        if module not in modules(self._package):
            return None
        full = f"{self._package}.{module}"
        self._load(full)
        thing: T | None = getattr(importlib.import_module(full), self._attribute, None)
        return thing

    def own(self) -> list[T]:
        """What the modules of the folder offer; plug-ins only where somebody has asked for them."""
        if self._package:
            self._load_own()
        return list(self._things.values())

    def all(self) -> dict[str, T]:
        """All things by name, sorted."""
        if self._package:
            self._load_own()
            self._load_plugins()
        return dict(sorted(self._things.items()))

    def _seek(self, name: str) -> None:
        """Import the modules of the folder that seem to offer something under a name."""
        if self._file:
            quoted = f'"{name}"'.encode(errors="replace")
            for module, text in texts(self._package, self._file).items():
                if quoted in text:
                    self._load(module)
        elif self._attribute:
            module = name.replace("-", "_")
            if module in modules(self._package):
                self._load(f"{self._package}.{module}")

    def _load_own(self) -> None:
        if self._file:
            names = list(texts(self._package, self._file))
        else:
            names = [f"{self._package}.{name}" for name in modules(self._package)]
        for name in names:
            self._load(name)

    def _load_plugins(self) -> None:
        for plugin in plugins():
            self._take(plugin)

    def _load(self, module: str) -> None:
        if module not in self._loaded:
            self._take(importlib.import_module(module))
            self._loaded.add(module)

    def _take(self, module: ModuleType) -> None:
        """Take what a module offers under the attribute, if there is one."""
        thing: T | None = getattr(module, self._attribute, None) if self._attribute else None
        if thing is not None:
            last = module.__name__.rpartition(".")[2].replace("_", "-")
            self.add(self._name_of(thing) if self._name_of else last, thing)
