"""GT125: what writes files, when it runs and when it is loaded."""

from __future__ import annotations

from graphtools.idioms.side_effects import Write
from graphtools.lint.rules.side_effects import writes_files
from graphtools.lint.subject import Subject
from tests.lint.graphs import Case
from tests.transforms.graphs import graph

X = "x = Placeholder dtype=float shape=[1,4]\n"
WRITE = """
    path = Const value=string:"notes.txt"
    w = WriteFile(path, path)
"""
CASES = (
    Case(
        "GT125",
        X + WRITE + "y = Relu(x, ^w) T=float",
        X + WRITE + "y = Relu(x) T=float",
        "w",
        says="'w' (WriteFile) writes notes.txt when it runs",
    ),
)


def test_what_is_written_when_a_saved_model_is_loaded_is_told() -> None:
    subject = Subject(graph(X + "y = Relu(x) T=float"), outputs=["y"])
    assert not list(writes_files(subject))
    subject.init_writes = (Write("init", "WriteFile", "x.txt"),)
    (found,) = writes_files(subject)
    assert found.message == "'init' (WriteFile) writes x.txt when the SavedModel is loaded"
