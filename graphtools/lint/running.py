"""Lints many files, in this process, in several, or on a cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from graphtools.display import Displayed
from graphtools.formats import places
from graphtools.formats.source import STANDARD
from graphtools.front_end import front_end, param, speak
from graphtools.lint.baseline import read_baseline
from graphtools.lint.engine import lint_file
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.folders import expand_folders
from graphtools.lint.selection import check_selectors, not_for_target
from graphtools.lint.settings import LintSettings
from graphtools.lint.tables import GRAPH_RULES, all_rules

if TYPE_CHECKING:
    from concurrent.futures import Executor, ProcessPoolExecutor

#: To start processes takes as long as to lint so many small files, or so many bytes of large ones.
_FEW, _SMALL = 256, 8_000_000
#: Files that one task has at most: what a task costs by itself is then not felt.
_CHUNK = 16


@dataclasses.dataclass(frozen=True)
class LintReport(Displayed):
    """What was found in some files.

    Attributes:
        files: One entry a file, in their order.
        settings: What was looked for.
        notes: Remarks that are not about a file.
    """

    files: tuple[FileReport, ...]
    settings: LintSettings
    notes: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing needs to be changed: there are remarks at most."""
        return all(report.is_clean for report in self.files)

    @property
    def has_problems(self) -> bool:
        """Whether a file, or a part of one, could not be looked at."""
        return any(report.problems for report in self.files)


def lint_files(
    paths: Iterable[str | os.PathLike[str]],
    settings: LintSettings | None = None,
    *,
    executor: Executor | None = None,
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
    is_known: bool = True,
) -> LintReport:
    """Lint files.

    Args:
        paths: Graphs, MetaGraphs, SavedModels and training configurations, and folders of them.
        settings: What is looked for; what is usual if None.
        executor: What runs the work: any executor of `concurrent.futures`, or one that offers the
            same, as Dask's `client.get_executor()`. It has to see the files under the same paths.
            By default processes of this machine, where that is worth it; a script that calls this
            then needs `if __name__ == "__main__":` around it, or all is done in its own process.
        jobs: Number of processes; as many as there are processors if 0. 1 is this process.
        progress: Called with the number of files that are done, and of all.
        is_known: Whether what the baseline has is left out.

    Raises:
        UnknownName: The settings name a rule that is not there.
        FileProblem: The baseline cannot be read, or is none.

    Example:
        >>> report = graphtools.lint_files(["fixtures/classifier/frozen.pb"])
        >>> report.is_clean, [finding.code for finding in report.files[0].findings]
        (True, ['GT502'])
    """
    settings = settings or LintSettings()
    named = expand_folders(os.fspath(p) for p in paths)
    notes: list[str] = []
    if settings.selectors:
        rules = all_rules()
        check_selectors(settings.selectors, rules)
        if not settings.per_file:
            notes += [
                f"no rule of {selector!r} is for the target {settings.target}"
                for selector in not_for_target(rules, settings.target, settings.select)
            ]
    else:
        GRAPH_RULES.rules()  # a clash of rules shows here, not in a process elsewhere
    baseline = read_baseline(settings.baseline) if settings.baseline and is_known else None
    if executor is not None:
        reports = _run_in(executor, named, settings, progress)
    else:
        jobs = min(jobs or _processors(), len(named))
        if jobs > 1 and is_worth_processes(named):
            reports = _run_in_processes(jobs, named, settings, progress)
        else:
            reports = _run_here(named, settings, progress)
    if baseline:
        outdated = baseline.outdated(reports)
        if outdated:
            notes.append(
                f"{outdated:,} of the findings in {baseline.path} are not there any more; write it "
                f"anew with {param(write_baseline=True)}"
            )
        reports = [baseline.without_known(report) for report in reports]
    return LintReport(tuple(reports), settings, tuple(notes))


