"""`graphtools lint`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from graphtools.formats import load, save
from graphtools.graph import Graph
from tests.commands.running import FROZEN, fixture, refusal, run, run_process
from tests.support import FIXTURES, ROOT
from tests.transforms.graphs import graph

CONFIG = fixture("ssd/pipeline.config")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that no settings file above is read."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def bad(folder: Path) -> str:
    """A graph with an input that is not there, and a node that only a cure removes."""
    save(
        graph("""
            x = Placeholder dtype=float shape=[1,3]
            n = CheckNumerics(x) T=float message="m"
            y = Neg(n) T=float
            z = AddV2(y, gone) T=float
        """),
        folder / "bad.pb",
    )
    return "bad.pb"


@pytest.fixture
def curable(folder: Path) -> str:
    """A graph whose only finding is an op that can be taken out."""
    save(
        graph("""
            x = Placeholder dtype=float shape=[1,3]
            n = CheckNumerics(x) T=float message="m"
            y = Neg(n) T=float
        """),
        folder / "curable.pb",
    )
    return "curable.pb"


def test_a_sound_graph() -> None:
    done = run("lint", FROZEN, "--select", "GT10,GT11")
    assert (done.code, done.err) == (0, "")
    assert done.lines == ["0 errors, 0 warnings, 0 remarks in 1 file"]


def test_findings(bad: str) -> None:
    done = run("lint", bad, "--select", "GT101")
    assert (done.code, done.err) == (1, "")
    assert done.lines[0] == "bad.pb: GraphDef, 4 nodes"
    assert done.lines[1] == "  error    z (AddV2)  [GT101 dangling-input]"
    assert done.lines[-1] == "1 error, 0 warnings, 0 remarks in 1 file"


def test_remarks_are_no_failure(curable: str) -> None:
    done = run("lint", curable, "--select", "GT211")
    assert done.code == 0
    assert done.lines[-1] == "0 errors, 0 warnings, 1 remark in 1 file; --fix removes 1"


def test_selection_and_ignores(bad: str) -> None:
    assert run("lint", bad, "--select", "GT1", "--ignore", "dangling-input").code == 0
    assert run("lint", bad, "--select", "GT211", "--extend-select", "GT101").code == 1
    ignored = run("lint", bad, "--select", "GT101", "--ignore-node", "z:GT1")
    assert (ignored.code, ignored.lines[-1][-9:]) == (0, "1 ignored")
    ignored = run("lint", bad, "--select", "GT101", "--per-file-ignores", "*.pb:ALL")
    assert (ignored.code, ignored.lines[-1][-9:]) == (0, "1 ignored")
    assert run("lint", bad, "--select", "GT101", "--exit-zero").code == 0


def test_a_configuration_is_linted_as_check_config_does() -> None:
    done = run("lint", CONFIG)
    checked = run("check-config", CONFIG)
    assert done.code == checked.code == 1
    assert done.out.count("GTC102") == checked.out.count("GTC102") == 5


def test_a_file_that_cannot_be_read_keeps_no_other_from_it(bad: str, folder: Path) -> None:
    (folder / "broken.pb").write_bytes(Path(FROZEN).read_bytes()[:1000])
    alone = fixture("checkpoints/v2_sharded/model.ckpt")
    done = run("lint", "broken.pb", alone, "absent.pb", bad, "--select", "GT101")
    assert done.code == 2
    assert "GT101 dangling-input" in done.out
    lines = done.err.splitlines()
    assert sum(line.startswith("error: ") for line in lines) == 3
    assert all(line.startswith(("error: ", "  ")) for line in lines)
    assert "3 files could not be looked at" in done.lines[-1]
    assert run("lint", "absent.pb", "--exit-zero").code == 2


def test_standard_input() -> None:
    done = run("lint", "-", "--select", "GT10", stdin=Path(FROZEN).read_bytes())
    assert done.code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "no file was given"),
        (("a.pb", "--select", "GT0"), "no rule is meant by 'GT0'"),
        (("a.pb", "--target", "moon"), "'moon' is no target"),
        (("a.pb", "--tf-version", "0.9"), "there is no table of what TensorFlow 0.9 converts"),
        (("a.pb", "--format", "xml"), "'xml' is no output format"),
        (("a.pb", "--format", "sarif", "--statistics"), "has no place for --statistics"),
        (("a.pb", "--write-baseline"), "where shall the baseline go?"),
        (("a.pb", "--baseline", "absent.json"), "there is no baseline"),
        (("a.pb", "--config", "absent.toml"), "there is no settings file"),
        (("a.pb", "--per-file-ignores", "x"), "does not say what is ignored where"),
        (("a.pb", "--ignore-node", ":GT1"), "does not say which node is ignored"),
    ],
)
def test_wrong_options(args: tuple[str, ...], message: str) -> None:
    assert message in refusal(run("lint", *args))


def test_wrong_ends_are_a_problem_of_the_file(bad: str) -> None:
    done = run("lint", bad, "--outputs", "zz")
    assert done.code == 2
    assert done.err.splitlines()[0] == "error: bad.pb: no node 'zz' in the graph"
    assert run("lint", FROZEN, "--input-shape", "input=1,x").code == 2


def test_output_to_a_file(bad: str, folder: Path) -> None:
    done = run("lint", bad, "--format", "sarif", "-o", "out.sarif")
    assert (done.code, done.out, done.err) == (1, "", "")
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
    assert "cannot be written" in refusal(run("lint", bad, "-o", "no/out.txt"))


def test_json(bad: str) -> None:
    done = run("lint", bad, "--select", "GT101", "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert found["schema_version"] == 1
    assert found["files"][0]["findings"][0]["node"] == "z"
    assert (
        run("lint", bad, "--select", "GT101", "--format", "concise")
        .lines[0]
        .startswith("bad.pb: error GT101 dangling-input: z (AddV2): ")
    )


def test_statistics(bad: str) -> None:
    done = run("lint", bad, "--select", "GT101", "--statistics")
    assert done.code == 1
    assert done.lines[2].split() == ["GT101", "dangling-input", "error", "1", "1", "0"]


def test_settings_are_found_and_shown(bad: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.graphtools.lint]\nselect = ["GT101"]\ntarget = "gpu"\nformat = "concise"\n'
    )
    done = run("lint", bad)
    assert done.code == 1
    assert len(done.lines) == 2
    shown = run("lint", "--show-settings")
    assert shown.code == 0
    assert shown.lines[0] == f"  read from         {folder / 'pyproject.toml'}"
    assert "  target            gpu" in shown.lines
    assert shown.lines[-1] == "Rules: GT101"
    found = json.loads(run("lint", "--show-settings", "--json").out)
    assert found["rules"] == ["GT101"]
    assert run("lint", "--show-settings", "--isolated").lines[0].endswith("no file")
    (folder / "other.toml").write_text('[lint]\nselect = ["GT211"]\n')
    assert run("lint", bad, "--config", "other.toml").code == 0


def test_the_summary_of_a_step(bad: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    done = run("lint", bad, "--select", "GT101", "--format", "github")
    assert done.lines[0].startswith("::error title=dangling-input (GT101),file=bad.pb,line=1::")
    assert "| error | GT101 dangling-input |" in (folder / "summary.md").read_text()


def test_a_baseline(bad: str, folder: Path) -> None:
    done = run("lint", bad, "--baseline", "known.json", "--write-baseline")
    assert (done.code, done.out) == (0, "")
    assert "known.json holds" in done.err
    done = run("lint", bad, "--baseline", "known.json")
    assert done.code == 0
    assert "known from the baseline" in done.lines[-1]
    (folder / "graphtools.toml").write_text('[lint]\nbaseline = "known.json"\n')
    assert run("lint", bad).code == 0
    assert run("lint", bad, "--isolated").code == 1


def test_fix_and_diff(curable: str, folder: Path) -> None:
    before = (folder / curable).read_bytes()
    shown = run("lint", curable, "--select", "GT211", "--diff")
    assert shown.code == 1
    assert "remove_nodes(op=CheckNumerics) would be applied for GT211" in shown.out
    assert "  n       CheckNumerics" in shown.lines
    assert (folder / curable).read_bytes() == before
    done = run("lint", curable, "--select", "GT211", "--fix")
    assert done.code == 0
    assert "remove_nodes(op=CheckNumerics) applied for GT211" in done.out
    assert [n.op for n in load(folder / curable)] == ["Placeholder", "Neg"]
    again = run("lint", curable, "--select", "GT211", "--fix")
    assert (again.code, len(again.lines)) == (0, 1)
    assert run("lint", curable, "--select", "GT211", "--diff").code == 0


def test_what_cannot_be_fixed_in_its_place_is_said() -> None:
    done = run(
        "lint", "-", "--fix", "--select", "GT211", stdin=b"".join(_check_numerics().pieces())
    )
    assert done.code == 2
    assert "standard input cannot be fixed in its place" in done.err


def _check_numerics() -> Graph:
    return graph("x = Placeholder dtype=float\nn = CheckNumerics(x) T=float\ny = Neg(n) T=float")


def test_the_hooks_of_pre_commit_call_this_command(folder: Path) -> None:
    copy = shutil.copy(FROZEN, folder)
    yaml = pytest.importorskip("yaml")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["graphtools-lint", "graphtools-lint-fix"]
    for hook in hooks:
        program, *args = hook["entry"].split()
        assert program == "graphtools"
        assert run(*args, copy, "--select", "GT10").code == 0
        assert hook["pass_filenames"]
        assert hook["language"] == "python"
        files = re.compile(hook["files"])
        assert files.search("models/frozen.pb")
        assert not files.search("data/label_map.pbtxt")
        assert not files.search("web.config")


def test_a_whole_process(bad: str, folder: Path) -> None:
    done = run_process("lint", folder / bad, folder / bad, FROZEN, "--jobs", "2")
    assert done.returncode == 1
    assert "GT101 dangling-input" in done.stdout
    assert done.stderr == ""


def test_a_tflite_is_linted_for_its_target(tmp_path: Path) -> None:
    file = tmp_path / "float.tflite"
    file.write_bytes((FIXTURES / "quant/float.tflite").read_bytes())
    done = run("lint", file, "--target", "edgetpu", "--fix", "--format", "concise")
    assert (done.code, "GT901 left-to-cpu" in done.out) == (1, True)
    assert "have no cure" in done.err
    assert file.read_bytes() == (FIXTURES / "quant/float.tflite").read_bytes()
    assert run("lint", tmp_path, "--target", "micro").code == 0
    found = run("lint", file, "--runtime", "1.4", "--format", "concise")
    assert "GT906 too-new" in found.out
    assert "is no version of a runtime" in refusal(run("lint", file, "--runtime", "new"))
