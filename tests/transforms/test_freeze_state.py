"""Tables, assets and state that is no variable, when a graph is frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidGraph
from graphtools.formats import open_model
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.saved_model import SavedModel
from graphtools.graph import Graph
from graphtools.transforms.freeze import freeze
from tests.formats.bundle_writer import write_bundle
from tests.support import FIXTURES
from tests.transforms.graphs import function, graph, same
from tests.transforms.numerics import run

pytestmark = pytest.mark.usefixtures("command_line")

INITIALIZER = function(
    "initializer", "table resource, keys int64", "done int32 = one:output:0",
    """
    fill = LookupTableImportV2(table, keys, keys) Tin=int64 Tout=int64
    one = Const value=int32:1
    """,
)  # fmt: skip
CALLS_IT = function(
    "calls_it", "keys int64, table resource", "done int32 = call:output:0",
    "call = PartitionedCall(table, keys) f=@initializer Tin={resource, int64} Tout={int32}",
)  # fmt: skip
TABLE = """
    x = Placeholder dtype=int64
    table = HashTableV2 key_dtype=int64 value_dtype=int64
    keys = Const value=int64:[1,2]
    none = Const value=int64:0
    y = LookupTableFindV2(table, x, none) Tin=int64 Tout=int64
    other = PartitionedCall(table, keys) f=@reads Tin={resource, int64} Tout={int64}
    filled = StatefulPartitionedCall(keys, table) f=@calls_it Tin={int64, resource} Tout={int32}
    init = NoOp(^filled)
"""
READS = function(
    "reads", "table resource, keys int64", "found int64 = find:values:0",
    "find = LookupTableFindV2(table, keys, keys) Tin=int64 Tout=int64",
)  # fmt: skip


def test_functions_that_fill_tables_are_told() -> None:
    source = graph(TABLE, [INITIALIZER, CALLS_IT, READS])
    notes = freeze(source, None, ["y"]).report.notes
    cure = "graphtools freeze GRAPH -o OUT --initializers filled"
    assert notes[0] == f"'filled' fills a look-up table: keep it with {cure}"
    kept = freeze(source, None, ["y"], initializers=["init"])
    assert not [n for n in kept.report.notes if "table" in n]
    assert set(kept.graph.functions) == {"initializer", "calls_it"}


def test_a_function_that_calls_itself_fills_nothing() -> None:
    again = function(
        "calls_it", "keys int64, table resource", "done int32 = call:output:0",
        "call = PartitionedCall(keys, table) f=@calls_it Tin={int64, resource} Tout={int32}",
    )  # fmt: skip
    done = freeze(graph(TABLE, [again, READS]), None, ["y"])
    assert not [n for n in done.report.notes if "table" in n]


ASSET = """
    path = Placeholder dtype=string shape=[]
    v = VarHandleOp dtype=string shape=[] shared_name="v"
    v/Assign = AssignVariableOp(v, path, ^before) dtype=string
    before = NoOp()
    read = ReadVariableOp(v, ^v/Assign) dtype=string
    table = HashTableV2 key_dtype=string value_dtype=int64
    fill = InitializeTableFromTextFileV2(table, read)
"""


def test_assets_are_read_from_where_they_are() -> None:
    done = freeze(graph(ASSET), None, ["fill"], assets={"path:0": "/here/vocabulary", "gone:0": ""})
    after = """
        path = Const value=string:"/here/vocabulary"
        v = Const value=string:"/here/vocabulary"
        v/Assign = NoOp(^before)
        before = NoOp()
        read = Identity(v, ^v/Assign) T=string
        table = HashTableV2 key_dtype=string value_dtype=int64
        fill = InitializeTableFromTextFileV2(table, read)
    """
    assert same(done.graph, after)
    assert done.report.notes == ("'path' reads the asset /here/vocabulary",)


TREES = """
    x = Placeholder dtype=float
    trees = BoostedTreesEnsembleResourceHandleOp shared_name="trees"
    y = BoostedTreesPredict(trees, x)
    file = Placeholder dtype=string
    names = Const value=string:["stamp","trees"]
    slices = Const value=string:["",""]
    first = NoOp()
    restore = RestoreV2(file, names, slices, ^first) dtypes={int64, float}
    fill = BoostedTreesDeserializeEnsemble(trees, restore, restore:1, ^restore)
    other = BoostedTreesSerializeEnsemble(trees)
