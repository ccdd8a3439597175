"""The findings that are known, so that a linter can be started with on old models.

A baseline says of each file how many findings of a rule a node has. Messages are not kept: another
wording, or another order of the nodes, makes nothing new.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping

from graphtools.errors import Damaged, FileProblem, NothingFound
from graphtools.findings.finding import Finding
from graphtools.formats.source import write_file
from graphtools.front_end import param
from graphtools.lint.file_report import FileReport

_VERSION = 1
#: Code of the rule and name of the node.
_Key = tuple[str, str]


def _remedy() -> str:
    return f"write it anew with {param(write_baseline=True)}"


@dataclasses.dataclass(frozen=True)
class Baseline:
    """Known findings.

    Attributes:
        path: The file; the paths in it are relative to its folder.
        files: By path, how many findings of a rule a node has, by code and name.
    """

    path: str
    files: Mapping[str, Mapping[_Key, int]]

    def known_of(self, path: str) -> Counter[_Key]:
        """How many findings of a rule each node of a file has, as far as they are known."""
        return Counter(self.files.get(relative_path(path, os.path.dirname(self.path)), {}))

    def outdated(self, reports: Iterable[FileReport]) -> int:
        """Number of known findings that are not there any more, in files that were looked at."""
        return sum(
            (self.known_of(r.path) - Counter((f.code, f.node) for f in r.findings)).total()
            for r in reports
            if not r.problems
        )

    def without_known(self, report: FileReport) -> FileReport:
        """What was found in a file, without the findings that are known."""
        left = self.known_of(report.path)
        new: list[Finding] = []
        for finding in report.findings:
            key = (finding.code, finding.node)
            if left[key]:
                left[key] -= 1
            else:
                new.append(finding)
        known = len(report.findings) - len(new)
        return dataclasses.replace(report, findings=tuple(new), known=known)


def relative_path(path: str, folder: str = "") -> str:
    """The path of a file as it is seen from a folder, with `/` between its parts.

    Args:
        path: The file.
        folder: The folder; the current one if empty.
    """
    from graphtools.formats.places import is_remote
    from graphtools.formats.source import STANDARD

    if path == STANDARD or is_remote(path):
        return path
    try:
        found = os.path.relpath(path, folder or ".")
    except ValueError:  # on another drive
        found = os.path.abspath(path)
    return found.replace(os.sep, "/")


def read_baseline(path: str) -> Baseline:
    """Read a baseline.

    Raises:
        NothingFound: There is no such file.
        FileProblem: It cannot be read.
        Damaged: It is no baseline.
    """
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["baseline_version"] != _VERSION:
            raise Damaged(f"{path} is a baseline of another version", _remedy())
        files = {
            name: {(e["code"], e["node"]): int(e["count"]) for e in entries}
            for name, entries in content["files"].items()
        }
    except FileNotFoundError:
        raise NothingFound(f"there is no baseline {path}", _remedy()) from None
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Damaged(f"{path} is no baseline of graphtools lint", _remedy()) from None
    return Baseline(path, files)


def write_baseline(path: str, reports: Iterable[FileReport]) -> int:
    """Write what was found as known; the file is written whole or not at all.

    Returns:
        The number of findings in it.

    Raises:
        FileProblem: It cannot be written.
    """
    folder = os.path.dirname(path)
    files: dict[str, list[dict[str, object]]] = {}
    number = 0
    for report in reports:
        counts = Counter((f.code, f.node) for f in report.findings)
        number += len(report.findings)
        if counts:
            files[relative_path(report.path, folder)] = [
                {"code": code, "node": node, "count": count}
                for (code, node), count in sorted(counts.items())
            ]
    content = {"baseline_version": _VERSION, "files": dict(sorted(files.items()))}
    write_file(path, [(json.dumps(content, indent=1) + "\n").encode()])
    return number
