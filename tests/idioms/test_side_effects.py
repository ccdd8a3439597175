"""What a graph does beside computing is told with the files, in functions too, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.analysis.side_effects import effects_of_file
from graphtools.errors import GraphtoolsError
from graphtools.formats import open_model
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.saved_model import SavedModel
from graphtools.idioms.side_effects import (
    CALL,
    LOAD,
    NEVER,
    RUN,
    Effect,
    described,
    effects_of,
    survey_effects,
)
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.worker import Worker
from tests.support import FIXTURES
from tests.transforms.graphs import function, graph

TEXT = 'text = Const value=string:"a.txt"\n'


def done(text: str, *fetches: str) -> tuple[Effect, ...]:
    return effects_of(graph(TEXT + text), fetches or None)


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
    (found,) = done(node)
    assert (found.node, found.kind, found.path) == ("w", "writes", path)


@pytest.mark.parametrize(
    ("node", "kind", "path"),
    [
        ("w = ReadFile(text)", "reads", "a.txt"),
        ("w = TFRecordDataset(text, text, text)", "reads", "a.txt"),
        ('w = RecordInput file_pattern="in-*"', "reads", "in-*"),
        ('far = Const value=string:"gs://b/x"\nw = ReadFile(far)', "network", "gs://b/x"),
        ('w = DebugIdentity(text) debug_urls={"grpc://h:1"} T=string', "network", "grpc://h:1"),
        ('w = DebugIdentity(text) debug_urls={"file:///tmp/x"} T=string', "writes", "/tmp/x"),
        ("w = PyFunc(text)", "Python", ""),
        ("w = NoSuchOp(text)", "unknown", ""),
    ],
)
def test_other_effects_are_told_by_kind(node: str, kind: str, path: str) -> None:
    (found,) = done(node)
    assert (found.node, found.kind, found.path) == ("w", kind, path)


@pytest.mark.parametrize(
    "node",
    [
        "w = Identity(text) T=string",
        'w = PrintV2(text) output_stream="stderr"',
        'none = Const value=string:""\nw = CacheDataset(text, none)',
    ],
)
def test_what_touches_no_file_is_not_told(node: str) -> None:
    assert not done(node)


def test_only_what_runs_counts() -> None:
    text = "w = WriteFile(text, text)\ny = Identity(text, ^w) T=string"
    assert done(text, "y")
    assert not done(text, "text")
    assert described(done(text)) == "'w' (WriteFile) writes a.txt"
    assert str(Effect("w", "SaveV2", "writes")).endswith("writes a file whose name is not known")


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
    (found,) = effects_of(source, ["y"])
    assert (found.node, found.op, found.path) == ("w@f", "WriteFile", "a.txt")
    assert not effects_of(source, ["x"])


def test_a_graph_that_writes_is_not_run_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "planted.txt"
    source = graph(f'text = Const value=string:"{path}"\nw = WriteFile(text, text)')
    with Worker() as worker, pytest.raises(TensorFlowProblem, match=r"'w' \(WriteFile\) writes"):
        worker.run(source, {}, [], ["w"])
    assert not path.exists()


SAVER = """
    name = Const value=string:"model"
    default = PlaceholderWithDefault(name) dtype=string shape=[]
    save = SaveV2(default, text, text, text) dtypes={string}
    x = Placeholder dtype=float
"""


def test_a_saver_is_no_effect_until_an_output_waits_for_it() -> None:
    idle = graph(TEXT + SAVER + "y = Relu(x) T=float")
    assert not survey_effects(idle, ["y"])
    waiting = graph(TEXT + SAVER + "y = Relu(x, ^save) T=float")
    (found,) = survey_effects(waiting, ["y"])
    assert (found.node, found.path, found.when) == ("save", "model", RUN)


def test_each_effect_is_told_at_its_first_time() -> None:
    source = graph(
        TEXT
        + """
        x = Placeholder dtype=float
        init = WriteFile(text, text)
        run = ReadFile(text)
        y = Relu(x, ^run, ^init) T=float
        idle = WriteFile(text, text)
        """,
        [function("f", "x float", "z float = x", "w = PyFunc(x) Tin={float} Tout={float}")],
    )
    found = survey_effects(source, ["y"], load=["init"], functions=["f"])
    assert {e.node: e.when for e in found} == {
        "init": LOAD,
        "run": RUN,
        "w@f": CALL,
        "idle": NEVER,
    }


def test_a_name_is_followed_through_the_arguments_of_functions() -> None:
    body = "r = ReadFile(name)\ny = Identity(r:contents:0) T=string"
    outer = "z = StatefulPartitionedCall(name) f=@inner Tin={string} Tout={string}"
    functions = [
        function("inner", "name string", "out string = y:output:0", body),
        function("outer", "name string", "out string = z:output:0", outer),
    ]
    call = "y = StatefulPartitionedCall(%s) f=@outer Tin={string} Tout={string}"
    constant = graph(TEXT + call % "text", functions)
    (found,) = effects_of(constant, ["y"])
    assert (found.node, found.path, found.origin) == ("r@inner", "a.txt", "constant")
    fed = graph("name = Placeholder dtype=string\n" + call % "name", functions)
    (found,) = effects_of(fed, ["y"])
    assert (found.path, found.origin) == ("", "fed")


def test_a_table_that_is_filled_from_an_asset_is_no_effect() -> None:
    text = """
        asset = Placeholder dtype=string
        v = VarHandleOp dtype=string shape=[]
        assign = AssignVariableOp(v, asset) dtype=string
        read = ReadVariableOp(v, ^assign) dtype=string
        table = HashTableV2 key_dtype=string value_dtype=int64
        fill = InitializeTableFromTextFileV2(table, read)
    """
    assert not effects_of(graph(text), ["fill"], assets=["asset"])
    (found,) = effects_of(graph(text), ["fill"])
    assert (found.kind, found.origin) == ("reads", "fed")


def test_functions_that_call_themselves_end() -> None:
    body = """
        r = ReadFile(name)
        z = StatefulPartitionedCall(name) f=@f Tin={string} Tout={string}
    """
    source = graph(
        "name = Placeholder dtype=string\n"
        "y = StatefulPartitionedCall(name) f=@f Tin={string} Tout={string}",
        [function("f", "name string", "out string = z:output:0", body)],
    )
    (found,) = effects_of(source, ["y"])
    assert found.origin == "fed"


@pytest.mark.parametrize("path", [".ssh/x", "a/b.txt", "a..b"])
def test_names_beside_the_model_stay_there(path: str) -> None:
    assert not Effect("w", "WriteFile", "writes", path).leaves_the_folder


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "~/x", "C:\\x", "\\\\h\\x"])
def test_names_elsewhere_leave_it(path: str) -> None:
    assert Effect("w", "WriteFile", "writes", path).leaves_the_folder


def test_fixtures_do_nothing_beside_computing() -> None:
    found = {}
    for path in sorted(FIXTURES.rglob("*.pb")) + sorted(FIXTURES.rglob("*.meta")):
        try:
            model = open_model(str(path))
        except GraphtoolsError:
            continue
        metas = model.meta_graphs if isinstance(model, SavedModel) else (model,)
        for meta in metas:
            graph = getattr(meta, "graph", None)
            if graph is not None:
                loaded = meta if isinstance(meta, MetaGraph) else None
                kinds = {e.kind for e in effects_of_file(graph, [], loaded)}
                if kinds - {"unknown"}:
                    found[str(path.relative_to(FIXTURES))] = kinds
    assert not found
