"""What a probe has found so far, kept in a file, so that it can go on after an interruption."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from graphtools.errors import Damaged, FileProblem

#: What became of each case, by its key; see `_probe_table.op_entry`.
Verdicts = dict[str, str]


class Journal:
    """The verdicts found so far, kept in a file beside the table; a context manager.

    Attributes:
        verdicts: What became of each case, by its key.
        finished: Whether the table was written, so that the file is not needed any more.
    """

    def __init__(self, target: str | os.PathLike[str] | None, version: str) -> None:
        self.verdicts: Verdicts = {}
        self.finished = False
        self._version = version
        self._path = None if target is None else Path(f"{os.fspath(target)}.part")
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        if self._path is None:
            return self
        try:
            if self._path.exists():
                self._read(self._path)
            self._file = self._path.open("a", encoding="utf-8")
            if not self._file.tell():
                self._file.write(json.dumps({"tensorflow": self._version}) + "\n")
        except OSError as error:
            raise FileProblem(
                f"{self._path} cannot be written: {error.strerror or error}",
                "name a file in a folder that can be written to: -o",
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None and self._path is not None:
            self._file.close()
            if self.finished:
                self._path.unlink()

    def _read(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        *lines, cut = text.split("\n")
        if cut:  # a line that was not written to its end
            path.write_text(text[: -len(cut)], encoding="utf-8")
        try:
            head, *rest = [json.loads(line) for line in lines] or [{"tensorflow": self._version}]
            if head["tensorflow"] == self._version:
                self.verdicts = {key: str(verdict) for key, verdict in rest}
                return
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(
                f"{path} is not what an interrupted probe leaves: {error}",
                "delete it, and the probe starts anew",
            ) from None
        raise Damaged(
            f"{path} is of TensorFlow {head['tensorflow']}, not of {self._version}",
            "delete it, or write to another file: -o",
        )

    def add(self, verdicts: Mapping[str, str]) -> None:
        """Keep verdicts."""
        self.verdicts.update(verdicts)
        if self._file is not None:
            self._file.writelines(json.dumps(pair) + "\n" for pair in verdicts.items())
            self._file.flush()
