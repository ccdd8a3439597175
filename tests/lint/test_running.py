"""Many files: in this process, in several, on a cluster."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graphtools.errors import NothingFound, UnknownName
from graphtools.formats import save
from graphtools.lint import running
from graphtools.lint.baseline import write_baseline
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import lint_files
from graphtools.lint.settings import LintSettings
from tests.support import FIXTURES, ROOT
from tests.transforms.graphs import graph

CONFIG = str(FIXTURES / "ssd/pipeline.config")
SETTINGS = LintSettings(select=("GT1", "GTC"))


@pytest.fixture
def zoo(tmp_path: Path) -> list[str]:
    """Five graphs, the third of which is damaged, and a configuration."""
    paths = []
    for number in range(5):
        path = tmp_path / f"model {number}.pb"
        save(graph(f"x = Placeholder dtype=float\ny{number} = Neg(gone) T=float"), path)
        paths.append(str(path))
    Path(paths[2]).write_bytes(b"\n\x05broken")
    return [*paths, CONFIG]


def told(files: Sequence[FileReport]) -> list[tuple[str, list[str], int]]:
    """What stays the same wherever a file was looked at."""
    return [(f.path, [x.code + x.node for x in f.findings], len(f.problems)) for f in files]


def test_each_file_has_a_report_in_its_order(zoo: list[str]) -> None:
    seen: list[tuple[int, int]] = []
    report = lint_files(zoo, SETTINGS, jobs=1, progress=lambda *n: seen.append(n))
    assert [f.path for f in report.files] == zoo
    assert [f.path for f in report.files if f.problems] == [zoo[2]]
    assert report.files[0].findings[0].code == "GT101"
    assert report.files[-1].findings[0].code == "GTC102"
    assert report.has_problems
    assert not report.is_clean
    assert seen == [(n, 6) for n in range(1, 7)]


def test_a_file_that_is_named_twice_is_looked_at_once(zoo: list[str]) -> None:
    assert len(lint_files([zoo[0], zoo[0]], SETTINGS).files) == 1


def test_any_executor_of_threads_gives_the_same(zoo: list[str]) -> None:
    here = lint_files(zoo, SETTINGS, jobs=1)
    seen: list[int] = []
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        there = lint_files(zoo, SETTINGS, executor=executor, progress=lambda n, _: seen.append(n))
    assert told(there.files) == told(here.files)
    assert seen[-1] == 6


def test_processes_give_the_same(zoo: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_FEW", 2)
    here = lint_files(zoo, SETTINGS, jobs=1)
    there = lint_files(zoo, SETTINGS, jobs=2)
    assert told(there.files) == told(here.files)


def test_relative_paths_and_settings_hold_in_other_folders(
    zoo: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.path.dirname(zoo[0])
    monkeypatch.chdir(folder)
    settings = LintSettings(select=("GT1",), per_file_ignores=(("model 1.pb", ("ALL",)),))
    names = [os.path.basename(path) for path in zoo[:2]]

    class Elsewhere(concurrent.futures.Executor):
        """Runs its tasks in another folder."""

        def submit(self, task: Any, /, *args: Any, **kwargs: Any) -> Any:
            future: concurrent.futures.Future[Any] = concurrent.futures.Future()
            os.chdir("/")
            future.set_result(task(*args, **kwargs))
            os.chdir(folder)
            return future

    report = lint_files(names, settings, executor=Elsewhere())
    assert [f.path for f in report.files] == names
    assert report.files[0].findings
    assert report.files[1].ignored


def test_an_executor_that_fails_is_a_problem_of_the_file(zoo: list[str]) -> None:
    class Failing(concurrent.futures.Executor):
        def submit(self, _task: Any, /, *_args: Any, **_kwargs: Any) -> Any:
            future: concurrent.futures.Future[Any] = concurrent.futures.Future()
            future.set_exception(RuntimeError("worker\nis gone"))
            return future

    report = lint_files(zoo[:2], SETTINGS, executor=Failing())
    assert [f.problems[0].message for f in report.files] == [
        "the executor failed: RuntimeError: worker is gone"
    ] * 2


def _dying(paths: Sequence[str], settings: LintSettings) -> list[FileReport]:
    return [_dying_one(path, settings) for path in paths]


def _dying_one(path: str, _settings: LintSettings) -> FileReport:
    if path.endswith("1.pb"):
        os._exit(9)
    return FileReport(path, kind="seen")


@pytest.mark.slow
def test_a_process_that_dies_takes_no_other_file_with_it(
    zoo: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_FEW", 2)
    monkeypatch.setattr(running, "lint_chunk", _dying)
    monkeypatch.setattr(running, "lint_file", _dying_one)
    report = lint_files(zoo[:4], jobs=2)
    assert [f.kind for f in report.files] == ["seen", "", "seen", "seen"]
    assert report.files[1].problems[0].message == "the process that looked at it died"


SCRIPT = """
from graphtools.lint import running
running._FEW = 2
report = running.lint_files({paths!r}, jobs=2)
print(sum(bool(file.findings) for file in report.files), "of", len(report.files))
"""


@pytest.mark.parametrize("is_file", [True, False], ids=["script", "standard-input"])
def test_a_script_that_is_not_prepared_for_processes_does_it_by_itself(
    zoo: list[str], tmp_path: Path, is_file: bool
) -> None:
    text = SCRIPT.format(paths=zoo[:2])
    script = tmp_path / "script.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, str(script) if is_file else "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.splitlines()[-1] == "2 of 2"


def test_few_small_files_need_no_processes(zoo: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_processes", pytest.fail)
    lint_files(zoo, SETTINGS, jobs=4)


def test_large_files_are_worth_processes(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        path = tmp_path / f"{number}.pb"
        with path.open("wb") as file:
            file.truncate(9_000_000)
        paths.append(str(path))
    assert running.is_worth_processes(paths)
    assert not running.is_worth_processes(paths[:1])


def test_what_settings_name_is_checked_before_anything_is_done(zoo: list[str]) -> None:
    with pytest.raises(UnknownName):
        lint_files(["absent.pb"], LintSettings(ignore=("GT0",)))
    with pytest.raises(NothingFound):
        lint_files(zoo, LintSettings(baseline="absent.json"))
    report = lint_files([], LintSettings(select=("GT1",)))
    assert report.files == ()
    assert report.is_clean


def test_a_selection_that_the_target_has_not_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "not_for_target", lambda *_: ["GT6"])
    report = lint_files([], LintSettings(select=("GT1",)))
    assert report.notes == ("no rule of 'GT6' is for the target tflite",)


def test_the_baseline_is_taken_away(zoo: list[str], tmp_path: Path) -> None:
    found = lint_files(zoo[:2], SETTINGS)
    path = str(tmp_path / "known.json")
    write_baseline(path, found.files)
    settings = LintSettings(select=("GT1",), baseline=path)
    now = lint_files(zoo[:2], settings)
    assert now.is_clean
    assert now.files[0].known == len(found.files[0].findings)
    assert now.notes == ()
    assert not lint_files(zoo[:2], settings, is_known=False).is_clean
    fewer = lint_files(zoo[:2], dataclasses.replace(settings, ignore=("GT101",)))
    assert fewer.notes[0].startswith("2 of the findings in ")


@pytest.mark.slow
def test_a_thousand_small_graphs_take_less_than_ten_milliseconds_each(tmp_path: Path) -> None:
    nodes = "\n".join(f"n{i} = Neg(n{i - 1}) T=float" for i in range(1, 20))
    made = graph("n0 = Placeholder dtype=float shape=[1,3]\n" + nodes)
    raw = b"".join(made.pieces())
    paths = [tmp_path / f"{number}.pb" for number in range(1000)]
    for path in paths:
        path.write_bytes(raw)
    start = time.process_time()
    report = lint_files(paths, LintSettings(), jobs=1)
    assert (time.process_time() - start) / 1000 < 0.01
    assert len(report.files) == 1000


@pytest.mark.slow
def test_a_cluster_of_dask_gives_the_same(zoo: list[str]) -> None:
    distributed = pytest.importorskip("distributed")
    here = lint_files(zoo, SETTINGS, jobs=1)
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        there = lint_files(zoo, SETTINGS, executor=client.get_executor())
    assert told(there.files) == told(here.files)
