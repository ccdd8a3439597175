"""Finds what can be linted in folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from graphtools.formats.pipeline_config import FILE_NAME, SECTIONS
from graphtools.formats.saved_model import FILE_NAMES as SAVED_MODELS

#: First fields of texts that are taken, by suffix; others, as label maps, are left out.
_FIRST_FIELDS = {
    ".pbtxt": frozenset({"node", "library", "versions", "version"}),
    ".config": SECTIONS,
}


def expand_folders(paths: Iterable[str]) -> list[str]:
    """Paths, with the files of folders in the place of folders; each path once.

    Of a folder that is no SavedModel, the graphs (`.pb`, and `.pbtxt` that begin as one),
    SavedModels, TFLite models (`.tflite`) and training configurations (`.config` that begin as one)
    are taken, also from folders in it; a MetaGraph is a training graph mostly, and taken only where
    it is named. A folder with nothing of that kind stays as it is.

    Args:
        paths: Files and folders.
    """
    found: dict[str, None] = {}
    for path in paths:
        inside = list(_models_in(path)) if os.path.isdir(path) and not _is_saved_model(path) else []
        found |= dict.fromkeys(inside or [path])
    return list(found)


def _is_saved_model(folder: str) -> bool:
    return any(os.path.isfile(os.path.join(folder, name)) for name in SAVED_MODELS)


def _models_in(folder: str) -> Iterator[str]:
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        if _is_saved_model(current):
            folders.clear()
            yield current
            continue
        for name in sorted(files):
            path = os.path.join(current, name)
            if name.endswith((".pb", ".tflite")) or name == FILE_NAME or _begins_as_model(path):
                yield path


def _begins_as_model(path: str) -> bool:
    """Whether a text's first field is that of a graph or a configuration."""
    from graphtools.errors import FileProblem
    from graphtools.formats.source import open_source
    from graphtools.formats.text import first_text_field

    fields = _FIRST_FIELDS.get(os.path.splitext(path)[1])
    if fields is None:
        return False
    try:
        return first_text_field(open_source(path)) in fields
    except FileProblem:  # then the linter says why
        return True
