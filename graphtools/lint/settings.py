"""Settings of the linter, and the files that hold them.

`[tool.graphtools.lint]` in a pyproject.toml, or `[lint]` in a graphtools.toml, of the current
folder or the nearest one above it that has any. The command line wins.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphtools.errors import FileProblem, InvalidValue, NothingFound
from graphtools.findings.rule import TARGETS
from graphtools.lint.selection import EVERYTHING, matches_path
from graphtools.wording import did_you_mean

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions

#: A pattern of files or of nodes, with what is ignored there.
Ignores = tuple[tuple[str, tuple[str, ...]], ...]
#: The files that may hold settings, the one that wins first, with the tables that lead to them.
FILE_NAMES = {"graphtools.toml": ("lint",), "pyproject.toml": ("tool", "graphtools", "lint")}


@dataclasses.dataclass(frozen=True)
class FileSettings:
    """What is known of some files.

    Attributes:
        pattern: Pattern of their paths.
        inputs: Names of their inputs; None for the likely ones.
        outputs: Names of their outputs; None for the likely ones.
        input_shapes: Shapes of their inputs, as `image=1,300,300,3`.
        target: What they are meant for; empty for what the settings say.
    """

    pattern: str
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    input_shapes: tuple[str, ...] = ()
    target: str = ""


_NOTHING_KNOWN = FileSettings("")


@dataclasses.dataclass(frozen=True)
class LintSettings:
    """What is looked for, and what is done with it.

    Attributes:
        target: What graphs are meant for: one of `rule.TARGETS`.
        inputs: Names of the graphs' inputs; None for the likely ones.
        outputs: Names of the graphs' outputs; None for the likely ones.
        input_shapes: Shapes of inputs, as `image=1,300,300,3`.
        batch: The first dimension of all inputs, -1 for an open one; as they are if None.
        signature: Key of the signature whose inputs and outputs are taken; empty for
            `serving_default`.
        checkpoint: Where the values of variables are; empty where they are beside the graph.
        tf_version: The TensorFlow whose converter is meant, as `2.21`; empty for the newest known.
        runtime: The TensorFlow Lite that is to run TFLite models, as `2.5`; empty for any.
        tags: Tags of the meta graph of SavedModels; None where there is one.
        select: Selectors of the rules that are applied; those that are on by default if empty.
        extend_select: Selectors of rules that are applied besides.
        ignore: Selectors of rules that are not applied.
        per_file_ignores: Patterns of files with selectors of what is ignored in them.
        ignore_nodes: Patterns of nodes with selectors of what is ignored in them.
        per_file: What is known of some files; the first that matches a file holds.
        fix: `none`; `safe` to apply safe cures, `unsafe` to apply all.
        is_dry_run: Whether cures are shown, not written.
        baseline: The file of the findings that are known; empty for none.
        format: The output format; empty for text.
        source: The file that they were read from; empty for none.

    Example:
        >>> LintSettings(target="gpu", ignore=("GT3",)).target
        'gpu'
    """

    target: str = "tflite"
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    input_shapes: tuple[str, ...] = ()
    batch: int | None = None
    signature: str = ""
    checkpoint: str = ""
    tf_version: str = ""
    runtime: str = ""
    tags: tuple[str, ...] | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Ignores = ()
    ignore_nodes: Ignores = ()
    per_file: tuple[FileSettings, ...] = ()
    fix: str = "none"
    is_dry_run: bool = False
    baseline: str = ""
    format: str = ""
    source: str = ""

    @property
    def selectors(self) -> tuple[str, ...]:
        """All selectors that are used."""
        ignored = [s for _, group in (*self.per_file_ignores, *self.ignore_nodes) for s in group]
        return (*self.select, *self.extend_select, *self.ignore, *ignored)

    @property
    def model_options(self) -> ModelOptions:
        """How models are read."""
        from graphtools.analysis.shape_list import parse_input_shapes
        from graphtools.model.options import ModelOptions

        return ModelOptions(
            self.inputs,
            self.outputs,
            parse_input_shapes(self.input_shapes, [""]),
            self.signature or None,
            self.tags,
            self.checkpoint or None,
            batch=self.batch,
        )

    @property
    def folder(self) -> str:
        """The folder that patterns and files in them are relative to; empty for the current."""
        return os.path.dirname(self.source)

    def for_file(self, path: str) -> LintSettings:
        """The settings with what is known of one file; its ignored codes are not looked at."""
        for known in self.per_file:
            if matches_path(path, known.pattern, self.folder):
                return dataclasses.replace(
                    self,
                    target=known.target or self.target,
                    inputs=self.inputs if known.inputs is None else known.inputs,
                    outputs=self.outputs if known.outputs is None else known.outputs,
                    input_shapes=known.input_shapes or self.input_shapes,
                )
        return self

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """Selectors of what is ignored in a file."""
        found = [
            selectors
            for pattern, selectors in self.per_file_ignores
            if matches_path(path, pattern, self.folder)
        ]
        return tuple(s for selectors in found for s in selectors)


def combine(settings: LintSettings, given: Mapping[str, Any]) -> LintSettings:
    """Settings with what the command line says; it wins.

    Args:
        settings: The settings of a file.
        given: Values by attribute of `LintSettings`; None for what was not given. `ignore`,
            `extend_select` and what is ignored by file and node is added, unless `select` is given:
            then the selection starts anew.
    """
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in given.items()
        if value is not None and value not in ((), [])
    }
    adds = ["per_file_ignores", "ignore_nodes"]
    if values.get("select"):
        values = {"ignore": (), "extend_select": (), **values}
    else:
        adds += ["ignore", "extend_select"]
        values.pop("select", None)
    for key in adds:
        if key in values:
            values[key] = (*getattr(settings, key), *values[key])
    if {"inputs", "outputs", "input_shapes", "target"} & values.keys():
        fields = {f.name for f in dataclasses.fields(FileSettings)} - {"pattern"}
        plain = {name: getattr(_NOTHING_KNOWN, name) for name in fields & values.keys()}
        values["per_file"] = tuple(dataclasses.replace(f, **plain) for f in settings.per_file)
    return check_settings(dataclasses.replace(settings, **values))


def choose_settings(
    given: Mapping[str, Any], path: str | None = None, *, isolated: bool = False
) -> LintSettings:
    """The settings of a file, with what the command line says.

    Args:
        given: See `combine`.
        path: The file; the nearest one if None.
        isolated: Whether to read no file.

    Raises:
        NothingFound: There is no such file.
        FileProblem: It cannot be read.
        InvalidValue: It has no settings, or what it says is wrong.
    """
    if path is not None:
        found = read_settings(path)
        if found is None:
            tables = _tables(path)
            raise InvalidValue(f"{path} has no settings of the linter: no [{'.'.join(tables)}]")
        return combine(found, given)
    return combine(LintSettings() if isolated else find_settings(), given)


def _tables(path: str) -> tuple[str, ...]:
    """The tables that lead to the settings in a file."""
    return FILE_NAMES.get(os.path.basename(path), FILE_NAMES["graphtools.toml"])


def check_settings(settings: LintSettings) -> LintSettings:
    """Settings, checked as far as they can be without the rules.

    Raises:
        InvalidValue: The target is none, nothing is known of the TensorFlow version, or the runtime
            is no version.
    """
    if settings.tf_version:
        from graphtools.compat.table import table

        table(settings.tf_version)
    if settings.runtime:
        from graphtools.formats.tflite.runtimes import parse_runtime

        parse_runtime(settings.runtime)
    for target in (settings.target, *(f.target for f in settings.per_file if f.target)):
        if target not in TARGETS:
            hint = did_you_mean(target, TARGETS, f"targets: {', '.join(TARGETS)}")
            raise InvalidValue(f"{target!r} is no target", hint)
    return settings


def find_settings(folder: str = ".") -> LintSettings:
    """The settings of the nearest file of a folder or those above it that has any.

    Raises:
        FileProblem: The file cannot be read.
        InvalidValue: What it says is wrong.
    """
    current = os.path.abspath(folder)
    while True:
        for name in FILE_NAMES:
            path = os.path.join(current, name)
            found = read_settings(path) if os.path.isfile(path) else None
            if found is not None:
                return found
        parent = os.path.dirname(current)
        if parent == current:
            return LintSettings()
        current = parent


def read_settings(path: str) -> LintSettings | None:
    """The settings that a file holds, None if it has no table for them.

    Raises:
        NothingFound: There is no such file.
        FileProblem: The file cannot be read.
        InvalidValue: What it says is wrong; the file and the key are named.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except FileNotFoundError:
        raise NothingFound(f"there is no settings file {path}") from None
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror or error}") from None
    tables = _tables(path)
    if tables[-1].encode() not in raw:
        return None  # it need not be decoded
    tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        table: Any = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{path} is no TOML: {error}", "correct it there") from None
    for key in tables:
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return None
    where = f"[{'.'.join(tables)}] of {path}"
    values = _read_table(table, _KEYS, where)
    for key in ("baseline", "checkpoint"):
        if values.get(key):
            values[key] = os.path.join(os.path.dirname(path), values[key])
    return check_settings(LintSettings(**values, source=path))


