"""README.md, CONTRIBUTING.md and the pages of docs/ are executed: each prints what it says.

`python -m tests.test_docs` writes the output into all of them anew, `python -m tests.test_docs
docs/lint.md` into one. A new page is a file `docs/NAME.md` and a line in `mkdocs.yml`.
"""

from __future__ import annotations

import doctest
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from graphtools.commands._listing import Listed, read_listed
from graphtools.commands._shared import GROUPS, OLD
from tests.support import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
#: A block may say which packages it needs: `<!-- needs tensorflow -->` in the line above.
_TOOK = re.compile(r"note: \w+ took [\d.]+ s")
_BLOCK = re.compile(
    r"^(?P<head>(?:<!-- needs (?P<needs>[\w ]+) -->\n)?```(?P<kind>\w+)\n)(?P<body>.*?)^```$",
    re.S | re.M,
)
#: A table that is made from the code: `<!-- made from: lint rules -->`.
_TABLE = re.compile(
    r"(?<=<!-- made from: )(?P<source>[\w ]+)( -->\n\n)(?P<table>.*?)(?=\n<!-- end)", re.S
)
_LINK = re.compile(r"\]\((?!\w+:)(?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
#: The mark of the tests that need a package; what is not here is tried where it is there, as cv2.
_MARKS = {
    "tensorflow": pytest.mark.tensorflow,
    "ai_edge_litert": pytest.mark.litert,
    "tf2onnx": pytest.mark.onnx,
    "ncnn": pytest.mark.ncnn,
}


class Page:
    """A page, and a folder in which its blocks run one after the other.

    Attributes:
        missing: The packages without which blocks were left as they stand.
    """

    def __init__(self, path: Path) -> None:
        self.text = path.read_text("utf-8")
        self.missing: set[str] = set()
        self._names: dict[str, object] = {}

    def executed(self) -> str:
        """The text with what its blocks print, and with the tables that are made from the code."""
        text = _TABLE.sub(lambda t: t["source"] + t[2] + TABLES[t["source"]](), self.text)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "fixtures").symlink_to(ROOT / "fixtures")
            return _BLOCK.sub(lambda found: self._block(found, Path(folder)), text)

    def _block(self, found: re.Match[str], folder: Path) -> str:
        absent = _absent(found["needs"])
        self.missing |= absent
        if found["kind"] == "diff":
            _apply(found["body"], folder)
        runs = {"console": self._console, "pycon": self._python}.get(found["kind"])
        if absent or runs is None:
            return found[0]
        return f"{found['head']}{runs(found['body'], folder)}```"

    def _console(self, block: str, folder: Path) -> str:
        """Shell commands with what they print, stderr among it."""
        out = []
        for line in block.splitlines():
            if line.startswith("$ "):
                out += [line, *_shell(line[2:], folder)]
        return "".join(f"{line}\n" for line in out)

    def _python(self, block: str, folder: Path) -> str:
        """Python examples with what they print; the blocks of a page share their names."""
        out = []
        before = Path.cwd()
        os.chdir(folder)
        try:
            for example in doctest.DocTestParser().get_examples(block):
                printed = io.StringIO()
                with redirect_stdout(printed):
                    exec(compile(example.source, "page", "single"), self._names)
                first, *more = example.source.rstrip().splitlines()
                out += [f">>> {first}", *(f"... {line}".rstrip() for line in more)]
                out += printed.getvalue().splitlines()
        finally:
            os.chdir(before)
        return "".join(f"{line}\n" for line in out)


def _apply(diff: str, folder: Path) -> None:
    """Change a copy of the project, which what follows on the page then runs."""
    if not (folder / "graphtools").exists():
        for name in ("graphtools", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, text=True, check=True)


def _shell(command: str, folder: Path) -> list[str]:
    bin_folder = Path(sys.executable).parent
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": path,  # of the page's copy of the project, where it has one
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",  # what a terminal shows
        },
    )
    printed = [line.rstrip() for line in result.stdout.rstrip().splitlines()]
    # what takes over a second says so, which depends on the machine
    return [line for line in printed if not _TOOK.fullmatch(line)]


def _absent(needs: str | None) -> set[str]:
    """Those of the packages that are not installed."""
    return {name for name in (needs or "").split() if importlib.util.find_spec(name) is None}


def _parameters() -> Iterable[object]:
    """The pages, each with the marks of what its blocks need."""
    for path in PAGES:
        needs = {
            n for b in _BLOCK.finditer(path.read_text("utf-8")) for n in (b["needs"] or "").split()
        }
        marks = [_MARKS[name] for name in sorted(needs) if name in _MARKS]
        yield pytest.param(path, marks=marks, id=str(path.relative_to(ROOT)))