def _processors() -> int:
    """Number of processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_worth_processes(paths: Sequence[str]) -> bool:
    """Whether linting takes much longer than starting processes."""
    if len(paths) >= _FEW:
        return True
    sizes = sorted(os.path.getsize(p) if os.path.isfile(p) else 0 for p in paths)
    return sum(sizes[:-1]) > _SMALL  # beside the largest, which one process has to do anyway


def _run_here(
    paths: Sequence[str], settings: LintSettings, progress: Callable[[int, int], None] | None
) -> list[FileReport]:
    reports = []
    for path in paths:
        reports.append(lint_file(path, settings))
        if progress:
            progress(len(reports), len(paths))
    return reports


def _run_in(
    executor: Executor,
    paths: Sequence[str],
    settings: LintSettings,
    progress: Callable[[int, int], None] | None,
) -> list[FileReport]:
    """Lint files by an executor of the caller's, which may fail in ways that are not known here.

    Its workers may be in another folder, or on another machine.
    """
    from concurrent.futures import as_completed

    elsewhere = settings
    if settings.source:
        elsewhere = dataclasses.replace(settings, source=os.path.abspath(settings.source))
    found = {path: lint_file(path, settings) for path in paths if path == STANDARD}
    futures = {
        executor.submit(lint_chunk, [_absolute(path) for path in chunk], elsewhere): chunk
        for chunk in _chunks(paths)
    }
    for future in as_completed(futures):
        chunk = futures[future]
        error = future.exception()
        if error is None:
            reports = future.result()
        else:
            what = " ".join(str(error).split()) or "no reason is given"
            problem = Problem(f"the executor failed: {type(error).__name__}: {what}")
            reports = [FileReport(path, problems=(problem,)) for path in chunk]
        for path, report in zip(chunk, reports, strict=True):
            found[path] = dataclasses.replace(report, path=path)
        if progress:
            progress(len(found), len(paths))
    return [found[path] for path in paths]


def _run_in_processes(
    jobs: int,
    paths: Sequence[str],
    settings: LintSettings,
    progress: Callable[[int, int], None] | None,
) -> list[FileReport]:
    """Lint files in several processes; if one dies, the files that are left one after the other.

    Where no process gets to work, as those of a script that is not prepared for them, this one does
    it all.
    """
    from concurrent.futures import BrokenExecutor, as_completed

    found = {path: lint_file(path, settings) for path in paths if path == STANDARD}
    works = False
    with contextlib.suppress(BrokenExecutor), _processes(jobs) as pool:
        works = _has_main_module() and pool.submit(os.getpid).result() > 0
        chunks = _chunks(paths) if works else []
        futures = {pool.submit(lint_chunk, chunk, settings): chunk for chunk in chunks}
        for future in as_completed(futures):
            found |= zip(futures[future], future.result(), strict=True)
            if progress:
                progress(len(found), len(paths))
    if not works:
        return _run_here(paths, settings, progress)
    left = [path for path in paths if path not in found]
    while left:  # one of them was too much
        with contextlib.suppress(BrokenExecutor), _processes(1) as pool:
            while left:
                path = left.pop(0)
                found[path] = FileReport(path, problems=(_DIED,))
                found[path] = pool.submit(lint_file, path, settings).result()
                if progress:
                    progress(len(found), len(paths))
    return [found[path] for path in paths]


def _has_main_module() -> bool:
    """Whether a process that is started from here finds the main module, which it imports again."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    return file is None or getattr(main, "__spec__", None) is not None or os.path.isfile(file)


def _processes(jobs: int) -> ProcessPoolExecutor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    words = (front_end(),)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=speak, initargs=words)


def _chunks(paths: Sequence[str]) -> list[list[str]]:
    """The files that are sent elsewhere, in parts of one task each."""
    sent = [path for path in paths if path != STANDARD]
    size = max(1, min(_CHUNK, len(sent) // 16))
    return [sent[i : i + size] for i in range(0, len(sent), size)]


_DIED = Problem("the process that looked at it died", "there may not be enough memory for it")


def _absolute(path: str) -> str:
    return path if places.is_remote(path) else os.path.abspath(path)


def lint_chunk(paths: Sequence[str], settings: LintSettings) -> list[FileReport]:
    """Lint some files: what an executor is given to do."""
    return [lint_file(path, settings) for path in paths]