def _read_table(
    table: object, keys: Mapping[str, tuple[str, _Reader]], where: str
) -> dict[str, Any]:
    """The values of a table by attribute.

    Raises:
        InvalidValue: A key is unknown, or a value of the wrong kind.
    """
    if not isinstance(table, dict):
        raise InvalidValue(f"{where} is no table")
    found = {}
    for key, value in table.items():
        spelt = key.replace("_", "-")
        if spelt not in keys:
            hint = did_you_mean(spelt, keys, f"known are: {', '.join(keys)}")
            raise InvalidValue(f"{where} has the unknown key {key!r}", hint)
        attribute, reader = keys[spelt]
        try:
            found[attribute] = reader(value)
        except TypeError as error:
            raise InvalidValue(f"{key} in {where} must be {error}") from None
    return found


_Reader = Callable[[object], Any]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("a list of texts")
    return tuple(value)


def _shapes(value: object) -> tuple[str, ...]:
    """Shapes by name: a table `{ image = [1, 300, 300, 3] }`, or texts `image=1,300,300,3`."""
    if isinstance(value, dict):
        found = []
        for name, dims in value.items():
            if not isinstance(dims, list) or not all(isinstance(d, int | str) for d in dims):
                raise TypeError('shapes by name, as { image = [1, 300, 300, 3] }, "?" for unknown')
            found.append(f"{name}={','.join(map(str, dims))}")
        return tuple(found)
    return (value,) if isinstance(value, str) else _texts(value)