@pytest.mark.slow
@pytest.mark.parametrize("path", list(_parameters()))
def test_a_page_prints_what_it_says(path: Path) -> None:
    page = Page(path)
    assert page.executed() == page.text
    if page.missing:
        pytest.skip(f"all else is as it says; some blocks need {', '.join(sorted(page.missing))}")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_not_executed_can_be_parsed(path: Path) -> None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found]
    for found in _BLOCK.finditer(path.read_text("utf-8")):
        if found["kind"] == "python":
            compile(found["body"], path.name, "exec")
        elif found["kind"] == "toml":
            tomllib.loads(found["body"])


def _anchors(path: Path) -> set[str]:
    """What a link may lead to in a page, as GitHub and MkDocs name it."""
    heads = re.findall(r"^#+ (.*)$", _BLOCK.sub("", path.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.finditer(_BLOCK.sub("", path.read_text("utf-8"))):
        target = path.parent / link["file"] if link["file"] else path
        assert target.exists(), link[0]
        assert link["anchor"] is None or link["anchor"] in _anchors(target), link[0]


def test_the_readme_is_short() -> None:
    """What is long goes to a page of docs/."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 250


def test_every_page_is_in_the_navigation() -> None:
    """A page is added as a file in docs/ and a line under `nav` in mkdocs.yml."""
    listed = re.findall(
        r"^ +- (?:.*: )?([\w/-]+\.md)", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M
    )
    docs = ROOT / "docs"
    assert sorted(listed) == sorted(str(p.relative_to(docs)) for p in docs.glob("**/*.md"))


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {head} |", f"|{'---|' * len(head.split('|'))}"]
    lines += [f"| {' | '.join(c.replace('|', '&#124;') for c in row)} |" for row in rows]
    return "".join(f"{line}\n" for line in lines)


def lint_rules() -> str:
    """The table of the linter's rules."""
    from graphtools.lint.tables import all_rules

    rows = []
    for rule in all_rules().values():
        what = " ".join(rule.manual.what.partition("\n\n")[0].split())
        cure = f"`{rule.cure}`{'' if rule.is_safe_cure else ', unsafe'}" if rule.cure else ""
        rows.append((rule.code, rule.name, rule.severity, what, cure))
    return _table("code | name | severity | finds | cure", rows)


def transforms() -> str:
    """The table of the transforms."""
    from graphtools.report.transforms import first_line
    from graphtools.transforms import TRANSFORMS

    rows = [(f"`{t.name}`", first_line(t)) for t in TRANSFORMS.all().values()]
    return _table("transform | what it does", rows)


def _commands() -> dict[str, list[Listed]]:
    """The commands by what people do with them."""
    listed = sorted(read_listed("graphtools.commands") or ())
    titles = [*GROUPS.values(), OLD]
    return {title: [c for c in listed if c.group == title] for title in titles}


def commands() -> str:
    """A table of the commands for each task."""
    return "\n".join(
        f"## {title}\n\n"
        + _table("command | what it does", [(f"`{c.name}`", c.help) for c in found])
        for title, found in _commands().items()
    )


def commands_by_task() -> str:
    """The names of the commands for each task, in one table."""
    rows = [(title, ", ".join(f"`{c.name}`" for c in cs)) for title, cs in _commands().items()]
    return _table("to | command", rows)


def known_errors() -> str:
    """The names of the known errors by area, with their kinds and what they are recognised by."""
    from graphtools.explain.search import entries

    areas: dict[str, list[tuple[str, str, str]]] = {}
    for entry in entries():
        error = entry.error
        row = (f"`{error.name}`", error.kind, f"`{error.signs[0].strip()}`")
        areas.setdefault(entry.area, []).append(row)
    return "\n".join(
        f"### {area.replace('_', ' ').capitalize()}\n\n" + _table("name | kind | by words as", rows)
        for area, rows in areas.items()
    )


#: What makes each table, by its name in the pages.
TABLES = {
    "commands": commands,
    "commands by task": commands_by_task,
    "known errors": known_errors,
    "lint rules": lint_rules,
    "transforms": transforms,
}


def main(names: list[str]) -> None:
    """Write the output, and the tables that are made from the code, into pages anew."""
    for path in [Path(name).resolve() for name in names] or PAGES:
        path.write_text(Page(path).executed(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
