"""What writes graphs writes none whose functions read what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools import save
from tests.commands.running import run
from tests.transforms.graphs import function, graph


@pytest.mark.parametrize(
    "command",
    [
        ("freeze",),
        ("strip",),
        ("optimize",),
        ("transform", "--transforms", "sort_by_execution_order"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    ("body", "reads"),
    [("s = Add(a, gone:z:0) T=float", "'gone:z:0'"), ("s = Add(a, a:q:0) T=float", "'a:q:0'")],
)
def test_what_a_called_function_lacks_is_no_graph_to_write(
    command: tuple[str, ...], body: str, reads: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.pb", tmp_path / "out.pb"
    broken = function("f", "a float", "r float = s:z:0", body)
    x = "x = Placeholder dtype=float shape=[2]\n"
    save(graph(x + "y = PartitionedCall(x) f=@f Tin={float} Tout={float}", [broken]), source)
    done = run(command[0], source, *command[1:], "--outputs", "y", "-o", target)
    assert done.code == 2
    assert reads in done.err
    assert not target.exists()
    save(graph(x + "y = Relu(x) T=float", [broken]), source)
    assert run(command[0], source, *command[1:], "--outputs", "y", "-o", target).code == 0