"""


def test_state_that_is_no_variable_is_not_lost(tmp_path: Path) -> None:
    with pytest.raises(InvalidGraph) as caught:
        freeze(graph(TREES), None, ["y"])
    assert "'trees' (BoostedTreesEnsembleResourceHandleOp) holds state" in caught.value.message
    assert "--initializers fill" in caught.value.remedy
    assert "trees" in freeze(graph(TREES), None, ["y"], keep=["trees"]).graph
    with pytest.raises(InvalidGraph):
        freeze(graph(TREES), None, ["y"], initializers=["first"])

    stored = {"stamp": np.array(7, np.int64), "trees": np.ones(2, np.float32)}
    checkpoint = find_checkpoint(write_bundle(tmp_path / "m", stored))
    kept = freeze(graph(TREES), checkpoint, ["y"], initializers=["fill"])
    after = """
        x = Placeholder dtype=float
        trees = BoostedTreesEnsembleResourceHandleOp shared_name="trees"
        y = BoostedTreesPredict(trees, x)
        first = NoOp()
        restore/0 = Const value=int64:7
        restore/1 = Const value=float:[1,1]
        fill = BoostedTreesDeserializeEnsemble(trees, restore/0, restore/1, ^first)
    """
    assert same(kept.graph, after)


def test_tables_that_change_are_state() -> None:
    source = "t = MutableHashTableV2 key_dtype=int64\ny = LookupTableSizeV2(t)"
    with pytest.raises(InvalidGraph, match=r"'t' .*holds state") as caught:
        freeze(graph(source), None, ["y"])
    assert caught.value.remedy.endswith("graphtools freeze GRAPH -o OUT --keep-variables t")


@pytest.mark.tensorflow
def test_a_table_is_filled_from_the_saved_models_own_asset(tf: Any) -> None:
    model = open_model(FIXTURES / "saved_model/v1")
    assert isinstance(model, SavedModel)
    meta = model.meta_graph(["serve"])
    checkpoint = find_checkpoint(model.variables)
    paths = model.asset_paths(["serve"])
    assert all(Path(path).is_file() for path in paths.values())
    done = freeze(meta.graph, checkpoint, ["embedded"], initializers=[meta.init_op], assets=paths)
    source = Graph([*done.graph], functions=done.graph.functions.values())
    message = tf.compat.v1.GraphDef.FromString(b"".join(map(bytes, source.pieces())))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(message, name="")
        session.run(meta.init_op)
        got = session.run("embedded:0", {"words:0": [b"blue", b"pink"]})
    rows = checkpoint["embedding"].array()
    assert got.tolist() == rows[[2, 3]].tolist()


@pytest.mark.tensorflow
def test_a_body_that_gathers_and_loops_computes_the_same(tf: Any, tmp_path: Path) -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    lookup = function(
        "lookup", "r resource, ids int32", "y float = sum:output:0",
        """
        rows = ResourceGather(r, ids) dtype=float Tindices=int32 batch_dims=0 validate_indices=true
        axis = Const value=int32:0
        sum = Sum(rows:output:0, axis:output:0) T=float Tidx=int32 keep_dims=false
        """,
    )  # fmt: skip
    body = function(
        "body", "i int32, r resource, y float",
        "j int32 = next:z:0, s resource = r, z float = add:z:0",
        """
        one = Const value=int32:1
        next = AddV2(i, one:output:0) T=int32
        zero = Const value=int32:0
        ids = ExpandDims(i, zero:output:0) T=int32 Tdim=int32
        call = PartitionedCall(r, ids:output:0) f=@lookup Tin={resource, int32} Tout={float}
        add = AddV2(y, call:output:0) T=float
        """,
    )  # fmt: skip
    cond = function(
        "cond", "i int32, r resource, y float", "go bool = less:z:0",
        "three = Const value=int32:3\nless = Less(i, three:output:0) T=int32",
    )  # fmt: skip
    source = graph(
        """
        x = Placeholder dtype=float shape=[3]
        i = Const value=int32:0
        e = VarHandleOp dtype=float shape=[4,3] shared_name="e"
        loop = While(i, e, x) cond=@cond body=@body T={int32, resource, float} \
output_shapes={[], [], [3]} parallel_iterations=10
        y = Identity(loop:2) T=float
        """,
        [lookup, body, cond],
    )
    done = freeze(source, find_checkpoint(write_bundle(tmp_path / "m", {"e": table})), ["y"])
    (got,) = run(tf, done.graph, {"x:0": np.ones(3, np.float32)}, ["y:0"])
    assert got.tolist() == (1 + table[:3].sum(0)).tolist()
