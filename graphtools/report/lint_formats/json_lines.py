"""A JSON object a line: one a finding, and one for each reason why a file was not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graphtools.lint.running import LintReport
from graphtools.report.json import to_json
from graphtools.report.lint_formats import LintFormat


def _objects(report: LintReport) -> Iterator[dict[str, Any]]:
    for file in report.files:
        for problem in file.problems:
            yield {"path": file.path, "problem": to_json(problem)}
        for finding in file.findings:
            yield {"path": file.path, **to_json(finding)}


LINT_FORMAT = LintFormat(lambda report: "".join(json.dumps(o) + "\n" for o in _objects(report)))
