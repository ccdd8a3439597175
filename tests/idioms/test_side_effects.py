"""What writes files is told with the files, in functions too; what only reads is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.idioms.side_effects import Write, described, writes_of
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.worker import Worker
from tests.transforms.graphs import function, graph

TEXT = 'text = Const value=string:"a.txt"\n'


def written(text: str, *fetches: str) -> tuple[Write, ...]:
    return writes_of(graph(TEXT + text), fetches or None)


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ("w = WriteFile(text, text)", "a.txt"),
        ("w = SaveV2(text, text, text, text) dtypes={string}", "a.txt"),
        ("w = MergeV2Checkpoints(text, text)", "a.txt"),
        ('w = PrintV2(text) output_stream="file://p.txt"', "p.txt"),
        ("w = CacheDataset(text, text)", "a.txt"),
        ("w = WriteFile(other, text)\nother = Placeholder dtype=string", ""),
    ],
)
def test_a_write_is_told_with_its_file(node: str, path: str) -> None:
    (found,) = written(node)
    assert (found.node, found.path) == ("w", path)


@pytest.mark.parametrize(
    "node",
    [
        "w = ReadFile(text)",
        'w = PrintV2(text) output_stream="stderr"',
        'none = Const value=string:""\nw = CacheDataset(text, none)',
    ],
)
def test_what_writes_no_file_is_not_told(node: str) -> None:
    assert not written(node)


def test_only_what_runs_counts() -> None:
    text = "w = WriteFile(text, text)\ny = Identity(text, ^w) T=string"
    assert written(text, "y")
    assert not written(text, "text")
    assert described(written(text)) == "'w' (WriteFile) writes a.txt"
    assert described([Write("w", "SaveV2", "")]).endswith("writes a file whose name is not known")


def test_functions_that_are_called_count() -> None:
    body = """
        text = Const value=string:"a.txt"
        w = WriteFile(text:output:0, text:output:0)
        y = Relu(x) T=float
    """
    source = graph(
        """
        x = Placeholder dtype=float
        y = StatefulPartitionedCall(x) f=@f Tin={float} Tout={float}
        """,
        [function("f", "x float", "z float = y:activations:0", body)],
    )
    assert writes_of(source, ["y"]) == (Write("w@f", "WriteFile", "a.txt"),)
    assert not writes_of(source, ["x"])


def test_a_graph_that_writes_is_not_run_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "planted.txt"
    source = graph(f'text = Const value=string:"{path}"\nw = WriteFile(text, text)')
    with Worker() as worker, pytest.raises(TensorFlowProblem, match=r"'w' \(WriteFile\) writes"):
        worker.run(source, {}, [], ["w"])
    assert not path.exists()
