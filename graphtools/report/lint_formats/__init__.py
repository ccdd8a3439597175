"""What was linted in the formats of terminals, editors and CI systems: one module a format.

A module offers its format as `LINT_FORMAT`; the name of the module is that of the format, with
underscores for dashes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from graphtools.errors import FileProblem, InvalidValue
from graphtools.lint.running import LintReport
from graphtools.registry import Registry
from graphtools.wording import did_you_mean


class LintFormat(NamedTuple):
    """An output format.

    Attributes:
        render: Makes the whole output of a report, with a newline at its end.
        statistics: Makes the output that counts the findings by rule; None where the format has
            no place for that.
    """

    render: Callable[[LintReport], str]
    statistics: Callable[[LintReport], str] | None = None


LINT_FORMATS: Registry[LintFormat] = Registry(__name__, "LINT_FORMAT")


def format_names() -> list[str]:
    """Names of all formats, sorted."""
    return list(LINT_FORMATS.all())


def find_format(name: str) -> LintFormat:
    """The format of a name.

    Raises:
        InvalidValue: There is none.
    """
    found = LINT_FORMATS.get(name)
    if found is None:
        remedy = did_you_mean(name, format_names(), f"formats: {', '.join(format_names())}")
        raise InvalidValue(f"{name!r} is no output format", remedy)
    return found


def write_step_summary(report: LintReport) -> None:
    """Append tables to the summary of a step of GitHub Actions, for formats that are meant for it.

    Raises:
        FileProblem: The file that `GITHUB_STEP_SUMMARY` names cannot be written.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path or report.settings.format not in ("github", "markdown"):
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(find_format("markdown").render(report))
    except OSError as error:
        raise FileProblem(
            f"{path} cannot be written: {error.strerror or error}",
            "it is where GITHUB_STEP_SUMMARY says that the summary goes",
        ) from None