def _ignores(value: object) -> Ignores:
    if not isinstance(value, dict):
        raise TypeError('a table of patterns and codes, as "old/*" = ["GT2"]')
    return tuple((pattern, _texts(codes)) for pattern, codes in value.items())


def _nodes(value: object) -> Ignores:
    if isinstance(value, dict):
        return _ignores(value)
    return tuple((pattern, (EVERYTHING,)) for pattern in _texts(value))


def _per_file(value: object) -> tuple[FileSettings, ...]:
    if not isinstance(value, dict):
        raise TypeError("a table of patterns and tables")
    keys = {key: _KEYS[key] for key in ("inputs", "outputs", "input-shapes", "target")}
    return tuple(
        FileSettings(pattern, **_read_table(table, keys, f"the table of {pattern!r}"))
        for pattern, table in value.items()
    )


#: By key in a file, the attribute of the settings and what reads the value.
_KEYS: dict[str, tuple[str, _Reader]] = {
    "target": ("target", _text),
    "inputs": ("inputs", _texts),
    "outputs": ("outputs", _texts),
    "input-shapes": ("input_shapes", _shapes),
    "tf-version": ("tf_version", _text),
    "runtime": ("runtime", _text),
    "tag-set": ("tags", _texts),
    "signature": ("signature", _text),
    "checkpoint": ("checkpoint", _text),
    "select": ("select", _texts),
    "extend-select": ("extend_select", _texts),
    "ignore": ("ignore", _texts),
    "per-file-ignores": ("per_file_ignores", _ignores),
    "ignore-nodes": ("ignore_nodes", _nodes),
    "per-file": ("per_file", _per_file),
    "baseline": ("baseline", _text),
    "format": ("format", _text),
}
